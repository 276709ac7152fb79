// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/chat_account_repository.hpp"
#include "tests/support/chat_store.hpp"

namespace hamlet::sql {

class ChatAccounts : public ChatStore {
protected:
  using maybe_id = std::optional<std::int64_t>;
  using values = std::vector<named_value>;

  template <class Call>
  errc done(Call call) {
    auto answer = people<void_t>(call);
    return answer ? errc::none : answer.error().code;
  }
  errc group(std::int64_t account, const std::string& nick, std::size_t at_most = 10,
             const std::string& skeleton = "") {
    chat_nick x{nick, nick, skeleton.empty() ? nick : skeleton, account, 10, 10};
    return done([&](auto& p, auto f) { p.group(x, at_most, f); });
  }
  maybe_id owner(const std::string& nick) {
    return people<maybe_id>([&](auto& p, auto f) { p.owner(nick, f); }).value();
  }
  std::vector<chat_nick> nicks(std::int64_t account) {
    return people<std::vector<chat_nick>>([&](auto& p, auto f) { p.nicks(account, f); }).value();
  }
  errc certify(std::int64_t account, const std::string& fingerprint, std::size_t at_most = 10) {
    return done([&](auto& p, auto f) {
      p.add_certificate({fingerprint, account, "laptop", 10}, at_most, f);
    });
  }
  maybe_id certified(const std::string& fingerprint) {
    return people<maybe_id>([&](auto& p, auto f) { p.find_certificate(fingerprint, f); }).value();
  }
};

TEST_F(ChatAccounts, OwnTheirNameAndNicks) {
  EXPECT_EQ(owner("alice"), alice); // without a row
  EXPECT_EQ(owner("ally"), std::nullopt);
  EXPECT_EQ(group(alice, "ally"), errc::none);
  EXPECT_EQ(group(alice, "al"), errc::none);
  EXPECT_EQ(owner("ally"), alice);
  auto all = nicks(alice);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].folded, "al");
  EXPECT_EQ(all[1].nick, "ally");
  EXPECT_EQ(all[1].skeleton, "ally");
  EXPECT_EQ(all[1].account_id, alice);
  EXPECT_EQ(all[1].added_ms, 10);
  auto remove = [&](auto& p, auto f) { p.ungroup(alice, "ally", f); };
  EXPECT_EQ(done([&](auto& p, auto f) { p.ungroup(bob, "ally", f); }), errc::not_found);
  EXPECT_EQ(done(remove), errc::none);
  EXPECT_EQ(done(remove), errc::not_found);
  EXPECT_EQ(owner("ally"), std::nullopt);
}

TEST_F(ChatAccounts, DoNotGetTheNickOfAnother) {
  ASSERT_EQ(group(alice, "ally"), errc::none);
  EXPECT_EQ(group(bob, "ally"), errc::already_exists);
  EXPECT_EQ(group(bob, "a11y", 10, "ally"), errc::already_exists); // it looks alike
  EXPECT_EQ(group(bob, "alice"), errc::already_exists);            // the name of an account
  EXPECT_EQ(group(alice, "a11y", 10, "ally"), errc::none);         // her own may
  EXPECT_EQ(group(999, "nobody"), errc::not_found);
  EXPECT_EQ(create("ally").error().code, errc::already_exists); // nor an account
  add_domain("another.org");
  EXPECT_TRUE(create("ally", "another.org").has_value()); // whose name is no nick
  EXPECT_EQ(owner("ally"), alice);
}

TEST_F(ChatAccounts, HaveSoManyNicksAndNoMore) {
  EXPECT_EQ(group(alice, "a", 2), errc::none);
  EXPECT_EQ(group(alice, "b", 2), errc::none);
  EXPECT_EQ(group(alice, "c", 2), errc::over_quota);
  EXPECT_EQ(group(alice, "a", 2), errc::none); // a change is no third one
  EXPECT_EQ(group(bob, "c", 2), errc::none);
}

