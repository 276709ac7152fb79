// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/open_drop.hpp"

#include <algorithm>

namespace hamlet::cluster {

open_drop open_drop::of(std::int64_t account_id, const mail::v1::Maildrop& shown) {
  return {account_id,
          shown.uid_validity(),
          shown.uid_size(),
          shown.uid().empty() ? 0 : *shown.uid().rbegin(),
          {}};
}

// No uid comes twice, and only the highest are new: so it is enough to count.
bool open_drop::is_unchanged(const mail::v1::Maildrop& now) const {
  if (now.uid_validity() != uid_validity)
    return false;
  auto end = std::ranges::upper_bound(now.uid(), last_uid);
  auto gone = std::ranges::count_if(
    going, [&](auto uid) { return !std::binary_search(now.uid().begin(), end, uid); });
  return messages - (end - now.uid().begin()) == gone;
}

} // namespace hamlet::cluster
