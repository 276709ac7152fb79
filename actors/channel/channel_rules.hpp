// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace hamlet {

/// What the administrator decides about channels.
struct channel_rules {
  std::string server_name;          ///< the source of what no user has done
  std::string default_modes = "nt"; ///< of a channel that somebody makes by joining: flags alone
  bool utf8_names = true;
  std::size_t channel_length = 64; ///< octets, as the following
  std::size_t topic_length = 390;
  std::size_t kick_length = 390;  ///< of PART, too
  std::size_t list_entries = 100; ///< of each of b, e, I
  std::size_t changes_per_request = 50;
  std::size_t invites = 100; ///< that are kept of one channel
  std::chrono::seconds invite_age{3600};
  std::chrono::seconds knock_pause{60};       ///< of one channel
  std::chrono::seconds knock_pause_user{300}; ///< of one user at one channel
  std::size_t channels_per_account = 50;
  std::size_t access_entries = 500;
  std::size_t metadata_keys = 32;
  std::size_t metadata_value = 1000; ///< octets

  bool keeps_history = true;
  std::size_t history_per_request = 500;
  std::size_t history_registered = 100'000; ///< messages that are kept; 0: all
  std::size_t history_unregistered = 2048;  ///< as long as somebody is in it; 0: none
  /// Members of a registered channel read what was said before they joined.
  bool history_before_join = true;
  std::chrono::seconds redaction_window{86'400}; ///< of the author
};

} // namespace hamlet
