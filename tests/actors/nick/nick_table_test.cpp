// SPDX-License-Identifier: Apache-2.0
#include "actors/nick/nick_table.hpp"

#include <gtest/gtest.h>

namespace hamlet {

TEST(NickTable, GivesANickToOneAtATime) {
  nick_table table;
  table.take("Ann", 1);
  EXPECT_EQ(table.holder("aNN"), 1);
  auto rival = table.find_rival("ann", 2);
  EXPECT_EQ(rival.session_id, 1);
  EXPECT_TRUE(rival.is_same);
  EXPECT_EQ(table.find_rival("ann", 1).session_id, 0);
  table.release("ann", 2); // not its own
  EXPECT_EQ(table.holder("ann"), 1);
  table.release("ANN", 1);
  EXPECT_EQ(table.holder("ann"), 0);
  EXPECT_EQ(table.size(), 0u);
}

TEST(NickTable, HasRoomForAsciiNicksThatLookAlike) {
  nick_table table;
  table.take("l1l", 1);
  EXPECT_EQ(table.find_rival("Ill", 2).session_id, 0);
}

TEST(NickTable, KeepsOthersFromNicksThatLookLikeOne) {
  nick_table table;
  table.take("paul", 1);
  // U+0440, the Cyrillic er
  auto rival = table.find_rival("\xd1\x80"
                                "aul",
                                2);
  EXPECT_EQ(rival.session_id, 1);
  EXPECT_EQ(rival.nick, "paul");
  EXPECT_FALSE(rival.is_same);
  // and its own holder may
  EXPECT_EQ(table
              .find_rival("\xd1\x80"
                          "aul",
                          1)
              .session_id,
            0);
}

TEST(NickTable, KeepsAsciiNicksFromThoseOfOtherScripts) {
  nick_table table;
  table.take("\xd1\x80"
             "aul",
             1);
  EXPECT_EQ(table.find_rival("Paul", 2).session_id, 1);
  table.release("\xd1\x80"
                "aul",
                1);
  EXPECT_EQ(table.find_rival("Paul", 2).session_id, 0);
}

TEST(NickTable, HasOneKeyForMostNicks) {
  EXPECT_EQ(nick_keys("ann").size(), 1u);
  EXPECT_EQ(nick_keys("l1")[0], nick_keys("Il")[0]);
}

} // namespace hamlet
