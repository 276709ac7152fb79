// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/history_pruner.hpp"
#include "tests/support/chat_store.hpp"

namespace hamlet::sql {

class HistoryPruner : public ChatStore {
protected:
  static constexpr std::int64_t day_ms = 86'400'000;
  static constexpr std::int64_t now_ms = 1'000 * day_ms;

  /// A message of each age in days.
  void fill(const std::string& target, const std::vector<int>& ages) {
    std::vector<chat_event> all;
    for (auto age : ages)
      all.push_back(said(target, now_ms - age * day_ms, ++last_id_));
    ASSERT_TRUE(append(all).has_value());
  }

  std::int64_t prune(std::int64_t days, std::int64_t most = 0) {
    return prune_history(own_, {now_ms, days * day_ms, most}).value();
  }

  std::int64_t left(const std::string& target) {
    query count{"SELECT count(*) FROM chat_event WHERE target = $1"};
    return std::get<0>(**open().row<std::int64_t>(count, target));
  }

  std::int64_t last_id_ = 0;
  database own_ = open();
};

TEST_F(HistoryPruner, GivesEachChannelItsOwnRetention) {
  auto shorter = channel("#short");
  shorter.settings.retention_days = 3;
  auto longer = channel("#long");
  longer.settings.retention_days = 100;
  auto usual = channel("#usual");
  for (auto& x : {shorter, longer, usual}) {
    ASSERT_TRUE(found(x).has_value());
    fill(x.target, {1, 5, 50, 500});
  }
  fill("#nobodys 7", {1, 5, 50, 500});
  EXPECT_EQ(prune(0), 4); // no default: only where a channel says so
  EXPECT_EQ(left(shorter.target), 1);
  EXPECT_EQ(left(longer.target), 3);
  EXPECT_EQ(left(usual.target), 4);
  EXPECT_EQ(prune(30), 4);
  EXPECT_EQ(left(longer.target), 3);
  EXPECT_EQ(left(usual.target), 2);
  EXPECT_EQ(left("#nobodys 7"), 2);
  EXPECT_EQ(prune(30), 0);
}

TEST_F(HistoryPruner, KeepsWhatIsExactlyAsOldAsItMayBe) {
  fill("#a 1", {30});
  EXPECT_EQ(prune(30), 0);
}

TEST_F(HistoryPruner, KeepsTheLatestOfMany) {
  fill("#a 1", {4, 3, 2, 1});
  fill("#b 1", {4});
  ASSERT_TRUE(append({joined("#a 1", now_ms - 5 * day_ms, 100)}).has_value());
  EXPECT_EQ(prune(0, 2), 3);
  EXPECT_EQ(left("#a 1"), 2);
  EXPECT_EQ(left("#b 1"), 1);
  EXPECT_EQ(prune(2, 2), 1); // both rules hold
}

TEST_F(HistoryPruner, GoesThroughManyInStepsWhileOthersWrite) {
  std::vector<chat_event> many;
  for (int i = 0; i < 3'500; ++i)
    many.push_back(i % 2 ? said("#a 1", i, ++last_id_) : joined("#a 1", i, ++last_id_));
  ASSERT_TRUE(append(many).has_value());
  fill("#a 1", {1});
  EXPECT_EQ(prune(30), 3'500);
  EXPECT_EQ(left("#a 1"), 1);
}

TEST_F(HistoryPruner, ForgetsADirectConversationOfWhichNothingIsLeft) {
  for (auto age : {1, 50}) {
    auto x = said(direct_target(alice, age == 1 ? bob : alice), now_ms - age * day_ms, ++last_id_);
    x.between = {alice, age == 1 ? bob : alice};
    ASSERT_TRUE(append({x}).has_value());
  }
  ASSERT_EQ(number("SELECT count(*) FROM chat_direct"), 3);
  EXPECT_EQ(prune(30), 1);
  EXPECT_EQ(number("SELECT count(*) FROM chat_direct"), 2);
}

} // namespace hamlet::sql
