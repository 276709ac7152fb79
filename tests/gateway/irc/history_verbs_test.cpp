// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {
namespace {

using chat::v1::Reply;
using strings = std::vector<std::string>;
using GetHistory = chat::v1::GetHistory;

constexpr auto stamp = "timestamp=2026-01-02T03:04:05.678Z";
constexpr std::int64_t stamp_ms = 1'767'323'045'678;

struct History : testing::Test {
  History() { w.enter("me", "batch draft/chathistory server-time message-tags"); }
  irc_world w;
};

TEST_F(History, IsAskedForByItsSubcommands) { // draft/chathistory, Subcommands
  struct row {
    const char* line;
    GetHistory::Selector what;
    const char* channel;
    const char* nick;
    std::uint32_t limit;
  };
  const row rows[] = {
    {"LATEST #c * 50", GetHistory::LATEST, "#c", "", 50},
    {"latest ann * 5000", GetHistory::LATEST, "", "ann", 500}, // 005 CHATHISTORY
    {"LATEST #c timestamp=2026-01-02T03:04:05.678Z 5", GetHistory::LATEST, "#c", "", 5},
    {"BEFORE #c timestamp=2026-01-02T03:04:05.678Z 5", GetHistory::BEFORE, "#c", "", 5},
    {"AFTER #c msgid=0AKXECCN00000 5", GetHistory::AFTER, "#c", "", 5},
    {"AROUND #c msgid=0AKXECCN00000 5", GetHistory::AROUND, "#c", "", 5},
    {"BETWEEN #c msgid=0AKXECCN00000 timestamp=2026-01-02T03:04:05.678Z 5", GetHistory::BETWEEN,
     "#c", "", 5},
    {"TARGETS timestamp=2026-01-02T03:04:05.678Z timestamp=2026-01-02T03:04:05.678Z 5",
     GetHistory::TARGETS, "", "", 5},
  };
  for (auto& row : rows) {
    w.asked.clear();
    w.send(std::string{"CHATHISTORY "} + row.line);
    ASSERT_EQ(w.asked.size(), 1u) << row.line;
    auto& get = w.asked[0].get_history();
    EXPECT_EQ(get.selector(), row.what) << row.line;
    EXPECT_EQ(w.asked[0].channel(), row.channel);
    EXPECT_EQ(get.nick(), row.nick);
    EXPECT_EQ(get.limit(), row.limit);
    EXPECT_TRUE(get.messages_only()); // without draft/event-playback
  }
  EXPECT_EQ(w.asked[0].get_history().first().time_ms(), stamp_ms);
  EXPECT_EQ(w.asked[0].get_history().second().time_ms(), stamp_ms);
}

TEST_F(History, FailsAsTheTextSays) { // draft/chathistory, Errors and Warnings
  const std::pair<const char*, const char*> rows[] = {
    {"CHATHISTORY", "461 me CHATHISTORY :Not enough parameters"},
    {"CHATHISTORY X #c * 5", "FAIL CHATHISTORY INVALID_PARAMS X :Unknown subcommand"},
    {"CHATHISTORY LATEST #c", "FAIL CHATHISTORY INVALID_PARAMS LATEST :Insufficient parameters"},
    {"CHATHISTORY BETWEEN #c timestamp=2026-01-02T03:04:05.678Z 5",
     "FAIL CHATHISTORY INVALID_PARAMS BETWEEN :Insufficient parameters"},
    {"CHATHISTORY LATEST #c * 5 6", "FAIL CHATHISTORY INVALID_PARAMS LATEST :Too many parameters"},
    {"CHATHISTORY BEFORE #c * 5",
     "FAIL CHATHISTORY INVALID_PARAMS BEFORE * :Not a place in the history"},
    {"CHATHISTORY LATEST #c timestamp=today 5",
     "FAIL CHATHISTORY INVALID_PARAMS LATEST timestamp=today :Not a place in the history"},
    {"CHATHISTORY LATEST #c * x",
     "FAIL CHATHISTORY INVALID_PARAMS LATEST x :The limit is a number"},
    {"CHATHISTORY LATEST #c * -1",
     "FAIL CHATHISTORY INVALID_PARAMS LATEST -1 :The limit is a number"},
    {"CHATHISTORY LATEST #c number=1 5",
     "FAIL CHATHISTORY INVALID_MSGREFTYPE LATEST #c :Messages could not be retrieved"},
    {"CHATHISTORY LATEST #c msgid=of-elsewhere 5",
     "FAIL CHATHISTORY MESSAGE_ERROR LATEST #c :Messages could not be retrieved"},
    {"CHATHISTORY TARGETS msgid=0AKXECCN00000 timestamp=2026-01-02T03:04:05.678Z 5",
     "FAIL CHATHISTORY INVALID_PARAMS TARGETS msgid=0AKXECCN00000 :Not a place in the history"},
  };
  for (auto& [line, expected] : rows)
    EXPECT_EQ(w.said(line), expected) << line;
  EXPECT_TRUE(w.asked.empty());
  const std::pair<chat::v1::Refusal, const char*> refusals[] = {
    {chat::v1::NO_SUCH_CHANNEL,
     "FAIL CHATHISTORY INVALID_TARGET LATEST #c :Messages could not be retrieved"},
    {chat::v1::NOT_ON_CHANNEL,
     "FAIL CHATHISTORY INVALID_TARGET LATEST #c :Messages could not be retrieved"},
    {chat::v1::NO_SUCH_MESSAGE,
     "FAIL CHATHISTORY MESSAGE_ERROR LATEST #c :Messages could not be retrieved"},
    {chat::v1::FAILED, "FAIL CHATHISTORY MESSAGE_ERROR LATEST #c :Messages could not be retrieved"},
  };
  for (auto& [why, expected] : refusals) {
    w.script = [r = refusal(why)](const irc::ask&) { return std::optional{r}; };
    EXPECT_EQ(w.said("CHATHISTORY LATEST #c * 5"), expected);
  }
}

Reply said_by_ann() {
  Reply r;
  r.set_channel("#C");
  auto& e = *r.add_events();
  e.set_id(256);
  e.set_time_ms(stamp_ms);
  e.set_channel("#C");
  *e.mutable_source() = irc_world::person(2, "ann");
  e.mutable_message()->set_text("hi");
  return r;
}

TEST_F(History, ComesInABatchOfTheTargetsName) { // IRCv3 batch chathistory
  w.script = [](const irc::ask&) { return std::optional{said_by_ann()}; };
  auto lines = w.ask("CHATHISTORY LATEST #c * 5");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], ":irc.example BATCH +1 chathistory #C");
  EXPECT_TRUE(lines[1].starts_with("@batch=1;") || lines[1].find(";batch=1") != lines[1].npos)
    << lines[1];
  EXPECT_TRUE(lines[1].ends_with(" :ann!~ann@ann.example PRIVMSG #C :hi")) << lines[1];
  EXPECT_EQ(lines[2], ":irc.example BATCH -1");
}

