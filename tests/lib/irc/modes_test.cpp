// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/modes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <sstream>

namespace hamlet::irc {

namespace {

std::vector<std::string> words(const std::string& text) {
  std::istringstream in{text};
  return {std::istream_iterator<std::string>{in}, {}};
}

// "+o nick,-m ?b !x <k >l=0 …": changes, lists, unknown, missing, invalid.
std::string shown(const mode_request& x) {
  std::string out;
  auto add = [&out](std::string what) { out += (out.empty() ? "" : " ") + what; };
  for (auto& one : x.changes)
    add((one.add ? "+" : "-") + std::string{one.letter}
        + (one.param.empty() ? "" : "=" + one.param));
  if (!x.lists.empty())
    add("list:" + x.lists);
  if (!x.unknown.empty())
    add("unknown:" + x.unknown);
  if (!x.missing.empty())
    add("missing:" + x.missing);
  for (auto& one : x.invalid)
    add("invalid:" + std::string{one.letter} + "=" + one.param);
  if (x.over_limit)
    add("over");
  return out;
}

std::string channel(const std::string& text, std::size_t limit = 20) {
  return shown(parse_channel_modes(words(text), limit));
}

} // namespace

TEST(Modes, AreReadInTheirOrder) { // RFC 2812 §3.2.3, RFC 2811 §4
  std::pair<const char*, const char*> commands[] = {
    {"+imI *!*@*.fi", "+i +m +I=*!*@*.fi"},
    {"+o Kilroy", "+o=Kilroy"},
    {"-s", "-s"},
    {"+k oulu", "+k=oulu"},
    {"-k oulu", "-k=oulu"},
    {"-k", "-k=*"},
    {"+l 10", "+l=10"},
    {"-l", "-l"},
    {"-l x", "-l"},
    {"+b", "list:b"},
    {"b", "list:b"},
    {"-b", "list:b"},
    {"beIb", "list:beI"},
    {"+b *!*@*.edu +e *!*@*.bu.edu", "+b=*!*@*.edu +e=*!*@*.bu.edu"},
    {"+be *!*@*.edu *!*@*.bu.edu", "+b=*!*@*.edu +e=*!*@*.bu.edu"},
    {"+ov-b nick nick mask", "+o=nick +v=nick -b=mask"},
    {"+o-v a b c d", "+o=a -v=b"}, // the rest belongs to nothing
    {"+nt-s+m", "+n +t -s +m"},
    {"nt", "+n +t"},
    {"+ob a", "+o=a list:b"},
    {"+-+", ""},
    {"", ""},
  };
  for (auto& [text, expected] : commands)
    EXPECT_EQ(channel(text), expected) << text;
}

TEST(Modes, ThatAreWrongAreNamed) {
  std::pair<const char*, const char*> commands[] = {
    {"+yYyn", "+n unknown:yY"}, // 472
    {"+\xc3\xa4", "unknown:\xc3\xa4"},
    {"+ol", "missing:ol"},
    {"-o", "missing:o"},
    {"+l 0", "invalid:l=0"},
    {"+l -5", "invalid:l=-5"},
    {"+l 99999999999", "invalid:l=99999999999"},
    {"+l 007", "+l=7"},
    {"+k a,b", "invalid:k=a,b"},
    {"+k :a", "invalid:k=:a"},
    {"+k 123456789012345678901234", "invalid:k=123456789012345678901234"},
    {"+k \xc3\xa4", "invalid:k=\xc3\xa4"},
    {"+f 5:10", "+f=5:10"},
    {"+j 5", "invalid:j=5"},
    {"+j 0:1", "invalid:j=0:1"},
    {"+H 50:604800", "+H=50:604800"},
    {"+L #other", "+L=#other"},
    {"+L other", "invalid:L=other"},
  };
  for (auto& [text, expected] : commands)
    EXPECT_EQ(channel(text), expected) << text;
  std::vector<std::string> empty_param{"+k", ""};
  EXPECT_EQ(shown(parse_channel_modes(empty_param, 5)), "missing:k");
}

TEST(Modes, WithParametersAreLimited) { // RFC 2812 §3.2.3
  EXPECT_EQ(channel("+ooo a b c", 3), "+o=a +o=b +o=c");
  EXPECT_EQ(channel("+noovot a b c d", 3), "+n +o=a +o=b +v=c +t over");
  EXPECT_EQ(channel("+ooonb a b c", 3), "+o=a +o=b +o=c +n list:b");
}

TEST(Modes, OfUsersAreRead) { // RFC 2812 §3.1.5
  std::pair<const char*, const char*> commands[] = {
    {"+i", "+i"},   {"-o+w", "-o +w"},       {"iw", "+i +w"},  {"+s ck", "+s=ck"},
    {"-s x", "-s"}, {"+qi", "+i unknown:q"}, {"+sB", "+s +B"}, {"+o", "+o"},
  };
  for (auto& [text, expected] : commands)
    EXPECT_EQ(shown(parse_user_modes(words(text))), expected) << text;
}

TEST(Modes, AreWrittenInLinesThatFit) {
  std::vector<mode_change> changes{
    {true, 'o', "a"}, {true, 'v', "b"}, {false, 'b', "m"}, {false, 's', ""}, {true, 'n', ""}};
  using lines = std::vector<std::string>;
  EXPECT_EQ(format_modes(changes, 400), (lines{"+ov-bs+n a b m"}));
  EXPECT_EQ(format_modes(changes, 400, 2), (lines{"+ov a b", "-bs+n m"}));
  EXPECT_EQ(format_modes(changes, 7), (lines{"+ov a b", "-bs+n m"}));
  EXPECT_EQ(format_modes(changes, 6), (lines{"+o a", "+v b", "-bs m", "+n"}));
  EXPECT_EQ(format_modes({}, 400), lines{});
  for (auto room : {8u, 20u, 50u}) {
    std::vector<mode_change> many(40, {true, 'b', "abc"});
    std::size_t count = 0;
    for (auto& line : format_modes(many, room)) {
      EXPECT_LE(line.size(), room);
      auto one = parse_channel_modes(words(line), 100);
      count += one.changes.size();
    }
    EXPECT_EQ(count, many.size());
  }
}

TEST(ModeTable, MakesTheTokens) { // modern (CHANMODES Parameter, PREFIX Parameter)
  EXPECT_EQ(prefix_token(), "(qaohv)~&@%+");
  EXPECT_EQ(statusmsg_token(), "~&@%+");
  EXPECT_EQ(chanmodes_token(), "beI,k,HLfjl,CMNOPQRSTUVcgimnprstuz");
  EXPECT_EQ(user_mode_letters(), "BCDGIRTZagiorswx");
  EXPECT_EQ(channel_mode_letters(), "CHILMNOPQRSTUVabcefghijklmnopqrstuvz");
  EXPECT_EQ(channel_modes_with_param(), "HILabefhjkloqv");
}

TEST(ModeTable, HasEachLetterOnce) {
  auto letters = channel_mode_letters();
  EXPECT_EQ(std::ranges::adjacent_find(letters), letters.end());
  letters = user_mode_letters();
  EXPECT_EQ(std::ranges::adjacent_find(letters), letters.end());
  EXPECT_EQ(find_prefix('@')->letter, 'o');
  EXPECT_EQ(find_prefix('x'), nullptr);
  EXPECT_EQ(find_prefix(0), nullptr);
  EXPECT_EQ(find_user_mode('y'), nullptr);
}

TEST(ModeLetters, AreASetInAnInteger) {
  mode_letters x;
  EXPECT_TRUE(x.empty());
  for (auto letter : {'t', 'n', 'Z', 'A', 'z', 'a'})
    x.set(letter);
  x.set('a', false);
  x.set('!');
  EXPECT_EQ(x.text(), "AZntz");
  EXPECT_TRUE(x.has('t'));
  EXPECT_FALSE(x.has('T'));
  EXPECT_FALSE(x.has('!'));
  EXPECT_EQ(mode_letters{x.bits()}, x);
}

} // namespace hamlet::irc
