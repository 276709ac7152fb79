// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hamlet::irc {
namespace {

using namespace std::chrono_literals;
using chat::v1::Reply;
using strings = std::vector<std::string>;

/// Says what is done with a Reply of these fields.
using scripted = std::function<std::optional<Reply>(const irc::ask&)>;
scripted always(Reply r) {
  return [r](const irc::ask&) { return std::optional{r}; };
}

Reply joined_to(const std::string& name) {
  Reply r;
  r.set_channel(name);
  return r;
}

struct Channels : testing::Test {
  Channels() {
    w.enter();
    w.put(irc_world::person(2, "ann"));
    w.put(irc_world::person(3, "bob"), "lunch");
  }
  irc_world w;
};

// -- JOIN: RFC 2812 §3.2.1 ------------------------------------------------------------------------

TEST_F(Channels, AreShownWithTopicAndNamesAfterAJoin) { // modern, JOIN message
  auto r = joined_to("#C");
  r.set_was_created(true);
  r.set_modes("+nt");
  r.mutable_topic()->set_text("about");
  r.mutable_topic()->set_setter("ann!~ann@x");
  r.mutable_topic()->set_set_ms(1'000'999);
  for (auto nick : {"me", "ann"}) {
    auto& member = *r.add_members();
    *member.mutable_who() = irc_world::person(2, nick);
    member.set_prefixes(nick[0] == 'm' ? "@+" : "");
  }
  auto& greeting = *r.add_options();
  greeting.set_name("entrymsg");
  greeting.set_value("Be kind");
  w.script = always(r);
  EXPECT_EQ(w.said("JOIN #c"), "332 me #C :about\n"
                               "333 me #C ann!~ann@x :1000\n"
                               "353 me = #C :@me ann\n"
                               "366 me #C :End of /NAMES list\n"
                               "MODE #C +nt\n"
                               ":ChanServ!ChanServ@irc.example NOTICE me :[#C] Be kind");
  auto& join = w.asked.at(0).join();
  EXPECT_TRUE(join.wants_members());
  EXPECT_EQ(join.channels_at_most(), 100u);
}

TEST_F(Channels, TakeTheirKeysInOrder) {
  w.send("JOIN #a,#b,#c ,key");
  ASSERT_EQ(w.asked.size(), 3u);
  EXPECT_EQ(w.asked[0].join().key(), "");
  EXPECT_EQ(w.asked[1].join().key(), "key");
  EXPECT_EQ(w.asked[2].join().key(), "");
}

TEST_F(Channels, AreLeftByJoinZero) {
  w.send("JOIN 0");
  ASSERT_EQ(w.asked.size(), 1u);
  EXPECT_TRUE(w.asked[0].has_leave_all());
}

struct refused_join {
  chat::v1::Refusal why;
  const char* expected;
};

TEST_F(Channels, TellWhyNobodyMayJoin) { // RFC 2812 §3.2.1, numerics
  const refused_join rows[] = {
    {chat::v1::INVITE_ONLY, "473 me #c :Cannot join channel (+i)"},
    {chat::v1::BANNED, "474 me #c :Cannot join channel (+b)"},
    {chat::v1::WRONG_KEY, "475 me #c :Cannot join channel (+k)"},
    {chat::v1::CHANNEL_FULL, "471 me #c :Cannot join channel (+l)"},
    {chat::v1::TOO_MANY_CHANNELS, "405 me #c :You have joined too many channels"},
    {chat::v1::NEEDS_ACCOUNT, "477 me #c :You need to be logged in to an account (+R, +M)"},
    {chat::v1::OPERS_ONLY, "520 me #c :Cannot join channel (+O)"},
    {chat::v1::NEEDS_TLS, "489 me #c :Cannot join channel (+z): TLS is needed"},
    {chat::v1::FAILED, "263 me #c :Please wait a while and try again"},
    {chat::v1::ALREADY_ON_CHANNEL, ""}, // nothing is said: modern, JOIN message
  };
  for (auto& row : rows) {
    w.script = always(refusal(row.why));
    EXPECT_EQ(w.said("JOIN #c"), row.expected);
  }
  w.asked.clear();
  EXPECT_EQ(w.said("JOIN c"), "403 me c :No such channel");
  EXPECT_EQ(w.said("JOIN #" + std::string(64, 'x')).substr(0, 10), "403 me #xx");
  EXPECT_EQ(w.said("JOIN"), "461 me JOIN :Not enough parameters");
  EXPECT_TRUE(w.asked.empty());
}

TEST_F(Channels, ForwardOnce) { // mode L; two that forward to each other are no loop
  w.script = [](const irc::ask& x) -> std::optional<Reply> {
    if (x.what.channel() == "#c")
      return joined_to("#c");
    auto r = refusal(chat::v1::REDIRECTED, x.what.channel());
    r.set_channel(x.what.channel() == "#a" ? "#b" : x.what.channel() == "#b" ? "#a" : "#c");
    return r;
  };
  EXPECT_EQ(w.said("JOIN #a"), "470 me #a #b :Forwarding to another channel\n"
                               "470 me #b #a :Forwarding to another channel\n"
                               "437 me #a :You are forwarded only once");
  EXPECT_EQ(w.said("JOIN #x"), "470 me #x #c :Forwarding to another channel\n"
                               "366 me #c :End of /NAMES list");
}

TEST_F(Channels, MayNotBeJoinedAgainAndAgain) { // chat_limits.joins, of one channel
  irc_world::setup s;
  s.is_exempt = false;
  s.lag = {.burst = 1000, .rate = 1000, .window = 1s};
  irc_world other{s};
  other.enter();
  std::string many = "JOIN #0";
  for (int i = 1; i < 40; ++i)
    many += ",#" + std::to_string(i);
  EXPECT_EQ(other.said(many).find("437"), std::string::npos); // what a client does at its start
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(other.said("JOIN #1"), "366 me #1 :End of /NAMES list");
  EXPECT_EQ(other.said("JOIN #1"), "437 me #1 :You join too fast: try again in a moment");
  other.pass(12s);
  EXPECT_EQ(other.said("JOIN #1"), "366 me #1 :End of /NAMES list");
}

TEST_F(Channels, AreShownWithTheMarkerBeforeTheEndOfTheNames) { // draft/read-marker, Command flows
  irc_world other;
  auto me = irc_world::person(1, "me");
  other.start_script = [](const chat::v1::Request&, Reply& r) {
    r.mutable_who()->set_account_id(42);
    r.mutable_who()->set_account("me");
  };
  other.enter("me", "draft/read-marker");
  other.script = [](const irc::ask& x) -> std::optional<Reply> {
    auto r = joined_to(x.what.channel());
    if (x.what.has_get_marker())
      r.set_marker_ms(1'577'836'800'000);
    return r;
  };
  EXPECT_EQ(other.said("JOIN #c"), "MARKREAD #c timestamp=2020-01-01T00:00:00.000Z\n"
                                   "366 me #c :End of /NAMES list");
  irc_world guest; // nothing is kept of it, and it is told so
  guest.enter("me", "draft/read-marker");
  EXPECT_EQ(guest.said("JOIN #c"), "MARKREAD #c *\n366 me #c :End of /NAMES list");
}

TEST_F(Channels, ComeWithoutNamesForWhoWantsNone) { // IRCv3 no-implicit-names
  irc_world other;
  other.enter("me", "no-implicit-names");
  EXPECT_EQ(other.said("JOIN #c"), "");
  EXPECT_FALSE(other.asked.at(0).join().wants_members());
  EXPECT_EQ(other.said("NAMES #c"), "366 me #c :End of /NAMES list");
}

TEST_F(Channels, AreShownWhenTheSessionEntersThem) {
  auto r = joined_to("#c");
  r.mutable_topic()->set_text("about");
  w.script = always(r);
  w.tell(note::what::entered, "#c");
  EXPECT_EQ(w.heard().size(), 3u); // 332, 333, 366
}

TEST_F(Channels, ListAsManyNamesAsFit) { // RFC 2812 §3.2.5
  auto r = joined_to("#c");
  r.set_modes("+s");
  for (int i = 0; i < 200; ++i)
    *r.add_members()->mutable_who() = irc_world::person(i, "somebody" + std::to_string(i));
  w.script = always(r);
  auto lines = w.ask("NAMES #c");
  EXPECT_GT(lines.size(), 4u);
  std::size_t names = 0;
  for (auto& line : lines) {
    if (!line.starts_with(":irc.example 353 me @ #c :"))
      continue;
    EXPECT_GT(line.size(), 50u);
    names += static_cast<std::size_t>(std::ranges::count(line, ' ')) - 4;
  }
  EXPECT_EQ(names, 200u);
  EXPECT_EQ(w.said("NAMES"), "366 me * :End of /NAMES list");
  w.script = always(refusal(chat::v1::NO_SUCH_CHANNEL));
  EXPECT_EQ(w.said("NAMES #x"), "366 me #x :End of /NAMES list");
}

// -- PART, TOPIC, KICK, INVITE, KNOCK, RENAME -----------------------------------------------------

struct reply_row {
  const char* line;
  Reply reply;
  std::string expected;
};

TEST_F(Channels, AnswerTheirVerbs) { // RFC 2812 §3.2.2, §3.2.4, §3.2.7, §3.2.8; KNOCK; RENAME
  using namespace chat::v1;
  Reply topic = joined_to("#c");
  topic.mutable_topic()->set_text("about");
  topic.mutable_topic()->set_setter("x");
  const reply_row rows[] = {
    {"PART #c :bye", {}, ""},
    {"PART #c", refusal(NOT_ON_CHANNEL), "442 me #c :You're not on that channel"},
    {"PART #c", refusal(NO_SUCH_CHANNEL), "403 me #c :No such channel"},
    {"PART c", {}, "403 me c :No such channel"},
    {"PART", {}, "461 me PART :Not enough parameters"},
    {"TOPIC #c", joined_to("#c"), "331 me #c :No topic is set"},
    {"TOPIC #c", topic, "332 me #c :about\n333 me #c x :0"},
    {"TOPIC #c :x", {}, ""},
    {"TOPIC #c :x", refusal(NEEDS_OPERATOR), "482 me #c :You're not channel operator"},
    {"TOPIC #c", refusal(NOT_ON_CHANNEL), "442 me #c :You're not on that channel"},
    {"TOPIC c", {}, "403 me c :No such channel"},
    {"KICK #c ann", {}, ""},
    {"KICK #c ann", refusal(TARGET_NOT_ON_CHANNEL), "441 me ann #c :They aren't on that channel"},
    {"KICK #c ann", refusal(NEEDS_OPERATOR), "482 me #c :You're not channel operator"},
    {"KICK #c ann", refusal(NO_KICK, "ann"), "482 me #c :You may not kick them (+Q or rank): ann"},
    {"KICK #a,#b ann", {}, "461 me KICK :Not enough parameters"},
    {"KICK #c", {}, "461 me KICK :Not enough parameters"},
    {"INVITE ann #c", joined_to("#c"), "341 me ann :#c"},
    {"INVITE bob #c", joined_to("#c"), "341 me bob :#c\n301 me bob :lunch"},
    {"INVITE nobody #c", {}, "401 me nobody :No such nick"},
    {"INVITE ann c", {}, "403 me c :No such channel"},
    {"INVITE ann #c", refusal(ALREADY_ON_CHANNEL), "443 me ann #c :is already on channel"},
    {"INVITE ann #c", refusal(NOT_ON_CHANNEL), "442 me #c :You're not on that channel"},
    {"INVITE ann", {}, "461 me INVITE :Not enough parameters"},
    {"INVITE", {}, "337 me :End of /INVITE list"},
    {"KNOCK #c", joined_to("#c"), "711 me #c :Your KNOCK has been delivered"},
    {"KNOCK #c", refusal(IS_OPEN), "713 me #c :Channel is open"},
    {"KNOCK #c", refusal(ALREADY_ON_CHANNEL), "714 me #c :You are already on that channel"},
    {"KNOCK #c", refusal(KNOCKED_TOO_OFTEN), "712 me #c :Too many KNOCKs: try again later"},
    {"KNOCK c", {}, "403 me c :No such channel"},
    {"RENAME #c #d", refusal(NEEDS_OPERATOR), "482 me #c :You're not channel operator"},
  };
  for (auto& row : rows) {
    w.script = always(row.reply);
    EXPECT_EQ(w.said(row.line), row.expected) << row.line;
  }
}

TEST_F(Channels, FailToBeRenamedAsTheTextSays) { // draft/channel-rename, Errors
  irc_world other;
  other.enter("me", "draft/channel-rename");
  using namespace chat::v1;
  const reply_row rows[] = {
    {"RENAME #c #d", refusal(NAME_IN_USE),
     "FAIL RENAME CHANNEL_NAME_IN_USE #c #d :Channel already exists"},
    {"RENAME #c #d", refusal(CANNOT_RENAME),
     "FAIL RENAME CANNOT_RENAME #c #d :This channel cannot be renamed"},
    {"RENAME #c d", {}, "FAIL RENAME CANNOT_RENAME #c d :That is not the name of a channel"},
    {"RENAME c #d", {}, "403 me c :No such channel"},
    {"RENAME #c", {}, "461 me RENAME :Not enough parameters"},
  };
  for (auto& row : rows) {
    other.script = always(row.reply);
    EXPECT_EQ(other.said(row.line), row.expected) << row.line;
  }
}

TEST_F(Channels, SeeMembersThrownOutOneByOne) { // RFC 2812 §3.2.8; 005 TARGMAX
  auto said = w.said("KICK #c a,b,c,d,e :out");
  EXPECT_EQ(said, "407 me e :Too many targets");
  ASSERT_EQ(w.asked.size(), 4u);
  EXPECT_EQ(w.asked[3].kick().nick(), "d");
  EXPECT_EQ(w.asked[3].kick().reason(), "out");
  w.asked.clear();
  w.send("KICK #a,#b ann,bob");
  ASSERT_EQ(w.asked.size(), 2u);
  EXPECT_EQ(w.asked[1].channel(), "#b");
  EXPECT_EQ(w.asked[1].kick().nick(), "bob");
  EXPECT_EQ(w.asked[1].kick().reason(), "me"); // the default: who kicks
}

// -- MODE: RFC 2812 §3.1.5, §3.2.3 ----------------------------------------------------------------

TEST_F(Channels, ShowTheirModes) {
  auto r = joined_to("#c");
  r.set_modes("+kln");
  r.add_mode_params("key");
  r.add_mode_params("5");
  r.set_created_ms(7'000);
  w.script = always(r);
  EXPECT_EQ(w.said("MODE #c"), "324 me #c +kln key :5\n329 me #c :7");
}

TEST_F(Channels, ShowTheirLists) {
  auto r = joined_to("#c");
  auto& x = *r.add_list();
  x.set_mask("*!*@bad");
  x.set_setter("ann");
  x.set_set_ms(9'000);
  w.script = always(r);
  EXPECT_EQ(w.said("MODE #c b"), "367 me #c *!*@bad ann :9\n368 me #c :End of channel ban list");
  EXPECT_EQ(w.said("MODE #c +e"),
            "348 me #c *!*@bad ann :9\n349 me #c :End of channel exception list");
  EXPECT_EQ(w.said("MODE #c I"), "346 me #c *!*@bad ann :9\n347 me #c :End of channel invite list");
}

TEST_F(Channels, TellWhichChangesOfModesWereRefused) {
  using namespace chat::v1;
  struct row {
    const char* line;
    Refusal why;
    const char* letter;
    const char* param;
    const char* expected;
  };
  const row rows[] = {
    {"MODE #c +o ann", TARGET_NOT_ON_CHANNEL, "o", "ann",
     "441 me ann #c :They aren't on that channel"},
    {"MODE #c +o nobody", TARGET_NOT_ON_CHANNEL, "o", "nobody", "401 me nobody :No such nick"},
    {"MODE #c +b x!y@z", BAN_LIST_FULL, "b", "x!y@z", "478 me #c b :Channel list is full: x!y@z"},
    {"MODE #c +k a", KEY_IS_SET, "k", "a", "467 me #c :Channel key already set"},
    {"MODE #c +m", NEEDS_OPERATOR, "m", "", "482 me #c :You're not channel operator"},
    {"MODE #c +L #d", BAD_MODE_PARAMETER, "L", "#d",
     "696 me #c L #d :Invalid parameter of the mode"},
  };
  for (auto& row : rows) {
    Reply r = joined_to("#c");
    auto& refused = *r.add_refused_modes();
    refused.set_refusal(row.why);
    refused.set_letter(row.letter);
    refused.set_param(row.param);
    w.script = always(r);
    EXPECT_EQ(w.said(row.line), row.expected) << row.line;
  }
  w.asked.clear();
  EXPECT_EQ(w.said("MODE #c +Y"), "472 me Y :is unknown mode char to me");
  EXPECT_EQ(w.said("MODE #c +k"), "696 me #c k * :You must specify a parameter for this mode");
  EXPECT_EQ(w.said("MODE #c +l x"), "696 me #c l x :Invalid parameter of the mode");
  EXPECT_EQ(w.said("MODE #c +k a,b"), "525 me #c :Key is not well-formed");
  EXPECT_TRUE(w.asked.empty());
}

TEST_F(Channels, ChangeSoManyModesInOneLine) { // 005 MODES
  irc_world::setup s;
  s.settings.chat_sizes.modes_per_line.value = 5;
  irc_world other{s};
  other.enter();
  std::string line = "MODE #c +" + std::string(30, 'v');
  for (int i = 0; i < 30; ++i)
    line += " n" + std::to_string(i);
  other.send(line);
  ASSERT_EQ(other.asked.size(), 1u);
  EXPECT_EQ(other.asked[0].set_modes().changes_size(), 5);
}

TEST_F(Channels, LeaveModesOfUsersToThem) { // RFC 2812 §3.1.5
  EXPECT_EQ(w.said("MODE me"), "221 me :+i");
  EXPECT_EQ(w.said("MODE ME"), "221 me :+i");
  EXPECT_EQ(w.said("MODE ann +i"), "502 me :Cannot change mode for other users");
  EXPECT_EQ(w.said("MODE nobody +i"), "401 me nobody :No such nick");
  EXPECT_EQ(w.said("MODE me +Y"), "501 me :Unknown MODE flag");
  w.asked.clear();
  Reply r;
  auto& refused = *r.add_refused_modes();
  refused.set_refusal(chat::v1::NOT_OPERATOR);
  w.script = always(r);
  EXPECT_EQ(w.said("MODE me +s"), "481 me :Permission Denied- You're not an IRC operator");
}

} // namespace
} // namespace hamlet::irc
