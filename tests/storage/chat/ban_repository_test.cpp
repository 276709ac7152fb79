// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/ban_repository.hpp"
#include "tests/support/chat_store.hpp"

namespace hamlet::sql {

class BanRepository : public ChatStore {
protected:
  result<void_t> add(ban_kind kind, const std::string& mask, std::int64_t expires_ms = 0,
                     const std::string& reason = "spam") {
    network_ban x{kind, mask, reason, "ticket 5", "oper", 10, expires_ms};
    return bans<void_t>([&](auto& b, auto f) { b.add(x, f); });
  }
  std::vector<network_ban> list(std::int64_t now_ms = 0) {
    return bans<std::vector<network_ban>>([&](auto& b, auto f) { b.list(now_ms, f); }).value();
  }
  std::vector<std::int64_t> actions(std::optional<std::int64_t> before, std::size_t at_most) {
    auto found =
      bans<std::vector<oper_action>>([&](auto& b, auto f) { b.actions(before, at_most, f); });
    std::vector<std::int64_t> ids;
    for (auto& x : found.value())
      ids.push_back(x.id);
    return ids;
  }
};

TEST_F(BanRepository, KeepsBansByKindAndMask) {
  ASSERT_TRUE(add(ban_kind::dline, "192.0.2.0/24").has_value());
  ASSERT_TRUE(add(ban_kind::kline, "*@example.net", 500).has_value());
  ASSERT_TRUE(add(ban_kind::resv_nick, "*@example.net").has_value());
  ASSERT_TRUE(add(ban_kind::dline, "192.0.2.0/24", 0, "again").has_value()); // replaces
  restart();
  auto all = list();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].kind, ban_kind::kline);
  EXPECT_EQ(all[0].mask, "*@example.net");
  EXPECT_EQ(all[0].reason, "spam");
  EXPECT_EQ(all[0].oper_reason, "ticket 5");
  EXPECT_EQ(all[0].setter, "oper");
  EXPECT_EQ(all[0].set_ms, 10);
  EXPECT_EQ(all[0].expires_ms, 500);
  EXPECT_EQ(all[1].reason, "again");
  EXPECT_EQ(all[1].expires_ms, 0);
  auto remove = [](auto& b, auto f) { b.remove(ban_kind::kline, "*@example.net", f); };
  EXPECT_TRUE(bans<void_t>(remove).has_value());
  EXPECT_EQ(bans<void_t>(remove).error().code, errc::not_found);
  EXPECT_EQ(list().size(), 2u);
}

TEST_F(BanRepository, ForgetsWhatHasExpired) {
  add(ban_kind::kline, "a", 100);
  add(ban_kind::kline, "b", 200);
  add(ban_kind::kline, "c");
  auto prune = [&](std::int64_t now_ms) {
    return bans<std::int64_t>([&](auto& b, auto f) { b.prune(now_ms, f); }).value();
  };
  EXPECT_EQ(list(99).size(), 3u);
  EXPECT_EQ(list(100).size(), 2u); // also before it is pruned
  EXPECT_EQ(prune(99), 0);
  EXPECT_EQ(prune(100), 1);
  EXPECT_EQ(prune(1'000), 1);
  EXPECT_EQ(list(0).size(), 1u);
}

TEST_F(BanRepository, KeepsFilters) {
  auto add_filter = [&](const std::string& pattern) {
    chat_filter x{0, pattern, 3, 2, 60'000, "spam", "oper", 10};
    return bans<std::int64_t>([&](auto& b, auto f) { b.add_filter(x, f); }).value();
  };
  auto first = add_filter("*buy now*");
  auto second = add_filter("*buy now*");
  EXPECT_GT(second, first);
  auto remove = [&](auto& b, auto f) { b.remove_filter(second, f); };
  EXPECT_TRUE(bans<void_t>(remove).has_value());
  EXPECT_EQ(bans<void_t>(remove).error().code, errc::not_found);
  auto all = bans<std::vector<chat_filter>>([](auto& b, auto f) { b.filters(f); }).value();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].id, first);
  EXPECT_EQ(all[0].pattern, "*buy now*");
  EXPECT_EQ(all[0].targets, 3);
  EXPECT_EQ(all[0].action, 2);
  EXPECT_EQ(all[0].duration_ms, 60'000);
  EXPECT_EQ(all[0].reason, "spam");
  EXPECT_EQ(all[0].setter, "oper");
  EXPECT_EQ(all[0].set_ms, 10);
  EXPECT_GT(add_filter("x"), second); // a number is not given twice
}

TEST_F(BanRepository, RecordsWhatOperatorsDo) {
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < 5; ++i) {
    oper_action x{0, 100 + i, "oper", i == 4 ? alice : 0, "192.0.2.1", "KILL", "bob :spam", "done"};
    ids.push_back(bans<std::int64_t>([&](auto& b, auto f) { b.record(x, f); }).value());
  }
  EXPECT_EQ(actions({}, 2), (std::vector{ids[4], ids[3]}));
  EXPECT_EQ(actions(ids[3], 2), (std::vector{ids[2], ids[1]}));
  EXPECT_EQ(actions(ids[0], 2), std::vector<std::int64_t>{});
  auto newest =
    bans<std::vector<oper_action>>([](auto& b, auto f) { b.actions({}, 1, f); })->front();
  EXPECT_EQ(newest.time_ms, 104);
  EXPECT_EQ(newest.oper, "oper");
  EXPECT_EQ(newest.account_id, alice);
  EXPECT_EQ(newest.address, "192.0.2.1");
  EXPECT_EQ(newest.action, "KILL");
  EXPECT_EQ(newest.arguments, "bob :spam");
  EXPECT_EQ(newest.outcome, "done");
  EXPECT_EQ(bans<std::int64_t>([](auto& b, auto f) { b.prune_actions(102, f); }).value(), 2);
  EXPECT_EQ(actions({}, 9), (std::vector{ids[4], ids[3], ids[2]}));
}

} // namespace hamlet::sql
