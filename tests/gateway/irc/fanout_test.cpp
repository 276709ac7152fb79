// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/fanout_core.hpp"
#include "tests/gateway/irc/fanout_world.hpp"

namespace hamlet::irc {

using chat::v1::Publish;
using chat::v1::Reply;

// -- channels -----------------------------------------------------------------

TEST_F(FanoutTest, MembersHearAChannelAndOthersDoNot) {
  connect(11, 1);
  connect(21, 2);
  connect(31, 3);
  join({1, 2});
  publish(1, "channel: '#C' message {text: 'hi'} origin {connection_id: 11}");
  EXPECT_EQ(receivers(), "21");
  EXPECT_EQ(out->got[21], ":ann!u@h PRIVMSG #C :hi\r\n");
}

TEST_F(FanoutTest, TheJoinerAndAllBeforeItHearItsJoin) {
  connect(11, 1);
  connect(21, 2);
  publish(1, "channel: '#c' joined {}");
  EXPECT_EQ(receivers(), "11");
  publish(2, "channel: '#c' joined {}");
  EXPECT_EQ(out->got[11], ":ann!u@h JOIN #c\r\n:bob!u@h JOIN #c\r\n");
  EXPECT_EQ(out->got[21], ":bob!u@h JOIN #c\r\n");
}

TEST_F(FanoutTest, WhoLeavesHearsThatAndNothingMore) {
  connect(11, 1);
  connect(21, 2);
  connect(31, 3);
  join({1, 2, 3});
  EXPECT_EQ(hearing(1, "channel: '#c' parted {}"), "11 21 31");
  EXPECT_EQ(hearing(2, "channel: '#c' kicked {target {session_id: 3 nick: 'cat'}}"), "21 31");
  EXPECT_EQ(hearing(2, "channel: '#c' topic {text: 'x'}"), "21");
  EXPECT_EQ(hearing(2, "channel: '#c' parted {silent: true}"), "");
  EXPECT_EQ(hearing(2, "channel: '#c' topic {text: 'x'}"), "");
}

TEST_F(FanoutTest, MembersWithoutAClientAreKeptForTheirNextOne) {
  connect(21, 2);
  join({1, 2}); // session 1 has no client here
  connect(11, 1);
  EXPECT_EQ(hearing(2, "channel: '#c' topic {text: 'x'}"), "11 21");
  disconnect(11);
  EXPECT_EQ(hearing(2, "channel: '#c' topic {text: 'x'}"), "21");
  connect(12, 1);
  EXPECT_EQ(hearing(2, "channel: '#c' topic {text: 'x'}"), "12 21");
}

TEST_F(FanoutTest, StatusMessagesGoToThePrefixAndHigher) { // STATUSMSG
  connect(11, 1);
  connect(21, 2);
  connect(31, 3);
  connect(41, 4);
  join({1, 2, 3, 4});
  publish(1, "channel: '#c' modes {changes {add: true letter: 'o' param: 'bob' session_id: 2} "
             "changes {add: true letter: 'v' param: 'cat' session_id: 3}}");
  auto to = [](const std::string& status) {
    return "channel: '#c' only_status: '" + status + "' message {text: 'x' to_status: '" + status
           + "'} origin {connection_id: 11}";
  };
  EXPECT_EQ(hearing(1, to("@")), "21");
  EXPECT_EQ(hearing(1, to("+")), "21 31");
  EXPECT_EQ(hearing(1, to("@+")), "21 31");
  EXPECT_EQ(hearing(1, to("~")), "");
  publish(1, "channel: '#c' modes {changes {letter: 'o' param: 'bob' session_id: 2}}");
  EXPECT_EQ(hearing(1, to("@")), "");
}

TEST_F(FanoutTest, TheDeafHearEverythingButMessages) { // user mode D
  connect(11, 1);
  connect(21, 2, {}, "", true);
  join({1, 2});
  EXPECT_EQ(hearing(1, "channel: '#c' message {text: 'x'} origin {connection_id: 11}"), "");
  EXPECT_EQ(hearing(1, "channel: '#c' topic {text: 'x'}"), "11 21");
  auto changed = by(2, "sessions: 2 who_changed {}");
  publish({changed});
  EXPECT_EQ(hearing(1, "channel: '#c' message {text: 'x'} origin {connection_id: 11}"), "21");
}

TEST_F(FanoutTest, AnAuditoriumHidesItsMembersFromEachOther) {
  connect(11, 1);
  connect(21, 2);
  connect(31, 3);
  publish(1, "channel: '#c' joined {prefixes: '@'}");
  publish(2, "channel: '#c' only_status: '@' joined {}");
  forget();
  EXPECT_EQ(hearing(3, "channel: '#c' only_status: '@' joined {}"), "11 31");
  EXPECT_EQ(hearing(3, "nick {nick: 'kit'}"), "11 31");
  EXPECT_EQ(hearing(3, "quit {}"), "11");
  EXPECT_EQ(hearing(1, "nick {nick: 'amy'}"), "11 21");
  publish(1, "channel: '#c' modes {changes {letter: 'u'}}");
  publish(3, "channel: '#c' joined {}");
  EXPECT_EQ(hearing(2, "nick {nick: 'rob'}"), "11 21 31");
}

// -- echo and labels ----------------------------------------------------------

TEST_F(FanoutTest, AMessageComesBackToWhoAskedForIt) { // IRCv3 echo-message
  connect(11, 1);
  connect(12, 1); // always: it has to show what the other client said
  connect(21, 2);
  join({1, 2});
  auto text = "channel: '#c' message {text: 'x'} origin {connection_id: 11 tag: 'label=7'}";
  EXPECT_EQ(hearing(1, text), "12 21");
  connect(11, 1, {cap::echo_message, cap::labeled_response, cap::batch});
  EXPECT_EQ(hearing(1, text), "11 12 21");
  EXPECT_EQ(out->got[11], "@label=7 :ann!u@h PRIVMSG #c :x\r\n");
  EXPECT_EQ(out->got[12], ":ann!u@h PRIVMSG #c :x\r\n");
}

TEST_F(FanoutTest, EchoesToWhoIsNoMember) { // a channel without mode n
  connect(11, 1, {cap::echo_message});
  connect(12, 1);
  connect(21, 2);
  join({2});
  EXPECT_EQ(hearing(1, "channel: '#c' message {text: 'x'} origin {connection_id: 11}"), "11 12 21");
}

TEST_F(FanoutTest, OwnActsComeBackWithTheTag) {
  connect(11, 1, {cap::batch, cap::labeled_response});
  connect(12, 1);
  connect(21, 2);
  join({1, 2});
  publish(1, "channel: '#c' topic {text: 'x'} origin {connection_id: 11 tag: 'batch=3'}");
  EXPECT_EQ(out->got[11], "@batch=3 :ann!u@h TOPIC #c :x\r\n");
  EXPECT_EQ(out->got[12], ":ann!u@h TOPIC #c :x\r\n");
  EXPECT_EQ(out->got[21], ":ann!u@h TOPIC #c :x\r\n");
}

TEST_F(FanoutTest, DirectMessagesGoToTheirSessionsAlone) {
  connect(11, 1, {cap::echo_message});
  connect(12, 1);
  connect(21, 2);
  connect(22, 2);
  connect(31, 3);
  EXPECT_EQ(
    hearing(1, "sessions: [2, 1] target: 'bob' message {text: 'x'} origin {connection_id: 11}"),
    "11 12 21 22");
  EXPECT_EQ(hearing(1, "target: 'bob' message {text: 'x'}"), "");
  EXPECT_EQ(hearing(1, "sessions: 9 target: 'x' message {text: 'x'}"), "");
}

TEST_F(FanoutTest, WhoWritesToItselfHasItTwice) { // IRCv3 labeled-response, echo-message
  connect(11, 1, {cap::echo_message, cap::labeled_response, cap::batch});
  connect(12, 1);
  auto text = "sessions: 1 target: 'ann' message {text: 'x'} origin {connection_id: 11 "
              "tag: 'label=7'}";
  publish(1, text);
  EXPECT_EQ(out->got[11], "@label=7 :ann!u@h PRIVMSG ann :x\r\n:ann!u@h PRIVMSG ann :x\r\n");
  EXPECT_EQ(out->got[12], ":ann!u@h PRIVMSG ann :x\r\n");
  connect(11, 1);
  forget();
  publish(1, text);
  EXPECT_EQ(out->got[11], ":ann!u@h PRIVMSG ann :x\r\n");
}

// -- notes --------------------------------------------------------------------

TEST_F(FanoutTest, OwnersHearWhatTheirSessionIsNow) {
  connect(11, 1);
  connect(12, 1);
  publish(1, "sessions: 1 who_changed {}");
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].kind, note::what::who_changed);
  EXPECT_EQ(notes[0].who.nick(), "ann");
  EXPECT_EQ(receivers(), "");
}

