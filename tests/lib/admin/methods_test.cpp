// SPDX-License-Identifier: Apache-2.0
#include "lib/admin/methods.hpp"
#include "lib/admin/status.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace hamlet::admin {

TEST(Methods, HaveEachNameOnce) {
  std::set<std::string_view> names;
  for (auto& x : methods())
    EXPECT_TRUE(names.insert(x.name).second) << x.name;
}

TEST(Methods, AreFoundAsHttpWritesThem) {
  auto* found = find_method("/hamlet.admin.v1.Accounts/Create");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->service(), "hamlet.admin.v1.Accounts");
  EXPECT_EQ(find_method("hamlet.admin.v1.Accounts/Create"), found);
  EXPECT_EQ(find_method("hamlet.admin.v1.Accounts/create"), nullptr);
  EXPECT_EQ(find_method(""), nullptr);
}

TEST(Methods, ThatWriteAreForNoViewer) {
  for (auto& x : methods())
    EXPECT_TRUE(!x.writes || x.needs > role::viewer) << x.name;
}

TEST(Methods, OfMembersAreForAdminsAlone) {
  for (auto* service : {"hamlet.admin.v1.Accounts", "hamlet.admin.v1.DevicePasswords"})
    for (auto& x : methods())
      EXPECT_TRUE(x.service() != service || !x.writes || x.needs == role::admin) << x.name;
}

TEST(Roles, AreWordsAndHaveAnOrder) {
  for (auto x : {role::viewer, role::moderator, role::operator_, role::admin})
    EXPECT_EQ(role_of(to_string(x)), x);
  EXPECT_EQ(role_of("root"), std::nullopt);
  EXPECT_EQ(role_of(""), std::nullopt);
  EXPECT_LT(role::moderator, role::operator_);
}

TEST(Status, HasTheNamesOfGrpc) {
  EXPECT_EQ(to_string(status::not_found), "NOT_FOUND");
  EXPECT_EQ(to_string(static_cast<status>(99)), "UNKNOWN");
  EXPECT_EQ(status_of(errc::already_exists), status::already_exists);
  EXPECT_EQ(status_of(errc::timed_out), status::deadline_exceeded);
}

} // namespace hamlet::admin
