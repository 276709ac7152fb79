// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/render.hpp"

#include <cstdint>
#include <vector>

namespace hamlet::irc {

/// Small numbers for viewers that see all events alike, so that lines are found by an index. A
/// number is free again when nobody has it: there are no more than clients.
class viewer_kinds {
public:
  using number = std::uint32_t;

  number take(cap_set caps, framing wire);
  void give_back(number x);

  /// All numbers are below.
  std::size_t size() const { return kinds_.size(); }
  viewer of(number x) const {
    viewer out;
    out.caps = kinds_[x].caps;
    out.wire = kinds_[x].wire;
    return out;
  }

private:
  struct kind {
    cap_set caps;
    framing wire = framing::lines;
    std::size_t users = 0;
  };
  std::vector<kind> kinds_;
};

} // namespace hamlet::irc
