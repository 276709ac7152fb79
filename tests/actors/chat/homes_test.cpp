// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/homes.hpp"
#include "lib/base/ids.hpp"

#include <gtest/gtest.h>

namespace hamlet {

TEST(Homes, TellsByTheIdWhereASessionBegan) {
  homes of{1};
  EXPECT_TRUE(of.is_here(id_source{1}.next()));
  EXPECT_EQ(of.node_of(id_source{7}.next()), 7);
  EXPECT_EQ(of.node_of(id_source{1023}.next()), 1023);
}

TEST(Homes, FollowsASessionToItsNewHome) {
  homes of{1};
  auto id = id_source{7}.next();
  of.lose(id);
  EXPECT_TRUE(of.is_lost(id));
  EXPECT_EQ(of.node_of(id), 7); // as long as nobody has it
  of.adopt(id, 1);
  EXPECT_FALSE(of.is_lost(id));
  EXPECT_TRUE(of.is_here(id));
  of.lose(id); // now that node has died
  EXPECT_TRUE(of.is_lost(id));
  of.forget(id);
  EXPECT_FALSE(of.is_lost(id));
  EXPECT_EQ(of.node_of(id), 7);
}

TEST(Homes, KnowsWhichNodesAreDead) {
  homes of{1};
  of.set_dead(7, true);
  EXPECT_TRUE(of.is_dead(7));
  EXPECT_FALSE(of.is_dead(1));
  of.set_dead(7, false); // it is back
  EXPECT_FALSE(of.is_dead(7));
}

} // namespace hamlet
