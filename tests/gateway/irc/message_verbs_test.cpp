// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

#include <array>

namespace hamlet::irc {
namespace {

using namespace std::chrono_literals;
using chat::v1::Reply;
using strings = std::vector<std::string>;

struct Messages : testing::Test {
  Messages() {
    w.put(irc_world::person(2, "ann"));
    w.put(irc_world::person(3, "Bob"), "lunch");
    w.enter("me", "message-tags");
  }
  void answer_with(Reply r) {
    w.script = [r](const irc::ask&) { return std::optional{r}; };
  }
  irc_world w;
};

TEST_F(Messages, GoToWhomTheyAreFor) { // RFC 2812 §3.3.1, §3.3.2
  w.send("PRIVMSG ann :hi there\nNOTICE #c hi");
  ASSERT_EQ(w.asked.size(), 2u);
  EXPECT_EQ(w.asked[0].tell().nick(), "ann");
  EXPECT_EQ(w.asked[0].tell().message().text(), "hi there");
  EXPECT_EQ(w.asked[0].tell().message().kind(), chat::v1::PRIVMSG);
  EXPECT_EQ(w.asked[1].channel(), "#c");
  EXPECT_EQ(w.asked[1].say().message().kind(), chat::v1::NOTICE);
}

struct failure {
  const char* parameters;
  Reply reply;
  const char* expected;
};

TEST_F(Messages, TellTheirSenderWhyTheyDoNotArrive) { // RFC 2812 §3.3.1
  using namespace chat::v1;
  const failure rows[] = {
    {"", {}, "411 me :No recipient given (PRIVMSG)"},
    {" ann", {}, "412 me :No text to send"},
    {" ann :", {}, "412 me :No text to send"},
    {" nobody :x", {}, "401 me nobody :No such nick/channel"},
    {" ann :x", refusal(NO_SUCH_NICK), "401 me ann :No such nick"},
    {" #c :x", refusal(CANNOT_SEND), "404 me #c :Cannot send to channel"},
    {" #c :x", refusal(NO_SUCH_CHANNEL), "403 me #c :No such channel"},
    {" #c :x", refusal(NO_CTCP, "+C"), "404 me #c :CTCP is not allowed there: +C"},
    {" ann :x", refusal(IGNORES_STRANGERS, "ann"),
     "716 me ann :is in +g mode and hears only those on the ACCEPT list"},
    {" ann :x", refusal(IS_SILENT), ""}, // who is not to know does not hear it
    {" $$* :x", {}, "481 me :Permission Denied- You're not an IRC operator"},
  };
  for (auto& row : rows) {
    answer_with(row.reply);
    EXPECT_EQ(w.said(std::string{"PRIVMSG"} + row.parameters), row.expected) << row.parameters;
    EXPECT_EQ(w.said(std::string{"NOTICE"} + row.parameters), "") // RFC 2812 §3.3.2
      << row.parameters;
  }
}

TEST_F(Messages, AreAnsweredByTheAwayTextUnlessTheyAreNotices) { // RFC 2812 §3.3.2, §4.1
  Reply r;
  r.set_away("lunch");
  answer_with(r);
  EXPECT_EQ(w.said("PRIVMSG bob :x"), "301 me Bob :lunch");
  EXPECT_EQ(w.said("NOTICE bob :x"), "");
  EXPECT_EQ(w.said("@+typing=active TAGMSG bob"), "");
}

TEST_F(Messages, GoToSoManyAndToEachOnce) { // RFC 2812 §5.2, 407; 005 TARGMAX
  EXPECT_EQ(w.said("PRIVMSG #a,#b,#A,#c,#d,#e,#f :x"), "407 me #e :Too many targets: 6");
  strings channels;
  for (auto& x : w.asked)
    channels.push_back(x.channel());
  EXPECT_EQ(channels, (strings{"#a", "#b", "#c", "#d"}));
}

TEST_F(Messages, GoOnBehindATargetThatDoesNotExist) {
  EXPECT_EQ(w.said("PRIVMSG nobody,ann :x"), "401 me nobody :No such nick/channel");
  ASSERT_EQ(w.asked.size(), 1u);
  EXPECT_EQ(w.asked[0].tell().nick(), "ann");
}

struct status_row {
  const char* target;
  const char* channel; ///< empty: it is a nick, of nobody
  const char* status;
};

TEST_F(Messages, GoToMembersOfARank) { // 005 STATUSMSG
  const status_row rows[] = {
    {"@#c", "#c", "@"}, {"+#c", "#c", "+"}, {"@+#c", "#c", "+"}, {"&#c", "#c", "&"},
    {"@&c", "&c", "@"}, {"&c", "&c", ""},   {"#c", "#c", ""},    {"@&#c", "#c", "&"},
    {"@c", "", ""},     {"@", "", ""},
  };
  for (auto& row : rows) {
    w.asked.clear();
    w.send(std::string{"PRIVMSG "} + row.target + " :x");
    if (*row.channel == '\0') {
      EXPECT_TRUE(w.asked.empty()) << row.target;
      continue;
    }
    ASSERT_EQ(w.asked.size(), 1u) << row.target;
    EXPECT_EQ(w.asked[0].channel(), row.channel);
    EXPECT_EQ(w.asked[0].say().to_status(), row.status) << row.target;
  }
}

TEST_F(Messages, CarryTheTagsOfTheClient) { // IRCv3 message-tags, Client-only tags
  w.send("@+a=b\\sc;msgid=x;+d;time=y PRIVMSG #c :x\n@+typing=active TAGMSG #c\n@x=y TAGMSG #c");
  ASSERT_EQ(w.asked.size(), 3u); // a TAGMSG is delivered as PRIVMSG is
  auto& tags = w.asked[0].say().message().tags();
  ASSERT_EQ(tags.size(), 2);
  EXPECT_EQ(tags[0].key(), "+a");
  EXPECT_EQ(tags[0].value(), "b c");
  EXPECT_EQ(tags[1].key(), "+d");
  EXPECT_EQ(w.asked[1].say().message().kind(), chat::v1::TAGMSG);
  EXPECT_EQ(w.asked[2].say().message().kind(), chat::v1::TAGMSG);
  EXPECT_EQ(w.asked[2].say().message().tags_size(), 0);
  irc_world old;
  old.enter();
  EXPECT_EQ(old.said("@+typing=active TAGMSG #c"), "421 me TAGMSG :Ask for message-tags first");
  old.send("@+a=b PRIVMSG #c :x");
  EXPECT_EQ(old.asked.at(0).say().message().tags_size(), 0);
}

TEST_F(Messages, DoNotReachTooManyStrangers) { // chat_limits.strangers
  irc_world::setup s;
  s.is_exempt = false;
  s.lag = {.burst = 1000, .rate = 1000, .window = 1s};
  irc_world other{s};
  other.enter();
  for (int i = 2; i < 20; ++i)
    other.put(irc_world::person(i, "n" + std::to_string(i)));
  other.put(irc_world::person(50, "friend"));
  other.put_channel("#ours", {{1, ""}, {50, ""}});
  for (int i = 2; i < 12; ++i)
    EXPECT_EQ(other.said("PRIVMSG n" + std::to_string(i) + " :x"), "") << i;
  EXPECT_EQ(other.said("PRIVMSG n12 :x"),
            "439 me n12 :You speak to too many people. Please wait a while");
  EXPECT_EQ(other.said("NOTICE n13 :x"), "");
  EXPECT_EQ(other.asked.size(), 10u);
  EXPECT_EQ(other.said("PRIVMSG n2 :x"), "");     // known by now
  EXPECT_EQ(other.said("PRIVMSG friend :x"), ""); // in a channel with it
  EXPECT_EQ(other.said("PRIVMSG me :x"), "");
  other.pass(15s);
  EXPECT_EQ(other.said("PRIVMSG n12 :x"), "");
}

struct filter_row {
  const char* action;
  const char* expected;
  bool goes_on;
  bool is_closed;
};

TEST_F(Messages, PassTheFilters) {
  const filter_row rows[] = {
    {"block", "404 me #c :Message was refused: no", false, false},
    {"warn", "NOTICE me :What you said to #c fits a filter: no", true, false},
    {"report", "", true, false},
    {"shun", "", false, false},
    {"kill", "ERROR :Closing link: (192.0.2.7) [Filtered: no]", false, true},
  };
  for (auto& row : rows) {
    irc_world other;
    other.enter();
    chat::v1::Filter f;
    f.set_id(1);
    f.set_pattern("spam");
    f.set_targets("pnt");
    f.set_action(row.action);
    f.set_reason("no");
    other.rules.set_filters(std::array{f});
    EXPECT_EQ(
      other.said("PRIVMSG #c,#d :spam"), row.is_closed || *row.expected == '\0'
                                           ? row.expected
                                           : std::string{row.expected} + "\n" +
                                               [&] {
                                                 std::string again = row.expected;
                                                 again.replace(again.find("#c"), 2, "#d");
                                                 return again;
                                               }())
      << row.action;
    EXPECT_EQ(other.asked.size(), row.goes_on ? 2u : 0u) << row.action;
    EXPECT_EQ(other.is_closed, row.is_closed);
    EXPECT_FALSE(other.told.empty()); // operators hear of it
    if (row.is_closed)
      continue;
    EXPECT_EQ(other.said("NOTICE #c :spam"), ""); // RFC 2812 §3.3.2
    EXPECT_EQ(other.said("PRIVMSG #c :fine"), "");
  }
}

// -- draft/multiline ------------------------------------------------------------------------------

struct Multiline : testing::Test {
  Multiline() {
    irc_world::setup s;
    s.settings.chat_sizes.multiline_lines.value = 4;
    s.settings.chat_sizes.multiline_octets.value = 20;
    w.emplace(s);
    w->enter("me", "batch labeled-response draft/multiline message-tags");
  }
  std::optional<irc_world> w;
};

TEST_F(Multiline, IsOneMessage) { // draft/multiline, Batch types
  w->send("@label=a;+x=y BATCH +1 draft/multiline #c\n"
          "@batch=1 PRIVMSG #c :one \n"
          "@batch=1;draft/multiline-concat PRIVMSG #C :two\n"
          "@batch=1 privmsg #c :\n"
          "@batch=1 PRIVMSG #c end");
  EXPECT_EQ(joined(w->heard()), ""); // until it is complete
  EXPECT_EQ(w->said("BATCH -1"), "@label=a :irc.example ACK");
  ASSERT_EQ(w->asked.size(), 1u);
  auto& message = w->asked[0].say().message();
  EXPECT_EQ(message.text(), "one \ntwo\n\nend");
  EXPECT_EQ((std::vector<bool>{message.joins_previous().begin(), message.joins_previous().end()}),
            (std::vector<bool>{false, true, false, false}));
  ASSERT_EQ(message.tags_size(), 1);
  EXPECT_EQ(message.tags(0).key(), "+x");
}

struct batch_row {
  const char* lines;
  const char* expected;
};

TEST_F(Multiline, FailsAsAWhole) { // draft/multiline, Errors; client-batch, Errors
  const batch_row rows[] = {
    {"@label=a BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #c :123456789012345678901\nBATCH -1",
     "@label=a :irc.example FAIL BATCH MULTILINE_MAX_BYTES 20 :The message is too long"},
    // the line feeds between count
    {"@label=a BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #c :1234567890\n"
     "@batch=1 PRIVMSG #c :1234567890\nBATCH -1",
     "@label=a :irc.example FAIL BATCH MULTILINE_MAX_BYTES 20 :The message is too long"},
    {"BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #c 1\n@batch=1 PRIVMSG #c 1\n"
     "@batch=1 PRIVMSG #c 1\n@batch=1 PRIVMSG #c 1\n@batch=1 PRIVMSG #c 1\n"
     "@batch=1 PRIVMSG #c 1\nBATCH -1",
     "FAIL BATCH MULTILINE_MAX_LINES 4 :The message has too many lines"},
    {"BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #d 1\nBATCH -1",
     "FAIL BATCH MULTILINE_INVALID_TARGET #c #d :Lines of one batch have one target"},
    {"BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #c 1\n@batch=1 NOTICE #c 1\nBATCH -1",
     "FAIL BATCH MULTILINE_INVALID :Lines of one batch are of one kind"},
    {"BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #c a\n"
     "@batch=1;draft/multiline-concat PRIVMSG #c :\nBATCH -1",
     "FAIL BATCH MULTILINE_INVALID :A line that continues another one has text"},
    {"BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #c :\n@batch=1 PRIVMSG #c :\nBATCH -1",
     "FAIL BATCH MULTILINE_INVALID :The message is empty"},
    {"BATCH +1 draft/multiline #c\nBATCH -1", "FAIL BATCH MULTILINE_INVALID :The message is empty"},
    {"BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #c :a\xff\nBATCH -1", // see below
     "NOTICE me :*** FAIL PRIVMSG INVALID_UTF8 Message rejected, it is not valid UTF-8\n"
     "FAIL BATCH MULTILINE_INVALID :A line of the message could not be read"},
    {"BATCH +1 draft/multiline #c,#d\nBATCH -1",
     "FAIL BATCH MULTILINE_INVALID_TARGET #c,#d #c,#d :A batch has one target"},
    {"@label=a BATCH +1 x y\n@batch=1 PRIVMSG #c 1\nBATCH -1",
     "@label=a :irc.example FAIL BATCH UNKNOWN_TYPE 1 x :There is no such batch"},
    {"BATCH +a_b draft/multiline #c\nBATCH -a_b",
     "FAIL BATCH INVALID_REFTAG a_b :A reference is of letters, digits and '-'"},
    {"BATCH 1", "FAIL BATCH INVALID_REFTAG 1 :The reference begins with + or -"},
    {"BATCH -1", "FAIL BATCH MULTILINE_INVALID :No such batch is open"},
    {"@batch=7 PRIVMSG #c x", "FAIL BATCH MULTILINE_INVALID :No such batch is open"},
  };
  for (auto& row : rows) {
    w->asked.clear();
    EXPECT_EQ(w->said(row.lines), row.expected) << row.lines;
    EXPECT_TRUE(w->asked.empty()) << row.lines;
  }
}

TEST_F(Multiline, LosesNoLineInSilence) { // 417 within a batch
  auto said = w->said("BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #c :a\n@batch=1 PRIVMSG #c :"
                      + std::string(600, 'x') + "\nBATCH -1");
  EXPECT_EQ(said, "417 me :Input line was too long\n"
                  "FAIL BATCH MULTILINE_INVALID :A line of the message could not be read");
  EXPECT_TRUE(w->asked.empty());
}

TEST_F(Multiline, NeedsItsCapability) {
  irc_world other;
  other.enter("me", "standard-replies draft/multiline"); // but not batch: it MUST be negotiated
  EXPECT_EQ(other.said("BATCH +1 draft/multiline #c"),
            "FAIL BATCH UNKNOWN_TYPE 1 draft/multiline :There is no such batch");
}

TEST_F(Multiline, CanBeBegunAgainAfterAFailure) {
  w->send("BATCH +1 x y\nBATCH +2 draft/multiline #c\n@batch=2 PRIVMSG #c :a\nBATCH -2");
  ASSERT_EQ(w->asked.size(), 1u);
}

// -- REDACT ---------------------------------------------------------------------------------------

TEST(Redaction, FailsAsTheTextSays) { // draft/message-redaction, Errors
  irc_world w;
  w.enter("me", "draft/message-redaction message-tags batch labeled-response");
  using namespace chat::v1;
  const std::pair<Refusal, const char*> rows[] = {
    {NO_SUCH_MESSAGE, "FAIL REDACT UNKNOWN_MSGID #c 0000000000100 :There is no such message"},
    {TOO_LATE, "FAIL REDACT REDACT_WINDOW_EXPIRED #c 0000000000100 86400 "
               ":It is too late to take it back"},
    {NEEDS_OPERATOR,
     "FAIL REDACT REDACT_FORBIDDEN #c 0000000000100 :You may not take this message back"},
    {NOT_ON_CHANNEL, "FAIL REDACT INVALID_TARGET #c :You cannot take back messages there"},
  };
  for (auto& [why, expected] : rows) {
    w.script = [r = refusal(why)](const irc::ask&) { return std::optional{r}; };
    EXPECT_EQ(w.said("REDACT #c 0000000000100 :typo"), expected);
  }
  w.asked.clear();
  EXPECT_EQ(w.said("REDACT #c ???"), "FAIL REDACT UNKNOWN_MSGID #c ??? :There is no such message");
  EXPECT_TRUE(w.asked.empty());
  w.script = nullptr;
  EXPECT_EQ(w.said("@label=a REDACT #c 0000000000100"), ""); // the event has the label
  w.send("CAP REQ -draft/message-redaction");
  w.heard();
  EXPECT_EQ(w.said("@label=a REDACT #c 0000000000100"), "@label=a :irc.example ACK");
}

} // namespace
} // namespace hamlet::irc
