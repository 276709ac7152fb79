// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/irc/dialogue.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace hamlet::irc {

namespace {

using known_words = std::map<std::string, std::string>;

struct matching {
  const char* what;
  std::string pattern, line;
  bool is_pattern, fits;
};

class Matching : public testing::TestWithParam<matching> {};

TEST_P(Matching, IsAsWritten) {
  auto& x = GetParam();
  known_words known{{"old", "7"}};
  EXPECT_EQ(fits(x.pattern, x.line, x.is_pattern, known), x.fits) << x.what;
}

const std::string fresh = std::string{'\0'} + "new" + '\0';
const std::string old = std::string{'\0'} + "old" + '\0';

INSTANTIATE_TEST_SUITE_P(
  Dialogue, Matching,
  testing::Values(
    matching{"the same", "a b", "a b", false, true},
    matching{"a star is a star", "a *", "a b", false, false},
    matching{"star", "a *", "a b", true, true},
    matching{"literal star", "a \\*", "a b", true, false},
    matching{"tags in any order", "@a=1;b x", "@b;a=1 x", false, true},
    matching{"a tag too many", "@a=1 x", "@a=1;b x", true, false},
    matching{"a tag of another value", "@a=1 x", "@a=2 x", true, false},
    matching{"any value", "@a=* x", "@a=2 x", true, true},
    matching{"no tags", "x", "@a=1 x", true, false},
    matching{"names in any order", ":s 353 a = #c :b @a", ":s 353 a = #c :@a b", false, true},
    matching{"other names", ":s 353 a = #c :b a", ":s 353 a = #c :@a b", false, false},
    matching{"order of all else", ":s 352 a :b a", ":s 352 a :a b", false, false},
    matching{"a colon that means nothing", ":s MODE a +i", ":s MODE a :+i", false, true},
    matching{"the same, left out", ":s MODE a :+i", ":s MODE a +i", true, true},
    matching{"a colon that means something", "a :b c", "a b c", false, false},
    matching{"an empty last parameter", "a :", "a", false, false},
    matching{"a fresh word", "x " + fresh + " y", "x 9 y", true, true},
    matching{"a word has no blank", "x " + fresh + " y", "x 9 9 y", true, false},
    matching{"the same word twice", fresh + " " + fresh, "9 8", true, false},
    matching{"a known word", "x " + old, "x 7", true, true},
    matching{"another word", "x " + old, "x 8", true, false}));

TEST(Dialogue, KeepsWordsOnlyOfLinesThatFit) {
  known_words known;
  EXPECT_FALSE(fits(fresh + " x", "9 y", true, known));
  EXPECT_TRUE(known.empty());
  EXPECT_TRUE(fits(fresh + " y", "9 y", true, known));
  EXPECT_EQ(known["new"], "9");
}

TEST(Dialogue, RefusesWhatItCannotRead) {
  EXPECT_TRUE(parse_dialogue("# text\n\n@member alice\nalice> PING x\nalice! closed\n", "f"));
  for (auto* bad : {"alice PING", "Alice> PING", "alice! gone", "alice>PING", "> PING"})
    EXPECT_FALSE(parse_dialogue(bad, "f")) << bad;
}

/// Says to each client what stands in its list when something is sent.
class scripted : public dialogue_world {
public:
  void open(const std::string&, const std::vector<std::string>&) override {}
  void send(const std::string& client, std::string_view bytes) override {
    sent += client + ":" + std::string{bytes};
    for (auto& [who, line] : script)
      lines[who].push_back(line);
    script.clear();
  }
  std::optional<std::string> next_line(const std::string& client) override {
    if (lines[client].empty())
      return std::nullopt;
    auto line = lines[client].front();
    lines[client].pop_front();
    return line;
  }
  bool is_closed(const std::string&) override { return closed; }
  void hang_up(const std::string&) override {}
  void add_member(const std::string&, const std::string&) override {}
  void reload(const std::string&) override {}
  void certify(const std::string&) override {}
  std::string certificate() const override { return {}; }

  std::vector<std::pair<std::string, std::string>> script;
  std::map<std::string, std::deque<std::string>> lines;
  std::string sent;
  bool closed = false;
};

std::string played(const char* text, scripted world) {
  return play(parse_dialogue(text, "f").value(), world).value_or("as written");
}

TEST(Dialogue, HearsEachClientForItself) {
  scripted world;
  world.script = {{"alice", "one"}, {"bob", "two"}, {"alice", "three"}};
  EXPECT_EQ(played("bob> x\nalice< one\nalice< three\nbob< two", world), "as written");
  EXPECT_EQ(played("bob> x\nalice< three\nalice< one\nbob< two", world),
            "f:2: expected \"three\", heard \"one\"");
  EXPECT_EQ(played("bob> x\nalice< one\nalice< three", world), "f: bob also heard \"two\"");
  EXPECT_EQ(played("bob> x\nalice*\nalice< three\nbob< two", world), "as written");
  EXPECT_EQ(played("bob> x\nalice& three\nalice& one\nbob< two", world), "as written");
  EXPECT_EQ(played("bob> x\nalice& three\nalice& one\nalice& four\nbob< two", world),
            "f:5: expected \"four\" or the like, heard \"nothing\"");
  EXPECT_EQ(played("bob> x\n@silent bob", world), "f:2: expected no more, heard \"two\"");
}

TEST(Dialogue, TellsAnEndFromSilence) {
  scripted world;
  EXPECT_EQ(played("alice> x\nalice! closed", world), "f:2: the server did not hang up");
  world.closed = true;
  EXPECT_EQ(played("alice> x\nalice! closed", world), "as written");
  EXPECT_EQ(played("alice> x\n@silent alice", world), "f:2: the server hung up");
}

TEST(Dialogue, UsesWhatItHasCaptured) {
  scripted world;
  world.script = {{"alice", "id 7"}};
  EXPECT_EQ(played("alice> x\nalice~ id \\<n>\nbob> use ${n}", world), "as written");
  EXPECT_EQ(played("alice> x\nalice~ id \\<n>\nbob> use ${m}", world), "f:3: unknown value ${m}");
}

} // namespace

} // namespace hamlet::irc
