// SPDX-License-Identifier: Apache-2.0
#include "lib/admin/token.hpp"

#include <gtest/gtest.h>

namespace hamlet::admin {

TEST(Tokens, AreKnownByTheirHashAlone) {
  auto token = make_token();
  auto hash = token_hash(token);
  ASSERT_TRUE(hash);
  EXPECT_EQ(hash->size(), 32u);
  EXPECT_EQ(token_hash(token), hash);
  EXPECT_NE(token_hash(make_token()), hash);
  EXPECT_EQ(hash->find(token.substr(20)), hash->npos);
}

TEST(Tokens, AreNothingElse) {
  auto token = make_token();
  for (auto& text : {std::string{}, std::string{"hamlet-admin-"}, token + "x", "x" + token,
                     token.substr(1), std::string(1 << 20, 'a')})
    EXPECT_EQ(token_hash(text), std::nullopt) << text.substr(0, 60);
}

TEST(Bearer, IsAWordOfAnyCase) { // RFC 6750 §2.1, RFC 9110 §11.1
  EXPECT_EQ(bearer("Bearer abc"), "abc");
  EXPECT_EQ(bearer("bearer abc"), "abc");
  EXPECT_EQ(bearer("Basic abc"), "");
  EXPECT_EQ(bearer("Bearer "), "");
  EXPECT_EQ(bearer(""), "");
}

TEST(TokenNames, AreShortAndPlain) {
  for (auto* good : {"a", "grafana-1", "01234567890123456789012345678901"})
    EXPECT_TRUE(is_token_name(good)) << good;
  for (auto* bad : {"", "A", "a b", "a.b", "012345678901234567890123456789012"})
    EXPECT_FALSE(is_token_name(bad)) << bad;
}

} // namespace hamlet::admin
