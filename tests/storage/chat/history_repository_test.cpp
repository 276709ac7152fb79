// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/history_repository.hpp"
#include "tests/support/chat_store.hpp"

namespace hamlet::sql {

using ids = std::vector<std::int64_t>;
using events = std::vector<chat_event>;

ids ids_of(const events& all) {
  ids found;
  for (auto& x : all)
    found.push_back(x.event_id);
  return found;
}

const std::string room = channel_target("#room", 7);
const std::string other = channel_target("#other", 8);

class History : public ChatStore {
protected:
  chat_event find(std::int64_t id) {
    return history<chat_event>([&](auto& h, auto done) { h.find(id, done); }).value();
  }
  result<chat_event> redact(std::int64_t id) {
    return history<chat_event>([&](auto& h, auto done) {
      h.redact(id, {"oper", "no reason", 99}, done);
    });
  }
  ids latest(const std::string& target = room, history_view view = history_view::all,
             std::size_t limit = 100) {
    return ids_of(history<events>([&](auto& h, auto done) {
                    h.latest(target, {}, limit, view, done);
                  }).value());
  }
};

/// Which events an intent answers with. The room has, by time in ms and id:
///   10: 1   20: 2, 3 (a join), 4   30: 5   40: 6 (a join)   50: 7
/// and another channel has 20: 8.
struct selection {
  const char* name;
  enum class intent : std::uint8_t { latest, before, after, between, around } what;
  std::optional<history_bound> first, second;
  std::size_t limit;
  history_view view;
  std::optional<ids> answer; ///< none: not_found
};

class Selection : public History, public ::testing::WithParamInterface<selection> {
protected:
  void SetUp() override {
    // in another order than that of time, and in two operations
    ASSERT_TRUE(append({said(room, 50, 7), joined(room, 20, 3), said(room, 20, 2),
                        said(room, 20, 4), said(other, 20, 8)})
                  .has_value());
    ASSERT_TRUE(append({joined(room, 40, 6), said(room, 10, 1), said(room, 30, 5)}).has_value());
  }

  result<events> run(const selection& x) {
    using intent = selection::intent;
    auto a = x.first.value_or(history_bound{});
    auto b = x.second.value_or(history_bound{});
    return history<events>([&](auto& h, auto done) {
      switch (x.what) {
      case intent::latest: return h.latest(room, x.first, x.limit, x.view, done);
      case intent::before: return h.before(room, a, x.limit, x.view, done);
      case intent::after: return h.after(room, a, x.limit, x.view, done);
      case intent::between: return h.between(room, a, b, x.limit, x.view, done);
      case intent::around: return h.around(room, a, x.limit, x.view, done);
      }
    });
  }
};

TEST_P(Selection, AnswersAsTheTextSays) {
  auto& x = GetParam();
  auto answer = run(x);
  if (!x.answer) {
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, errc::not_found);
    return;
  }
  ASSERT_TRUE(answer.has_value()) << answer.error().detail;
  EXPECT_EQ(ids_of(*answer), *x.answer);
}

constexpr auto all = history_view::all;
constexpr auto messages = history_view::messages;
using enum selection::intent;
using bound = history_bound;
constexpr auto no_bound = std::nullopt;

INSTANTIATE_TEST_SUITE_P(
  Latest, Selection,
  ::testing::Values(
    selection{"All", latest, no_bound, no_bound, 9, all, ids{1, 2, 3, 4, 5, 6, 7}},
    selection{"Messages", latest, no_bound, no_bound, 9, messages, ids{1, 2, 4, 5, 7}},
    selection{"CountsFromTheNewest", latest, no_bound, no_bound, 3, all, ids{5, 6, 7}},
    selection{"CountsMessagesAlone", latest, no_bound, no_bound, 3, messages, ids{4, 5, 7}},
    selection{"SinceATimeOfEvents", latest, bound::at(20), no_bound, 9, all, ids{5, 6, 7}},
    selection{"SinceATimeBetween", latest, bound::at(19), no_bound, 9, all, ids{2, 3, 4, 5, 6, 7}},
    selection{"SinceAnEvent", latest, bound::event(2), no_bound, 9, all, ids{3, 4, 5, 6, 7}},
    selection{"SinceCountsFromTheNewest", latest, bound::event(2), no_bound, 2, all, ids{6, 7}},
    selection{"SinceAJoinAmongMessages", latest, bound::event(3), no_bound, 9, messages,
              ids{4, 5, 7}},
    selection{"SinceTheLast", latest, bound::event(7), no_bound, 9, all, ids{}},
    selection{"Nothing", latest, no_bound, no_bound, 0, all, ids{}},
    selection{"UnknownEvent", latest, bound::event(99), no_bound, 9, all, {}},
    selection{"EventOfAnotherTarget", latest, bound::event(8), no_bound, 9, all, {}}),
  [](const auto& x) { return std::string{x.param.name}; });

