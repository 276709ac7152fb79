// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/relay/core_fixture.hpp"

namespace hamlet {

namespace {

struct NewsTest : RelayCoreTest {};

NewsItem item(const std::string& nick) {
  NewsItem x;
  x.mutable_user()->mutable_who()->set_nick(nick);
  return x;
}

News read(const std::string& bytes) {
  News x;
  EXPECT_TRUE(x.ParseFromString(bytes));
  return x;
}

TEST_F(NewsTest, AreNumberedAndPackedAsTheyWere) {
  news_log log;
  for (auto i = 1; i <= 300; ++i)
    log.add(item(std::string(static_cast<std::size_t>(i), 'x')), true);
  EXPECT_EQ(log.last(), 300u);
  auto batch = log.read(7, 200, 1u << 20);
  auto news = read(batch.bytes);
  EXPECT_EQ(batch.next, 301u);
  EXPECT_EQ(news.incarnation(), 7);
  EXPECT_EQ(news.first(), 200u);
  ASSERT_EQ(news.items_size(), 101);
  EXPECT_EQ(news.items(0).user().who().nick().size(), 200u);
  EXPECT_EQ(news.items(100).user().who().nick().size(), 300u);
}

TEST_F(NewsTest, ABatchHasOneItemAtLeastAndNoMoreThanFit) {
  news_log log;
  for (auto i = 0; i < 10; ++i)
    log.add(item(std::string(1'000, 'x')), true);
  EXPECT_EQ(log.read(1, 1, 10).next, 2u);
  EXPECT_EQ(log.read(1, 1, 3'500).next, 4u);
}

TEST_F(NewsTest, TheOldestGoWhenThereAreTooMany) {
  news_log by_count{{.items = 3, .octets = 1u << 20}};
  news_log by_size{{.items = 1'000, .octets = 2'500}};
  for (auto i = 0; i < 10; ++i)
    for (auto* log : {&by_count, &by_size})
      log->add(item(std::string(1'000, 'x')), true);
  EXPECT_TRUE(by_count.has(8));
  EXPECT_FALSE(by_count.has(7));
  EXPECT_TRUE(by_size.has(9));
  EXPECT_FALSE(by_size.has(8));
  EXPECT_TRUE(by_size.has(11)) << "the next one";
  EXPECT_FALSE(by_size.has(12));
  EXPECT_LE(by_size.kept_octets(), 2'500u);
}

TEST_F(NewsTest, WithoutAPeerNothingIsKept) {
  news_log log;
  log.add(item("a"), true);
  log.add(item("b"), false);
  EXPECT_EQ(log.kept(), 0u);
  EXPECT_FALSE(log.has(2));
  EXPECT_TRUE(log.has(3));
}

News news(std::uint64_t first, int count) {
  News x;
  x.set_first(first);
  for (auto i = 0; i < count; ++i)
    x.add_items();
  return x;
}

TEST_F(NewsTest, WhatIsKnownIsNotTakenTwice) {
  news_from from;
  EXPECT_EQ(from.take(news(1, 3)).skip, 0);
  EXPECT_EQ(from.take(news(1, 3)).what, news_from::kind::nothing);
  EXPECT_EQ(from.take(news(2, 4)).skip, 2) << "4 and 5 are new";
  EXPECT_EQ(from.answer().next(), 6u);
}

TEST_F(NewsTest, AfterAGapNothingIsTaken) {
  news_from from;
  from.take(news(1, 1));
  EXPECT_EQ(from.take(news(3, 1)).what, news_from::kind::nothing);
  EXPECT_EQ(from.answer().next(), 2u);
}

TEST_F(NewsTest, PartsOfASnapshotAreTakenInOrderAndOnce) {
  using enum news_from::kind;
  news_from from;
  auto part = [](std::uint32_t n, bool has_more) {
    auto x = news(50, 1);
    x.set_is_snapshot(true);
    x.set_part(n);
    x.set_has_more(has_more);
    return x;
  };
  EXPECT_EQ(from.take(part(1, true)).what, nothing) << "without the first";
  EXPECT_EQ(from.take(part(0, true)).what, begins);
  EXPECT_EQ(from.take(part(2, false)).what, nothing);
  EXPECT_EQ(from.answer().part(), 1u);
  EXPECT_EQ(from.take(part(1, true)).what, continues);
  EXPECT_EQ(from.take(part(1, true)).what, nothing);
  EXPECT_EQ(from.answer().next(), 1u) << "until it is whole";
  EXPECT_TRUE(from.take(part(2, false)).ends);
  EXPECT_EQ(from.answer().next(), 50u);
  EXPECT_EQ(from.take(part(0, true)).what, nothing) << "older than what is known";
}

TEST_F(NewsTest, ComeInOrderAndOnceOverABadLink) {
  for (auto seed = 1u; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    nodes.clear();
    late.clear();
    view = {};
    rng.seed(seed);
    start(3);
    loss = 30;
    std::vector<std::vector<std::string>> said(3);
    for (auto i = 0; i < 300; ++i) {
      auto who = rng() % 3;
      auto text = std::to_string(who) + ":" + std::to_string(i);
      at(who).say(text);
      said[who].push_back(text);
      if (rng() % 3 == 0)
        pump();
    }
    drain();
    for (auto& node : nodes)
      for (std::size_t who = 0; who < 3; ++who) {
        std::vector<std::string> got;
        for (auto& x : node->texts())
          if (x.starts_with(std::to_string(who) + ":"))
            got.push_back(x);
        EXPECT_EQ(got, said[who]) << "of node " << who + 1 << " at node " << node->number;
      }
  }
}

TEST_F(NewsTest, OfANodeThatIsNotKnownAreAskedForAgain) {
  start(2);
  News x = news(1, 1);
  x.set_incarnation(999);
  relay_effects out;
  EXPECT_EQ(at(0).core.take(x, out).next(), 1u);
}

TEST_F(NewsTest, AReplyIsHeldUntilWhatWasBeforeIsKnown) {
  start(2);
  at(0).say("one");
  auto number = at(0).core.last();
  EXPECT_FALSE(at(1).core.has(at(0).me, number));
  pump();
  EXPECT_TRUE(at(1).core.has(at(0).me, number));
  EXPECT_FALSE(at(1).core.has(at(0).me, number + 1));
  kill(at(0));
  EXPECT_TRUE(at(1).core.has(at(0).me, number + 1)) << "nobody could tell";
}

// What a client asks of that peer, having seen the second, would come there before it.
TEST_F(NewsTest, DoNotWaitForTheAnswerToThoseBefore) {
  start(2);
  at(0).say("one");
  auto first = at(0).core.news_for(at(1).me);
  at(0).say("two");
  auto second = at(0).core.news_for(at(1).me);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(at(0).core.news_for(at(1).me)) << "that is all";
  auto one = give(at(1), *first), two = give(at(1), *second);
  EXPECT_TRUE(at(0).core.taken(at(1).me, two));
  EXPECT_TRUE(at(0).core.taken(at(1).me, one)) << "nothing is to be tried again";
  EXPECT_TRUE(at(0).core.is_told(at(0).core.last()));
  EXPECT_EQ(at(1).texts(), (std::vector<std::string>{"one", "two"}));
}

TEST_F(NewsTest, OfWhichOneIsLostGoAgainWhenAllAreAnswered) {
  start(2);
  at(0).say("one");
  ASSERT_TRUE(at(0).core.news_for(at(1).me));
  at(0).say("two");
  auto second = at(0).core.news_for(at(1).me);
  ASSERT_TRUE(second);
  at(0).core.failed(at(1).me);
  EXPECT_FALSE(at(0).core.news_for(at(1).me));
  EXPECT_FALSE(at(0).core.taken(at(1).me, give(at(1), *second))) << "too early";
  drain();
  EXPECT_EQ(at(1).texts(), (std::vector<std::string>{"one", "two"}));
}

TEST_F(NewsTest, OfASlowPeerFewAreUnderWay) {
  start(2);
  auto sent = 0u;
  for (auto i = 0; i < 100; ++i) {
    at(0).say("news");
    sent += at(0).core.news_for(at(1).me).has_value();
  }
  EXPECT_EQ(sent, news_to::most_under_way);
  for (auto i = 0u; i < sent; ++i)
    at(0).core.failed(at(1).me);
  for (auto i = 0; i < 3; ++i) {
    at(0).say(std::string(news_to::batch_octets / 2 + 1, 'x'));
    sent += at(0).core.news_for(at(1).me).has_value();
  }
  EXPECT_LE(sent - news_to::most_under_way, 2u) << "in octets, too";
}

TEST_F(NewsTest, ChannelsOfOneNodeNeverLeaveIt) {
  start(2);
  auto before = at(0).core.last();
  at(0).say("secret", "&here");
  EXPECT_EQ(at(0).core.last(), before);
}

} // namespace

} // namespace hamlet