TEST_F(History, ComesBareToWhoKnowsNoBatch) { // draft/chathistory, Implementation
  irc_world other;
  other.enter("me", "draft/chathistory");
  other.script = [](const irc::ask&) { return std::optional{said_by_ann()}; };
  EXPECT_EQ(other.said("CHATHISTORY LATEST #c * 5"), ":ann!~ann@ann.example PRIVMSG #C :hi");
}

TEST_F(History, ListsConversations) { // draft/chathistory, TARGETS
  w.script = [](const irc::ask&) {
    Reply r;
    auto& x = *r.add_conversations();
    x.set_name("ann");
    x.set_latest_ms(stamp_ms);
    return std::optional{r};
  };
  EXPECT_EQ(w.said(std::string{"CHATHISTORY TARGETS "} + stamp + " " + stamp + " 5"),
            "BATCH +1 draft/chathistory-targets\n"
            "@batch=1 :irc.example CHATHISTORY TARGETS ann 2026-01-02T03:04:05.678Z\n"
            "BATCH -1");
}

TEST_F(History, IsShownAfterAJoinToOldClients) { // chat_history.on_join
  irc_world::setup s;
  s.settings.chat_history.on_join.value = 10;
  irc_world old{s};
  old.enter();
  old.script = [](const irc::ask& x) -> std::optional<Reply> {
    if (x.what.has_get_history())
      return said_by_ann();
    Reply r;
    r.set_channel("#C");
    return r;
  };
  EXPECT_EQ(old.said("JOIN #c"),
            "366 me #C :End of /NAMES list\n:ann!~ann@ann.example PRIVMSG #C :hi");
  irc_world fresh{s}; // SHOULD NOT play back anything to who can ask
  fresh.enter("me", "draft/chathistory");
  fresh.send("JOIN #c");
  EXPECT_EQ(fresh.asked.size(), 1u);
}

