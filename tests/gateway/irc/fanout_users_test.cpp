// SPDX-License-Identifier: Apache-2.0
#include "lib/base/ids.hpp"
#include "tests/gateway/irc/fanout_world.hpp"

namespace hamlet::irc {

// -- users --------------------------------------------------------------------

TEST_F(FanoutTest, ThoseWhoShareAChannelHearItOnce) {
  connect(11, 1);
  connect(21, 2);
  connect(31, 3);
  join({1, 2}, "#a");
  join({1, 2}, "#b");
  publish(1, "nick {nick: 'amy'}");
  EXPECT_EQ(receivers(), "11 21");
  EXPECT_EQ(out->got[21], ":ann!u@h NICK amy\r\n");
  forget();
  publish(1, "quit {reason: 'bye'}");
  EXPECT_EQ(receivers(), "21");
  EXPECT_EQ(out->got[21], ":ann!u@h QUIT :bye\r\n");
  EXPECT_EQ(hearing(2, "channel: '#a' topic {text: 'x'}"), "21");
}

TEST_F(FanoutTest, WhoIsLostWithANodeIsToldInOneBatch) { // IRCv3 netsplit
  connect(11, 1, {cap::batch});
  connect(21, 2);
  connect(31, 3, {cap::batch});
  join({1, 2, 4, 5}, "#a");
  join({3, 5}, "#b");
  publish({by(4, "quit {reason: 'lost' split_id: 7}"), by(4, "offline {nick: 'dan'}"),
           by(5, "quit {reason: 'lost' split_id: 7}")});
  auto ref = id_text(7);
  auto batch = [&](const std::string& lines) {
    return ":irc.example BATCH +" + ref + " netsplit *.net *.split\r\n" + lines
           + ":irc.example BATCH -" + ref + "\r\n";
  };
  auto dan = "@batch=" + ref + " :dan!u@h QUIT :lost\r\n";
  auto eve = "@batch=" + ref + " :eve!u@h QUIT :lost\r\n";
  EXPECT_EQ(out->got[11], batch(dan + eve));
  EXPECT_EQ(out->got[21], ":dan!u@h QUIT :lost\r\n:eve!u@h QUIT :lost\r\n");
  EXPECT_EQ(out->got[31], batch(eve)) << "only whom it knows";
  forget();
  publish(2, "quit {reason: 'bye'}");
  EXPECT_EQ(out->got[11], ":bob!u@h QUIT :bye\r\n");
}

TEST_F(FanoutTest, CapabilitiesDecideWhoIsTold) {
  connect(11, 1, {cap::account_notify, cap::away_notify, cap::setname});
  connect(21, 2, {cap::account_notify, cap::away_notify});
  connect(22, 2, {cap::setname});
  join({1, 2});
  EXPECT_EQ(hearing(1, "away {text: 'x'}"), "21");         // IRCv3 away-notify
  EXPECT_EQ(hearing(1, "account {}"), "11 21");            // IRCv3 account-notify
  EXPECT_EQ(hearing(1, "real_name {text: 'x'}"), "11 22"); // IRCv3 setname
  connect(22, 2, {cap::away_notify});
  EXPECT_EQ(hearing(1, "away {}"), "21 22");
}

TEST_F(FanoutTest, ANewHostWithoutChghost) { // IRCv3 chghost, Fallback
  connect(11, 1);
  connect(21, 2);
  connect(31, 3, {cap::chghost});
  publish(1, "channel: '#a' joined {prefixes: '@'}");
  join({2, 3}, "#a");
  join({1, 2}, "#b");
  publish(1, "host {user: 'n' host: 'new'}");
  EXPECT_EQ(receivers(), "21 31");
  EXPECT_EQ(out->got[21], ":ann!u@h QUIT :Changing host\r\n"
                          ":ann!n@new JOIN #a\r\n:irc.example MODE #a +o ann\r\n"
                          ":ann!n@new JOIN #b\r\n");
  EXPECT_EQ(out->got[31], ":ann!u@h CHGHOST n new\r\n");
}

TEST_F(FanoutTest, ModesOfAUserAreItsOwn) {
  connect(11, 1);
  connect(12, 1);
  connect(21, 2);
  join({1, 2});
  EXPECT_EQ(hearing(1, "user_modes {changes {add: true letter: 'i'}}"), "11 12");
  EXPECT_EQ(hearing(1, "marker {target: '#c'}"), ""); // no capability
  connect(12, 1, {cap::read_marker});
  connect(11, 1, {cap::read_marker});
  EXPECT_EQ(hearing(1, "sessions: 1 marker {target: '#c'}"), "11 12");
  // Who sets it hears it in the reply.
  EXPECT_EQ(hearing(1, "sessions: 1 marker {target: '#c'} origin {connection_id: 11}"), "12");
}

TEST_F(FanoutTest, MetadataGoToThoseWhoFollowTheKeyButNotToWhoSetIt) { // IRCv3 draft/metadata-2
  connect(11, 1, {cap::metadata_2});
  connect(12, 1, {cap::metadata_2});
  connect(21, 2, {cap::metadata_2});
  connect(31, 3, {cap::metadata_2});
  join({1, 2});
  monitor(31, {"ann"});
  auto text = "metadata {target: 'ann' key: 'url' value: 'x'} origin {connection_id: 11}";
  EXPECT_EQ(hearing(1, text), "");
  for (auto connection : {11, 12, 21, 31})
    follow(connection, {"url"});
  EXPECT_EQ(hearing(1, text), "12 21 31");
  follow(21, {}, {"url"});
  EXPECT_EQ(hearing(1, text), "12 31");
  EXPECT_EQ(hearing(1, "metadata {target: 'ann' key: 'avatar' value: 'x'}"), "");
}

// -- MONITOR ------------------------------------------------------------------

TEST_F(FanoutTest, WatchersHearOfComingAndGoing) { // IRCv3 monitor
  connect(11, 1);
  connect(21, 2);
  monitor(11, {"Cat", "dan"});
  EXPECT_EQ(hearing(3, "online {}"), "11");
  EXPECT_EQ(out->got[11], ":irc.example 730 * :cat!u@h\r\n");
  EXPECT_EQ(hearing(3, "offline {nick: 'CAT'}"), "11");
  EXPECT_EQ(out->got[11], ":irc.example 731 * :CAT\r\n");
  monitor(11, {}, {"cat"});
  EXPECT_EQ(hearing(3, "online {}"), "");
  EXPECT_EQ(hearing(4, "online {}"), "11");
  monitor(11, {}, {}, true);
  EXPECT_EQ(hearing(4, "online {}"), "");
}

TEST_F(FanoutTest, WhoFollowsKeysIsToldOfWhoAppears) { // draft/metadata-2, Notifications
  connect(11, 1, {cap::metadata_2});
  connect(21, 2, {cap::metadata_2});
  monitor(11, {"cat"});
  monitor(21, {"cat"});
  follow(21, {"url"});
  EXPECT_EQ(hearing(3, "online {}"), "11 21");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].kind, note::what::appeared);
  EXPECT_EQ(notes[0].text, "cat");
}

