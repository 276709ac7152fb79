// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/message.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

// "source|COMMAND|a|b", or what is wrong.
std::string shown(std::string_view line) {
  auto x = parse(line);
  if (!x) {
    constexpr std::string_view why[] = {"empty", "tags_too_long", "too_long", "bad_form"};
    return std::string{why[static_cast<std::size_t>(x.error())]};
  }
  auto out = x->source + "|" + x->command;
  for (auto& one : x->params)
    out += "|" + one;
  return out;
}

std::vector<tag> tags_of(std::string_view line) {
  return parse(line).value_or(message{}).tags;
}

} // namespace

TEST(Message, IsTakenApart) { // RFC 2812 §2.3.1
  std::pair<std::string_view, std::string_view> lines[] = {
    {"PING", "|PING"},
    {"ping a", "|PING|a"},
    {"CAP LS 302", "|CAP|LS|302"},
    {":dan!d@localhost PRIVMSG #chan :Hey what's up!",
     "dan!d@localhost|PRIVMSG|#chan|Hey what's up!"},
    {"PRIVMSG #c Hey!", "|PRIVMSG|#c|Hey!"},
    {"PRIVMSG #c ::-)", "|PRIVMSG|#c|:-)"},
    {"CAP * LIST :", "|CAP|*|LIST|"},
    {"TOPIC #c : spaces stay ", "|TOPIC|#c| spaces stay "},
    {"PRIVMSG a:b :c", "|PRIVMSG|a:b|c"},
    {":irc.example 001 me :Hello", "irc.example|001|me|Hello"},
    {"PRIV\xc3\xa4 x", "|PRIV\xc3\xa4|x"}, // for 421
    // modern, Parameters: SPACE is one or more
    {"  PING   a   b   ", "|PING|a|b"},
    {":src   PING   :a  b", "src|PING|a  b"},
    {"@a=1   PING x", "|PING|x"},
    {"PING :", "|PING|"},
    {"PING  :", "|PING|"},
  };
  for (auto& [line, expected] : lines)
    EXPECT_EQ(shown(line), expected) << line;
}

TEST(Message, TakesTheRestAsThe15thParameter) { // RFC 2812 §2.3.1
  EXPECT_EQ(shown("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 :17"),
            "|X|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15 16 :17");
  EXPECT_EQ(shown("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16"),
            "|X|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15 16");
  EXPECT_EQ(shown("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 "), "|X|1|2|3|4|5|6|7|8|9|10|11|12|13|14");
}

TEST(Message, HasAFormOrNone) {
  std::pair<std::string_view, std::string_view> lines[] = {
    {"", "empty"},
    {"   ", "empty"},
    {":", "bad_form"},
    {":src", "bad_form"},
    {":src ", "bad_form"},
    {"@a", "bad_form"},
    {"@a ", "bad_form"},
    {"@a :src ", "bad_form"},
    {"!x", "bad_form"},
    {":a :b", "bad_form"},
    {"PING a\0b"sv, "bad_form"},
    {"PING a\rb", "bad_form"},
    {"PING a\nQUIT", "bad_form"},
    {"@a=\n PING", "bad_form"},
  };
  for (auto& [line, expected] : lines)
    EXPECT_EQ(shown(line), expected) << line;
}

TEST(Message, IsBoundedByTheLengthOfItsParts) { // RFC 2812 §2.3, IRCv3 message-tags (Size limit)
  auto rest = [](std::size_t size) { return "PING " + std::string(size - 5, 'x'); };
  auto tags = [](std::size_t data) { return "@" + std::string(data, 'a') + " "; };
  EXPECT_TRUE(parse(rest(510)));
  EXPECT_EQ(shown(rest(511)), "too_long");
  EXPECT_TRUE(parse(tags(4094) + rest(510)));
  EXPECT_EQ(shown(tags(4095) + rest(510)), "tags_too_long");
  EXPECT_EQ(shown(tags(4094) + rest(511)), "too_long");
  EXPECT_TRUE(parse(tags(8189) + rest(510), server_limits));
  EXPECT_FALSE(parse(tags(8190) + rest(510), server_limits));
}