TEST_F(FanoutTest, OwnersHearTheEndOfTheirSession) {
  connect(11, 1);
  connect(21, 2);
  publish(1, "sessions: 1 ended {reason: 'spam' is_kill: true by: 'oper'}");
  EXPECT_EQ(out->got[11], ":oper KILL ann :spam\r\n");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].kind, note::what::ended);
  EXPECT_EQ(notes[0].text, "Killed (oper (spam))");
  forget();
  publish(2, "ended {reason: 'Ghosted'}");
  EXPECT_EQ(notes.at(0).text, "Ghosted");
}

TEST_F(FanoutTest, ClientsThatDidNotJoinThemselvesAreToShowTheChannel) {
  connect(11, 1);
  connect(12, 1);
  publish(1, "channel: '#c' joined {} origin {connection_id: 11}");
  EXPECT_EQ(receivers(), "11 12");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].kind, note::what::entered);
  EXPECT_EQ(notes[0].text, "#c");
  forget();
  publish(1, "channel: '#d' joined {} origin {connection_id: 21}"); // SAJOIN
  EXPECT_EQ(notes.size(), 2u);
}

TEST_F(FanoutTest, ARenamedChannelIsTheSameOne) { // IRCv3 draft/channel-rename
  connect(11, 1, {cap::channel_rename});
  connect(21, 2);
  join({1, 2}, "#old");
  publish(1, "channel: '#old' renamed {new_name: '#new' reason: 'x'}");
  EXPECT_EQ(out->got[11], ":ann!u@h RENAME #old #new :x\r\n");
  EXPECT_EQ(out->got[21], ":bob PART #old :x\r\n:bob JOIN #new\r\n");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].text, "#new");
  EXPECT_EQ(hearing(1, "channel: '#new' topic {text: 'x'}"), "11 21");
  EXPECT_EQ(hearing(1, "channel: '#old' topic {text: 'x'}"), "");
  EXPECT_EQ(hearing(1, "channel: '#new' renamed {new_name: '#NEW'}"), "11");
  EXPECT_EQ(notes.size(), 0u);
}

