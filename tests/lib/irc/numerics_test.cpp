// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/numerics.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {

TEST(Numerics, HaveThreeDigitsAndAName) { // RFC 2812 §2.4
  static_assert(digits(numeric::rpl_welcome) == std::array{'0', '0', '1'});
  static_assert(digits(numeric::err_sasltoolong) == std::array{'9', '0', '5'});
  static_assert(to_string(numeric::rpl_isupport) == "rpl_isupport");
  EXPECT_TRUE(is_error(numeric::err_nosuchnick));
  EXPECT_FALSE(is_error(numeric::rpl_away));
  EXPECT_EQ(to_string(static_cast<numeric>(999)), "");
}

TEST(Numerics, AreInOrderAndOnce) {
  unsigned last = 0;
#define X(number, name)                                                                            \
  EXPECT_GT(number##u, last);                                                                      \
  last = number;
#define ALIAS(number, name) EXPECT_EQ(number##u, last);
#include "lib/irc/numerics.inc"
#undef X
#undef ALIAS
  EXPECT_GT(last, 900u);
}

} // namespace hamlet::irc
