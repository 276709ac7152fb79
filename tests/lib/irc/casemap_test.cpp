// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/casemap.hpp"
#include "lib/text/confusable.hpp"
#include "lib/text/precis.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hamlet::irc {

using namespace std::string_view_literals;

TEST(Fold, IsOfAsciiLettersAndOfOtherScripts) { // modern (CASEMAPPING Parameter), RFC 8265 §3.3
  std::pair<std::string_view, std::string_view> names[] = {
    {"Dan", "dan"},
    {"[A]\\^{}|~", "[a]\\^{}|~"}, // not rfc1459
    {"#Caf\u00c9", "#caf\u00e9"},
    {"do\u0308mi", "d\u00f6mi"},
    {"\uff32\uff4f", "ro"},
    {"\u0416\u0443\u043a", "\u0436\u0443\u043a"},
    {"#\U0001f600X", "#\U0001f600x"},
    {"A\xff"
     "B",
     "a\xff"
     "b"},
    {"", ""},
  };
  for (auto& [name, folded] : names) {
    EXPECT_EQ(fold(name), folded) << name;
    EXPECT_EQ(fold(folded), folded) << name;
    EXPECT_TRUE(same_name(name, folded)) << name;
    if (auto account = text::canonical_name(name)) {
      EXPECT_EQ(*account, folded) << name;
    }
  }
  EXPECT_FALSE(same_name("[x]", "{x}"));
  EXPECT_FALSE(same_name("a", "\u00e4"));
}

TEST(Nick, IsValidOrNot) { // RFC 2812 §2.3.1
  for (auto name :
       {"a"sv, "Dan"sv, "[x]\\`_^{|}"sv, "a-1"sv, "_"sv, "a23456789012345678901234567890x"sv})
    EXPECT_EQ(is_valid_nick(name, 32, false), name.size() <= 32) << name;
  for (auto name : {""sv, "1a"sv, "-a"sv, "a b"sv, "a!b"sv, "a@b"sv, "#a"sv, "a*"sv, "a.b"sv,
                    "~a"sv, ":a"sv, "a,b"sv, "a\0b"sv,
                    "a\x02"
                    "b"sv,
                    "a\xff"sv, "a\u00a0b"sv,
                    "\u2163"sv, // no letter in names
                    "a\u202e"
                    "b"sv,        // turns the text around
                    "\uff11a"sv}) // folds to "1a"
    EXPECT_FALSE(is_valid_nick(name, 32, true)) << name;
  EXPECT_TRUE(is_valid_nick("J\u00fcrgen", 32, true));
  EXPECT_TRUE(is_valid_nick("\u0416\u0443\u043a", 32, true));
  EXPECT_FALSE(is_valid_nick("J\u00fcrgen", 32, false));
  EXPECT_FALSE(is_valid_nick("J\u00fcrgen", 6, true)); // octets
}

TEST(Channel, IsValidOrNot) { // RFC 2812 §1.3
  for (auto name : {"#a"sv, "##a"sv, "&local"sv, "#a*b?"sv, "#caf\u00e9"sv, "#\U0001f600"sv})
    EXPECT_TRUE(is_valid_channel(name, 64, true)) << name;
  for (auto name : {""sv, "#"sv, "a"sv, "+a"sv, "#a b"sv, "#a,b"sv, "#a\x07"sv, "#a:b"sv, "#a\0"sv,
                    "#a\r"sv, "#a\x7f"sv, "#a\xff"sv, "#a\u00a0"sv, "#a\u202e"sv,
                    "#a\uff0c"
                    "b"sv}) // folds to a comma
    EXPECT_FALSE(is_valid_channel(name, 64, true)) << name;
  EXPECT_FALSE(is_valid_channel("#caf\u00e9", 64, false));
  EXPECT_TRUE(is_valid_channel("#abc", 4, false));
  EXPECT_FALSE(is_valid_channel("#abcd", 4, false));
  EXPECT_TRUE(is_valid_channel("+a", 64, true, "#&+"));
}

TEST(User, IsValidOrNot) { // RFC 2812 §2.3.1
  for (auto name : {"dan"sv, "~dan"sv, "d.n-x_1"sv, "\u00fc"sv})
    EXPECT_TRUE(is_valid_user(name, 10)) << name;
  for (auto name : {""sv, "a@b"sv, "a!b"sv, "a b"sv, "a\0"sv, "a\r"sv, "*"sv, ":a"sv, "\xff"sv,
                    "12345678901"sv})
    EXPECT_FALSE(is_valid_user(name, 10)) << name;
}

TEST(ConfusableKey, IsTheSameForNamesThatLookAlike) { // UTS #39 §4
  std::pair<std::string_view, std::string_view> pairs[] = {
    {"paypal", "p\u0430yp\u0430l"}, // Cyrillic a
    {"Tom", "\u0422om"},            // Cyrillic Te, like T
    {"tom", "\u0422om"},
    {"ivan", "\u0399van"}, // Greek capital iota
    {"Ivan", "\u0399van"},
    {"mike", "rn\u0456ke"}, // m and rn, Cyrillic i
    {"bob", "b0b"},
  };
  for (auto& [a, b] : pairs)
    EXPECT_EQ(confusable_key(a), confusable_key(b)) << a;
  EXPECT_NE(confusable_key("tom"), confusable_key("tim"));
  EXPECT_NE(confusable_key("J\u00fcrgen"), confusable_key("Jurgen"));
  EXPECT_FALSE(needs_key_alone("Il1"));
  EXPECT_TRUE(needs_key_alone("p\u0430"));
}

TEST(ConfusableKey, OfAsciiIsTheOneOfItsFoldedForm) {
  std::string all;
  for (char x = '!'; x <= '~'; ++x)
    all += x;
  EXPECT_EQ(confusable_key(all), confusable_key(fold(all)));
  // The short way of ASCII is the long way of all others.
  auto whole = text::skeleton(fold(text::skeleton(all)));
  std::ranges::replace(whole, 'i', 'l');
  EXPECT_EQ(confusable_key(all), whole);
}

} // namespace hamlet::irc