TEST_F(FanoutTest, ExtendedMonitorsHearChangesOnce) { // IRCv3 extended-monitor
  connect(11, 1);
  connect(21, 2, {cap::extended_monitor, cap::away_notify});
  connect(31, 3, {cap::extended_monitor, cap::away_notify});
  connect(41, 4, {cap::away_notify});
  connect(51, 5, {cap::extended_monitor});
  join({1, 2});
  for (auto id : {21, 31, 41, 51})
    monitor(id, {"ann"});
  EXPECT_EQ(hearing(1, "away {text: 'x'}"), "21 31");
  EXPECT_EQ(out->got[21], ":ann!u@h AWAY :x\r\n");
  EXPECT_EQ(hearing(1, "host {user: 'u' host: 'new'}"), "21");
  connect(51, 5, {cap::extended_monitor, cap::chghost});
  EXPECT_EQ(hearing(1, "host {user: 'u' host: 'new'}"), "21 51");
}

// -- operators ----------------------------------------------------------------

TEST_F(FanoutTest, WallopsAndNoticesGoToThoseWhoAskedForThem) {
  connect(11, 1, {}, "w"); // RFC 2812 §4.7
  connect(21, 2, {}, "os");
  connect(31, 3, {}, "s"); // no operator
  connect(41, 4);
  EXPECT_EQ(hearing(1, "wallops {text: 'x'}"), "11");
  EXPECT_EQ(hearing(1, "to_operators: 'w' wallops {text: 'x'}"), "11");
  auto notice = "to_operators: 'c' server_notice {text: 'x'}";
  EXPECT_EQ(hearing(0, notice), "21");
  publish(2, "user_modes {changes {add: true letter: 's' param: '+kb'}}");
  EXPECT_EQ(hearing(0, notice), "");
  EXPECT_EQ(hearing(0, "to_operators: 's' server_notice {text: 'x'}"), "21");
  EXPECT_EQ(hearing(0, "to_operators: 'k' server_notice {text: 'x'}"), "21");
  publish(2, "user_modes {changes {letter: 's'}}");
  EXPECT_EQ(hearing(0, "to_operators: 'k' server_notice {text: 'x'}"), "");
  disconnect(11);
  EXPECT_EQ(hearing(1, "wallops {text: 'x'}"), "");
}

} // namespace hamlet::irc
