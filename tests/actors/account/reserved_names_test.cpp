// SPDX-License-Identifier: Apache-2.0
#include "actors/account/fingerprint.hpp"
#include "actors/account/reserved_names.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hamlet {

TEST(ReservedNames, AreNotForStrangers) {
  for (auto name : {"postmaster", "abuse", "root", "nickserv", "chanserv", "services", "admin",
                    "www", "hostmaster", "teacher"}) { // RFC 2142 §4, §5
    EXPECT_FALSE(is_free_to_register(name, 32, false, std::vector<std::string>{"Teacher"})) << name;
  }
  EXPECT_TRUE(is_reserved_name("NickServ", {}));
}

TEST(ReservedNames, LeaveNicksThatAreLocalParts) { // RFC 2812 §2.3.1, RFC 5321 §4.1.2
  for (auto name : {"ann", "a", "ann-lee", "ann_2", "x^y", "`tick", "{a|b}"})
    EXPECT_TRUE(is_free_to_register(name, 32, false, {})) << name;
  for (auto name : {"", "2ann", "-ann", "ann.lee", "[ann]", "a\\b", "ann@x", "ann/3", "ann lee",
                    "a,b", "a*", "\xC3\xA4nn"})
    EXPECT_FALSE(is_free_to_register(name, 32, false, {})) << name;
  EXPECT_TRUE(is_free_to_register("\xC3\xA4nn", 32, true, {}));
  EXPECT_FALSE(is_free_to_register("abcdefghij", 9, false, {}));
}

TEST(Fingerprint, IsTakenAsProgramsPrintIt) {
  std::string plain, colons;
  for (int i = 0; i < 32; ++i) {
    plain += "ab";
    colons += i == 0 ? "AB" : ":AB";
  }
  EXPECT_EQ(canonical_fingerprint(plain), plain);
  EXPECT_EQ(canonical_fingerprint(colons), plain);
  for (auto wrong : {std::string{}, plain + "a", plain.substr(1), std::string(64, 'g'),
                     std::string(200, ':') + plain})
    EXPECT_EQ(canonical_fingerprint(wrong), std::nullopt) << wrong;
}

} // namespace hamlet
