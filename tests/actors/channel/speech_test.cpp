// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/channel/channel_fixture.hpp"

namespace hamlet {

using namespace chat::v1;

class SpeechTest : public ChannelTest {};

TEST_F(SpeechTest, AMessageGoesToTheChannel) { // RFC 2812 §3.3.1
  join_all({1, 2});
  EXPECT_EQ(say(2, "hello"), NONE);
  ASSERT_EQ(events.size(), 1u);
  auto& e = events[0];
  EXPECT_EQ(e.channel(), "#Room");
  EXPECT_EQ(e.source().nick(), "bob");
  EXPECT_EQ(e.message().text(), "hello");
  EXPECT_EQ(e.sessions_size(), 0);
  EXPECT_EQ(reply.event_id(), e.id());
  EXPECT_EQ(reply.seq(), e.seq());
}

struct speech_case {
  std::string mode;
  std::string text;
  MessageKind kind;
  Refusal of_stranger, of_member, of_voiced; ///< who are not logged in
};

TEST_F(SpeechTest, ModesDecideWhoIsHeard) {
  const speech_case cases[] = {
    {"-n", "x", PRIVMSG, NONE, NONE, NONE},
    {"+n", "x", PRIVMSG, CANNOT_SEND, NONE, NONE},                     // RFC 2811 §4.2.4
    {"+m", "x", PRIVMSG, CANNOT_SEND, CANNOT_SEND, NONE},              // RFC 2811 §4.2.3
    {"+m", "x", TAGMSG, CANNOT_SEND, CANNOT_SEND, NONE},               //
    {"+M", "x", PRIVMSG, NEEDS_ACCOUNT, NEEDS_ACCOUNT, NONE},          //
    {"+b *!*@*.example", "x", NOTICE, CANNOT_SEND, CANNOT_SEND, NONE}, // RFC 2811 §4.3.1
    {"+b ~m:*!*@*", "x", PRIVMSG, CANNOT_SEND, CANNOT_SEND, NONE},
    {"+C", "a\n\x01VERSION\x01", PRIVMSG, NO_CTCP, NO_CTCP, NO_CTCP},
    {"+C", "\x01VERSION\x01", PRIVMSG, NO_CTCP, NO_CTCP, NO_CTCP},
    {"+C",
     "\x01"
     "ACTION x\x01",
     PRIVMSG, NONE, NONE, NONE},
    {"+T", "x", NOTICE, NO_CTCP, NO_CTCP, NO_CTCP},
    {"+T", "x", PRIVMSG, NONE, NONE, NONE},
    {"+c",
     "\x03"
     "04red",
     PRIVMSG, CANNOT_SEND, CANNOT_SEND, CANNOT_SEND},
    {"+c", "plain", PRIVMSG, NONE, NONE, NONE},
  };
  for (auto& c : cases) {
    room = channel{"#Room", 6, now};
    is_new = true;
    join_all({1, 2, 3});
    mode(1, "-n");
    mode(1, "+v cyd");
    mode(1, c.mode);
    EXPECT_EQ(say(4, c.text, c.kind), c.of_stranger) << c.mode << " " << c.text;
    EXPECT_EQ(say(2, c.text, c.kind), c.of_member) << c.mode << " " << c.text;
    EXPECT_EQ(say(3, c.text, c.kind), c.of_voiced) << c.mode << " " << c.text;
  }
}

TEST_F(SpeechTest, TakesFormattingAway) { // mode S
  join_all({1});
  mode(1, "+S");
  EXPECT_EQ(say(1, "\x02"
                   "a\x02 \x03"
                   "04,05b"),
            NONE);
  EXPECT_EQ(events.at(0).message().text(), "a b");
}

TEST_F(SpeechTest, WhatIsRefusedGoesToOperators) { // mode U
  join_all({1, 2});
  mode(1, "+m");
  mode(1, "+U");
  EXPECT_EQ(say(2, "psst"), NONE);
  EXPECT_EQ(events.at(0).only_status(), "%");
  EXPECT_EQ(events.at(0).message().to_status(), "%");
  EXPECT_EQ(say(3, "psst"), CANNOT_SEND); // not a member
}

TEST_F(SpeechTest, SpeaksToThoseWithAPrefixAlone) { // modern, STATUSMSG Parameter
  join_all({1, 2});
  EXPECT_EQ(say(2, "ops?", PRIVMSG, "@"), NONE);
  EXPECT_EQ(events.at(0).only_status(), "@");
  EXPECT_EQ(events.at(0).message().to_status(), "@");
  EXPECT_EQ(say(2, "?", PRIVMSG, "x"), BAD_REQUEST);
  EXPECT_EQ(say(2, "?", PRIVMSG, "@+"), BAD_REQUEST);
}

TEST_F(SpeechTest, MutesAndThenKicksWhoFloods) { // mode f
  join_all({1, 2});
  mode(1, "+f 3:10");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(say(2, "x"), NONE);
  EXPECT_EQ(say(2, "x"), CANNOT_SEND);
  now += 10'000;
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(say(2, "x"), NONE);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(say(2, "x"), CANNOT_SEND);
  EXPECT_NE(prefixes(2), "gone");
  say(2, "x");
  EXPECT_EQ(prefixes(2), "gone");
  EXPECT_EQ(events.at(0).kicked().target().nick(), "bob");
  EXPECT_EQ(events.at(0).source().nick(), "irc.example.org");
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(say(1, "x"), NONE) << "operators may";
}

// -- bans of those who are here -----------------------------------------------

TEST_F(SpeechTest, ABanHoldsForWhoIsHereUntilItIsTakenAway) {
  join_all({1, 2});
  EXPECT_EQ(say(2, "x"), NONE);
  mode(1, "+b bob");
  EXPECT_EQ(say(2, "x"), CANNOT_SEND);
  mode(1, "+e *!u2@*");
  EXPECT_EQ(say(2, "x"), NONE);
  mode(1, "-e *!u2@*");
  EXPECT_EQ(say(2, "x"), CANNOT_SEND);
  mode(1, "-b bob");
  EXPECT_EQ(say(2, "x"), NONE);
}

TEST_F(SpeechTest, ABanFollowsANickAndAnAccount) {
  join_all({1, 2});
  mode(1, "+b ~a:robert");
  EXPECT_EQ(say(2, "x"), NONE);
  log_in(2, 20, "robert");
  changed(2);
  EXPECT_EQ(say(2, "x"), CANNOT_SEND);
  who(2).set_nick("other");
  changed(2);
  EXPECT_EQ(say(2, "x"), CANNOT_SEND);
}

TEST_F(SpeechTest, ABanByOtherChannelsIsAskedAnew) {
  join_all({1, 2});
  mode(1, "+b ~c:#bad");
  EXPECT_EQ(say(2, "x"), NONE);
  elsewhere.insert({"#bad", 2});
  EXPECT_EQ(say(2, "x"), CANNOT_SEND);
  elsewhere.clear();
  EXPECT_EQ(say(2, "x"), NONE);
}

// -- TOPIC --------------------------------------------------------------------

TEST_F(SpeechTest, TheTopicIsTheOperatorsWhenModeTIsSet) { // RFC 2812 §3.2.4, RFC 2811 §4.2.8
  join_all({1, 2});
  EXPECT_EQ(set_topic(2, "mine"), NEEDS_OPERATOR); // 482
  EXPECT_EQ(set_topic(3, "mine"), NOT_ON_CHANNEL); // 442
  EXPECT_EQ(set_topic(1, "ours"), NONE);
  EXPECT_EQ(events.at(0).topic().text(), "ours");
  EXPECT_EQ(room.topic().setter(), "ann!u1@host1.example");
  mode(1, "-t");
  EXPECT_EQ(set_topic(2, "mine"), NONE);
  mode(1, "+b bob");
  EXPECT_EQ(set_topic(2, "banned"), CANNOT_SEND);
}

TEST_F(SpeechTest, ATopicIsCutBetweenCharacters) {
  rules.topic_length = 5;
  join_all({1});
  set_topic(1, "abc\xe2\x82\xac");
  EXPECT_EQ(room.topic().text(), "abc");
}

TEST_F(SpeechTest, AnEmptyTopicTakesItAway) {
  join_all({1});
  set_topic(1, "x");
  EXPECT_EQ(set_topic(1, ""), NONE);
  run(
    1, [](Request& r) { r.mutable_get_topic(); }, &channel::get_topic);
  EXPECT_EQ(reply.topic().text(), "");
}

TEST_F(SpeechTest, StrangersDoNotHearOfSecretChannels) { // RFC 2811 §4.2.6
  join_all({1});
  mode(1, "+s");
  auto ask_for = [&](auto fill, void (channel::*f)(channel_turn&)) {
    return run(2, fill, f).refusal();
  };
  EXPECT_EQ(ask_for([](Request& r) { r.mutable_get_topic(); }, &channel::get_topic),
            NO_SUCH_CHANNEL);
  EXPECT_EQ(ask_for([](Request& r) { r.mutable_get_modes(); }, &channel::get_modes),
            NO_SUCH_CHANNEL);
  EXPECT_EQ(ask_for([](Request& r) { r.mutable_knock(); }, &channel::knock), NO_SUCH_CHANNEL);
  EXPECT_EQ(ask_for([](Request& r) { r.mutable_get_list()->set_letter("b"); }, &channel::get_list),
            NO_SUCH_CHANNEL);
  EXPECT_EQ(set_topic(2, "x"), NO_SUCH_CHANNEL);
}

// -- INVITE, KNOCK ------------------------------------------------------------

TEST_F(SpeechTest, WhoMayInvite) { // RFC 2812 §3.2.7
  join_all({1, 2});
  EXPECT_EQ(invite(2, 3), NONE);
  EXPECT_EQ(events.at(0).invited().target().nick(), "cyd");
  EXPECT_EQ(events.at(0).only_status(), "%");
  EXPECT_EQ(invite(2, 1), ALREADY_ON_CHANNEL); // 443
  EXPECT_EQ(invite(3, 4), NOT_ON_CHANNEL);     // 442
  mode(1, "+i");
  EXPECT_EQ(invite(2, 4), NEEDS_OPERATOR); // 482
  mode(1, "+g");
  EXPECT_EQ(invite(2, 4), NONE);
  mode(1, "+V");
  EXPECT_EQ(invite(1, 5), NO_INVITE);
}

TEST_F(SpeechTest, KnocksAtClosedDoorsNowAndThen) {
  auto knock = [&](std::int64_t session) {
    return run(
             session, [](Request& r) { r.mutable_knock()->set_text("hi"); }, &channel::knock)
      .refusal();
  };
  join_all({1});
  EXPECT_EQ(knock(2), IS_OPEN); // 713
  EXPECT_EQ(knock(1), ALREADY_ON_CHANNEL);
  mode(1, "+i");
  EXPECT_EQ(knock(2), NONE);
  EXPECT_EQ(events.at(0).knocked().text(), "hi");
  EXPECT_EQ(events.at(0).only_status(), "%");
  EXPECT_EQ(knock(3), KNOCKED_TOO_OFTEN); // 712
  now += 60'000;
  EXPECT_EQ(knock(2), KNOCKED_TOO_OFTEN);
  EXPECT_EQ(knock(3), NONE);
  now += 300'000;
  mode(1, "+b dan");
  EXPECT_EQ(knock(4), NO_KNOCK);
  mode(1, "+p");
  EXPECT_EQ(knock(5), NO_KNOCK); // RFC 2811 §4.2.6
}

} // namespace hamlet
