// SPDX-License-Identifier: Apache-2.0
#include "lib/text/confusable.hpp"
#include "lib/text/precis.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace hamlet::text {

TEST(Skeleton, IsTheSameForWhatLooksAlike) { // UTS #39 §4
  std::pair<std::string_view, std::string_view> pairs[] = {
    {"paypal", "p\u0430yp\u0430l"}, {"m", "rn"}, {"l", "1"}, {"l", "I"}, {"O", "\u041e"}};
  for (auto& [a, b] : pairs)
    EXPECT_EQ(skeleton(a), skeleton(b)) << a;
  EXPECT_NE(skeleton("a"), skeleton("\u00e4"));
  EXPECT_EQ(skeleton("\xff"), "\xff");
  EXPECT_EQ(skeleton(std::string(2000, 'm')), std::string(2000, 'm'));
  EXPECT_EQ(skeleton(std::string(1023, 'm')).size(), 2046u);
  EXPECT_EQ(skeleton(""), "");
}

TEST(Caseless, IsTheFormOfTheAccountWhereThereIsOne) { // RFC 8265 §3.3
  for (auto name : {"Romeo", "D\u00d6MI", "do\u0308mi", "\uff32\uff4f", "\u03a3\u0391\u03a3"})
    EXPECT_EQ(caseless(name), canonical_name(name).value()) << name;
  std::pair<std::string_view, std::string_view> others[] = {
    {"#A B", "#a b"}, {"\U0001f600X", "\U0001f600x"}, {"A\xff", "a\xff"}, {"", ""}};
  for (auto& [text, form] : others) {
    EXPECT_FALSE(canonical_name(text)) << text;
    EXPECT_EQ(caseless(text), form) << text;
  }
}

} // namespace hamlet::text