TEST(Tags, HaveTheirValuesUnescaped) { // IRCv3 message-tags (Escaping values)
  std::pair<std::string_view, std::string_view> values[] = {
    {"plain", "plain"},       {"a\\:b", "a;b"},   {"a\\sb", "a b"}, {"\\\\", "\\"},
    {"\\r\\n", "\r\n"},       {"test\\", "test"}, {"\\b", "b"},     {"\\\\s", "\\s"},
    {"a=b", "a=b"},           {"\\", ""},         {"", ""},         {"\\\\\\", "\\"},
    {"\xc3\xa4", "\xc3\xa4"},
  };
  for (auto& [escaped, value] : values) {
    EXPECT_EQ(unescape_tag_value(escaped), value) << escaped;
    EXPECT_EQ(unescape_tag_value(escape_tag_value(value)), value) << value;
  }
  EXPECT_EQ(escape_tag_value("; \\\r\n"), "\\:\\s\\\\\\r\\n");
}

TEST(Tags, AreFoundUnderTheirKeys) { // IRCv3 message-tags (Format)
  auto x = parse("@id=234AB;+draft/react=x;example.com/key=a\\sb;empty=;none PING").value();
  EXPECT_EQ(x.tag_value("id"), "234AB");
  EXPECT_EQ(x.tag_value("example.com/key"), "a b");
  EXPECT_EQ(x.tag_value("empty"), "");
  EXPECT_EQ(x.tag_value("none"), "");
  EXPECT_EQ(x.tag_value("ID"), std::nullopt);
  ASSERT_NE(x.find_tag("+draft/react"), nullptr);
  EXPECT_TRUE(x.find_tag("+draft/react")->is_client_only());
  EXPECT_FALSE(x.find_tag("id")->is_client_only());
}

TEST(Tags, CountOnceAndTheLastOne) { // IRCv3 message-tags (Format)
  EXPECT_EQ(tags_of("@a=1;b=2;a=3 PING"), (std::vector<tag>{{"a", "3"}, {"b", "2"}}));
  EXPECT_EQ(tags_of("@a=1;a PING"), (std::vector<tag>{{"a", ""}}));
  EXPECT_EQ(tags_of("@;;=x;a=1; PING"), (std::vector<tag>{{"a", "1"}}));
  EXPECT_EQ(tags_of("@\xff$%=x PING"), (std::vector<tag>{{"\xff$%", "x"}})); // no key is refused
  EXPECT_EQ(tags_of("@ PING"), std::vector<tag>{});
}

TEST(Serialise, WritesWhatParseReads) {
  for (auto line : {"PING"sv, ":a!b@c PRIVMSG #c :a b"sv, "@a=1;+b=x\\sy;c :s PING :"sv,
                    "PRIVMSG #c ::-)"sv, "X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16"sv})
    EXPECT_EQ(serialise(parse(line).value()), line);
  message x;
  x.command = "PRIVMSG";
  x.params = {"#c", "hi"};
  EXPECT_EQ(serialise(x), "PRIVMSG #c hi");
  x.colon = true;
  EXPECT_EQ(serialise(x), "PRIVMSG #c :hi");
}

TEST(Serialise, NeverMakesTwoLinesOfOne) {
  message x;
  x.source = "a\r\nb c";
  x.command = "PRIVMSG\n";
  x.params = {"", ":a b", "x\r\nQUIT\0y"s};
  x.tags = {{"bad key", "v"}, {"k\n", "v"}, {"", "v"}, {"ok", "a\r\n\0;"s}};
  EXPECT_EQ(serialise(x), "@ok=a\\r\\n\\: :a__b_c PRIVMSG_ * _a_b :x  QUIT y");
}

TEST(Serialise, LeavesOutTheValueThatIsEmpty) { // IRCv3 message-tags (Format)
  EXPECT_EQ(serialise_tags({{"a", ""}, {"b", "1"}}), "@a;b=1 ");
  EXPECT_EQ(serialise_tags({}), "");
}

TEST(Message, HasTagsOfTheServerBeforeThoseOfClients) { // IRCv3 message-tags, Client-only tags
  message x;
  x.set_tag("time", "1");
  x.set_tag("+a", "2");
  x.set_tag("+b", "3");
  x.set_tag("batch", "4");
  x.set_tag("+a", "5");
  EXPECT_EQ(serialise_tags(x.tags), "@time=1;batch=4;+a=5;+b=3 ");
}

TEST(Message, ChangesATagOrAddsIt) {
  message x;
  x.set_tag("a", "1");
  x.set_tag("b");
  x.set_tag("a", "2");
  EXPECT_EQ(x.tags, (std::vector<tag>{{"a", "2"}, {"b", ""}}));
  EXPECT_EQ(x.param(3), "");
}

} // namespace hamlet::irc
