// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace hamlet::irc {
namespace {

using strings = std::vector<std::string>;

/// The words of CAP lines of one kind, all of them together.
std::set<std::string> words(const strings& lines, const std::string& kind) {
  std::set<std::string> all;
  for (auto& line : lines) {
    if (line.find(" CAP ") == line.npos || line.find(" " + kind + " ") == line.npos)
      continue;
    auto rest = line.substr(line.rfind(':') + 1);
    for (std::size_t at = 0; at < rest.size();) {
      auto end = std::min(rest.find(' ', at), rest.size());
      all.insert(rest.substr(at, end - at));
      at = end + 1;
    }
  }
  return all;
}

TEST(Capabilities, AreListedWithTheirValuesForVersion302) { // capability-negotiation, CAP LS
  irc_world w;
  auto lines = w.ask("CAP LS 302");
  ASSERT_GT(lines.size(), 1u);
  for (std::size_t i = 0; i < lines.size(); ++i)
    EXPECT_EQ(lines[i].starts_with(":irc.example CAP * LS * :"), i + 1 < lines.size()) << lines[i];
  auto all = words(lines, "LS");
  EXPECT_TRUE(all.contains("batch"));
  EXPECT_TRUE(all.contains("sasl=SCRAM-SHA-256")); // PLAIN only over TLS
  EXPECT_TRUE(all.contains("draft/multiline=max-bytes=40000,max-lines=100"));
  EXPECT_TRUE(all.contains("draft/account-registration=before-connect,custom-account-name")
              || !all.contains("draft/account-registration"));
}

TEST(Capabilities, FitIntoOneLineForOldClients) { // capability-negotiation, CAP LS Version
  irc_world w;
  for (auto line : {"CAP LS", "CAP LS 301", "CAP LS x"}) {
    auto lines = w.ask(line);
    ASSERT_EQ(lines.size(), 1u) << line;
    auto all = words(lines, "LS");
    EXPECT_TRUE(all.contains("sasl"));
    EXPECT_TRUE(all.contains("message-tags"));
    EXPECT_FALSE(all.contains("draft/multiline"));
    EXPECT_EQ(lines[0].find('='), std::string::npos);
  }
}

TEST(Capabilities, TreatTheVersionAsANumber) { // capability-negotiation, CAP LS Version
  for (auto version : {"302", "0302", "307", "1000"}) {
    irc_world w;
    auto lines = w.ask(std::string{"CAP LS "} + version);
    EXPECT_GT(lines.size(), 1u) << version;
    EXPECT_EQ(w.said("CAP LIST"), "CAP * LIST :cap-notify");
    EXPECT_EQ(w.said("CAP REQ -cap-notify"), "CAP * NAK :-cap-notify"); // for 302 it stays
    EXPECT_EQ(w.ask("CAP LS").size(), 1u); // as asked for, but the version is kept
    EXPECT_EQ(w.said("CAP REQ -cap-notify"), "CAP * NAK :-cap-notify");
  }
}

TEST(Capabilities, AreTakenOrRefusedAsAWhole) { // capability-negotiation, CAP REQ
  irc_world w;
  EXPECT_EQ(w.said("CAP LIST"), "CAP * LIST :");
  EXPECT_EQ(w.said("CAP REQ :multi-prefix nonsense batch"),
            "CAP * NAK :multi-prefix nonsense batch");
  EXPECT_EQ(w.said("CAP LIST"), "CAP * LIST :");
  EXPECT_EQ(w.said("CAP REQ :multi-prefix  batch "), "CAP * ACK :multi-prefix batch");
  EXPECT_EQ(w.said("CAP REQ :-batch away-notify"), "CAP * ACK :-batch away-notify");
  EXPECT_EQ(w.said("CAP LIST"), "CAP * LIST :away-notify multi-prefix");
  EXPECT_EQ(w.said("CAP REQ sts"), "CAP * NAK :sts");     // IRCv3 sts: MUST NOT be requested
  EXPECT_EQ(w.said("CAP REQ Batch"), "CAP * NAK :Batch"); // names have case
  EXPECT_EQ(w.said("CAP ACK :batch"), "410 * ACK :Invalid CAP command");
  EXPECT_EQ(w.said("CAP"), "461 * CAP :Not enough parameters");
}

TEST(Capabilities, AreRepeatedInFullHoweverManyAreAskedFor) { // capability-negotiation, CAP ACK
  irc_world w;
  std::string many = "batch";
  while (many.size() < 490)
    many += " batch";
  auto lines = w.ask("CAP REQ :" + many);
  ASSERT_GT(lines.size(), 1u);
  std::string all;
  for (auto& line : lines)
    all += (all.empty() ? "" : " ") + line.substr(line.rfind(':') + 1);
  EXPECT_EQ(all, many);
}

TEST(Capabilities, HoldTheRegistrationUntilTheEnd) { // capability-negotiation, CAP REQ, CAP END
  for (auto first : {"CAP LS 302", "CAP REQ :batch", "CAP REQ :nonsense"}) {
    irc_world w;
    w.send(first);
    w.heard();
    EXPECT_EQ(w.said("NICK me\nUSER me 0 * :R"), "") << first;
    EXPECT_NE(w.said("CAP END").find("001 me"), std::string::npos);
    EXPECT_EQ(w.said("CAP END"), ""); // MUST be ignored
  }
}

TEST(Capabilities, MayBeAskedForAfterTheRegistration) { // capability-negotiation
  irc_world w;
  w.enter();
  w.subscribed.clear();
  EXPECT_EQ(w.said("CAP REQ :echo-message server-time"), "CAP me ACK :echo-message server-time");
  ASSERT_EQ(w.subscribed.size(), 1u);
  EXPECT_EQ(w.subscribed[0].caps, (cap_set{cap::echo_message, cap::server_time}));
  // FANOUT uses them only when the client has read that it has them.
  EXPECT_NE(w.before_events.find("ACK"), std::string::npos);
  w.subscribed.clear();
  EXPECT_EQ(w.said("CAP REQ :nonsense"), "CAP me NAK :nonsense");
  EXPECT_TRUE(w.subscribed.empty());
}

TEST(Capabilities, AreNotUsedWithoutThoseThatTheyNeed) { // labeled-response, Dependencies
  irc_world w;
  w.enter("me", "labeled-response");
  EXPECT_EQ(w.said("@label=a PING x"), "PONG irc.example :x");
  w.send("CAP REQ batch");
  w.heard();
  EXPECT_EQ(w.said("@label=a PING x"), "@label=a :irc.example PONG irc.example :x");
}

TEST(Capabilities, ComeAndGoWithTheSettings) { // capability-negotiation, CAP NEW, CAP DEL
  irc_world w;
  w.enter("me", "draft/chathistory batch labeled-response");
  w.send("CAP LS 302");
  w.heard();
  auto fresh = std::make_shared<policy>(*w.terms);
  fresh->settings.chat_history.is_on.value = false;
  w.holds = true;
  w.send("@label=x NAMES #c"); // asks a channel, which has not answered yet
  w.heard();
  w.tell(note::what::reloaded, {}, fresh);
  EXPECT_EQ(joined(w.heard()),
            ":irc.example CAP me DEL :draft/chathistory draft/event-playback "
            "draft/message-redaction"); // at once, and not as an answer to what waits
  w.holds = false;
  w.answer_held();
  EXPECT_EQ(joined(w.heard()), "@label=x :irc.example 366 me #c :End of /NAMES list");
  EXPECT_EQ(w.said("CAP LIST"), "CAP me LIST :batch cap-notify labeled-response");
  w.tell(note::what::reloaded, {}, w.terms);
  EXPECT_EQ(joined(w.heard()), ":irc.example CAP me NEW :draft/chathistory draft/event-playback "
                               "draft/message-redaction");
}

TEST(Capabilities, AreToldOfAgainWithAnotherValue) { // capability-negotiation, CAP NEW; sasl-3.2
  irc_world w;                                       // over plain TCP
  w.enter("me", "sasl");
  w.send("CAP LS 302");
  w.heard();
  auto fresh = std::make_shared<policy>(*w.terms);
  fresh->settings.chat.needs_tls_for_login.value = false;
  w.tell(note::what::reloaded, {}, fresh);
  EXPECT_EQ(joined(w.heard()), ":irc.example CAP me NEW :sasl=PLAIN,SCRAM-SHA-256");
  w.tell(note::what::reloaded, {}, w.terms);
  EXPECT_EQ(joined(w.heard()), ":irc.example CAP me NEW :sasl=SCRAM-SHA-256");
  EXPECT_EQ(w.said("CAP LIST"), "CAP me LIST :cap-notify sasl"); // it is still asked for
  irc_world old;
  old.enter("me", "cap-notify sasl"); // version 301 knows no values
  old.tell(note::what::reloaded, {}, fresh);
  EXPECT_EQ(joined(old.heard()), "");
}

TEST(Capabilities, TellAgainForHowLongStsHolds) { // IRCv3 sts, Mechanism
  irc_world::setup s;
  s.settings.chat.sts.value = true;
  s.line.is_tls = true;
  s.line.server_name = "irc.example";
  irc_world w{s}, old{s};
  for (auto* x : {&w, &old}) {
    x->terms->offers_tls = true;
    x->enter("me", "cap-notify");
  }
  w.send("CAP LS 302");
  w.heard();
  auto forget = std::make_shared<policy>(*w.terms);
  forget->settings.chat.sts_duration.value = {};
  w.tell(note::what::reloaded, {}, forget);
  EXPECT_EQ(joined(w.heard()), ":irc.example CAP me NEW :sts=duration=0");
  w.tell(note::what::reloaded, {}, forget);
  EXPECT_EQ(joined(w.heard()), "");
  old.tell(note::what::reloaded, {}, forget); // of a version without values
  EXPECT_EQ(joined(old.heard()), "");
}

TEST(Capabilities, AreNotAnnouncedToWhoHasNotAsked) { // capability-negotiation, cap-notify
  irc_world w;
  w.enter();
  auto fresh = std::make_shared<policy>(*w.terms);
  fresh->settings.chat_history.is_on.value = false;
  w.tell(note::what::reloaded, {}, fresh);
  EXPECT_EQ(joined(w.heard()), "");
}

TEST(Capabilities, TellOfTlsByStsOnlyWhatIsForThisClient) { // IRCv3 sts
  irc_world::setup s;
  s.settings.chat.sts.value = true;
  auto sts = [](irc_world& w, const std::string& line) {
    w.terms->offers_tls = true;
    w.terms->tls_port = 6697;
    for (auto& word : words(w.ask(line), "LS"))
      if (word.starts_with("sts"))
        return word;
    return std::string{};
  };
  irc_world plain{s};
  EXPECT_EQ(sts(plain, "CAP LS 302"), "sts=port=6697");
  EXPECT_EQ(sts(plain, "CAP LS"), ""); // its value is all that it is
  s.line.is_tls = true;
  s.line.server_name = "irc.example";
  irc_world over_tls{s};
  EXPECT_EQ(sts(over_tls, "CAP LS 302"), "sts=duration=2592000");
}

TEST(Capabilities, TellAPolicyThatStaysToThoseWhoAskedForTheNameAlone) { // IRCv3 sts, SNI
  auto sts = [](const char* name, bool is_tls, std::vector<std::string> hosts) {
    irc_world::setup s;
    s.settings.chat.sts.value = true;
    s.settings.chat.sts_hosts.value = std::move(hosts);
    s.line.is_tls = is_tls;
    s.line.server_name = name;
    irc_world w{s};
    w.terms->offers_tls = true;
    w.terms->tls_port = 6697;
    for (auto& word : words(w.ask("CAP LS 302"), "LS"))
      if (word.starts_with("sts"))
        return word;
    return std::string{};
  };
  auto stays = "sts=duration=2592000";
  EXPECT_EQ(sts("irc.example", true, {}), stays); // the name of the server
  EXPECT_EQ(sts("IRC.Example", true, {}), stays);
  EXPECT_EQ(sts("other.example", true, {}), "");
  EXPECT_EQ(sts("", true, {}), "");
  EXPECT_EQ(sts("chat.example.net", true, {"irc.example", "*.example.net"}), stays);
  EXPECT_EQ(sts("example.net", true, {"irc.example", "*.example.net"}), "");
  EXPECT_EQ(sts("anything", true, {"*"}), stays);
  EXPECT_EQ(sts("", true, {"*"}), "");
  EXPECT_EQ(sts("", false, {"*.example.net"}), "sts=port=6697"); // it has told no name
}

} // namespace
} // namespace hamlet::irc
