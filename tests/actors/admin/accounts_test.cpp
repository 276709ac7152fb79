// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/admin/admin_fixture.hpp"

namespace hamlet::admin {

namespace {

class AdminAccounts : public AdminTest {
protected:
  LoginResult::Verdict login(const std::string& name, const std::string& password) {
    CheckPassword x;
    x.set_name(name);
    x.set_password(password);
    x.set_protocol(account::v1::POP3);
    x.set_client("192.0.2." + std::to_string(++clients_)); // nobody guesses
    caf::scoped_actor who{sys};
    auto pending = who->request(actor, patience, std::move(x));
    run();
    pass(delay); // a wrong one is answered late
    return answer_to<LoginResult>(std::move(pending))->verdict();
  }
  v1::SetPasswordRequest new_password(const std::string& address, const std::string& password) {
    v1::SetPasswordRequest x;
    x.set_address(address);
    x.set_password(password);
    return x;
  }

private:
  int clients_ = 0;
};

} // namespace

TEST_F(AdminAccounts, MakesAnAccountThatLogsIn) {
  auto x = new_account("New"); // of the default domain
  x.set_display_name("New One");
  x.set_role("moderator");
  auto made = done<v1::Account>("Accounts/Create", x);
  EXPECT_EQ(made.address(), "new@example.org");
  EXPECT_EQ(made.display_name(), "New One");
  EXPECT_EQ(made.role(), "moderator");
  EXPECT_EQ(made.status(), "active");
  EXPECT_TRUE(made.has_password());
  EXPECT_EQ(login("new@example.org", "tea with milk"), LoginResult::RIGHT);
}

TEST_F(AdminAccounts, SaysWhichFieldIsWrong) {
  auto problem = [&](const v1::CreateAccountRequest& x) {
    auto answer = call("Accounts/Create", x);
    EXPECT_EQ(static_cast<status>(answer.code()), status::invalid_argument);
    return answer.bad_size() == 1 ? answer.bad(0).name() : "";
  };
  auto x = new_account("a b");
  EXPECT_EQ(problem(x), "address");
  x = new_account("new");
  x.set_role("king");
  EXPECT_EQ(problem(x), "role");
  x = new_account("new");
  x.clear_password();
  EXPECT_EQ(problem(x), "password");
  x.set_password(std::string(1025, 'x'));
  EXPECT_EQ(problem(x), "password");
  x = new_account("new");
  x.set_display_name("a\nb");
  EXPECT_EQ(problem(x), "display_name");
}

TEST_F(AdminAccounts, ChangesAPasswordAtOnce) {
  EXPECT_EQ(login("ann", "right"), LoginResult::RIGHT); // and is remembered
  done<v1::Account>("Accounts/SetPassword", new_password("ann", "another one"));
  EXPECT_EQ(login("ann", "right"), LoginResult::WRONG);
  EXPECT_EQ(login("ann", "another one"), LoginResult::RIGHT);
  EXPECT_EQ(refused("Accounts/SetPassword", new_password("bob", "x")), status::not_found);
}

TEST_F(AdminAccounts, DisablesAndEnables) {
  v1::SetStatusRequest x;
  x.set_address("ann");
  x.set_status("disabled");
  EXPECT_EQ(done<v1::Account>("Accounts/SetStatus", x).status(), "disabled");
  EXPECT_NE(login("ann", "right"), LoginResult::RIGHT);
  x.set_status("active");
  EXPECT_EQ(done<v1::Account>("Accounts/SetStatus", x).status(), "active");
  EXPECT_EQ(login("ann", "right"), LoginResult::RIGHT);
  x.set_status("asleep");
  EXPECT_EQ(refused("Accounts/SetStatus", x), status::invalid_argument);
}

TEST_F(AdminAccounts, SetsRoleAndQuota) {
  v1::SetRoleRequest role;
  role.set_address("ann@example.org");
  role.set_role("admin");
  EXPECT_EQ(done<v1::Account>("Accounts/SetRole", role).role(), "admin");
  v1::SetQuotaRequest quota;
  quota.set_address("ann@example.org");
  quota.set_quota_bytes(1 << 20);
  EXPECT_EQ(done<v1::Account>("Accounts/SetQuota", quota).quota_bytes(), 1 << 20);
  quota.set_quota_bytes(-1);
  EXPECT_EQ(refused("Accounts/SetQuota", quota), status::invalid_argument);
}

TEST_F(AdminAccounts, ChangesNothingThatIsOnlyValidated) {
  auto x = new_password("ann", "another one");
  x.set_validate_only(true);
  done<v1::Account>("Accounts/SetPassword", x);
  EXPECT_EQ(login("ann", "right"), LoginResult::RIGHT);
  v1::DeleteAccountRequest gone;
  gone.set_address("ann");
  gone.set_validate_only(true);
  EXPECT_EQ(refused("Accounts/Delete", gone), status::ok);
  EXPECT_EQ(login("ann", "right"), LoginResult::RIGHT);
}

TEST_F(AdminAccounts, DeletesAnAccountButNotThePostmaster) { // RFC 5321 §4.5.1
  v1::DeleteAccountRequest x;
  x.set_address("ann");
  EXPECT_EQ(refused("Accounts/Delete", x), status::ok);
  EXPECT_EQ(refused("Accounts/Delete", x), status::not_found);
  x.set_address("postmaster");
  EXPECT_NE(refused("Accounts/Delete", x), status::ok);
}

TEST_F(AdminAccounts, ListsPageByPage) {
  for (auto* name : {"b", "c", "d"})
    add(name, "");
  v1::ListAccountsRequest x;
  x.set_page_size(3); // ann, b, c; then d, postmaster
  auto first = done<v1::ListAccountsResponse>("Accounts/List", x);
  ASSERT_EQ(first.accounts_size(), 3);
  EXPECT_EQ(first.accounts(0).address(), "ann@example.org");
  x.set_page_token(first.next_page_token());
  auto second = done<v1::ListAccountsResponse>("Accounts/List", x);
  ASSERT_EQ(second.accounts_size(), 2);
  EXPECT_EQ(second.accounts(0).address(), "d@example.org");
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(AdminAccounts, GivesADevicePasswordThatLogsInUntilItIsTakenBack) {
  v1::CreateDevicePasswordRequest x;
  x.set_address("ann");
  x.set_name("phone");
  auto made = done<v1::DevicePassword>("DevicePasswords/Create", x);
  EXPECT_EQ(made.scope(0), "mail");
  EXPECT_EQ(login("ann", made.password()), LoginResult::RIGHT);
  EXPECT_EQ(refused("DevicePasswords/Create", x), status::already_exists);
  v1::ListDevicePasswordsRequest list;
  list.set_address("ann");
  auto all = done<v1::ListDevicePasswordsResponse>("DevicePasswords/List", list);
  ASSERT_EQ(all.device_passwords_size(), 1);
  EXPECT_EQ(all.device_passwords(0).password(), "");
  v1::RevokeDevicePasswordRequest back;
  back.set_address("ann");
  back.set_name("phone");
  EXPECT_EQ(refused("DevicePasswords/Revoke", back), status::ok);
  EXPECT_EQ(refused("DevicePasswords/Revoke", back), status::not_found);
  EXPECT_EQ(login("ann", made.password()), LoginResult::WRONG);
  x.add_scope("kitchen");
  EXPECT_EQ(refused("DevicePasswords/Create", x), status::invalid_argument);
}

} // namespace hamlet::admin
