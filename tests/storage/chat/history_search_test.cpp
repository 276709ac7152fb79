// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/history_repository.hpp"
#include "tests/support/chat_store.hpp"

namespace hamlet::sql {

class HistorySearch : public ChatStore {
protected:
  using ids = std::vector<std::int64_t>;

  history_found run(const history_search& what) {
    return history<history_found>([&](auto& h, auto done) { h.search(what, done); }).value();
  }
  static ids ids_of(const history_found& x) {
    ids all;
    for (auto& e : x.events)
      all.push_back(e.event_id);
    return all;
  }
  ids find(const std::vector<std::string>& words, const std::vector<std::string>& targets = {"a"}) {
    return ids_of(run({.targets = targets, .words = words}));
  }
};

TEST_F(HistorySearch, MindsNeitherCaseNorAccents) {
  ASSERT_TRUE(append({said("a", 10, 1, "Caf\xc3\xa9 au lait"),
                      said("a", 20, 2, "CAFE\xcc\x81 noir"), // e and a combining accent
                      said("a", 30, 3,
                           "Stra\xc3\x9f"
                           "e"),
                      said("a", 40, 4, "plain text")})
                .has_value());
  EXPECT_EQ(find({"cafe"}), (ids{1, 2}));
  EXPECT_EQ(find({"CAF\xc3\x89"}), (ids{1, 2}));
  EXPECT_EQ(find({"STRASSE"}), ids{3});
  EXPECT_EQ(find({"PLAIN"}), ids{4});
  EXPECT_EQ(find({"%"}), ids{}); // means itself
  EXPECT_EQ(find({"caf_"}), ids{});
}

TEST_F(HistorySearch, WantsAllWordsInAnyOrder) {
  ASSERT_TRUE(append({said("a", 10, 1, "one two three"), said("a", 20, 2, "three one"),
                      said("a", 30, 3, "two"), said("b", 25, 4, "one three"), joined("a", 50, 5)})
                .has_value());
  EXPECT_EQ(find({"three", "one"}), (ids{1, 2}));
  EXPECT_EQ(find({"wo"}), (ids{1, 3})); // anywhere in a word
  EXPECT_EQ(find({"one"}, {"a", "b", "a"}), (ids{1, 2, 4}));
  EXPECT_EQ(find({"one"}, {}), ids{});
  EXPECT_EQ(find({}), ids{});
  EXPECT_EQ(find({"", ""}), ids{});
}

TEST_F(HistorySearch, DoesNotFindWhatWasRedacted) {
  ASSERT_TRUE(append({said("a", 10, 1, "secret")}).has_value());
  ASSERT_EQ(find({"secret"}), ids{1});
  ASSERT_TRUE(history<chat_event>([](auto& h, auto done) { h.redact(1, {}, done); }).has_value());
  EXPECT_EQ(find({"secret"}), ids{});
}

TEST_F(HistorySearch, GoesOnWhereTheLimitEndedIt) {
  std::vector<chat_event> all;
  for (int i = 1; i <= 10; ++i)
    all.push_back(said(i % 2 ? "a" : "b", i / 3, i, "needle"));
  ASSERT_TRUE(append(all).has_value());
  history_search what{.targets = {"a", "b"}, .words = {"needle"}, .limit = 4};
  auto first = run(what);
  EXPECT_EQ(ids_of(first), (ids{7, 8, 9, 10}));
  what.before = first.more;
  auto second = run(what);
  EXPECT_EQ(ids_of(second), (ids{3, 4, 5, 6}));
  what.before = second.more;
  auto third = run(what);
  EXPECT_EQ(ids_of(third), (ids{1, 2}));
  EXPECT_FALSE(third.more.has_value());
  what.limit = 0;
  EXPECT_EQ(ids_of(run(what)), ids{});
}

/// However small the budget, each search goes on from the last one, and nothing is left out or
/// found twice.
TEST_F(HistorySearch, FindsAllInStepsOfAnyBudget) {
  std::vector<chat_event> all;
  ids expected;
  for (int i = 1; i <= 300; ++i) {
    bool hit = i % 7 == 0;
    all.push_back(said(std::string(1, static_cast<char>('a' + i * i % 5)), 1'000 + i / 2, i,
                       hit ? "a Needle" : "hay"));
    if (hit)
      expected.push_back(i);
  }
  ASSERT_TRUE(append(all).has_value());
  for (std::size_t rows : {0, 1, 3, 20, 100, 1'000}) {
    history_search what{.targets = {"a", "b", "c", "d", "e"}, .words = {"needle"}, .limit = 10};
    what.at_most_rows = rows;
    ids found;
    int rounds = 0;
    for (; rounds < 400; ++rounds) {
      auto step = run(what);
      auto now = ids_of(step);
      found.insert(found.begin(), now.begin(), now.end());
      if (!step.more)
        break;
      EXPECT_TRUE(!what.before || *step.more < *what.before);
      what.before = step.more;
    }
    EXPECT_EQ(found, expected) << rows;
    EXPECT_LT(rounds, 400) << rows;
    EXPECT_EQ(rounds > 10, rows < 100) << rows; // the budget is kept
  }
}

} // namespace hamlet::sql
