// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/transcript.hpp"

#include <gtest/gtest.h>

#include <deque>

using namespace hamlet;
using namespace hamlet::conformance;

namespace {

/// Says what the test tells it to, one packet at a time.
struct parrot : peer {
  std::vector<std::string> sent;
  std::deque<std::string> lines;
  std::vector<std::string> directives;
  bool closed = false;

  std::optional<std::string> directive(std::string_view word, std::string_view argument) override {
    directives.push_back(std::string{word} + "|" + std::string{argument});
    return std::nullopt;
  }
  void send(std::string_view bytes) override { sent.emplace_back(bytes); }
  std::optional<std::string> next_line() override {
    if (lines.empty())
      return std::nullopt;
    auto line = lines.front();
    lines.pop_front();
    return line;
  }
  bool is_closed() override { return closed; }
  bool start_tls() override { return false; }
  void hang_up() override { closed = true; }
  std::optional<std::string> value_of(std::string_view what) override {
    if (what.starts_with("twice "))
      return std::string{what.substr(6)} + std::string{what.substr(6)};
    return std::nullopt;
  }
};

std::string fault(std::string_view text, parrot& bird) {
  auto chat = parse(text, "t");
  if (!chat)
    return chat.error().detail;
  return play(*chat, bird).value_or("");
}

TEST(Transcript, SendsConsecutiveLinesInOnePacket) {
  parrot bird;
  bird.lines = {"a"};
  EXPECT_EQ(fault("C: x\nC< y\nS: a\nC:\n", bird), "");
  EXPECT_EQ(bird.sent, (std::vector<std::string>{"x\r\ny", "\r\n"}));
}

TEST(Transcript, ExpandsEscapesAndValues) {
  struct {
    std::string_view text;
    std::string result;
  } table[] = {
    {"a\\r\\n\\t\\\\\\$", "a\r\n\t\\$"}, {"\\x00\\xff", std::string{"\0\xff", 2}},
    {"<\\{3 ab}>", "<ababab>"},          {"\\{2 \\x41}", "AA"},
    {"-${twice \\x41b}-", "-AbAb-"},     {"$ {}", "$ {}"},
    {"${twice \\{2 ab}}.", "abababab."},
  };
  parrot bird;
  for (auto& [text, wanted] : table)
    EXPECT_EQ(expand(text, bird).value_or("?"), wanted) << text;
  for (auto bad : {"\\q", "\\", "\\x4", "\\x4G", "\\{x a}", "\\{3}", "${who}", "\\{99999999 ab}"})
    EXPECT_FALSE(expand(bad, bird)) << bad;
}

TEST(Transcript, CoversWithStarsAndQuestionMarks) {
  EXPECT_TRUE(covers("+OK *", "+OK "));
  EXPECT_TRUE(covers("*<?@*>*", "+OK <1@h> x"));
  EXPECT_TRUE(covers("a*b*c", "aXbYbZc"));
  EXPECT_TRUE(covers("\\*", "*"));
  EXPECT_FALSE(covers("\\*", "x"));
  EXPECT_FALSE(covers("+OK *", "+OK"));
  EXPECT_FALSE(covers("a?", "a"));
  EXPECT_FALSE(covers("a", "ab"));
  EXPECT_FALSE(covers("", "a"));
  EXPECT_TRUE(covers("**", ""));
}

TEST(Transcript, TellsTheLineThatFailed) {
  parrot bird;
  bird.lines = {"a", "b\x01"};
  EXPECT_EQ(fault("# c\nS: a\n\nS: c\n", bird), "t:4: expected \"c\", heard \"b\\x01\"");
  EXPECT_EQ(fault("S~ x*\n", bird), "t:1: expected \"x*\", heard nothing");
}

TEST(Transcript, WantsNoWordMoreThanExpected) {
  parrot bird;
  bird.lines = {"a", "b"};
  EXPECT_EQ(fault("S: a\n", bird), "t: the server also said \"b\"");
  bird.lines = {"b"};
  EXPECT_EQ(fault("S! silent\n", bird), "t:1: expected no more, heard \"b\"");
}

TEST(Transcript, SkipsUpToTheNextExpectation) {
  parrot bird;
  bird.lines = {"a", "b", "c"};
  EXPECT_EQ(fault("S*\nS: b\nS: c\n", bird), "");
  bird.lines = {"a"};
  EXPECT_EQ(fault("S*\nS: b\n", bird), "t:2: expected \"b\", never came");
}

TEST(Transcript, KnowsWhoHangsUp) {
  parrot bird;
  EXPECT_EQ(fault("S! silent\nC! closes\nS! closed\n", bird), "");
  bird.closed = false;
  EXPECT_EQ(fault("S! closed\n", bird), "t:1: the server did not hang up");
  EXPECT_EQ(fault("C! tls\n", bird), "t:1: the server wants no TLS now");
}

TEST(Transcript, HandsDirectivesToThePeer) {
  parrot bird;
  EXPECT_EQ(fault("@tls\n@message 1 Subject: x\\r\\n\n", bird), "");
  EXPECT_EQ(bird.directives, (std::vector<std::string>{"tls|", "message|1 Subject: x\r\n"}));
}

TEST(Transcript, RefusesWhatItCannotRead) {
  for (auto bad : {"C:x", "hello", "S? a", "S", "C! dances"}) {
    auto chat = parse(bad, "t");
    ASSERT_FALSE(chat) << bad;
    EXPECT_TRUE(chat.error().detail.starts_with("t:1: ")) << bad;
  }
}

} // namespace
