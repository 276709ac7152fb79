// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/net/outlet.hpp"
#include "gateway/net/stream.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

// What a stream is told to do on its I/O thread; see stream.hpp, where each is a function.

namespace hamlet::net {

struct begin {
  std::unique_ptr<stream_events> events;
};
struct send {
  std::string bytes;
};
struct send_shared {
  shared_bytes bytes;
};
struct give_credit {};
struct tell_drained {};
struct upgrade {};
struct finish_up {
  std::optional<std::chrono::milliseconds> within;
};
struct hang_up {};

using order =
  std::variant<begin, send, send_shared, give_credit, tell_drained, upgrade, finish_up, hang_up>;

} // namespace hamlet::net