INSTANTIATE_TEST_SUITE_P(
  Before, Selection,
  ::testing::Values(
    selection{"ATimeOfEvents", before, bound::at(20), no_bound, 9, all, ids{1}},
    selection{"ATimeBetween", before, bound::at(21), no_bound, 9, all, ids{1, 2, 3, 4}},
    selection{"CountsFromTheNewest", before, bound::at(31), no_bound, 2, all, ids{4, 5}},
    selection{"AnEvent", before, bound::event(4), no_bound, 9, all, ids{1, 2, 3}},
    selection{"AnEventMessages", before, bound::event(4), no_bound, 9, messages, ids{1, 2}},
    selection{"AnEventCounts", before, bound::event(7), no_bound, 2, messages, ids{4, 5}},
    selection{"TheFirst", before, bound::event(1), no_bound, 9, all, ids{}},
    selection{"Nothing", before, bound::event(4), no_bound, 0, all, ids{}},
    selection{"UnknownEvent", before, bound::event(99), no_bound, 9, all, {}}),
  [](const auto& x) { return std::string{x.param.name}; });

INSTANTIATE_TEST_SUITE_P(
  After, Selection,
  ::testing::Values(
    selection{"ATimeOfEvents", after, bound::at(20), no_bound, 9, all, ids{5, 6, 7}},
    selection{"ATimeBetween", after, bound::at(19), no_bound, 9, all, ids{2, 3, 4, 5, 6, 7}},
    selection{"CountsFromTheOldest", after, bound::at(10), no_bound, 2, all, ids{2, 3}},
    selection{"AnEvent", after, bound::event(2), no_bound, 9, all, ids{3, 4, 5, 6, 7}},
    selection{"AnEventMessages", after, bound::event(2), no_bound, 2, messages, ids{4, 5}},
    selection{"TheLast", after, bound::event(7), no_bound, 9, all, ids{}},
    selection{"Nothing", after, bound::event(2), no_bound, 0, all, ids{}},
    selection{"UnknownEvent", after, bound::event(99), no_bound, 9, all, {}}),
  [](const auto& x) { return std::string{x.param.name}; });

INSTANTIATE_TEST_SUITE_P(
  Between, Selection,
  ::testing::Values(
    selection{"Times", between, bound::at(10), bound::at(50), 9, all, ids{2, 3, 4, 5, 6}},
    selection{"TimesCountFromTheFirst", between, bound::at(10), bound::at(50), 2, all, ids{2, 3}},
    selection{"TimesBackwards", between, bound::at(50), bound::at(10), 9, all, ids{2, 3, 4, 5, 6}},
    selection{"BackwardsCountsFromTheFirst", between, bound::at(50), bound::at(10), 2, all,
              ids{5, 6}},
    selection{"BackwardsMessages", between, bound::at(50), bound::at(10), 2, messages, ids{4, 5}},
    selection{"Events", between, bound::event(2), bound::event(7), 9, all, ids{3, 4, 5, 6}},
    selection{"EventsBackwards", between, bound::event(7), bound::event(2), 3, all, ids{4, 5, 6}},
    selection{"EventsOfOneMillisecond", between, bound::event(2), bound::event(4), 9, all, ids{3}},
    selection{"EventsOfOneMillisecondBackwards", between, bound::event(4), bound::event(2), 9, all,
              ids{3}},
    selection{"EventAndTime", between, bound::event(2), bound::at(40), 9, all, ids{3, 4, 5}},
    selection{"TimeAndEvent", between, bound::at(40), bound::event(2), 1, all, ids{5}},
    selection{"EventAndItsOwnTime", between, bound::event(2), bound::at(20), 9, all, ids{}},
    selection{"TimeAndItsOwnEvent", between, bound::at(20), bound::event(4), 9, all, ids{}},
    selection{"TheSameEvent", between, bound::event(3), bound::event(3), 9, all, ids{}},
    selection{"TheSameTime", between, bound::at(20), bound::at(20), 9, all, ids{}},
    selection{"Nothing", between, bound::at(10), bound::at(50), 0, all, ids{}},
    selection{"UnknownFirst", between, bound::event(99), bound::at(50), 9, all, {}},
    selection{"UnknownSecond", between, bound::at(10), bound::event(99), 9, all, {}}),
  [](const auto& x) { return std::string{x.param.name}; });

