// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/chat_kinds.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace hamlet {

/// What the administrator decides about the users of chat.
struct session_rules {
  config::persistence persistence = config::persistence::opt_in;
  bool auto_away = true;          ///< who stays without a client is away
  std::chrono::seconds grace{90}; ///< for members whose connection broke; 0: their QUIT is at once
  std::size_t clients = 20;       ///< of one session
  std::size_t channels = 100;     ///< of one session
  std::size_t silence = 64;       ///< entries of one session, as the following
  std::size_t accept = 64;
  std::size_t markers = 1000; ///< of one account: up to where it has read
  std::size_t metadata_keys = 32;
  std::size_t metadata_value = 1000; ///< octets
  std::size_t away_length = 390;     ///< octets, as the following
  std::size_t nick_length = 32;
  bool keeps_direct = true; ///< what members say to each other
  std::size_t history_per_request = 500;
  std::chrono::seconds redaction_window{86'400};
  std::size_t sessions = 50'000; ///< of one shard
  std::string guest = "Guest";   ///< how a nick begins that is given to who has lost theirs
};

} // namespace hamlet
