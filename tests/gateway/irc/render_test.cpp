// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/presence.hpp"
#include "tests/gateway/irc/events.hpp"

namespace hamlet::irc {

namespace {

struct row {
  std::string event = {};
  viewer who;
  const char* expected; ///< lines with "\r\n"
};

class RenderTest : public ::testing::Test {
protected:
  void expect_all(const std::vector<row>& rows) {
    for (auto& x : rows)
      EXPECT_EQ(bytes_of(event_of(x.event), x.who, rules), x.expected) << x.event;
  }

  presence people;
  policy rules = test_policy(&people);
};

viewer with(cap_set caps) {
  return {.caps = caps};
}
viewer source(cap_set caps = {}) {
  return {.caps = caps, .is_source = true};
}
viewer past(cap_set caps) {
  return {.caps = caps, .is_history = true};
}

std::string by_account(const std::string& rest) {
  return "source {session_id: 1 nick: 'ann' user: 'a' host: 'ann.example' "
         "real_name: 'Ann Example' account: 'annie' account_id: 5} "
         + rest;
}

} // namespace

// -- channels -----------------------------------------------------------------

TEST_F(RenderTest, JoinsAsFarAsTheViewerKnows) { // RFC 2812 §3.2.1, IRCv3 extended-join
  expect_all({
    {"channel: '#c' joined {}", {}, ":ann!a@ann.example JOIN #c\r\n"},
    {"channel: '#c' joined {}", with({cap::extended_join}),
     ":ann!a@ann.example JOIN #c * :Ann Example\r\n"},
    {by_account("channel: '#c' joined {}"), {}, ":ann!a@ann.example JOIN #c\r\n"},
    {by_account("channel: '#c' joined {}"), source({cap::extended_join}),
     ":ann!a@ann.example JOIN #c annie :Ann Example\r\n"},
    {by_account("channel: '#c' joined {}"), with({cap::account_tag, cap::extended_join}),
     "@account=annie :ann!a@ann.example JOIN #c annie :Ann Example\r\n"},
  });
}

TEST_F(RenderTest, OthersAreToldThePrefixesOfWhoJoins) {
  expect_all({
    {"channel: '#c' joined {prefixes: '@+'}",
     {},
     ":ann!a@ann.example JOIN #c\r\n:irc.example MODE #c +ov ann ann\r\n"},
    {"channel: '#c' joined {prefixes: '@'}", source(), ":ann!a@ann.example JOIN #c\r\n"},
    {"channel: '#c' joined {prefixes: '@'}", source({cap::no_implicit_names}),
     ":ann!a@ann.example JOIN #c\r\n:irc.example MODE #c +o ann\r\n"},
  });
}

TEST_F(RenderTest, WhoJoinsAndIsAwayIsSaidToBe) { // IRCv3 away-notify
  auto card = std::make_shared<user_card>();
  card->who = event_of("").source();
  card->away = "at lunch";
  people.put(card);
  auto away = "channel: '#c' joined {} source {session_id: 1 nick: 'ann' user: 'a' "
              "host: 'ann.example' is_away: true}";
  expect_all({
    {away, with({cap::away_notify}),
     ":ann!a@ann.example JOIN #c\r\n:ann!a@ann.example AWAY :at lunch\r\n"},
    {away, {}, ":ann!a@ann.example JOIN #c\r\n"},
    {away, source({cap::away_notify}), ":ann!a@ann.example JOIN #c\r\n"},
    {"channel: '#c' joined {}", with({cap::away_notify}), ":ann!a@ann.example JOIN #c\r\n"},
  });
}

TEST_F(RenderTest, Leaves) {
  expect_all({
    // RFC 2812 §3.2.2
    {"channel: '#c' parted {}", {}, ":ann!a@ann.example PART #c\r\n"},
    {"channel: '#c' parted {reason: 'bye'}", {}, ":ann!a@ann.example PART #c :bye\r\n"},
    {"channel: '#c' parted {silent: true}", {}, ""},
    // RFC 2812 §3.2.8
    {"channel: '#c' kicked {target {nick: 'bob'} reason: 'be nice'}",
     {},
     ":ann!a@ann.example KICK #c bob :be nice\r\n"},
    {"channel: '#c' kicked {target {nick: 'bob'}}", source(),
     ":ann!a@ann.example KICK #c bob :ann\r\n"},
    // RFC 2812 §3.1.7
    {"quit {reason: 'Quit: bye'}", {}, ":ann!a@ann.example QUIT :Quit: bye\r\n"},
    {"quit {}", {}, ":ann!a@ann.example QUIT\r\n"},
    {"quit {reason: 'x'}", source(), ""},
  });
}

TEST_F(RenderTest, ChangesOfAChannel) {
  expect_all({
    // RFC 2812 §3.2.4
    {"channel: '#c' topic {text: 'new'}", {}, ":ann!a@ann.example TOPIC #c :new\r\n"},
    {"channel: '#c' topic {}", {}, ":ann!a@ann.example TOPIC #c :\r\n"},
    // RFC 2812 §3.2.3
    {"channel: '#c' modes {changes {add: true letter: 'o' param: 'bob' session_id: 2} "
     "changes {add: true letter: 'm'} changes {letter: 'b' param: 'x!*@*'}}",
     {},
     ":ann!a@ann.example MODE #c +om-b bob x!*@*\r\n"},
    {"channel: '#c' modes {}", {}, ""},
    {"channel: '#c' source {nick: 'irc.example'} modes {changes {add: true letter: 'n'}}",
     with({cap::account_tag}), ":irc.example MODE #c +n\r\n"},
  });
}

TEST_F(RenderTest, ManyModesAreSeveralLines) {
  auto e = event_of("channel: '#c' modes {}");
  for (int i = 0; i < 20; ++i) {
    auto* change = e.mutable_modes()->add_changes();
    change->set_add(true);
    change->set_letter("b");
    change->set_param(std::string(60, 'x') + std::to_string(i));
  }
  auto lines = lines_of(e, with({cap::message_tags}), rules);
  ASSERT_GT(lines.size(), 2u);
  std::size_t params = 0;
  for (auto& x : lines) {
    auto tags = serialise_tags(x.tags).size();
    EXPECT_LE(serialise(x).size() - tags, 510u); // RFC 2812 §2.3
    EXPECT_LE(x.params.size(), max_params);
    params += x.params.size() - 2;
  }
  EXPECT_EQ(params, 20u);
  EXPECT_NE(lines[0].find_tag("msgid"), nullptr);
  EXPECT_EQ(lines[1].find_tag("msgid"), nullptr);
}

TEST_F(RenderTest, RenamesForWhoKnowsIt) { // IRCv3 draft/channel-rename
  expect_all({
    {"channel: '#old' renamed {new_name: '#new' reason: 'typo'}", with({cap::channel_rename}),
     ":ann!a@ann.example RENAME #old #new :typo\r\n"},
    {"channel: '#old' renamed {new_name: '#new'}", with({cap::channel_rename}),
     ":ann!a@ann.example RENAME #old #new :\r\n"},
  });
}

TEST_F(RenderTest, OthersLeaveAndJoinARenamedChannel) { // IRCv3 draft/channel-rename, Fallback
  auto card = std::make_shared<user_card>();
  card->who.set_session_id(2);
  card->who.set_nick("bob");
  card->who.set_user("b");
  card->who.set_host("bob.example");
  card->who.set_real_name("Bob");
  people.put(card);
  viewer bob{.caps = {}, .nick = "bob"};
  viewer modern{.caps = {cap::extended_join}, .nick = "bob"};
  expect_all({
    {"channel: '#old' renamed {new_name: '#new' reason: 'typo'}", bob,
     ":bob!b@bob.example PART #old :typo\r\n:bob!b@bob.example JOIN #new\r\n"},
    {"channel: '#old' renamed {new_name: '#new'}", modern,
     ":bob!b@bob.example PART #old\r\n:bob!b@bob.example JOIN #new * :Bob\r\n"},
    // "SHOULD NOT be used if the rename only changes the case"
    {"channel: '#old' renamed {new_name: '#OLD'}", bob, ""},
  });
  EXPECT_TRUE(needs_nick(event_of("channel: '#old' renamed {}")));
}

TEST_F(RenderTest, InvitesAndKnocks) {
  auto invited = "channel: '#c' invited {target {nick: 'bob'}}";
  expect_all({
    {invited, {.is_target = true}, ":ann!a@ann.example INVITE bob #c\r\n"}, // RFC 2812 §3.2.7
    {invited, {}, ""},
    {invited, with({cap::invite_notify}), ":ann!a@ann.example INVITE bob #c\r\n"}, // IRCv3
    {invited, source({cap::invite_notify}), ""},
    {"channel: '#c' knocked {}",
     {},
     ":irc.example 710 #c #c ann!a@ann.example :has asked for an invite.\r\n"},
    {"channel: '#c' knocked {text: 'let me in'}",
     {},
     ":irc.example 710 #c #c ann!a@ann.example :has asked for an invite: let me in\r\n"},
  });
}

// -- users --------------------------------------------------------------------

TEST_F(RenderTest, ChangesOfAUser) {
  expect_all({
    {"nick {nick: 'eve'}", source(), ":ann!a@ann.example NICK eve\r\n"}, // RFC 2812 §3.1.2
    // IRCv3 away-notify
    {"away {text: 'lunch'}", with({cap::away_notify}), ":ann!a@ann.example AWAY :lunch\r\n"},
    {"away {}", with({cap::away_notify}), ":ann!a@ann.example AWAY\r\n"},
    {"away {}", source({cap::away_notify}), ""},
    {"away {}", {}, ""},
    // IRCv3 account-notify
    {by_account("account {}"), with({cap::account_notify}), ":ann!a@ann.example ACCOUNT annie\r\n"},
    {"account {}", source({cap::account_notify}), ":ann!a@ann.example ACCOUNT *\r\n"},
    // IRCv3 account-tag, the example: the account from before
    {by_account("account {before: 'nan'}"), with({cap::account_notify, cap::account_tag}),
     "@account=nan :ann!a@ann.example ACCOUNT annie\r\n"},
    {by_account("account {}"), with({cap::account_notify, cap::account_tag}),
     ":ann!a@ann.example ACCOUNT annie\r\n"},
    {"account {}", {}, ""},
    // IRCv3 setname
    {"real_name {text: 'A. E.'}", source({cap::setname}), ":ann!a@ann.example SETNAME :A. E.\r\n"},
    {"real_name {text: 'A. E.'}", {}, ""},
    // RFC 2812 §3.1.5
    {"user_modes {changes {add: true letter: 'i'} changes {letter: 'w'}}", source(),
     ":ann!a@ann.example MODE ann +i-w\r\n"},
  });
}

TEST_F(RenderTest, ANewHostForOldClientsIsAReconnect) { // IRCv3 chghost
  auto e = event_of("host {user: 'x' host: 'new.example'}");
  EXPECT_EQ(bytes_of(e, with({cap::chghost}), rules),
            ":ann!a@ann.example CHGHOST x new.example\r\n");
  EXPECT_EQ(bytes_of(e, source({cap::chghost}), rules),
            ":ann!a@ann.example CHGHOST x new.example\r\n");
  EXPECT_EQ(bytes_of(e, source(), rules), "");
  EXPECT_EQ(bytes_of(e, {}, rules), ":ann!a@ann.example QUIT :Changing host\r\n");
  EXPECT_EQ(bytes_of(rejoin_lines(e, "#c", "@+", {}, rules), framing::lines, rules),
            ":ann!x@new.example JOIN #c\r\n:irc.example MODE #c +ov ann ann\r\n");
  EXPECT_EQ(
    bytes_of(rejoin_lines(e, "#c", "", with({cap::extended_join}), rules), framing::lines, rules),
    ":ann!x@new.example JOIN #c * :Ann Example\r\n");
}

TEST_F(RenderTest, WatchersHearTheSameLine) { // IRCv3 monitor
  expect_all({
    {"online {}", {}, ":irc.example 730 * :ann!a@ann.example\r\n"},
    {"offline {nick: 'ann'}", {}, ":irc.example 731 * :ann\r\n"},
  });
}

TEST_F(RenderTest, SomebodyWhoIsNotHeard) { // IRCv3 account-tag
  expect_all({{by_account("caller_ignored {}"),
               {.caps = {cap::account_tag}, .nick = "bob"},
               "@account=annie :irc.example 718 bob ann a@ann.example :is messaging you, and you "
               "have user mode +g set.\r\n"}});
  EXPECT_TRUE(needs_nick(event_of("caller_ignored {}")));
}

TEST_F(RenderTest, MarkersMetadataRedactions) {
  expect_all({
    // IRCv3 draft/read-marker
    {"marker {target: '#c' time_ms: 1546612406123}", with({cap::read_marker}),
     ":irc.example MARKREAD #c timestamp=2019-01-04T14:33:26.123Z\r\n"},
    {"marker {target: '#c'}", with({cap::read_marker}), ":irc.example MARKREAD #c *\r\n"},
    {"marker {target: '#c'}", {}, ""},
    // IRCv3 draft/metadata-2
    {"channel: '#c' metadata {target: '#c' key: 'url' value: 'http://x.example'}",
     with({cap::metadata_2}), ":ann!a@ann.example METADATA #c url * :http://x.example\r\n"},
    {"metadata {target: 'ann' key: 'url' visibility: '*' is_removed: true}",
     with({cap::metadata_3}), ":ann!a@ann.example METADATA ann url *\r\n"},
    {"metadata {target: 'ann' key: 'url'}", {}, ""},
    // IRCv3 draft/message-redaction
    {"channel: '#c' redacted {event_id: 2 reason: 'spam'}", with({cap::message_redaction}),
     ":ann!a@ann.example REDACT #c 0000000000002 :spam\r\n"},
    {"target: 'bob' redacted {event_id: 2}", with({cap::message_redaction}),
     ":ann!a@ann.example REDACT bob 0000000000002\r\n"},
    {"channel: '#c' redacted {event_id: 2}", with({cap::message_tags}), ""},
  });
}

TEST_F(RenderTest, WordsOfTheServerAndItsOperators) {
  expect_all({
    {"wallops {text: 'beware'}", {}, ":ann!a@ann.example WALLOPS :beware\r\n"}, // RFC 2812 §4.7
    {"source {nick: 'irc.example'} server_notice {text: 'You have mail'}",
     {.nick = "bob"},
     ":irc.example NOTICE bob :You have mail\r\n"},
    {"source {nick: 'irc.example'} to_operators: 'c' server_notice {text: 'Client connecting'}",
     {},
     ":irc.example NOTICE * :*** Client connecting\r\n"},
    {"ended {reason: 'spam' is_kill: true by: 'oper'}", source(), ":oper KILL ann :spam\r\n"},
    {"ended {reason: 'GHOST'}", source(), ""}, // ERROR is its connection's
    {"who_changed {}", source(), ""},
  });
}

// -- history ------------------------------------------------------------------

TEST_F(RenderTest, HistoryShowsChangesOnlyToWhoWantsThem) { // IRCv3 draft/chathistory
  auto all = cap_set::all();
  for (auto* text : {"channel: '#c' joined {prefixes: '@'}", "channel: '#c' parted {}",
                     "channel: '#c' kicked {target {nick: 'bob'}}", "quit {}", "nick {nick: 'x'}",
                     "channel: '#c' topic {}", "channel: '#c' message {kind: TAGMSG}",
                     "channel: '#c' modes {changes {add: true letter: 'm'}}",
                     "channel: '#c' renamed {new_name: '#d'}"}) {
    EXPECT_EQ(lines_of(event_of(text), past(all), rules).size(), 1u) << text;
    EXPECT_EQ(lines_of(event_of(text), past(all - cap_set{cap::event_playback}), rules).size(), 0u)
      << text;
  }
  auto redact = "channel: '#c' redacted {event_id: 2}";
  EXPECT_EQ(lines_of(event_of(redact), past({cap::message_redaction}), rules).size(), 1u);
  EXPECT_EQ(lines_of(event_of("away {text: 'x'}"), past(all), rules).size(), 0u);
}

TEST_F(RenderTest, HistoryDoesNotShowWhatWasTakenBack) { // IRCv3 draft/message-redaction
  auto e = "channel: '#c' is_redacted: true message {}";
  EXPECT_EQ(lines_of(event_of(e), past(cap_set::all()), rules).size(), 0u);
}

// -- classes of viewers -------------------------------------------------------

TEST(RenderCaps, KeepOnlyWhatChangesTheForm) {
  EXPECT_EQ(render_caps({cap::sasl, cap::cap_notify, cap::echo_message, cap::server_time}),
            (cap_set{cap::server_time}));
  EXPECT_EQ(render_caps({cap::batch}), (cap_set{cap::batch})); // IRCv3 netsplit
  EXPECT_EQ(message_caps({cap::batch}), cap_set{});
  EXPECT_EQ(render_caps({cap::multiline}), cap_set{}); // IRCv3 draft/multiline, Dependencies
  EXPECT_EQ(render_caps({cap::batch, cap::multiline}), (cap_set{cap::batch, cap::multiline}));
  EXPECT_EQ(message_caps({cap::away_notify, cap::message_tags}), (cap_set{cap::message_tags}));
}

} // namespace hamlet::irc
