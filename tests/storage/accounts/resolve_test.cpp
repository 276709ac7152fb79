// SPDX-License-Identifier: Apache-2.0
#include "storage/accounts/account_repository.hpp"
#include "tests/support/mail_store.hpp"

namespace hamlet::sql {

class Resolve : public MailStore {
protected:
  using ids = std::vector<std::int64_t>;
  using strings = std::vector<std::string>;

  result<destination> resolve(const std::string& local, const std::string& domain = "example.org") {
    return wait<destination>([&](auto done) { program->accounts.resolve(local, domain, done); });
  }
  result<strings> expand(const std::string& local) {
    return wait<strings>([&](auto done) { program->accounts.expand(local, "example.org", done); });
  }
  void alias(const std::string& local, const std::string& target,
             const std::string& domain = "example.org") {
    auto done =
      wait<void_t>([&](auto d) { program->accounts.add_alias(local, domain, target, d); });
    ASSERT_TRUE(done.has_value());
  }

  std::int64_t postmaster = 1;
  std::int64_t alice = create("alice").value();
  std::int64_t bob = create("bob").value();
};

TEST_F(Resolve, FindsAnAccount) {
  auto found = resolve("alice").value();
  EXPECT_EQ(found.account_ids, ids{alice});
  ASSERT_EQ(found.rooms.size(), 1u);
  EXPECT_EQ(found.rooms[0].messages, 0);
  EXPECT_TRUE(found.is_local_domain);
  EXPECT_EQ(resolve("nobody").error().code, errc::not_found);
}

TEST_F(Resolve, TellsTheRoomOfEachAccount) {
  alias("team", "alice@example.org");
  alias("team", "bob@example.org");
  enqueue(mail(10, {bob}));
  auto found = resolve("team").value();
  ASSERT_EQ(found.rooms.size(), 2u);
  EXPECT_EQ(found.account_ids, (ids{alice, bob}));
  EXPECT_EQ(found.rooms[0].messages, 0);
  EXPECT_EQ(found.rooms[1].messages, 1);
}

TEST_F(Resolve, SaysThatADomainIsNotOurs) {
  auto found = resolve("alice", "example.net").value();
  EXPECT_FALSE(found.is_local_domain);
  EXPECT_TRUE(found.account_ids.empty());
}

TEST_F(Resolve, FollowsAliases) {
  alias("team", "alice@example.org");
  alias("team", "others@example.org");
  alias("others", "bob@example.org");
  alias("others", "alice@example.org"); // once is enough
  alias("others", "far@example.net");
  auto found = resolve("team").value();
  EXPECT_EQ(found.account_ids, (ids{alice, bob}));
  EXPECT_EQ(found.remote, strings{"far@example.net"});
  EXPECT_TRUE(found.is_local_domain);
}

TEST_F(Resolve, EndsInALoopOfAliases) {
  alias("a", "b@example.org");
  alias("b", "a@example.org");
  EXPECT_EQ(resolve("a").error().code, errc::not_found);
  alias("b", "bob@example.org");
  EXPECT_EQ(resolve("a")->account_ids, ids{bob});
}

TEST_F(Resolve, FollowsTenAliasesAndNoMore) {
  for (int i = 0; i < 10; ++i)
    alias("a" + std::to_string(i), "a" + std::to_string(i + 1) + "@example.org");
  alias("a10", "bob@example.org");
  EXPECT_EQ(resolve("a1")->account_ids, ids{bob});
  EXPECT_EQ(resolve("a0").error().code, errc::not_found);
}

TEST_F(Resolve, IgnoresATagBehindTheSeparatorOfTheSettings) {
  auto with = [&](const std::string& local, const std::string& separator) {
    return wait<destination>(
      [&](auto done) { program->accounts.resolve(local, "example.org", done, separator); });
  };
  EXPECT_EQ(with("alice-lists", "-")->account_ids, ids{alice});
  EXPECT_EQ(with("alice+lists", "-").error().code, errc::not_found);
  EXPECT_EQ(with("alice+lists", "").error().code, errc::not_found);
}

TEST_F(Resolve, IgnoresATagBehindAPlus) {
  EXPECT_EQ(resolve("alice+lists")->account_ids, ids{alice});
  EXPECT_EQ(resolve("alice+a+b")->account_ids, ids{alice});
  EXPECT_EQ(resolve("+alice").error().code, errc::not_found);
  alias("team", "bob@example.org");
  EXPECT_EQ(resolve("team+x")->account_ids, ids{bob});
  auto own = create("alice+lists").value(); // a name of its own goes before the tag
  EXPECT_EQ(resolve("alice+lists")->account_ids, ids{own});
}

TEST_F(Resolve, HasAPostmasterInEveryDomain) {
  // RFC 5321 §4.5.1, RFC 2142 §5
  add_domain("another.org");
  for (auto* name : {"postmaster", "abuse"})
    for (auto* domain : {"example.org", "another.org"})
      EXPECT_EQ(resolve(name, domain)->account_ids, ids{postmaster}) << name << domain;
  EXPECT_EQ(resolve("postmaster", "")->account_ids, ids{postmaster});
  alias("postmaster", "bob@example.org", "another.org");
  EXPECT_EQ(resolve("postmaster", "another.org")->account_ids, ids{bob});
  EXPECT_EQ(resolve("alice", "").error().code, errc::bad_request);
}

TEST_F(Resolve, ExpandsAnAliasAsText) {
  alias("team", "alice@example.org");
  alias("team", "far@example.net");
  EXPECT_EQ(expand("team").value(), (strings{"alice@example.org", "far@example.net"}));
  EXPECT_EQ(expand("alice").error().code, errc::not_found);
  EXPECT_EQ(wait<strings>([&](auto done) { program->accounts.expand("team", "", done); }).value(),
            (strings{"alice@example.org", "far@example.net"}));
}

} // namespace hamlet::sql