TEST_F(ChatAccounts, LoseNicksThatTheyDoNotUse) {
  group(alice, "a");
  group(alice, "b");
  auto touch = [&](std::int64_t now_ms) {
    return done([&](auto& p, auto f) { p.touch_nick("a", now_ms, f); });
  };
  EXPECT_EQ(touch(50), errc::none);
  EXPECT_EQ(touch(40), errc::none); // never back
  EXPECT_EQ(done([](auto& p, auto f) { p.touch_nick("nobody", 1, f); }), errc::none);
  auto expire = [&](std::int64_t before_ms) {
    return people<std::int64_t>([&](auto& p, auto f) { p.expire_nicks(before_ms, f); }).value();
  };
  EXPECT_EQ(expire(10), 0);
  EXPECT_EQ(expire(50), 1);
  EXPECT_EQ(nicks(alice).size(), 1u);
  EXPECT_EQ(nicks(alice)[0].used_ms, 50);
}

TEST_F(ChatAccounts, AreWarnedOfNamesThatLookAlike) {
  using maybe_nick = std::optional<chat_nick>;
  group(alice, "paypa1", 10, "paypal");
  auto like = [&](const std::string& skeleton) {
    return people<maybe_nick>([&](auto& p, auto f) { p.look_alike(skeleton, f); }).value();
  };
  ASSERT_TRUE(like("paypal").has_value());
  EXPECT_EQ(like("paypal")->folded, "paypa1");
  EXPECT_FALSE(like("paypa1").has_value());
}

TEST_F(ChatAccounts, KeepCertificates) {
  EXPECT_EQ(certify(alice, "f1", 2), errc::none);
  EXPECT_EQ(certify(alice, "f2", 2), errc::none);
  EXPECT_EQ(certify(alice, "f2", 2), errc::none);
  EXPECT_EQ(certify(alice, "f3", 2), errc::over_quota);
  EXPECT_EQ(certify(bob, "f1"), errc::already_exists);
  EXPECT_EQ(certify(999, "f9"), errc::not_found);
  EXPECT_EQ(certified("f1"), alice);
  EXPECT_EQ(certified("f9"), std::nullopt);
  auto all = people<std::vector<chat_certificate>>([&](auto& p, auto f) {
               p.certificates(alice, f);
             }).value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].fingerprint, "f1");
  EXPECT_EQ(all[0].name, "laptop");
  EXPECT_EQ(all[0].added_ms, 10);
  EXPECT_EQ(done([&](auto& p, auto f) { p.remove_certificate(bob, "f1", f); }), errc::not_found);
  EXPECT_EQ(done([&](auto& p, auto f) { p.remove_certificate(alice, "f1", f); }), errc::none);
  EXPECT_EQ(certified("f1"), std::nullopt);
}

TEST_F(ChatAccounts, KeepSettings) {
  auto set = [&](std::int64_t account, const std::string& name, const std::string& value) {
    return done([&](auto& p, auto f) { p.set_setting(account, name, value, f); });
  };
  auto all = [&](std::int64_t account) {
    return people<values>([&](auto& p, auto f) { p.settings(account, f); }).value();
  };
  EXPECT_EQ(set(alice, "persistence", "off"), errc::none);
  EXPECT_EQ(set(alice, "autoreplay", "10"), errc::none);
  EXPECT_EQ(set(alice, "persistence", "on"), errc::none);
  EXPECT_EQ(set(999, "persistence", "on"), errc::not_found);
  EXPECT_EQ(all(alice), (values{{"autoreplay", "10"}, {"persistence", "on"}}));
  auto remove = [&](auto& p, auto f) { p.remove_setting(alice, "autoreplay", f); };
  EXPECT_EQ(done(remove), errc::none);
  EXPECT_EQ(done(remove), errc::none);
  EXPECT_EQ(all(alice), (values{{"persistence", "on"}}));
  EXPECT_EQ(all(bob), values{});
}

