// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/password.hpp"
#include "lib/crypto/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace hamlet::crypto {

namespace {

constexpr argon2_cost cheap{1, 8u << 10u};

} // namespace

TEST(Password, IsVerifiedAgainstItsHash) {
  auto hash = hash_password("correct horse", cheap);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << *hash;
  EXPECT_TRUE(verify_password(*hash, "correct horse"));
  EXPECT_FALSE(verify_password(*hash, "correct horsf"));
  EXPECT_FALSE(verify_password(*hash, ""));
  EXPECT_NE(*hash, *hash_password("correct horse", cheap)) << "each has its own salt";
}

TEST(Password, FitsNoHashWithoutLegalForm) {
  for (auto& hash : {std::string{}, std::string{"x"}, std::string{"$argon2id$v=19$m=8,t=1,p=1$"},
                     std::string(1000, '$')}) {
    EXPECT_FALSE(verify_password(hash, ""));
    EXPECT_TRUE(needs_rehash(hash));
  }
}

TEST(Password, IsHashedAgainWhenTheCostChanges) {
  auto hash = hash_password("x", cheap).value();
  EXPECT_FALSE(needs_rehash(hash, cheap));
  EXPECT_TRUE(needs_rehash(hash, {2, cheap.mem_bytes}));
  EXPECT_TRUE(needs_rehash(hash, {cheap.ops, 16u << 10u}));
  EXPECT_TRUE(needs_rehash(hash));
}

TEST(Password, CostsAtLeastWhatTheAlgorithmAsks) {
  EXPECT_EQ(hash_password("x", {0, cheap.mem_bytes}).error().code, errc::bad_setup);
  EXPECT_EQ(hash_password("x", {1, 1024}).error().code, errc::bad_setup);
}

TEST(DevicePassword, HasFiveGroupsWithoutLookAlikes) {
  std::set<std::string> seen;
  std::set<char> used;
  for (int i = 0; i < 1000; ++i) {
    auto password = device_password();
    ASSERT_EQ(password.size(), 24u);
    for (std::size_t k = 0; k < password.size(); ++k)
      if (k % 5 == 4)
        ASSERT_EQ(password[k], '-');
      else
        used.insert(password[k]);
    seen.insert(password);
  }
  EXPECT_EQ(seen.size(), 1000u);
  EXPECT_EQ(std::string(used.begin(), used.end()), "23456789abcdefghjkmnpqrstuvwxyz");
}

TEST(RandomText, IsPrintableWithoutCommas) {
  auto text = random_text(10'000);
  EXPECT_EQ(text.size(), 10'000u);
  EXPECT_EQ(std::set<char>(text.begin(), text.end()).size(), 62u);
  EXPECT_EQ(text.find(','), text.npos);
  EXPECT_NE(random_text(24), random_text(24));
  EXPECT_NE(random_bytes(16), random_bytes(16));
}

} // namespace hamlet::crypto
