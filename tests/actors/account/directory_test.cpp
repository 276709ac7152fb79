// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/account/account_fixture.hpp"

namespace hamlet {

using account::v1::NamesFound;
using account::v1::Resolved;

class DirectoryTest : public AccountTest {
protected:
  result<Resolved> resolve(const std::string& local, const std::string& domain = "example.org",
                           std::uint64_t size = 0) {
    account::v1::Resolve msg;
    msg.set_local(local);
    msg.set_domain(domain);
    msg.set_declared_size(size);
    return ask<Resolved>(actor, msg);
  }

  result<NamesFound> names(const std::string& text, bool expand = false) {
    account::v1::FindNames msg;
    msg.set_text(text);
    msg.set_expand(expand);
    return ask<NamesFound>(actor, msg);
  }

  void alias(const std::string& local, const std::string& target) {
    auto added = change_store<void_t>(
      [&](auto& s, auto done) { s.add_alias(local, "example.org", target, done); });
    ASSERT_TRUE(added.has_value());
  }

  void limit(std::int64_t account, std::int64_t octets) {
    change_store<void_t>([&](auto& s, auto done) { s.set_quota(account, octets, done); });
  }

  void fill(std::int64_t account) {
    ASSERT_TRUE(enqueue(mail(1, {account}, std::string(1000, 'x'))));
  }

  std::int64_t ann = id_of_ann();
};

TEST_F(DirectoryTest, FindsAMember) {
  auto found = resolve("Ann").value();
  EXPECT_TRUE(found.is_local_domain());
  ASSERT_EQ(found.account_ids_size(), 1);
  EXPECT_EQ(found.account_ids(0), ann);
}

TEST_F(DirectoryTest, KnowsWhoIsNotThere) {
  EXPECT_EQ(resolve("unknown").error().code, errc::not_found);
  EXPECT_EQ(resolve("no name\n").error().code, errc::not_found);
}

TEST_F(DirectoryTest, LeavesOtherDomainsToOthers) {
  auto found = resolve("ann", "example.net").value();
  EXPECT_FALSE(found.is_local_domain());
  EXPECT_EQ(found.account_ids_size(), 0);
}

TEST_F(DirectoryTest, FollowsAliasesHereAndElsewhere) {
  auto bob = add("bob", "secret");
  alias("all", "ann@example.org");
  alias("all", "bob@example.org");
  alias("all", "carol@example.net");
  auto found = resolve("all").value();
  EXPECT_EQ((std::set<std::int64_t>{found.account_ids().begin(), found.account_ids().end()}),
            (std::set<std::int64_t>{ann, bob}));
  ASSERT_EQ(found.remote_size(), 1);
  EXPECT_EQ(found.remote(0), "carol@example.net");
}

TEST_F(DirectoryTest, RefusesMailForAFullMailbox) {
  limit(ann, 1000);
  fill(ann);
  EXPECT_EQ(resolve("ann").error().code, errc::over_quota);
  limit(ann, 100'000);
  EXPECT_TRUE(resolve("ann"));
}

TEST_F(DirectoryTest, TakesTheQuotaOfTheHouseWhereNoneIsSaid) {
  rules.set({.default_quota = 1000, .cost = cheap});
  fill(ann);
  EXPECT_EQ(resolve("ann").error().code, errc::over_quota);
}

// RFC 1870 §6.1: there is room, but not for that much
TEST_F(DirectoryTest, TellsWhatWouldNotFit) {
  limit(ann, 2000);
  EXPECT_FALSE(resolve("ann", "example.org", 2000)->too_large());
  EXPECT_TRUE(resolve("ann", "example.org", 2001)->too_large());
}

TEST_F(DirectoryTest, RefusesNoListForOneThatIsFull) {
  add("bob", "secret");
  alias("all", "ann@example.org");
  alias("all", "bob@example.org");
  limit(ann, 1000);
  fill(ann);
  EXPECT_EQ(resolve("all")->account_ids_size(), 2);
}

// RFC 5321 §3.5.1
TEST_F(DirectoryTest, NamesAMember) {
  auto found = names("ann").value();
  ASSERT_EQ(found.line_size(), 1);
  EXPECT_EQ(found.line(0), "<ann@example.org>");
  EXPECT_EQ(names("unknown").error().code, errc::not_found);
  EXPECT_EQ(names("no name\n").error().code, errc::not_found);
}

TEST_F(DirectoryTest, NamesTheMembersOfAList) {
  alias("all", "ann@example.org");
  alias("all", "carol@example.net");
  auto found = names("all", true).value();
  ASSERT_EQ(found.line_size(), 2);
  EXPECT_EQ(found.line(0), "<ann@example.org>");
  EXPECT_EQ(names("ann", true).error().code, errc::not_found);
}

} // namespace hamlet