// -- order, sharing, forgetting -----------------------------------------------

TEST_F(FanoutTest, TheReplyComesWhenTheLinesAreOnTheirWay) {
  connect(11, 1);
  Publish msg;
  *msg.add_events() = by(1, "channel: '#c' joined {}");
  *msg.add_events() = by(1, "channel: '#c' topic {text: 'x'}");
  msg.mutable_reply()->set_channel("#c");
  caf::scoped_actor self{sys};
  self->send(actor, std::move(msg));
  sched.run();
  std::string at_reply;
  self->receive([&](const Reply& r) {
    EXPECT_EQ(r.channel(), "#c");
    at_reply = out->got[11];
  });
  EXPECT_EQ(at_reply, ":ann!u@h JOIN #c\r\n:ann!u@h TOPIC #c :x\r\n");
}

TEST_F(FanoutTest, OneBufferForAllWhoSeeAnEventAlike) {
  connect(11, 1, {cap::sasl});
  connect(21, 2, {cap::echo_message});
  connect(31, 3, {cap::server_time});
  join({1, 2, 3});
  publish(4, "channel: '#c' time_ms: 1 topic {text: 'x'}");
  ASSERT_EQ(out->buffers.size(), 3u);
  EXPECT_EQ(out->buffers[0], out->buffers[1]);
  EXPECT_NE(out->buffers[0], out->buffers[2]);
}

TEST_F(FanoutTest, NothingIsKeptOfWhoIsGone) {
  connect(11, 1, {cap::server_time}, "w");
  monitor(11, {"bob"});
  join({1, 2});
  publish(1, "quit {}");
  publish(2, "channel: '#c' parted {}");
  disconnect(11);
  disconnect(11);
  disconnect(99);
  using pointer = local_fanout_actor::stateful_pointer<fanout_state>;
  auto* self = static_cast<pointer>(caf::actor_cast<caf::abstract_actor*>(actor));
  auto& books = self->state.core->known();
  EXPECT_EQ(books.find_client(11), nullptr);
  EXPECT_EQ(books.find_session(1), nullptr);
  EXPECT_EQ(books.find_session(2), nullptr);
  EXPECT_EQ(books.find_channel("#c"), nullptr);
  EXPECT_TRUE(books.watchers_of("bob").empty());
  EXPECT_TRUE(books.attentive().empty());
}

