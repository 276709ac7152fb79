// SPDX-License-Identifier: Apache-2.0
#include "lib/text/base64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace hamlet::base64 {

using namespace std::string_view_literals;

TEST(Base64, HasTheExamplesOfRfc4648Section10) {
  std::pair<std::string_view, std::string_view> examples[] = {{"", ""},
                                                              {"f", "Zg=="},
                                                              {"fo", "Zm8="},
                                                              {"foo", "Zm9v"},
                                                              {"foob", "Zm9vYg=="},
                                                              {"fooba", "Zm9vYmE="},
                                                              {"foobar", "Zm9vYmFy"}};
  for (auto& [bytes, text] : examples) {
    EXPECT_EQ(encode(bytes), text);
    EXPECT_EQ(decode(text), bytes);
  }
}

TEST(Base64, CarriesEveryOctet) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(decode(encode(bytes)), bytes);
  }
  EXPECT_EQ(encode("\xff\xef\xbe"sv), "/+++");
}

TEST(Base64, RefusesWhatIsNotExactlyOneEncoding) { // RFC 4648 §3.2, §3.3, §3.5
  for (auto text :
       {"Z"sv, "Zg"sv, "Zg="sv, "Zg==="sv, "Zg==Zg=="sv, "="sv, "===="sv, "A==="sv, "Zh=="sv,
        "Zm9="sv, "Zg==\r\n"sv, "Zm 9"sv, "Zm9\n"sv, "Zm9-"sv, "Zm_v"sv, "Zm\0v"sv, "Z=9v"sv,
        "\xc3\xa9"
        "AA"sv,
        "*"sv})
    EXPECT_EQ(decode(text), std::nullopt) << text;
}

} // namespace hamlet::base64