TEST_F(ChatAccounts, KeepMetadata) { // draft/metadata-2
  auto set = [&](const std::string& owner, const std::string& name, const std::string& value) {
    return done([&](auto& p, auto f) { p.set_metadata(owner, name, value, 2, f); });
  };
  auto all = [&](const std::string& owner) {
    return people<values>([&](auto& p, auto f) { p.metadata(owner, f); }).value();
  };
  auto mine = account_key(alice);
  EXPECT_EQ(set(mine, "url", "a"), errc::none);
  EXPECT_EQ(set(mine, "avatar", "b"), errc::none);
  EXPECT_EQ(set(mine, "color", "c"), errc::over_quota);
  EXPECT_EQ(set(mine, "url", "d"), errc::none);
  EXPECT_EQ(set(channel_key(alice), "url", "e"), errc::none);
  EXPECT_EQ(all(mine), (values{{"avatar", "b"}, {"url", "d"}}));
  auto remove = [&](auto& p, auto f) { p.remove_metadata(mine, "avatar", f); };
  EXPECT_EQ(done(remove), errc::none);
  EXPECT_EQ(done(remove), errc::not_found);
  auto clear = [&](auto& p, auto f) { p.clear_metadata(mine, f); };
  EXPECT_EQ(people<values>(clear).value(), (values{{"url", "d"}}));
  EXPECT_EQ(people<values>(clear).value(), values{});
  EXPECT_EQ(all(channel_key(alice)), (values{{"url", "e"}}));
}

TEST_F(ChatAccounts, ReadForwardOnly) { // draft/read-marker
  auto set = [&](const std::string& target, std::int64_t time_ms) {
    return people<std::int64_t>(
      [&](auto& p, auto f) { p.set_marker(alice, target, time_ms, 2, f); });
  };
  auto get = [&](const std::string& target) {
    return people<maybe_id>([&](auto& p, auto f) { p.marker(alice, target, f); }).value();
  };
  EXPECT_EQ(get("#a"), std::nullopt);
  EXPECT_EQ(set("#a", 20).value(), 20);
  EXPECT_EQ(set("#a", 10).value(), 20); // what holds
  EXPECT_EQ(get("#a"), 20);
  EXPECT_EQ(set("#a", 30).value(), 30);
  EXPECT_EQ(set("bob", 5).value(), 5);
  EXPECT_EQ(set("#c", 5).error().code, errc::over_quota);
  auto all = people<std::vector<chat_marker>>([&](auto& p, auto f) { p.markers(alice, f); });
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ(all->at(0).target, "#a");
  EXPECT_EQ(all->at(0).time_ms, 30);
  EXPECT_EQ(all->at(1).target, "bob");
  auto stranger = people<std::int64_t>([](auto& p, auto f) { p.set_marker(999, "#a", 1, 2, f); });
  EXPECT_EQ(stranger.error().code, errc::not_found);
}

TEST_F(ChatAccounts, StayWhenTheirLastConnectionGoes) {
  auto save = [&](std::int64_t account, const std::string& nick) {
    chat_session x{account, nick, "user", "Real Name", "iw", "gone", std::string("\0\1", 2), 77};
    return done([&](auto& p, auto f) { p.save_session(x, f); });
  };
  auto load = [&](std::int64_t after, std::size_t at_most) {
    return people<std::vector<chat_session>>(
             [&](auto& p, auto f) { p.sessions(after, at_most, f); })
      .value();
  };
  EXPECT_EQ(save(alice, "alice"), errc::none);
  EXPECT_EQ(save(alice, "alice_"), errc::none);
  EXPECT_EQ(save(bob, "bob"), errc::none);
  EXPECT_EQ(save(999, "nobody"), errc::not_found);
  restart();
  auto first = load(0, 1);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].account_id, alice);
  EXPECT_EQ(first[0].nick, "alice_");
  EXPECT_EQ(first[0].username, "user");
  EXPECT_EQ(first[0].realname, "Real Name");
  EXPECT_EQ(first[0].user_modes, "iw");
  EXPECT_EQ(first[0].away, "gone");
  EXPECT_EQ(first[0].channels, std::string("\0\1", 2));
  EXPECT_EQ(first[0].last_seen_ms, 77);
  ASSERT_EQ(load(alice, 9).size(), 1u);
  EXPECT_EQ(load(alice, 9)[0].account_id, bob);
  auto remove = [&](auto& p, auto f) { p.remove_session(alice, f); };
  EXPECT_EQ(done(remove), errc::none);
  EXPECT_EQ(done(remove), errc::none);
  EXPECT_EQ(load(0, 9).size(), 1u);
}

} // namespace hamlet::sql
