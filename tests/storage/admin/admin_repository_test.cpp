// SPDX-License-Identifier: Apache-2.0
#include "storage/admin/admin_repository.hpp"
#include "tests/support/temp_store.hpp"

namespace hamlet::sql {

namespace {

using state = admin_begun::state;

class AdminRepository : public TempStore {
protected:
  static admin_action action(const std::string& request_id, const std::string& print = "p",
                             std::int64_t time_ms = 1000) {
    admin_action x;
    x.time_ms = time_ms;
    x.who = "local";
    x.address = "unix";
    x.method = "Accounts/Create";
    x.target = "ann@example.org";
    x.request_id = request_id;
    x.print = print;
    return x;
  }

  admin_begun begin(const admin_action& x, std::int64_t given_up_ms = 0) {
    return wait<admin_begun>([&](auto f) { rows.begin(x, given_up_ms, f); }).value();
  }
  void end(std::int64_t id, const std::string& outcome, const std::string& reply = {}) {
    auto done = wait<void_t>([&](auto f) { rows.end(id, outcome, "why", reply, f); });
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }
  std::vector<admin_action> actions(std::int64_t before = 0, const std::string& who = {},
                                    std::size_t at_most = 100) {
    return wait<std::vector<admin_action>>([&](auto f) { rows.actions(before, who, at_most, f); })
      .value();
  }
  errc add(const admin_token& x) {
    auto done = wait<void_t>([&](auto f) { rows.add_token(x, f); });
    return done ? errc::none : done.error().code;
  }
  std::optional<admin_token> find(const std::string& hash, std::int64_t now_ms) {
    return wait<std::optional<admin_token>>([&](auto f) { rows.find_token(hash, now_ms, f); })
      .value();
  }

  writer changes{open(), {}, {}};
  readers views{one_reader(), 1000};
  admin_repository rows{changes, views};
};

const std::string hash_a(32, '\xA0'), hash_b(32, '\0');

} // namespace

TEST_F(AdminRepository, FindsATokenByItsHashUntilItExpires) {
  EXPECT_EQ(add({"backup", hash_a, "operator", 10, 100}), errc::none);
  EXPECT_EQ(add({"watch", hash_b, "viewer", 10, 100}), errc::none);
  EXPECT_EQ(add({"backup", std::string(32, 'c'), "admin", 10, 100}), errc::already_exists);
  auto found = find(hash_a, 99);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "backup");
  EXPECT_EQ(found->role, "operator");
  EXPECT_EQ(find(hash_b, 99)->name, "watch");
  EXPECT_FALSE(find(hash_a, 100));
  EXPECT_FALSE(find(std::string(32, 'c'), 50));
}

TEST_F(AdminRepository, ForgetsATokenThatIsTakenBack) {
  EXPECT_EQ(add({"backup", hash_a, "operator", 10, 100}), errc::none);
  auto remove = [&] { return wait<void_t>([&](auto f) { rows.remove_token("backup", f); }); };
  EXPECT_TRUE(remove().has_value());
  EXPECT_FALSE(find(hash_a, 50));
  EXPECT_EQ(remove().error().code, errc::not_found);
  EXPECT_EQ(wait<std::vector<admin_token>>([&](auto f) { rows.tokens(f); })->size(), 0u);
}

TEST_F(AdminRepository, KnowsARequestThatWentWell) {
  auto first = begin(action("r1"));
  EXPECT_EQ(first.found, state::fresh);
  end(first.id, "OK", std::string{"re\0ply", 6});
  auto again = begin(action("r1"));
  EXPECT_EQ(again.found, state::known);
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.reply, (std::string{"re\0ply", 6}));
  EXPECT_EQ(actions().size(), 1u);
}

TEST_F(AdminRepository, DoesAgainWhatFailed) {
  auto first = begin(action("r1"));
  end(first.id, "UNAVAILABLE");
  auto again = begin(action("r1"));
  EXPECT_EQ(again.found, state::fresh);
  EXPECT_NE(again.id, first.id);
  EXPECT_EQ(actions().size(), 2u); // both attempts are remembered
}

TEST_F(AdminRepository, TakesOneNumberForOneRequest) {
  auto first = begin(action("r1"));
  EXPECT_EQ(begin(action("r1", "another")).found, state::another);
  EXPECT_EQ(begin(action("r1")).found, state::running);
  end(first.id, "OK");
  EXPECT_EQ(begin(action("r1", "another")).found, state::another);
}

TEST_F(AdminRepository, TellsCallersAndMethodsApart) {
  end(begin(action("r1")).id, "OK");
  auto other = action("r1");
  other.who = "token:x";
  EXPECT_EQ(begin(other).found, state::fresh);
  other.method = "Accounts/Delete";
  EXPECT_EQ(begin(other).found, state::fresh);
}

TEST_F(AdminRepository, GivesUpOnARequestThatNeverEnded) {
  auto first = begin(action("r1", "p", 1000));
  EXPECT_EQ(begin(action("r1", "p", 1500), 1000).found, state::running);
  auto again = begin(action("r1", "p", 2000), 1001);
  EXPECT_EQ(again.found, state::fresh);
  EXPECT_NE(again.id, first.id);
}

TEST_F(AdminRepository, WritesDownEachRequestWithoutANumber) {
  EXPECT_EQ(begin(action("")).found, state::fresh);
  EXPECT_EQ(begin(action("")).found, state::fresh);
  EXPECT_EQ(actions().size(), 2u);
}

TEST_F(AdminRepository, ShowsTheLatestFirstAndPageByPage) {
  for (auto* id : {"a", "b", "c"})
    begin(action(id));
  auto refused = action("d");
  refused.who = "token:x";
  refused.outcome = "PERMISSION_DENIED";
  begin(refused);
  auto page = actions(0, "", 2);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].request_id, "d");
  EXPECT_EQ(page[0].outcome, "PERMISSION_DENIED");
  EXPECT_EQ(page[1].request_id, "c");
  EXPECT_EQ(page[1].target, "ann@example.org");
  EXPECT_EQ(actions(page[1].id).size(), 2u);
  EXPECT_EQ(actions(0, "token:x").size(), 1u);
}

TEST_F(AdminRepository, ForgetsWhatIsOld) {
  begin(action("a", "p", 10));
  begin(action("b", "p", 20));
  EXPECT_EQ(wait<std::int64_t>([&](auto f) { rows.prune(20, f); }).value(), 1);
  ASSERT_EQ(actions().size(), 1u);
  EXPECT_EQ(actions()[0].request_id, "b");
}

} // namespace hamlet::sql