INSTANTIATE_TEST_SUITE_P(
  Around, Selection,
  ::testing::Values(
    selection{"AnEvent", around, bound::event(4), no_bound, 3, all, ids{3, 4, 5}},
    selection{"AnEventEven", around, bound::event(4), no_bound, 4, all, ids{2, 3, 4, 5}},
    selection{"AnEventAlone", around, bound::event(4), no_bound, 1, all, ids{4}},
    selection{"AnEventMessages", around, bound::event(4), no_bound, 3, messages, ids{2, 4, 5}},
    selection{"AJoinAmongMessages", around, bound::event(3), no_bound, 2, messages, ids{2, 4}},
    selection{"TheFirstTakesFromTheOtherSide", around, bound::event(1), no_bound, 4, all,
              ids{1, 2, 3, 4}},
    selection{"TheLastTakesFromTheOtherSide", around, bound::event(7), no_bound, 4, all,
              ids{4, 5, 6, 7}},
    selection{"ATimeOfEvents", around, bound::at(20), no_bound, 4, all, ids{1, 2, 3, 4}},
    selection{"ATimeBetween", around, bound::at(35), no_bound, 2, all, ids{5, 6}},
    selection{"ATimeBeforeAll", around, bound::at(1), no_bound, 2, all, ids{1, 2}},
    selection{"ATimeAfterAll", around, bound::at(99), no_bound, 2, all, ids{6, 7}},
    selection{"MoreThanThereIs", around, bound::event(4), no_bound, 99, all,
              ids{1, 2, 3, 4, 5, 6, 7}},
    selection{"Nothing", around, bound::event(4), no_bound, 0, all, ids{}},
    selection{"UnknownEvent", around, bound::event(99), no_bound, 9, all, {}}),
  [](const auto& x) { return std::string{x.param.name}; });

TEST_F(History, KeepsAllThatAnEventIs) {
  auto x = said(room, 20, 4, "Gr\xc3\xbc\xc3\x9f Gott");
  x.kind = event_kind::notice;
  x.sender_account = alice;
  x.event = std::string("a\0b", 3);
  ASSERT_TRUE(append({x, joined(room, 21, 5)}).has_value());
  restart();
  auto y = find(4);
  EXPECT_EQ(y.target, room);
  EXPECT_EQ(y.time_ms, 20);
  EXPECT_EQ(y.event_id, 4);
  EXPECT_EQ(y.kind, event_kind::notice);
  EXPECT_EQ(y.sender_account, alice);
  EXPECT_EQ(y.sender, x.sender);
  EXPECT_EQ(y.text, x.text);
  EXPECT_EQ(y.event, x.event);
  EXPECT_FALSE(y.redacted.has_value());
  EXPECT_EQ(find(5).sender_account, 0);
  EXPECT_EQ(history<chat_event>([](auto& h, auto done) { h.find(9, done); }).error().code,
            errc::not_found);
}

TEST_F(History, TakesAnEventOnceThoughItIsAppendedAgain) {
  ASSERT_TRUE(append({said(room, 10, 1, "first")}).has_value());
  ASSERT_TRUE(append({said(room, 10, 1, "again"), said(room, 99, 1), said(room, 11, 2)}));
  EXPECT_EQ(latest(), (ids{1, 2}));
  EXPECT_EQ(find(1).text, "first");
  EXPECT_TRUE(append({}).has_value());
}

TEST_F(History, HasAnEventInSeveralConversations) { // a QUIT
  ASSERT_TRUE(append({joined(room, 10, 1), joined(other, 10, 1), said(other, 20, 2)}));
  EXPECT_EQ(latest(room), ids{1});
  EXPECT_EQ(latest(other), (ids{1, 2}));
  auto after = history<events>([](auto& h, auto done) {
    h.after(other, history_bound::event(1), 9, history_view::all, done);
  });
  EXPECT_EQ(ids_of(after.value()), ids{2});
  ASSERT_TRUE(history<std::int64_t>([](auto& h, auto done) { h.prune(room, 99, 9, done); }));
  EXPECT_EQ(latest(other), (ids{1, 2})); // it goes from the one alone
}

