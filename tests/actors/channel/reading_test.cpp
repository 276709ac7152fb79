// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/channel/shard_fixture.hpp"

namespace hamlet {

using namespace chat::v1;

class ChannelReadingTest : public ChannelShardTest {
protected:
  ChannelReadingTest() { accounts[1] = create("ann").value(); }

  Reply ask_history(std::int64_t session, GetHistory::Selector how, std::int64_t first_ms,
                    std::int64_t second_ms = 0, std::int64_t first_id = 0) {
    return ask_channel(session, "#Room", [&](Request& r) {
      auto& g = *r.mutable_get_history();
      g.set_selector(how);
      g.mutable_first()->set_time_ms(first_ms);
      g.mutable_first()->set_event_id(first_id);
      g.mutable_first()->set_is_set(true);
      g.mutable_second()->set_time_ms(second_ms);
      g.set_limit(50);
      g.set_messages_only(true);
    });
  }
  Reply redact(std::int64_t session, std::int64_t event, const std::string& channel = "#Room") {
    return ask_channel(session, channel, [&](Request& r) {
      r.mutable_redact()->set_event_id(event);
      r.mutable_redact()->set_reason("oops");
    });
  }
  std::int64_t said(std::int64_t session, const std::string& text) {
    now += 1000;
    return say(session, text).event_id();
  }
};

TEST_F(ChannelReadingTest, MembersReadAtOnceWhatWasJustSaid) { // draft/chathistory
  join(1), join(2);
  caf::scoped_actor me{sys};
  for (auto* text : {"a", "b", "c"}) {
    auto wish = request_of(1, "#Room");
    wish.set_now_ms(++now);
    wish.mutable_say()->mutable_message()->set_text(text);
    caf::anon_send(owners.channel_of("#room"), wish);
  }
  EXPECT_EQ(texts(history(2)), "a,b,c"); // although the store had not had it
  auto r = history(2, 2);
  EXPECT_EQ(texts(r), "b,c");
  EXPECT_EQ(r.events(0).channel(), "#Room");
  EXPECT_EQ(r.events(0).source().nick(), "user1");
  EXPECT_EQ(r.events(0).source().address(), "");
}

TEST_F(ChannelReadingTest, StrangersReadNothing) {
  join(1);
  said(1, "secret");
  auto r = history(2);
  EXPECT_EQ(r.refusal(), NOT_ON_CHANNEL);
  EXPECT_EQ(r.events_size(), 0);
  auto search = [](Request& q) { q.mutable_search_history()->set_words("secret"); };
  EXPECT_EQ(ask_channel(2, "#Room", search).refusal(), NOT_ON_CHANNEL);
}

TEST_F(ChannelReadingTest, OneAskPastOnesJoinFindsNothing) {
  join(1);
  auto before = said(1, "before");
  now += 1000;
  auto joined = now;
  join(2);
  said(1, "after");
  using H = GetHistory;
  EXPECT_EQ(texts(history(2)), "after");
  EXPECT_EQ(texts(ask_history(2, H::AFTER, 0)), "after");
  EXPECT_EQ(texts(ask_history(2, H::AFTER, 0, 0, before)), "after");
  EXPECT_EQ(texts(ask_history(2, H::BEFORE, now + 1)), "after");
  EXPECT_EQ(texts(ask_history(2, H::BEFORE, joined)), "");
  EXPECT_EQ(texts(ask_history(2, H::BETWEEN, 0, now + 1)), "after");
  EXPECT_EQ(texts(ask_history(2, H::BETWEEN, now + 1, 0)), "after");
  EXPECT_EQ(texts(ask_history(2, H::AROUND, 0, 0, before)), "after");
  EXPECT_EQ(texts(ask_history(2, H::AROUND, joined)), "after");
  EXPECT_EQ(texts(ask_history(1, H::AFTER, 0)), "before,after");
  EXPECT_EQ(ask_history(1, H::AFTER, 0, 0, 999'999).refusal(), NO_SUCH_MESSAGE);
}

TEST_F(ChannelReadingTest, NothingLeaksAcrossABan) { // H1
  join(1);
  register_channel(1);
  join(3);
  auto first = said(1, "known");
  mode(1, true, "b", "user3");
  ask_channel(1, "#Room", [](Request& r) { r.mutable_kick()->set_nick("user3"); });
  said(1, "secret");
  EXPECT_EQ(history(3).refusal(), NOT_ON_CHANNEL);
  EXPECT_EQ(join(3).refusal(), BANNED);
  mode(1, false, "b", "user3");
  now += 1000;
  EXPECT_EQ(join(3).refusal(), NONE);
  said(1, "again");
  EXPECT_EQ(texts(history(3)), "again");
  EXPECT_EQ(texts(ask_history(3, GetHistory::AFTER, 0, 0, first)), "again");
  auto search =
    ask_channel(3, "#Room", [](Request& q) { q.mutable_search_history()->set_words("e"); });
  EXPECT_EQ(texts(search), "");
}

TEST_F(ChannelReadingTest, PlaysEventsBack) { // draft/event-playback
  join(1), join(2);
  mode(1, true, "v", "user2");
  ask_channel(1, "#Room", [](Request& r) { r.mutable_set_topic()->set_text("t"); });
  auto wish = request_of(2, "#Room");
  wish.mutable_who()->set_nick("other");
  wish.mutable_member_changed();
  caf::anon_send(owners.channel_of("#room"), wish);
  ask_channel(1, "#Room", [](Request& r) { r.mutable_kick()->set_nick("other"); });
  std::vector<Event::KindCase> kinds;
  auto all = history(1, 100, false); // keeps the events
  for (auto& e : all.events())
    kinds.push_back(e.kind_case());
  EXPECT_EQ(kinds, (std::vector{Event::kJoined, Event::kJoined, Event::kModes, Event::kTopic,
                                Event::kNick, Event::kKicked}));
}

TEST_F(ChannelReadingTest, KeepsOnlyAsMuchAsTheRulesSay) {
  auto x = *rules.get();
  x.history_unregistered = 0;
  rules.set(x);
  join(1);
  said(1, "before");
  EXPECT_EQ(texts(history(1)), "");
  register_channel(1);
  said(1, "after");
  EXPECT_EQ(texts(history(1)), "after");
}

TEST_F(ChannelReadingTest, KeepsNothingThatNotAllHave) {
  join(1);
  ask_channel(1, "#Room", [](Request& r) {
    r.mutable_say()->mutable_message()->set_text("ops");
    r.mutable_say()->set_to_status("@");
  });
  EXPECT_EQ(texts(history(1)), "");
}

TEST_F(ChannelReadingTest, SearchesByWordAndNick) {
  join(1), join(2);
  said(1, "green apples");
  said(2, "green pears");
  auto find = [&](const std::string& words, const std::string& nick) {
    return texts(ask_channel(1, "#Room", [&](Request& r) {
      r.mutable_search_history()->set_words(words);
      r.mutable_search_history()->set_nick(nick);
    }));
  };
  EXPECT_EQ(find("green", ""), "green apples,green pears");
  EXPECT_EQ(find("green", "USER2"), "green pears");
  EXPECT_EQ(find("apples green", ""), "green apples");
  EXPECT_EQ(find("plums", ""), "");
}

TEST_F(ChannelReadingTest, TellsWhenTheLatestWas) { // CHATHISTORY TARGETS
  join(1);
  said(1, "x");
  auto r = ask_history(1, GetHistory::TARGETS, 0, now + 1);
  ASSERT_EQ(r.conversations_size(), 1);
  EXPECT_EQ(r.conversations(0).latest_ms(), now);
  EXPECT_EQ(ask_history(1, GetHistory::TARGETS, 0, now).conversations_size(), 0);
}

// -- draft/message-redaction --------------------------------------------------

TEST_F(ChannelReadingTest, TheAuthorTakesBack) {
  join(1), join(2), join(3);
  auto of_guest = said(2, "one"), of_member = said(1, "two");
  EXPECT_EQ(redact(3, of_guest).refusal(), NEEDS_OPERATOR);
  EXPECT_EQ(redact(2, of_guest).refusal(), NONE);
  EXPECT_EQ(log.events.back().redacted().event_id(), of_guest);
  EXPECT_EQ(log.events.back().redacted().reason(), "oops");
  EXPECT_EQ(texts(history(3)), "two");
  EXPECT_EQ(redact(2, of_guest).refusal(), NO_SUCH_MESSAGE);
  mode(1, false, "o", "user1");
  EXPECT_EQ(redact(1, of_member).refusal(), NONE); // by account
  EXPECT_EQ(texts(history(3)), "");
}

TEST_F(ChannelReadingTest, NotForEver) {
  join(1), join(2);
  auto id = said(2, "x");
  now += 86'400'001;
  EXPECT_EQ(redact(2, id).refusal(), TOO_LATE);
  EXPECT_EQ(redact(1, id).refusal(), NONE) << "an operator";
}

TEST_F(ChannelReadingTest, OnlyWhatIsHereAndSeen) {
  join(1), join(2);
  join(2, "#Other");
  auto elsewhere = say(2, "x", "#Other").event_id();
  EXPECT_EQ(redact(1, elsewhere).refusal(), NO_SUCH_MESSAGE);
  EXPECT_EQ(redact(1, 42).refusal(), NO_SUCH_MESSAGE);
  auto id = said(2, "x");
  EXPECT_EQ(redact(4, id).refusal(), NOT_ON_CHANNEL);
  auto join_id = log.events.front().id();
  EXPECT_EQ(redact(1, join_id).refusal(), NO_SUCH_MESSAGE) << "no message";
  EXPECT_EQ(say(1, "goes on").refusal(), NONE);
}

} // namespace hamlet
