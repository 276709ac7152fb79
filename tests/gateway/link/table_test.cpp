// SPDX-License-Identifier: Apache-2.0
#include "gateway/link/table.hpp"

#include <gtest/gtest.h>

namespace hamlet::link {

namespace {

using cluster::link_peer;

link_peer peer(std::int64_t id, std::int64_t incarnation) {
  return {id, incarnation, "node" + std::to_string(id), "host:" + std::to_string(id)};
}

Hello hello(std::int64_t id, std::int64_t incarnation) {
  Hello x;
  x.set_node_id(id);
  x.set_incarnation(incarnation);
  x.set_name("node" + std::to_string(id));
  return x;
}

TEST(LinkTable, TheNodeWithTheHigherNumberDials) {
  table x{5, {}};
  x.set({peer(3, 30), peer(5, 50), peer(7, 70)});
  auto calls = x.due(instant{0});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].node_id, 3);
  EXPECT_TRUE(x.due(instant{0}).empty()); // once
  EXPECT_FALSE(x.judge(hello(7, 70), "node7", 0));
  EXPECT_EQ(x.judge(hello(3, 30), "node3", 0)->reason(), Refused::PROTOCOL);
}

TEST(LinkTable, CallsAgainAfterLongerAndLongerPauses) {
  rules limits;
  limits.retry_first = instant{100};
  limits.retry_last = instant{350};
  table x{5, limits};
  x.set({peer(3, 30)});
  instant now{0};
  for (auto pause : {100, 200, 350, 350}) {
    EXPECT_EQ(x.due(now).size(), 1u);
    x.ended(3, false, 0, now);
    now += instant{pause - 1};
    EXPECT_TRUE(x.due(now).empty()) << pause;
    now += instant{1};
  }
  EXPECT_EQ(x.due(now).size(), 1u);
  x.ended(3, false, 1, now); // chance makes it up to half as long
  EXPECT_EQ(x.due(now + instant{175}).size(), 1u);
}

TEST(LinkTable, APeerThatHasComeBackIsCalledAtOnce) {
  table x{5, {}};
  x.set({peer(3, 30)});
  x.due(instant{0});
  x.ended(3, false, 0, instant{0});
  x.set({peer(3, 30)});
  EXPECT_TRUE(x.due(instant{0}).empty());
  x.set({peer(3, 31)});
  EXPECT_EQ(x.due(instant{0}).size(), 1u);
}

TEST(LinkTable, AnOldIncarnationIsRefused) {
  table x{5, {}};
  x.set({peer(7, 70)});
  EXPECT_EQ(x.judge(hello(7, 69), "node7", 0)->reason(), Refused::STALE);
  EXPECT_FALSE(x.judge(hello(7, 71), "node7", 0)); // the view is not of today
  x.linked(7, 71);
  EXPECT_EQ(x.judge(hello(7, 70), "node7", 0)->reason(), Refused::STALE);
  EXPECT_EQ(x.latest(7), 71);
}

TEST(LinkTable, NamesAreThoseOfTheCertificateAndOfTheTable) {
  table x{5, {}};
  x.set({peer(7, 70), peer(8, 80)});
  EXPECT_EQ(x.judge(hello(7, 70), "node8", 0)->reason(), Refused::NAME);
  EXPECT_EQ(x.judge(hello(9, 90), "node9", 0)->reason(), Refused::NAME);
  auto liar = hello(8, 80);
  liar.set_name("node7");
  EXPECT_EQ(x.judge(liar, "node7", 0)->reason(), Refused::NAME);
  EXPECT_EQ(x.judge(hello(7, 70), "node7", 8)->reason(), Refused::NAME); // another was called
  EXPECT_TRUE(x.expects("node7"));
  EXPECT_FALSE(x.expects("node9"));
}

TEST(LinkTable, LinksOfThoseWhoHaveGoneMustEnd) {
  table x{5, {}};
  x.set({peer(7, 70), peer(8, 80)});
  x.linked(7, 70);
  x.linked(8, 80);
  EXPECT_TRUE(x.set({peer(7, 70), peer(8, 80)}).empty());
  EXPECT_EQ(x.set({peer(7, 70)}), std::vector<std::int64_t>{8});
  EXPECT_EQ(x.set({peer(7, 71)}), std::vector<std::int64_t>{7});
}

} // namespace

} // namespace hamlet::link