// -- draft/read-marker ----------------------------------------------------------------------------

irc_world::setup member() {
  return {};
}

struct Marker : testing::Test {
  Marker() : w{member()} {
    w.start_script = [](const chat::v1::Request&, Reply& r) {
      r.mutable_who()->set_account_id(42);
      r.mutable_who()->set_account("me");
    };
    w.enter("me", "draft/read-marker draft/persistence");
  }
  irc_world w;
};

TEST_F(Marker, IsSetAndRead) { // draft/read-marker, MARKREAD
  w.script = [](const irc::ask& x) {
    Reply r;
    r.set_marker_ms(x.what.has_set_marker() ? x.what.set_marker().time_ms() : 0);
    return std::optional{r};
  };
  EXPECT_EQ(w.said("MARKREAD #c"), "MARKREAD #c *");
  EXPECT_EQ(w.said(std::string{"MARKREAD #c "} + stamp), std::string{"MARKREAD #c "} + stamp);
  EXPECT_EQ(w.asked.back().set_marker().time_ms(), stamp_ms);
}

TEST_F(Marker, FailsAsTheTextSays) { // draft/read-marker, Errors and Warnings
  EXPECT_EQ(w.said("MARKREAD"), "FAIL MARKREAD NEED_MORE_PARAMS :Missing parameters");
  EXPECT_EQ(w.said("MARKREAD #c *"), "FAIL MARKREAD INVALID_PARAMS #c * :Not a time");
  EXPECT_EQ(w.said("MARKREAD #c timestamp=x"),
            "FAIL MARKREAD INVALID_PARAMS #c timestamp=x :Not a time");
  w.script = [](const irc::ask&) { return std::optional{refusal(chat::v1::FAILED)}; };
  EXPECT_EQ(w.said("MARKREAD #c"), "FAIL MARKREAD INTERNAL_ERROR #c :That does not work now");
  irc_world guest;
  guest.enter("me", "draft/read-marker");
  EXPECT_EQ(guest.said("MARKREAD #c"), "FAIL MARKREAD ACCOUNT_REQUIRED #c :You must be logged in");
}

TEST_F(Marker, IsBesidePersistence) { // draft/persistence
  w.script = [](const irc::ask& x) {
    EXPECT_EQ(x.what.set_option().name(), "persistence");
    Reply r;
    const std::pair<const char*, const char*> options[] = {
      {"persistence", "default"}, {"effective", "on"}, {"history", "off"}};
    for (auto& [name, value] : options) {
      auto& o = *r.add_options();
      o.set_name(name);
      o.set_value(value);
    }
    return std::optional{r};
  };
  EXPECT_EQ(w.said("PERSISTENCE GET"), "PERSISTENCE STATUS DEFAULT ON");
  EXPECT_EQ(w.asked.back().set_option().value(), "");
  EXPECT_EQ(w.said("PERSISTENCE SET OFF"), "PERSISTENCE STATUS DEFAULT ON");
  EXPECT_EQ(w.asked.back().set_option().value(), "off");
  EXPECT_EQ(w.said("PERSISTENCE X"),
            "FAIL PERSISTENCE INVALID_PARAMS X :GET, or SET with ON, OFF or DEFAULT");
}

// -- draft/metadata-2 -----------------------------------------------------------------------------

Reply with_options(std::initializer_list<std::pair<const char*, const char*>> all) {
  Reply r;
  for (auto& [name, value] : all) {
    auto& x = *r.add_options();
    x.set_name(name);
    x.set_value(value);
  }
  return r;
}

struct Metadata : testing::Test {
  Metadata() {
    w.put(irc_world::person(2, "ann"));
    w.script = [this](const irc::ask&) { return std::optional{reply}; };
    w.enter("me", "batch draft/metadata-2");
  }
  Reply reply;
  irc_world w;
};

