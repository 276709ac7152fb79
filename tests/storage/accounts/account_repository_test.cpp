// SPDX-License-Identifier: Apache-2.0
#include "storage/accounts/account_repository.hpp"
#include "tests/support/mail_store.hpp"

namespace hamlet::sql {

class AccountRepository : public MailStore {
protected:
  using strings = std::vector<std::string>;

  template <class T, class Call>
  result<T> ask(Call call) {
    return wait<T>([&](auto done) { call(program->accounts, done); });
  }

  account found(std::int64_t id) {
    return ask<account>([&](auto& a, auto done) { a.find_id(id, done); }).value();
  }
  result<std::optional<login>> find_login(const std::string& local,
                                          std::optional<std::string> domain = {}) {
    return ask<std::optional<login>>(
      [&](auto& a, auto done) { a.find_login(local, domain, done); });
  }
  result<void_t> alias(const std::string& local, const std::string& target) {
    return ask<void_t>(
      [&](auto& a, auto done) { a.add_alias(local, "example.org", target, done); });
  }
  result<void_t> erase(std::int64_t id) {
    return ask<void_t>([&](auto& a, auto done) { a.remove(id, done); });
  }
  result<std::int64_t> add_device(std::int64_t id, const std::string& name) {
    device x{0, id, name, 3, "sealed", {{}, "stored", "server"}, start, 0};
    return ask<std::int64_t>([&](auto& a, auto done) { a.add_device(x, done); });
  }
};

TEST_F(AccountRepository, MakesAPostmasterWithTheFirstDomain) { // RFC 5321 §4.5.1
  add_domain("example.org");
  add_domain("another.org");
  EXPECT_EQ(number("SELECT count(*) FROM account"), 1);
  auto who = find_login("postmaster")->value().who;
  EXPECT_EQ(who.domain, "example.org");
  EXPECT_EQ(who.rank, role::admin);
  EXPECT_FALSE(who.password.has_value());
  EXPECT_GE(who.scram_salt.size(), 16u);
  auto all = ask<strings>([](auto& a, auto done) { a.domains(done); });
  EXPECT_EQ(all.value(), (strings{"example.org", "another.org"})); // the default first
  EXPECT_EQ(erase(who.id).error().code, errc::bad_request);
}

TEST_F(AccountRepository, RemovesOnlyAnEmptyDomain) {
  add_domain("another.org");
  auto drop = [&](const std::string& name) {
    return ask<void_t>([&](auto& a, auto done) { a.remove_domain(name, done); });
  };
  auto id = create("alice", "another.org").value();
  EXPECT_EQ(drop("another.org").error().code, errc::bad_request);
  EXPECT_TRUE(erase(id).has_value());
  EXPECT_TRUE(drop("another.org").has_value());
  EXPECT_EQ(drop("another.org").error().code, errc::not_found);
  EXPECT_EQ(drop("example.org").error().code, errc::bad_request);
}

TEST_F(AccountRepository, KeepsAllThatAnAccountIs) {
  account x;
  x.local = "alice";
  x.domain = "example.org";
  x.display_name = "Alice \xc3\x84";
  x.rank = role::moderator;
  x.quota_bytes = 1'000;
  x.scram_salt = std::string("s\0lt", 4);
  x.scram_iterations = 10'000;
  x.password = credential{"$argon2id$x", std::string("k\0y", 3), "server"};
  x.created_at = start;
  auto id = ask<std::int64_t>([&](auto& a, auto done) { a.create(x, done); }).value();
  restart();
  auto y = found(id);
  EXPECT_EQ(y.id, id);
  EXPECT_EQ(y.local, x.local);
  EXPECT_EQ(y.domain, x.domain);
  EXPECT_EQ(y.display_name, x.display_name);
  EXPECT_EQ(y.rank, x.rank);
  EXPECT_EQ(y.status, account_status::active);
  EXPECT_EQ(y.quota_bytes, 1'000);
  EXPECT_EQ(y.scram_salt, x.scram_salt);
  EXPECT_EQ(y.scram_iterations, 10'000);
  EXPECT_EQ(y.password->argon2id, "$argon2id$x");
  EXPECT_EQ(y.password->stored_key, x.password->stored_key);
  EXPECT_EQ(y.password->server_key, "server");
  EXPECT_EQ(y.created_at, start);
}

TEST_F(AccountRepository, RefusesANameThatIsTaken) {
  ASSERT_TRUE(create("alice").has_value());
  EXPECT_EQ(create("alice").error().code, errc::already_exists);
  ASSERT_TRUE(alias("team", "alice@example.org").has_value());
  EXPECT_EQ(create("team").error().code, errc::already_exists);
  EXPECT_EQ(alias("alice", "team@example.org").error().code, errc::already_exists);
  EXPECT_EQ(create("bob", "nowhere.org").error().code, errc::not_found);
  EXPECT_EQ(number("SELECT count(*) FROM account"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM mailbox"), 2);
}

TEST_F(AccountRepository, NeverGivesANumberTwice) {
  auto first = create("alice").value();
  auto validity = list(first)->uid_validity;
  ASSERT_TRUE(erase(first).has_value());
  auto second = create("alice").value();
  EXPECT_GT(second, first);
  EXPECT_GT(list(second)->uid_validity, validity); // RFC 9051 §2.3.1.1
}

TEST_F(AccountRepository, FindsALoginWithAllThatItNeeds) {
  auto id = create("alice").value();
  add_device(id, "phone");
  alias("al", "alice@example.org");
  alias("team", "alice@example.org");
  alias("team", "far@example.net");
  auto who = find_login("alice")->value();
  EXPECT_EQ(who.who.id, id);
  ASSERT_EQ(who.devices.size(), 1u);
  EXPECT_EQ(who.devices[0].name, "phone");
  EXPECT_EQ(who.aliases, strings{"al@example.org"}); // team is not alice alone
  EXPECT_EQ(find_login("alice", "example.org")->value().who.id, id);
  EXPECT_FALSE(find_login("alice", "example.net")->has_value());
  EXPECT_FALSE(find_login("al")->has_value()); // an alias does not log in
}

TEST_F(AccountRepository, PagesByAddress) {
  add_domain("another.org");
  create("bob");
  create("alice");
  create("zoe", "another.org");
  strings all;
  std::string after;
  for (int guard = 0; guard < 9; ++guard) {
    auto page = ask<std::vector<account>>([&](auto& a, auto done) { a.list(after, 2, done); });
    if (page->empty())
      break;
    for (auto& x : page.value())
      all.push_back(after = x.local + "@" + x.domain);
  }
  EXPECT_EQ(all, (strings{"zoe@another.org", "alice@example.org", "bob@example.org",
                          "postmaster@example.org"}));
}

TEST_F(AccountRepository, ChangesOneThingAtATime) {
  auto id = create("alice").value();
  auto yes = [](const result<void_t>& x) { return x.has_value(); };
  EXPECT_TRUE(yes(ask<void_t>([&](auto& a, auto done) {
    a.set_password(id, {"$argon2id$", "stored", "server"}, done);
  })));
  EXPECT_TRUE(yes(
    ask<void_t>([&](auto& a, auto done) { a.set_status(id, account_status::disabled, done); })));
  EXPECT_TRUE(yes(ask<void_t>([&](auto& a, auto done) { a.set_role(id, role::admin, done); })));
  EXPECT_TRUE(yes(ask<void_t>([&](auto& a, auto done) { a.set_quota(id, 77, done); })));
  auto x = found(id);
  EXPECT_EQ(x.password->stored_key, "stored");
  EXPECT_EQ(x.status, account_status::disabled);
  EXPECT_EQ(x.rank, role::admin);
  EXPECT_EQ(x.quota_bytes, 77);
  EXPECT_EQ(x.scram_salt, "salt");
  auto nobody = ask<void_t>([&](auto& a, auto done) { a.set_quota(999, 77, done); });
  EXPECT_EQ(nobody.error().code, errc::not_found);
}

TEST_F(AccountRepository, WritesALoginAtMostOnceAnHour) {
  auto id = create("alice").value();
  auto touch = [&](protocol by, std::int64_t now) {
    ASSERT_TRUE(ask<void_t>([&](auto& a, auto done) { a.touch(id, by, now, done); }).has_value());
  };
  touch(protocol::pop3, start);
  touch(protocol::pop3, start + 3599);
  touch(protocol::web, start + 5);
  EXPECT_EQ(found(id).last_used[1], start);
  EXPECT_EQ(found(id).last_used[3], start + 5);
  EXPECT_EQ(found(id).last_used[0], 0);
  touch(protocol::pop3, start + 3600);
  EXPECT_EQ(found(id).last_used[1], start + 3600);
}

TEST_F(AccountRepository, KeepsDevicesByName) {
  auto id = create("alice").value();
  auto device_id = add_device(id, "phone").value();
  EXPECT_EQ(add_device(id, "phone").error().code, errc::already_exists);
  EXPECT_EQ(add_device(999, "phone").error().code, errc::not_found);
  EXPECT_TRUE(
    ask<void_t>([&](auto& a, auto done) { a.touch_device(device_id, 5, done); }).has_value());
  auto all = ask<std::vector<device>>([&](auto& a, auto done) { a.devices(id, done); }).value();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].id, device_id);
  EXPECT_EQ(all[0].account_id, id);
  EXPECT_EQ(all[0].scope, 3);
  EXPECT_EQ(all[0].sealed, "sealed");
  EXPECT_EQ(all[0].keys.stored_key, "stored");
  EXPECT_EQ(all[0].keys.server_key, "server");
  EXPECT_EQ(all[0].created_at, start);
  EXPECT_EQ(all[0].last_used_at, 5);
  auto drop = [&] {
    return ask<void_t>([&](auto& a, auto done) { a.remove_device(id, "phone", done); });
  };
  EXPECT_TRUE(drop().has_value());
  EXPECT_EQ(drop().error().code, errc::not_found);
}

TEST_F(AccountRepository, LeavesNothingOfARemovedAccount) {
  auto alice = create("alice").value();
  auto bob = create("bob").value();
  add_device(alice, "phone");
  alias("al", "alice@example.org");
  alias("team", "alice@example.org");
  alias("team", "bob@example.org");
  enqueue(mail(10, {alice}));
  enqueue(mail(11, {alice, bob}));
  collect(alice);
  enqueue(mail(12, {alice})); // still waits
  confirm({10, 11, 12});
  ASSERT_TRUE(erase(alice).has_value());
  EXPECT_EQ(number("SELECT count(*) FROM message"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 1); // bob's
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM device_password"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM alias"), 1); // team, which leads to bob
  EXPECT_EQ(collect(bob)->messages, 1);
  EXPECT_EQ(erase(alice).error().code, errc::not_found);
}

TEST_F(AccountRepository, ListsAliasesByWhoTheyLeadTo) {
  auto alice = create("alice").value();
  alias("al", "alice@example.org");
  alias("team", "alice@example.org");
  alias("team", "far@example.net");
  EXPECT_TRUE(alias("team", "far@example.net").has_value()); // again: nothing changes
  auto own = ask<strings>([&](auto& a, auto done) { a.aliases_of(alice, done); });
  EXPECT_EQ(own.value(), (strings{"al@example.org", "team@example.org"}));
  using pairs = std::vector<std::pair<std::string, std::string>>;
  auto all = ask<pairs>([](auto& a, auto done) { a.aliases(done); });
  EXPECT_EQ(all.value(), (pairs{{"al@example.org", "alice@example.org"},
                                {"team@example.org", "alice@example.org"},
                                {"team@example.org", "far@example.net"}}));
  auto drop = [&](const std::string& target) {
    return ask<void_t>(
      [&](auto& a, auto done) { a.remove_alias("team", "example.org", target, done); });
  };
  EXPECT_TRUE(drop("far@example.net").has_value());
  EXPECT_EQ(drop("far@example.net").error().code, errc::not_found);
}

} // namespace hamlet::sql