// -- crowds -------------------------------------------------------------------

class FanoutCrowdTest : public FanoutTest {
protected:
  static constexpr std::int64_t members = 100;

  FanoutCrowdTest() {
    for (std::int64_t i = 1; i <= members; ++i) {
      connect(i * 10, i, i % 2 == 0 ? cap_set{cap::server_time} : cap_set{});
      publish(i, "channel: '#c' joined {}");
    }
    forget();
  }
};

TEST_F(FanoutCrowdTest, AMessageIsOneOrderForEachKindOfViewer) {
  connect(11, 1, {cap::echo_message});
  forget();
  out->to_crowds = 0;
  auto say = "channel: '#c' message {text: 'x'} origin {connection_id: 10}";
  publish(1, say);
  EXPECT_EQ(out->got.size(), 100u); // all but 10, and 11
  EXPECT_FALSE(out->got.contains(10));
  EXPECT_EQ(out->got[11], ":ann!u@h PRIVMSG #c :x\r\n");
  EXPECT_EQ(out->to_crowds, 2);
  EXPECT_EQ(out->buffers.size(), 0u);
  auto gathered = out->gathered;
  publish(1, say);
  EXPECT_EQ(out->gathered, gathered);
  EXPECT_EQ(out->got[20], ":ann!u@h PRIVMSG #c :x\r\n:ann!u@h PRIVMSG #c :x\r\n");
}

TEST_F(FanoutCrowdTest, ACrowdFollowsEveryChange) {
  auto count = [&](std::int64_t by, const std::string& more = {}) {
    forget();
    publish(by, "channel: '#c' message {text: 'x'} " + more);
    return out->got.size();
  };
  EXPECT_EQ(count(1, "origin {connection_id: 10}"), 99u);
  EXPECT_EQ(count(200), 100u); // no member
  connect(10, 1, {cap::echo_message});
  EXPECT_EQ(count(1, "origin {connection_id: 10 tag: 'label=1'}"), 100u);
  EXPECT_EQ(out->got[10], "@label=1 :ann!u@h PRIVMSG #c :x\r\n");
  connect(1001, 1);
  EXPECT_EQ(count(2, "origin {connection_id: 20}"), 100u);
  EXPECT_TRUE(out->got.contains(1001));
  publish(3, "channel: '#c' parted {}");
  EXPECT_EQ(count(2, "origin {connection_id: 20}"), 99u);
  disconnect(1001);
  EXPECT_EQ(count(2, "origin {connection_id: 20}"), 98u);
  auto deaf = by(4, "sessions: 4 who_changed {}");
  deaf.mutable_source()->set_is_deaf(true);
  publish({deaf});
  EXPECT_EQ(count(2, "origin {connection_id: 20}"), 97u);
  EXPECT_FALSE(out->got.contains(40));
  connect(401, 4, {}, "", true);
  EXPECT_EQ(count(4, "origin {connection_id: 40}"), 99u); // 97 and 20, 401, without 40
  publish(5, "quit {}");
  EXPECT_EQ(count(2, "origin {connection_id: 20}"), 96u);
  connect(1100, 110);
  EXPECT_EQ(count(2, "origin {connection_id: 20}"), 96u);
  publish(110, "channel: '#c' joined {}");
  EXPECT_EQ(count(2, "origin {connection_id: 20}"), 97u);
}

TEST_F(FanoutCrowdTest, OrderIsKeptBetweenCrowdsAndOthers) {
  publish({by(1, "channel: '#c' topic {text: 'x'}"), by(1, "channel: '#c' message {text: 'y'}"),
           by(1, "channel: '#c' topic {text: 'z'}")});
  EXPECT_EQ(out->got[30], ":ann!u@h TOPIC #c :x\r\n:ann!u@h PRIVMSG #c :y\r\n"
                          ":ann!u@h TOPIC #c :z\r\n");
}

} // namespace hamlet::irc