TEST_F(Metadata, IsInTheBurst) { // draft/metadata-2, Notifications: before the end of the MOTD
  irc_world other;
  other.script = [](const irc::ask&) { return std::optional{with_options({{"url", "x"}})}; };
  auto said = other.said("CAP REQ :batch draft/metadata-2\nNICK me\nUSER me 0 * :R\nCAP END");
  auto at = said.find("@batch=1 :irc.example METADATA me url * :x\nBATCH -1\n");
  ASSERT_NE(at, said.npos) << said;
  EXPECT_LT(at, said.find("\n422 me"));
}

TEST_F(Metadata, AnswersForEachKeyInOrder) { // draft/metadata-2, METADATA GET, LIST
  reply = with_options({{"c", "1"}, {"a", "2"}});
  EXPECT_EQ(w.said("METADATA * GET a $b c d"), "BATCH +2 metadata me\n"
                                               "@batch=2 :irc.example 761 me me a * :2\n"
                                               "@batch=2 :irc.example FAIL METADATA KEY_INVALID "
                                               "$b :Not a key\n"
                                               "@batch=2 :irc.example 761 me me c * :1\n"
                                               "@batch=2 :irc.example 766 me me d :key not set\n"
                                               "BATCH -2");
  EXPECT_EQ(w.asked.back().read_metadata().keys_size(), 3);
  EXPECT_EQ(w.said("METADATA #c LIST"), "BATCH +3 metadata #c\n"
                                        "@batch=3 :irc.example 761 me #c c * :1\n"
                                        "@batch=3 :irc.example 761 me #c a * :2\n"
                                        "BATCH -3");
  w.asked.clear();
  EXPECT_EQ(w.said("METADATA * GET $b"), "BATCH +4 metadata me\n"
                                         "@batch=4 :irc.example FAIL METADATA KEY_INVALID $b "
                                         ":Not a key\nBATCH -4");
  EXPECT_TRUE(w.asked.empty()); // no keys would mean all of them
}

TEST_F(Metadata, IsSetAndCleared) { // draft/metadata-2, METADATA SET, CLEAR
  EXPECT_EQ(w.said("METADATA * SET url :a b"), "761 me me url * :a b");
  EXPECT_EQ(w.said("METADATA * SET url"), "766 me me url :key not set");
  reply = with_options({{"url", ""}});
  EXPECT_EQ(w.said("METADATA * CLEAR"), "BATCH +2 metadata me\n"
                                        "@batch=2 :irc.example 761 me me url * :\n"
                                        "BATCH -2");
}

TEST_F(Metadata, FailsAsTheTextSays) { // draft/metadata-2, Standard Replies
  using namespace chat::v1;
  struct row {
    const char* line;
    Refusal why;
    const char* expected;
  };
  const row rows[] = {
    {"METADATA * SET url", NOT_REGISTERED, "FAIL METADATA KEY_NOT_SET me url :The key is not set"},
    {"METADATA #c SET url", NO_SUCH_MESSAGE,
     "FAIL METADATA KEY_NOT_SET #c url :The key is not set"},
    {"METADATA #c SET url :x", NEEDS_OPERATOR,
     "FAIL METADATA KEY_NO_PERMISSION #c url :You may not change that"},
    {"METADATA #c CLEAR", NEEDS_OPERATOR,
     "FAIL METADATA KEY_NO_PERMISSION #c * :You may not change that"},
    {"METADATA * SET url :x", LIMIT_REACHED,
     "FAIL METADATA LIMIT_REACHED me :There are as many keys as there may be"},
    {"METADATA #s LIST", NO_SUCH_CHANNEL,
     "FAIL METADATA INVALID_TARGET #s :There is no such target"},
    {"METADATA * SET url :x", FAILED, "FAIL METADATA RATE_LIMITED me url 10 :Try again later"},
    {"METADATA nobody LIST", NONE, "FAIL METADATA INVALID_TARGET nobody :There is no such target"},
    {"METADATA ann SET url :x", NONE,
     "FAIL METADATA KEY_NO_PERMISSION ann url :That is somebody else"},
    {"METADATA ann CLEAR", NONE, "FAIL METADATA KEY_NO_PERMISSION ann * :That is somebody else"},
    {"METADATA * SET $url :x", NONE, "FAIL METADATA KEY_INVALID $url :Not a key"},
    {"METADATA * SET URL :x", NONE, "FAIL METADATA KEY_INVALID URL :Not a key"},
    {"METADATA * SET", NONE, "461 me METADATA :Not enough parameters"},
    {"METADATA * X", NONE, "FAIL METADATA SUBCOMMAND_INVALID X :Unknown subcommand"},
    {"METADATA *", NONE, "461 me METADATA :Not enough parameters"},
  };
  for (auto& row : rows) {
    reply = refusal(row.why);
    EXPECT_EQ(w.said(row.line), row.expected) << row.line;
  }
}

