// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/network/network_fixture.hpp"

using namespace std::chrono_literals;

namespace hamlet {

class FiltersTest : public NetworkTest {
protected:
  Reply add_filter(const std::string& pattern, const std::string& action = "block",
                   const std::string& places = "pn") {
    auto x = from(root);
    auto& filter = *x.mutable_add_filter()->mutable_filter();
    filter.set_pattern(pattern);
    filter.set_action(action);
    filter.set_targets(places);
    filter.set_reason("no spam");
    return say(x);
  }
  Reply remove_filter(std::int64_t id) {
    auto x = from(root);
    x.mutable_remove_filter()->set_id(id);
    return say(x);
  }
  Reply list() {
    auto x = from(root);
    x.mutable_list_filters();
    return say(x);
  }
};

TEST_F(FiltersTest, KeepsAFilterAndUsesItAtOnce) {
  auto added = add_filter("buy (cheap|now)");
  ASSERT_EQ(added.refusal(), chat::v1::NONE);
  auto hit = rules.filter("BUY now", 'p');
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->id, added.filters(0).id());
  EXPECT_EQ(hit->action, filter_action::block);
  EXPECT_EQ(hit->reason, "no spam");
  EXPECT_FALSE(rules.filter("buy now", 't'));
  restart_network();
  EXPECT_TRUE(rules.filter("buy now", 'n'));
  auto all = list();
  ASSERT_EQ(all.filters_size(), 1);
  EXPECT_EQ(all.filters(0).SerializeAsString(), added.filters(0).SerializeAsString());
}

TEST_F(FiltersTest, TakesAFilterAway) {
  auto id = add_filter("spam").filters(0).id();
  EXPECT_EQ(remove_filter(id + 1).refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(remove_filter(id).filters(0).pattern(), "spam");
  EXPECT_FALSE(rules.filter("spam", 'p'));
  EXPECT_EQ(list().filters_size(), 0);
  EXPECT_EQ(number("SELECT count(*) FROM chat_filter"), 0);
}

TEST_F(FiltersTest, LooksEverywhereWhenNoPlaceIsSaid) {
  EXPECT_EQ(add_filter("spam", "kill", "").filters(0).targets(), filter_places);
  for (auto place : filter_places)
    EXPECT_TRUE(rules.filter("spam", place)) << place;
}

TEST_F(FiltersTest, RefusesWhatItCannotDo) {
  EXPECT_EQ(add_filter("(").refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(add_filter("(").detail(), "The pattern is wrong: missing ): (");
  EXPECT_EQ(add_filter(".*").detail(), "The pattern is wrong: it fits any text");
  EXPECT_EQ(add_filter("a", "explode").refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(add_filter("a", "block", "z").refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(add_filter("a\nb").refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(number("SELECT count(*) FROM chat_filter"), 0);
}

TEST_F(FiltersTest, TakesTheCatastrophicPatternAndAnswers) {
  EXPECT_EQ(add_filter("(a+)+$").refusal(), chat::v1::NONE);
  EXPECT_FALSE(rules.filter(std::string(40'000, 'a') + "b", 'p'));
  EXPECT_TRUE(rules.filter(std::string(40'000, 'a'), 'p'));
}

TEST_F(FiltersTest, HasRoomForSoManyAndNoMore) {
  auto now = defaults();
  now.max_filters = 1;
  settings.set(now);
  add_filter("a1");
  EXPECT_EQ(add_filter("a2").refusal(), chat::v1::LIST_FULL);
}

// -- what operators did --------------------------------------------------------

class AuditTest : public FiltersTest {
protected:
  void did(const std::string& action) {
    auto x = from(root);
    auto& entry = *x.mutable_audit()->mutable_entry();
    entry.set_operator_name("boss");
    entry.set_nick("root");
    entry.set_action(action);
    entry.set_arguments("bob :bye");
    entry.set_outcome("done");
    say(x);
  }
  Reply audit(std::uint32_t limit, std::int64_t before_ms = 0) {
    auto x = from(root);
    x.mutable_list_audit()->set_limit(limit);
    x.mutable_list_audit()->set_before_ms(before_ms);
    return say(x);
  }
};

TEST_F(AuditTest, KeepsWhatOperatorsDo) {
  did("KILL");
  auto all = audit(10);
  ASSERT_EQ(all.audit_size(), 1);
  auto& x = all.audit(0);
  EXPECT_EQ(x.operator_name(), "boss (root)");
  EXPECT_EQ(x.action(), "KILL");
  EXPECT_EQ(x.arguments(), "bob :bye");
  EXPECT_EQ(x.outcome(), "done");
  EXPECT_EQ(x.address(), "127.0.0.1");
  EXPECT_EQ(x.time_ms(), wall_ms);
}

TEST_F(AuditTest, ReadsBackwardsFromATime) {
  sql::oper_action x;
  for (int i = 0; i < 900; ++i) {
    x.time_ms = wall_ms + i;
    x.action = std::to_string(i);
    store().record(x, [](const auto&) {});
  }
  run();
  EXPECT_EQ(audit(2).audit(0).action(), "899");
  auto found = audit(500, wall_ms + 150); // on the second page
  ASSERT_EQ(found.audit_size(), 150);
  EXPECT_EQ(found.audit(0).action(), "149");
  EXPECT_EQ(audit(3, wall_ms + 150).audit_size(), 3);
  EXPECT_EQ(audit(5, wall_ms).audit_size(), 0);
}

TEST_F(AuditTest, ForgetsWhatIsTooOld) {
  did("KILL");
  pass(300 * 24h);
  did("DIE");
  pass(66 * 24h);
  auto all = audit(10);
  ASSERT_EQ(all.audit_size(), 1);
  EXPECT_EQ(all.audit(0).action(), "DIE");
}

} // namespace hamlet
