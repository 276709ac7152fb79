// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/versions.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hamlet::link {

using cluster::wire_max;
using cluster::wire_min;

/// The bounds of one link. What a peer can make us hold is the sum of these, whatever it does.
struct rules {
  std::size_t window = 1024;            ///< envelopes of a peer that are not done with
  std::size_t window_octets = 8u << 20; ///< and their payload; the last one may exceed it
  std::size_t queue = 4096;             ///< own commands that wait for the peer's room
  std::size_t queue_octets = 16u << 20;
  std::size_t answer_octets = 16u << 20;       ///< answers that wait for the wire; see session.hpp
  std::size_t max_payload = 4u << 20;          ///< of one command or answer
  std::size_t frame_octets = 128u << 10;       ///< after which a frame takes no more
  std::chrono::milliseconds probe{1'000};      ///< a Ping so often
  std::chrono::milliseconds patience{4'000};   ///< a peer that is silent so long is cut off
  std::chrono::milliseconds retry_first{50};   ///< before the second attempt to dial; then doubled,
  std::chrono::milliseconds retry_last{2'000}; ///< up to this; each by chance up to half shorter
  std::uint32_t versions_from = wire_min;
  std::uint32_t versions_to = wire_max;
};

} // namespace hamlet::link
