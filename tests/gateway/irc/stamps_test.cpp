// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/stamps.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {

TEST(Stamps, WritesTheFormOfServerTime) { // IRCv3 server-time
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(1'546'612'406'123), "2019-01-04T14:33:26.123Z");
  EXPECT_EQ(time_text(1'709'164'800'001), "2024-02-29T00:00:00.001Z");
  EXPECT_EQ(time_text(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Stamps, ReadsWhatItWrites) {
  for (auto ms : {0LL, 1'546'612'406'123LL, 1'709'164'800'001LL, -1LL})
    EXPECT_EQ(time_of(time_text(ms)), ms);
  EXPECT_EQ(time_of("2012-06-30T23:59:60.419Z"), time_of("2012-07-01T00:00:00.419Z"));
}

TEST(Stamps, StaysWithinFourDigitsOfYear) {
  EXPECT_EQ(time_text(INT64_MIN), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(INT64_MAX), "9999-12-31T23:59:59.999Z");
}

TEST(Stamps, RefusesOtherForms) {
  for (auto* text :
       {"", "2019-01-04", "2019-01-04T14:33:26Z", "2019-01-04T14:33:26.123",
        "2019-01-04 14:33:26.123Z", "2019-13-04T14:33:26.123Z", "2019-02-29T14:33:26.123Z",
        "2019-01-04T24:33:26.123Z", "2019-01-04T14:60:26.123Z", "2019-01-04T14:33:61.123Z",
        "2019-01-04T14:33:26.123ZZ", "-019-01-04T14:33:26.123Z"})
    EXPECT_EQ(time_of(text), std::nullopt) << text;
}

} // namespace hamlet::irc
