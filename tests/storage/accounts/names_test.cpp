// SPDX-License-Identifier: Apache-2.0
#include "storage/accounts/account_rows.hpp"
#include "tests/support/mail_store.hpp"

namespace hamlet::sql {

/// Two who give names at once, on connections of their own.
class PostgresNames : public MailStore {};

TEST_F(PostgresNames, AreGivenByOneAtATime) {
  auto other = open();
  ASSERT_TRUE(other.begin().has_value());
  account x;
  x.local = "ann";
  x.domain = "example.org";
  ASSERT_TRUE(insert_account(other, x).has_value());
  ASSERT_TRUE(other.settle().has_value());
  std::promise<result<void_t>> answer;
  program->accounts.add_alias("ann", "example.org", "bob@example.org",
                              [&](result<void_t> got) { answer.set_value(std::move(got)); });
  while (number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 0) {
  }
  ASSERT_TRUE(other.commit().has_value());
  EXPECT_EQ(answer.get_future().get().error().code, errc::already_exists);
}

} // namespace hamlet::sql