TEST_F(History, IsNotGivenNumbersThatItHas) { // else a new event would be taken for a retry
  ASSERT_TRUE(append({said(room, 10, 77)}).has_value());
  EXPECT_EQ(wait<std::int64_t>([&](auto done) { program->queue.last_id(done); }).value(), 77);
}

TEST_F(History, TakesAllEventsOfAnOperationOrNone) {
  auto without_id = said(room, 10, 0);
  auto without_target = said("", 10, 2);
  auto with_nul = said(room, 10, 2, std::string("a\0b", 3));
  for (auto& bad : {without_id, without_target, with_nul})
    EXPECT_EQ(append({said(room, 9, 1), bad}).error().code, errc::bad_request);
  EXPECT_EQ(latest(), ids{});
}

TEST_F(History, EmptiesARedactedMessageInItsPlace) { // draft/message-redaction
  ASSERT_TRUE(append({said(room, 10, 1), said(room, 20, 2, "secret"), said(room, 30, 3)}));
  EXPECT_EQ(redact(2)->text, "secret"); // as it was
  auto x = find(2);
  EXPECT_EQ(x.text, "");
  EXPECT_EQ(x.event, "");
  EXPECT_EQ(x.sender, "alice!a@example.org");
  ASSERT_TRUE(x.redacted.has_value());
  EXPECT_EQ(x.redacted->by, "oper");
  EXPECT_EQ(x.redacted->reason, "no reason");
  EXPECT_EQ(x.redacted->time_ms, 99);
  EXPECT_EQ(number("SELECT count(*) FROM chat_event WHERE text = 'secret'"), 0);
  EXPECT_EQ(latest(), (ids{1, 2, 3}));
  EXPECT_EQ(latest(room, history_view::messages), (ids{1, 3}));
  EXPECT_EQ(latest(room, history_view::messages, 2), (ids{1, 3})); // it does not count
  EXPECT_EQ(redact(2).error().code, errc::already_exists);
  EXPECT_EQ(redact(9).error().code, errc::not_found);
  ASSERT_TRUE(append({said(room, 20, 2, "secret")}).has_value()); // a late retry
  EXPECT_EQ(find(2).text, "");
  auto page = history<events>([](auto& h, auto done) { // it still is a place
    h.before(room, history_bound::event(2), 9, history_view::messages, done);
  });
  EXPECT_EQ(ids_of(page.value()), ids{1});
}

class Targets : public History {
protected:
  using rows = std::vector<std::pair<std::string, std::int64_t>>;

  void SetUp() override {
    carol = create("carol").value();
    auto direct = [](std::int64_t a, std::int64_t b, std::int64_t time_ms, std::int64_t id) {
      auto x = said(direct_target(a, b), time_ms, id);
      x.between = {a, b};
      return x;
    };
    ASSERT_TRUE(append({said(room, 10, 1), said(room, 30, 2), joined(room, 90, 3),
                        said(other, 20, 4), direct(alice, bob, 5, 5), direct(bob, alice, 40, 6),
                        direct(bob, carol, 50, 7), direct(alice, alice, 25, 8)})
                  .has_value());
  }

  rows targets(std::int64_t account, const std::vector<std::string>& channels, std::int64_t from,
               std::int64_t to, std::size_t limit = 9) {
    auto found = history<std::vector<history_target>>([&](auto& h, auto done) {
                   h.targets(account, channels, from, to, limit, done);
                 }).value();
    rows listed;
    for (auto& x : found)
      listed.emplace_back(x.target, x.time_ms);
    return listed;
  }

  std::string with_bob() const { return direct_target(alice, bob); }
  std::string with_self() const { return direct_target(alice, alice); }
  std::int64_t carol = 0;
};

TEST_F(Targets, AreThoseWhoseLatestMessageLiesBetween) {
  EXPECT_EQ(targets(alice, {room, other}, 0, 100),
            (rows{{other, 20}, {with_self(), 25}, {room, 30}, {with_bob(), 40}}));
  EXPECT_EQ(targets(alice, {room, other}, 20, 40), (rows{{with_self(), 25}, {room, 30}}));
  EXPECT_EQ(targets(alice, {room}, 0, 15), rows{}); // the latest is not in it
  EXPECT_EQ(targets(alice, {}, 0, 100), (rows{{with_self(), 25}, {with_bob(), 40}}));
  EXPECT_EQ(targets(0, {room, room, "#nowhere 1"}, 0, 100), (rows{{room, 30}}));
}

