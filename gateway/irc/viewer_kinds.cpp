// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/viewer_kinds.hpp"

#include <algorithm>

namespace hamlet::irc {

viewer_kinds::number viewer_kinds::take(cap_set caps, framing wire) {
  auto is_same = [&](auto& x) { return x.users > 0 && x.caps == caps && x.wire == wire; };
  auto at = std::ranges::find_if(kinds_, is_same);
  if (at == kinds_.end()) {
    at = std::ranges::find(kinds_, std::size_t{0}, &kind::users);
    if (at == kinds_.end())
      at = kinds_.insert(at, kind{});
    *at = {caps, wire, 0};
  }
  ++at->users;
  return static_cast<number>(at - kinds_.begin());
}

void viewer_kinds::give_back(number x) {
  --kinds_[x].users;
}

} // namespace hamlet::irc
