// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/verbs.hpp"
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace hamlet::irc {
namespace {

using strings = std::vector<std::string>;

/// FANOUT, as far as the client hears it: an event of its own comes with Origin.tag before the
/// reply does.
struct Labels : testing::Test {
  Labels() { start("batch labeled-response"); }

  void start(const std::string& caps) {
    irc_world::setup s;
    s.line.is_tls = true;
    w.emplace(s);
    w->put(irc_world::person(2, "ann"));
    w->put(irc_world::person(3, "bob"), "lunch");
    w->put_channel("#c", {{1, "@"}, {2, "+"}});
    w->enter("me", caps);
  }

  /// Events that come with these verbs are written, if their tag is one.
  void plays_fanout() {
    w->script = [this](const irc::ask& x) -> std::optional<chat::v1::Reply> {
      chat::v1::Reply r;
      r.set_channel(x.what.channel());
      if (x.what.has_set_nick())
        *r.mutable_who() = irc_world::person(1, x.what.set_nick().nick());
      auto& tag = x.what.origin().tag();
      using R = chat::v1::Request;
      static constexpr std::array has_event{R::kJoin,   R::kPart,   R::kSetTopic,     R::kKick,
                                            R::kInvite, R::kRename, R::kSetNick,      R::kSay,
                                            R::kTell,   R::kRedact, R::kSetUserModes, R::kSetModes};
      if (std::ranges::find(has_event, x.what.verb_case()) != has_event.end())
        events.push_back(tag);
      return r;
    };
  }

  /// How often the label, and a batch of it, were heard, with events among them.
  void expect_one_answer(const std::string& line) {
    events.clear();
    auto lines = w->ask("@label=L " + line);
    std::size_t answers = 0, opened = 0, closed = 0;
    std::string ref;
    for (auto& x : lines) {
      if (x.starts_with("@label=L ")) {
        ++answers;
        if (auto at = x.find(" BATCH +"); at != x.npos) {
          ++opened;
          ref = x.substr(at + 8, x.find(' ', at + 8) - at - 8);
        }
      } else if (!ref.empty() && x == ":irc.example BATCH -" + ref) {
        ++closed;
        ref.clear();
      } else {
        EXPECT_TRUE(!ref.empty() && x.starts_with("@batch="))
          << line << ": outside of the answer: " << x;
      }
    }
    for (auto& tag : events) {
      if (tag == "label=L")
        ++answers;
      else
        EXPECT_TRUE(tag.starts_with("batch=")) << line << ": an event without its tag: " << tag;
    }
    EXPECT_EQ(answers, 1u) << line << "\n" << joined(lines);
    EXPECT_EQ(opened, closed) << line;
  }

  std::optional<irc_world> w;
  strings events;
};

// What every client may send, with each of its replies: IRCv3 labeled-response, "exactly one
// logical message".
const strings lines = {
  "PING x",
  "PONG x",
  "PING",
  "NICK",
  "NICK 1x",
  "NICK me",
  "NICK other",
  "USER a 0 * :b",
  "CAP LIST",
  "CAP LS 302",
  "CAP REQ :away-notify",
  "CAP REQ :nonsense",
  "CAP END",
  "CAP X",
  "AUTHENTICATE PLAIN",
  "REGISTER * * sesame",
  "VERIFY a b",
  "NONSENSE",
  "JOIN #a",
  "JOIN #a,#b,c",
  "JOIN 0",
  "JOIN",
  "PART #c",
  "PART #c,#d,e",
  "NAMES",
  "NAMES #c",
  "LIST",
  "MODE #c",
  "MODE #c b",
  "MODE #c +beI",
  "MODE #c +o ann",
  "MODE #c +Y",
  "MODE #c +Yb",
  "MODE #c +kY",
  "MODE me",
  "MODE me +i",
  "MODE me +Y",
  "MODE ann +i",
  "MODE nobody",
  "TOPIC #c",
  "TOPIC #c :x",
  "TOPIC c",
  "KICK #c ann",
  "KICK #c ann,bob :x",
  "KICK #a,#b ann",
  "INVITE",
  "INVITE ann #c",
  "INVITE bob #c",
  "INVITE nobody #c",
  "KNOCK #c",
  "RENAME #c #d",
  "RENAME #c d",
  "PRIVMSG",
  "PRIVMSG ann",
  "PRIVMSG ann :x",
  "PRIVMSG bob :x", // is away: 301
  "PRIVMSG ann,bob :x",
  "PRIVMSG nobody :x",
  "PRIVMSG ann,nobody,#c :x",
  "PRIVMSG #c :x",
  "PRIVMSG @#c :x",
  "PRIVMSG $$* :x",
  "PRIVMSG a,b,c,d,e,f :x",
  "PRIVMSG NickServ :HELP",
  "PRIVMSG NickServ :x",
  "PRIVMSG NickServ,ann :HELP",
  "NOTICE ann :x",
  "NOTICE nobody :x",
  "NOTICE",
  "TAGMSG #c",
  "SQUERY NickServ :HELP",
  "SQUERY x :y",
  "BATCH x",
  "BATCH -1",
  "REDACT #c 1",
  "REDACT #c 0AKXECCN00000",
  "CHATHISTORY LATEST #c * 10",
  "CHATHISTORY X",
  "CHATHISTORY TARGETS timestamp=2026-01-02T03:04:05.678Z timestamp=2026-01-03T03:04:05.678Z 1",
  "MARKREAD",
  "MARKREAD #c",
  "METADATA * LIST",
  "METADATA * GET a",
  "METADATA * SUB a b",
  "METADATA * SUBS",
  "METADATA * SYNC",
  "METADATA * SET a :b",
  "METADATA * X",
  "SEARCH #c :x",
  "PERSISTENCE GET",
  "NS HELP",
  "NS LIST",
  "CS INFO #c",
  "CS X",
  "AWAY :x",
  "AWAY",
  "SETNAME :x",
  "USERHOST ann",
  "ISON ann",
  "MONITOR + ann",
  "MONITOR L",
  "WHO ann",
  "WHO #c",
  "WHOIS ann",
  "WHOIS nobody",
  "WHOWAS ann",
  "MOTD",
  "LUSERS",
  "VERSION",
  "STATS u",
  "LINKS",
  "TIME",
  "TRACE",
  "ADMIN",
  "INFO",
  "USERS",
  "MAP",
  "HELP",
  "ISUPPORT",
  "OPER a b",
  "KILL ann :x",
  "REHASH",
  "KLINE x@y :z",
  "WALLOPS :x",
  "PRIVMSG #c :\xff",
};

TEST_F(Labels, HaveOneAnswerEach) { // IRCv3 labeled-response, Tags
  plays_fanout();
  for (auto caps : {"batch labeled-response", "batch labeled-response standard-replies",
                    "batch labeled-response echo-message message-tags"}) {
    start(caps);
    plays_fanout();
    bool has_echo = w->subscribed.back().caps.has(cap::echo_message);
    for (auto& line : lines) {
      if (!has_echo && (line.starts_with("PRIVMSG") || line.starts_with("NOTICE")))
        continue; // FANOUT does not write to it
      if (line.starts_with("REDACT #c 0") || line.starts_with("TAGMSG"))
        continue; // needs another capability
      expect_one_answer(line);
    }
  }
}

TEST_F(Labels, HaveOneAnswerWhenTheOwnerRefuses) {
  for (auto why : {chat::v1::FAILED, chat::v1::NO_SUCH_CHANNEL, chat::v1::NO_ACCESS,
                   chat::v1::NICK_IN_USE, chat::v1::IS_SILENT}) {
    start("batch labeled-response echo-message");
    w->script = [&](const irc::ask&) { return refusal(why); };
    for (auto& line : lines)
      expect_one_answer(line);
  }
}

TEST_F(Labels, AreAcknowledgedWhereNothingIsSaid) { // IRCv3 labeled-response, ACK
  plays_fanout();
  for (auto line : {"PONG x", "NOTICE nobody :x", "PRIVMSG ann :x", "CAP END"})
    EXPECT_EQ(w->said("@label=a " + std::string{line}), "@label=a :irc.example ACK") << line;
}

TEST_F(Labels, StandOnTheOneLine) { // IRCv3 labeled-response, Tags
  EXPECT_EQ(w->said("@label=a PING x"), "@label=a :irc.example PONG irc.example :x");
}

TEST_F(Labels, StandOnABatchOfSeveralLines) { // IRCv3 labeled-response, Batch types
  w->script = [](const irc::ask& x) -> std::optional<chat::v1::Reply> {
    chat::v1::Reply r;
    r.set_channel(x.what.channel());
    *r.add_members()->mutable_who() = irc_world::person(2, "ann");
    return r;
  };
  EXPECT_EQ(w->said("@label=a NAMES #c"), "@label=a :irc.example BATCH +1 labeled-response\n"
                                          "@batch=1 :irc.example 353 me = #c :ann\n"
                                          "@batch=1 :irc.example 366 me #c :End of /NAMES list\n"
                                          "BATCH -1");
}

TEST_F(Labels, StandOnABatchThatIsThereAnyway) { // "an existing type applicable to the entire …"
  EXPECT_EQ(w->said("@label=a CHATHISTORY LATEST #c * 10"),
            "@label=a :irc.example BATCH +1 chathistory #c\nBATCH -1");
}

TEST_F(Labels, AreInTheEventThatIsTheAnswer) {
  plays_fanout();
  EXPECT_EQ(w->said("@label=a;x=y TOPIC #c :new"), "");
  EXPECT_EQ(events, strings{"label=a"});
  events.clear();
  w->said("@label=b\\:c TOPIC #c :new"); // its value goes as it came
  EXPECT_EQ(events, strings{"label=b\\:c"});
  events.clear();
  EXPECT_EQ(w->said("@label=d JOIN #c"), "@label=d :irc.example BATCH +1 labeled-response\n"
                                         "@batch=1 :irc.example 366 me #c :End of /NAMES list\n"
                                         "BATCH -1");
  EXPECT_EQ(events, strings{"batch=1"});
}

TEST_F(Labels, AreOfAtMost64Octets) { // IRCv3 labeled-response, Tag value
  EXPECT_EQ(w->said("@label=" + std::string(65, 'a') + " PING x"), "PONG irc.example :x");
  EXPECT_EQ(w->said("@label PING x"), "PONG irc.example :x");
  EXPECT_EQ(w->said("@label=" + std::string(64, 'a') + " PONG x"),
            "@label=" + std::string(64, 'a') + " :irc.example ACK");
}

TEST_F(Labels, OfAMessageToSomebodyAwayCoverTheEchoAndTheAwayText) {
  start("batch labeled-response echo-message");
  w->script = [this](const irc::ask& x) -> std::optional<chat::v1::Reply> {
    chat::v1::Reply r;
    events.push_back(x.what.origin().tag());
    r.set_away("lunch");
    return r;
  };
  EXPECT_EQ(w->said("@label=a PRIVMSG bob :x"),
            "@label=a :irc.example BATCH +1 labeled-response\n"
            "@batch=1 :irc.example 301 me bob :lunch\nBATCH -1");
  EXPECT_EQ(events, strings{"batch=1"});
  events.clear(); // somebody who is away since a moment ago: the echo has the label
  EXPECT_EQ(w->said("@label=a PRIVMSG ann :x"), "301 me ann :lunch");
  EXPECT_EQ(events, strings{"label=a"});
}

TEST_F(Labels, AreNotLentToLinesThatAnswerNothing) {
  w->holds = true;
  w->send("@label=a NAMES #c");
  w->pass(std::chrono::minutes{2}); // PING of the server
  EXPECT_EQ(joined(w->heard()), "PING irc.example");
  w->holds = false;
  w->answer_held();
  EXPECT_EQ(joined(w->heard()), "@label=a :irc.example 366 me #c :End of /NAMES list");
}

} // namespace
} // namespace hamlet::irc
