// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/open_drop.hpp"

#include <gtest/gtest.h>

namespace hamlet::cluster {

namespace {

mail::v1::Maildrop showing(std::vector<std::int64_t> uids, std::int64_t validity = 7) {
  mail::v1::Maildrop x;
  x.set_uid_validity(validity);
  x.mutable_uid()->Add(uids.begin(), uids.end());
  return x;
}

TEST(OpenDrop, IsUnchangedByWhatComesLaterAndByItsOwnUpdate) {
  struct {
    std::vector<std::int64_t> shown, going, now;
    bool is_unchanged;
  } table[] = {
    {{}, {}, {}, true},
    {{}, {}, {1, 2}, true},
    {{3, 5, 9}, {}, {3, 5, 9}, true},
    {{3, 5, 9}, {}, {3, 5, 9, 10}, true},
    {{3, 5, 9}, {}, {3, 9}, false},
    {{3, 5, 9}, {}, {3, 9, 10}, false},
    {{3, 5, 9}, {}, {3, 5}, false},
    {{3, 5, 9}, {5}, {3, 5, 9}, true},
    {{3, 5, 9}, {5}, {3, 9, 10}, true},
    {{3, 5, 9}, {5}, {3, 5, 10}, false},
    {{3, 5, 9}, {5, 9}, {3, 9}, true},
    {{3, 5, 9}, {5}, {3}, false},
    {{3, 5, 9}, {3, 5, 9}, {}, true},
  };
  for (auto& x : table) {
    auto drop = open_drop::of(1, showing(x.shown));
    drop.going = x.going;
    EXPECT_EQ(drop.is_unchanged(showing(x.now)), x.is_unchanged)
      << testing::PrintToString(x.shown) << " " << testing::PrintToString(x.now);
  }
}

TEST(OpenDrop, IsAnotherOneInAnotherLife) {
  EXPECT_FALSE(open_drop::of(1, showing({3})).is_unchanged(showing({3}, 8)));
}

} // namespace

} // namespace hamlet::cluster
