// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/admin/admin_fixture.hpp"

namespace hamlet::admin {

namespace {

struct AdminMailClients : AdminTest {
  mail_clients::place come(std::uint64_t number, const std::string& protocol) {
    return mail.add({number, protocol, "192.0.2.1", {}, false, 5},
                    [this, number] { ended.push_back(number); });
  }
  std::vector<std::uint64_t> ended;
};

TEST_F(AdminMailClients, AreListedPageByPageWhileTheyAreHere) {
  auto first = come(3, "smtp");
  auto second = come(7, "pop3");
  second.secured();
  second.logged_in("ann@example.org");
  v1::ListMailClientsRequest x;
  {
    auto third = come(9, "pop3");
    third.logged_in("bob@example.org");
    x.set_page_size(2);
    auto page = done<v1::ListMailClientsResponse>("MailClients/List", x);
    ASSERT_EQ(page.clients_size(), 2);
    EXPECT_EQ(page.clients(0).connection(), "3");
    EXPECT_EQ(page.clients(0).protocol(), "smtp");
    EXPECT_EQ(page.clients(0).account(), "");
    EXPECT_FALSE(page.clients(0).is_secure());
    EXPECT_EQ(page.clients(1).account(), "ann@example.org");
    EXPECT_TRUE(page.clients(1).is_secure());
    EXPECT_EQ(page.clients(1).node(), "alpha");
    EXPECT_EQ(page.clients(1).address(), "192.0.2.1");
    EXPECT_EQ(page.clients(1).since_ms(), 5);
    x.set_page_token(page.next_page_token());
    page = done<v1::ListMailClientsResponse>("MailClients/List", x);
    ASSERT_EQ(page.clients_size(), 1);
    EXPECT_EQ(page.clients(0).connection(), "9");
    EXPECT_EQ(page.next_page_token(), "");
    x.clear_page_token();
    x.set_account("bob@example.org");
    page = done<v1::ListMailClientsResponse>("MailClients/List", x);
    ASSERT_EQ(page.clients_size(), 1);
    EXPECT_EQ(page.clients(0).connection(), "9");
  }
  EXPECT_EQ(done<v1::ListMailClientsResponse>("MailClients/List", x).clients_size(), 0);
  x.clear_account();
  EXPECT_EQ(done<v1::ListMailClientsResponse>("MailClients/List", x).clients_size(), 2);
  x.set_page_token("t=a");
  EXPECT_EQ(refused("MailClients/List", x), status::invalid_argument);
}

TEST_F(AdminMailClients, AreDisconnectedByNumber) {
  auto here = come(3, "smtp");
  v1::DisconnectMailRequest x;
  x.set_connection("4");
  EXPECT_EQ(refused("MailClients/Disconnect", x), status::not_found);
  x.set_connection("tea");
  EXPECT_EQ(refused("MailClients/Disconnect", x), status::not_found);
  x.set_connection("3");
  x.set_validate_only(true);
  EXPECT_EQ(done<v1::MailClient>("MailClients/Disconnect", x).protocol(), "smtp");
  EXPECT_TRUE(ended.empty());
  x.set_validate_only(false);
  EXPECT_EQ(refused("MailClients/Disconnect", x, certified("mo", "moderator")),
            status::permission_denied);
  EXPECT_TRUE(ended.empty());
  done<v1::MailClient>("MailClients/Disconnect", x);
  EXPECT_EQ(ended, std::vector<std::uint64_t>{3});
  EXPECT_EQ(audit()[0].target, "3");
}

} // namespace

} // namespace hamlet::admin