TEST_F(Targets, CountFromTheFirstTime) {
  EXPECT_EQ(targets(alice, {room, other}, 0, 100, 2), (rows{{other, 20}, {with_self(), 25}}));
  EXPECT_EQ(targets(alice, {room, other}, 100, 0, 2), (rows{{room, 30}, {with_bob(), 40}}));
  EXPECT_EQ(targets(alice, {room, other}, 0, 100, 0), rows{});
}

TEST_F(Targets, AreNotSeenByOthers) {
  EXPECT_EQ(targets(carol, {}, 0, 100), (rows{{direct_target(bob, carol), 50}}));
}

TEST_F(Targets, DoNotNeedAnAccountThatHasGoneMeanwhile) {
  auto x = said(direct_target(alice, 999), 60, 20);
  x.between = {alice, 999};
  auto y = said("anybody", 61, 21);
  y.between = {alice, 0};
  ASSERT_TRUE(append({x, y}).has_value());
  EXPECT_EQ(targets(alice, {}, 59, 100), (rows{{x.target, 60}, {"anybody", 61}}));
  EXPECT_EQ(targets(999, {}, 59, 100), rows{});
}

class Prune : public History {
protected:
  void SetUp() override {
    ASSERT_TRUE(append({said(room, 10, 1), joined(room, 20, 2), said(room, 30, 3),
                        joined(room, 40, 4), said(room, 50, 5), said(other, 10, 6)})
                  .has_value());
  }
  std::int64_t prune(std::int64_t before_ms, std::size_t at_most = 100) {
    return history<std::int64_t>(
             [&](auto& h, auto done) { h.prune(room, before_ms, at_most, done); })
      .value();
  }
  std::int64_t keep_last(std::size_t keep) {
    return history<std::int64_t>([&](auto& h, auto done) { h.keep_last(room, keep, 100, done); })
      .value();
  }
};

TEST_F(Prune, DeletesWhatIsOlder) {
  EXPECT_EQ(prune(10), 0); // exclusive
  EXPECT_EQ(prune(31), 3);
  EXPECT_EQ(latest(), (ids{4, 5}));
  EXPECT_EQ(latest(other), ids{6});
}

TEST_F(Prune, GoesInSteps) {
  EXPECT_EQ(prune(100, 1), 2); // the oldest message and the oldest of the rest
  EXPECT_EQ(latest(), (ids{3, 4, 5}));
  EXPECT_EQ(prune(100, 1), 2);
  EXPECT_EQ(prune(100, 1), 1);
  EXPECT_EQ(prune(100, 1), 0);
}

TEST_F(Prune, KeepsTheLatestMessagesAndWhatCameBetween) {
  EXPECT_EQ(keep_last(4), 0);
  EXPECT_EQ(keep_last(3), 0);
  EXPECT_EQ(keep_last(2), 2);
  EXPECT_EQ(latest(), (ids{3, 4, 5}));
  EXPECT_EQ(keep_last(0), 3);
  EXPECT_EQ(latest(other), ids{6});
}

TEST_F(Prune, RemovesATargetWithThoseWhoFoundIt) {
  events many;
  for (std::int64_t i = 0; i < 4'500; ++i)
    many.push_back(said("1:2", 100 + i, 1'000 + i));
  many.front().between = {alice, bob};
  ASSERT_TRUE(append(many).has_value());
  ASSERT_EQ(number("SELECT count(*) FROM chat_direct"), 2);
  auto remove = [&](const std::string& target) {
    return history<std::int64_t>([&](auto& h, auto done) { h.remove_target(target, done); })
      .value();
  };
  EXPECT_EQ(remove("1:2"), 4'500);
  EXPECT_EQ(remove("1:2"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM chat_direct"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM chat_event"), 6);
}

TEST(Keys, NameAConversationTheSameFromBothSides) {
  EXPECT_EQ(direct_target(12, 3), "3:12");
  EXPECT_EQ(direct_target(3, 12), "3:12");
  EXPECT_NE(channel_target("#a", 1), channel_target("#a", 2));
  EXPECT_NE(account_key(5), channel_key(5));
}

} // namespace hamlet::sql
