// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/ledger.hpp"

#include <gtest/gtest.h>

namespace hamlet::pki {

namespace {

TEST(Ledger, IsReadAsItWasWritten) {
  ledger books;
  books.tokens.push_back({"id", "key", 5});
  books.issued.push_back({"0a", "alpha", 7});
  books.revocations.push_back({"0a", 6});
  books.number = 3;
  auto read = ledger::read(books.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text(), books.text());
  EXPECT_EQ(read->tokens.size(), 1u);
  EXPECT_FALSE(ledger::read("issued only-a-serial\n"));
  EXPECT_FALSE(ledger::read("gift\n"));
}

TEST(Ledger, ATokenIsSpentOnceAndInTime) {
  ledger books;
  books.tokens = {{"early", "k", 100}, {"late", "k", 10}};
  EXPECT_TRUE(books.spend("early", 50));
  EXPECT_FALSE(books.spend("early", 50));
  EXPECT_FALSE(books.spend("late", 10));
  EXPECT_FALSE(books.spend("unknown", 0));
}

TEST(Ledger, RevokesBySerialOrNode) {
  ledger books;
  books.issued = {{"01", "alpha", 99}, {"02", "alpha", 99}, {"03", "beta", 99}};
  EXPECT_EQ(books.revoke("03", 5), 1u);
  EXPECT_EQ(books.revoke("03", 5), 0u);
  EXPECT_EQ(books.revoke("alpha", 5), 2u);
  EXPECT_TRUE(books.is_revoked("02"));
}

TEST(Ledger, ForgetsARevokedCertificateWhenItsTimeIsOver) {
  ledger books;
  books.issued = {{"01", "alpha", 100}};
  books.revoke("01", 5);
  books.sweep(100);
  EXPECT_TRUE(books.is_revoked("01"));
  books.sweep(100 + day);
  EXPECT_FALSE(books.is_revoked("01"));
  EXPECT_TRUE(books.issued.empty());
}

} // namespace

} // namespace hamlet::pki
