// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/ban_mask.hpp"

#include <gtest/gtest.h>

namespace hamlet {

TEST(BanMaskTest, HasOneFormForAllThatMeanTheSame) {
  struct {
    const char *kind, *text, *normal;
  } rows[] = {
    {"kline", "*@bad.example", "*@bad.example"},
    {"kline", "bad.example", "*@bad.example"},
    {"kline", "*!~Bob@*.Bad.Example", "~bob@*.bad.example"},
    {"kline", "bob@10.0.0.5/24", "bob@10.0.0.0/24"},
    {"kline", "2001:db8::/32", "*@2001:db8::/32"},
    {"kline", "account:Bob", "~a:bob"},
    {"kline", "U:*@*.Bad.example", "~U:*@*.bad.example"},
    {"dline", "10.0.0.0/8", "10.0.0.0/8"},
    {"dline", "10.0.0.5/8", "10.0.0.0/8"},
    {"dline", "2001:DB8::1", "2001:db8::1"},
    {"dline", "::ffff:192.0.2.1", "192.0.2.1"},
    {"resv", "NickServ", "nickserv"},
    {"resv", "#Secret**", "#secret*"},
  };
  for (auto& x : rows) {
    auto mask = ban_mask::of(x.kind, x.text);
    ASSERT_TRUE(mask) << x.text;
    EXPECT_EQ(mask->text(), x.normal);
    EXPECT_EQ(mask->kind(), x.kind);
    auto again = ban_mask::of(x.kind, mask->text());
    ASSERT_TRUE(again) << x.normal;
    EXPECT_EQ(again->text(), x.normal);
  }
}

TEST(BanMaskTest, RefusesWhatCannotBeMeant) {
  struct {
    const char *kind, *text;
  } rows[] = {
    {"kline", ""},           {"kline", "bob"},
    {"kline", "bob!*@*"},    {"kline", "m:*@bad"},
    {"kline", "r:a_name"},   {"kline", "a b@c"},
    {"dline", ""},           {"dline", "bad.example"},
    {"dline", "10.0.0.*"},   {"dline", "10.0.0.0/33"},
    {"dline", "x@10.0.0.1"}, {"resv", ""},
    {"resv", "a!b@c"},       {"resv", "#a,b"},
    {"xline", "*"},          {"", "*@bad.example"},
  };
  for (auto& x : rows)
    EXPECT_FALSE(ban_mask::of(x.kind, x.text)) << x.kind << ' ' << x.text;
}

TEST(BanMaskTest, KnowsWhatIsForEverybody) {
  struct {
    const char *kind, *text;
  } all[] = {{"kline", "*@*"},         {"kline", "*!*@*"},  {"kline", "?*@*.*"},
             {"kline", "*@0.0.0.0/0"}, {"kline", "*@::/0"}, {"dline", "0.0.0.0/0"},
             {"dline", "::/0"},        {"resv", "*"},       {"resv", "#*"}},
    some[] = {{"kline", "*@*.net"}, {"kline", "~*@*"},      {"kline", "bob@0.0.0.0/0"},
              {"kline", "a:*"},     {"dline", "0.0.0.0/1"}, {"resv", "#a*"}};
  for (auto& x : all)
    EXPECT_TRUE(ban_mask::of(x.kind, x.text).value().is_for_everybody()) << x.text;
  for (auto& x : some)
    EXPECT_FALSE(ban_mask::of(x.kind, x.text).value().is_for_everybody()) << x.text;
}

} // namespace hamlet
