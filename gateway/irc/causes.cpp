// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/causes.hpp"

#include <algorithm>

namespace hamlet::irc {

void causes::learn(const chat::v1::Stamp& x, instant now) {
  auto number = x.number();
  if (number == 0)
    return; // that node has told nothing yet
  auto known = std::ranges::find(known_, x.incarnation(), &cause::incarnation);
  if (known != known_.end()) {
    if (known->number >= number)
      return;
    known_.erase(known);
  }
  if (known_.size() == at_most)
    known_.erase(known_.begin());
  known_.push_back({x.incarnation(), number, now});
}

void causes::put(chat::v1::Origin& into, instant now) {
  std::erase_if(known_, [now](auto& x) { return now - x.when >= kept; });
  for (auto& x : known_) {
    auto* to = into.add_after();
    to->set_incarnation(x.incarnation);
    to->set_number(x.number);
  }
}

} // namespace hamlet::irc
