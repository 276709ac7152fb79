// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/admin/admin_fixture.hpp"

namespace hamlet::admin {

namespace {

class AdminDomains : public AdminTest {
protected:
  static v1::AddDomainRequest domain(const std::string& text) {
    v1::AddDomainRequest x;
    x.set_name(text);
    return x;
  }
  static v1::AddAliasRequest alias(const std::string& address, const std::string& target) {
    v1::AddAliasRequest x;
    x.set_address(address);
    x.set_target(target);
    return x;
  }
};

} // namespace

TEST_F(AdminDomains, AddsListsAndRemoves) {
  EXPECT_EQ(done<v1::Domain>("Domains/Add", domain("Bücher.test")).name(), "xn--bcher-kva.test");
  auto all = done<v1::ListDomainsResponse>("Domains/List", v1::ListDomainsRequest{});
  ASSERT_EQ(all.domains_size(), 2);
  EXPECT_EQ(all.domains(0).name(), "example.org");
  EXPECT_TRUE(all.domains(0).is_default());
  EXPECT_FALSE(all.domains(1).is_default());
  v1::RemoveDomainRequest gone;
  gone.set_name("bücher.test");
  EXPECT_EQ(refused("Domains/Remove", gone), status::ok);
  EXPECT_EQ(refused("Domains/Remove", gone), status::not_found);
  gone.set_name("example.org");
  EXPECT_EQ(refused("Domains/Remove", gone), status::failed_precondition);
  EXPECT_EQ(refused("Domains/Add", domain("a b")), status::invalid_argument);
}

TEST_F(AdminDomains, HasAliases) {
  EXPECT_EQ(done<v1::Alias>("Aliases/Add", alias("Team@example.org", "ann@Example.ORG")).target(),
            "ann@example.org");
  done<v1::Alias>("Aliases/Add", alias("team@example.org", "friend@elsewhere.test"));
  v1::ListAliasesRequest list;
  list.set_page_size(1);
  auto first = done<v1::ListAliasesResponse>("Aliases/List", list);
  ASSERT_EQ(first.aliases_size(), 1);
  EXPECT_EQ(first.aliases(0).target(), "ann@example.org");
  list.set_page_token(first.next_page_token());
  auto second = done<v1::ListAliasesResponse>("Aliases/List", list);
  ASSERT_EQ(second.aliases_size(), 1);
  EXPECT_EQ(second.aliases(0).target(), "friend@elsewhere.test");
  EXPECT_EQ(second.next_page_token(), "");
  v1::RemoveAliasRequest gone;
  gone.set_address("team@example.org");
  gone.set_target("ann@example.org");
  EXPECT_EQ(refused("Aliases/Remove", gone), status::ok);
  EXPECT_EQ(refused("Aliases/Remove", gone), status::not_found);
}

TEST_F(AdminDomains, RefusesAliasesThatLeadNowhereOrAreTaken) {
  EXPECT_EQ(refused("Aliases/Add", alias("team", "ann@example.org")), status::invalid_argument);
  EXPECT_EQ(refused("Aliases/Add", alias("team@example.org", "x")), status::invalid_argument);
  EXPECT_EQ(refused("Aliases/Add", alias("team@elsewhere.test", "a@b.test")), status::not_found);
  EXPECT_EQ(refused("Aliases/Add", alias("ann@example.org", "a@b.test")), status::already_exists);
}

} // namespace hamlet::admin