TEST_F(Metadata, HasSubscriptions) { // draft/metadata-2, METADATA SUB, UNSUB, SUBS
  irc_world::setup s;
  s.settings.chat_sizes.metadata_subscriptions.value = 3;
  irc_world other{s};
  other.enter("me", "batch draft/metadata-2");
  EXPECT_EQ(other.said("METADATA * SUBS"), "BATCH +2 metadata-subs\nBATCH -2");
  EXPECT_EQ(other.said("METADATA * SUB a b $c a"),
            "FAIL METADATA KEY_INVALID $c :Not a key\n770 me a :b");
  EXPECT_EQ(other.said("METADATA * SUB c d e"),
            "FAIL METADATA TOO_MANY_SUBS d :You follow as many keys as you may\n770 me :c");
  EXPECT_EQ(other.said("METADATA * SUBS"),
            "BATCH +3 metadata-subs\n@batch=3 :irc.example 772 me a b :c\nBATCH -3");
  EXPECT_EQ(other.said("METADATA * UNSUB a x"), "771 me a :x");
  EXPECT_EQ(other.said("METADATA * SUB d"), "770 me :d");
  EXPECT_EQ(other.said("JOIN #c"), "366 me #c :End of /NAMES list\n774 me #c :0");
}

TEST_F(Metadata, IsToldWhenAKeyOrAUserComesToBeOfInterest) { // draft/metadata-2, Notifications
  reply = with_options({{"url", "x"}});
  EXPECT_EQ(w.said("MONITOR + ann,none"), "730 me :ann!~ann@ann.example\n731 me :none");
  w.asked.clear();
  EXPECT_EQ(w.said("METADATA * SUB url"),
            "770 me :url\nMETADATA me url * :x\nMETADATA ann url * :x");
  EXPECT_EQ(w.asked.size(), 2u);
  EXPECT_EQ(w.said("METADATA * SUB url"), "770 me :url"); // nothing new
  w.send("MONITOR C");
  EXPECT_EQ(w.said("MONITOR + ann"), "730 me :ann!~ann@ann.example\nMETADATA ann url * :x");
  w.tell(note::what::appeared, "ann");
  EXPECT_EQ(joined(w.heard()), ":irc.example METADATA ann url * :x");
  w.tell(note::what::appeared, "none"); // gone again
  EXPECT_EQ(joined(w.heard()), "");
  w.send("METADATA * UNSUB url");
  w.heard();
  w.tell(note::what::appeared, "ann");
  EXPECT_EQ(joined(w.heard()), "");
  EXPECT_EQ(w.said("METADATA ann SUB url"),
            "FAIL METADATA INVALID_TARGET ann :There is no such target");
}

TEST_F(Metadata, HasValuesOfUtf8) { // draft/metadata-2, Keys and Values
  irc_world::setup s;
  s.settings.chat.utf8_only.value = false;
  irc_world other{s};
  other.enter("me", "batch draft/metadata-2");
  EXPECT_EQ(other.said("METADATA * SET url :caf\xe9"),
            "FAIL METADATA VALUE_INVALID :The value is too long, or not UTF-8");
}

TEST_F(Metadata, IsSynchronised) { // draft/metadata-2, METADATA SYNC
  reply = Reply{};
  reply.set_channel("#c");
  EXPECT_EQ(w.said("METADATA #c SYNC"), "BATCH +2 metadata #c\nBATCH -2"); // it follows nothing
  w.send("METADATA * SUB url");
  w.heard();
  reply = with_options({{"url", "x"}});
  reply.set_channel("#c");
  EXPECT_EQ(w.said("METADATA #c SYNC"), "BATCH +3 metadata #c\n"
                                        "@batch=3 :irc.example METADATA #c url * :x\n"
                                        "BATCH -3");
  EXPECT_EQ(w.asked.back().read_metadata().keys(0), "url");
}

} // namespace
} // namespace hamlet::irc
