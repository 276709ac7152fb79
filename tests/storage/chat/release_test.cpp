// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/release.hpp"
#include "tests/support/chat_store.hpp"

namespace hamlet::sql {

class ReleaseChat : public ChatStore {
protected:
  /// Something of an account in each table.
  void live(std::int64_t account, const std::string& nick) {
    auto x = channel("#of-" + nick);
    x.founder = account;
    auto id = found(x).value();
    auto ok = [](const result<void_t>& done) { ASSERT_TRUE(done.has_value()); };
    ok(channels<void_t>([&](auto& c, auto f) {
      c.set_access({id, account, 1, "o", "x", 1}, 9, f);
    }));
    ok(people<void_t>([&](auto& p, auto f) { p.group({nick, nick, nick, account, 1, 1}, 9, f); }));
    ok(people<void_t>([&](auto& p, auto f) {
      p.add_certificate({"print of " + nick, account, "x", 1}, 9, f);
    }));
    ok(people<void_t>([&](auto& p, auto f) { p.set_setting(account, "a", "b", f); }));
    ok(people<void_t>(
      [&](auto& p, auto f) { p.set_metadata(account_key(account), "a", "b", 9, f); }));
    ok(people<void_t>([&](auto& p, auto f) {
      p.save_session({account, nick, {}, {}, {}, {}, {}, 1}, f);
    }));
    ASSERT_TRUE(people<std::int64_t>([&](auto& p, auto f) {
                  p.set_marker(account, "#a", 1, 9, f);
                }).has_value());
  }

  void talk(std::int64_t from, std::int64_t to, std::int64_t id) {
    auto x = said(direct_target(from, to), id, id);
    x.sender_account = from;
    x.between = {from, to};
    ASSERT_TRUE(append({x}).has_value());
  }

  result<void_t> erase(std::int64_t account) {
    return wait<void_t>([&](auto done) { program->accounts.remove(account, done); });
  }

  std::int64_t rows_of(std::int64_t account) {
    std::int64_t all = 0;
    for (query text : {
           query{"SELECT count(*) FROM channel WHERE founder_account = $1"},
           query{"SELECT count(*) FROM channel_access WHERE account_id = $1"},
           query{"SELECT count(*) FROM chat_nick WHERE account_id = $1"},
           query{"SELECT count(*) FROM chat_certificate WHERE account_id = $1"},
           query{"SELECT count(*) FROM chat_setting WHERE account_id = $1"},
           query{"SELECT count(*) FROM chat_metadata WHERE owner = 'a' || $1"},
           query{"SELECT count(*) FROM chat_marker WHERE account_id = $1"},
           query{"SELECT count(*) FROM chat_session WHERE account_id = $1"},
           query{"SELECT count(*) FROM chat_direct WHERE account_id = $1"},
         })
      all += std::get<0>(**open().row<std::int64_t>(text, account));
    return all;
  }
};

TEST_F(ReleaseChat, LeavesNothingOfAnAccountThatGoes) {
  live(alice, "ally");
  live(bob, "bobby");
  talk(alice, bob, 1);
  ASSERT_EQ(rows_of(alice), 9);
  ASSERT_TRUE(erase(alice).has_value());
  EXPECT_EQ(rows_of(alice), 0);
  EXPECT_EQ(rows_of(bob), 9); // and all of the others
  auto channel = channels<channel_record>([](auto& c, auto f) { c.find("#of-ally", f); });
  EXPECT_EQ(channel->channel.founder, 0); // it is nobody's
}

TEST_F(ReleaseChat, KeepsADirectConversationForTheOtherParty) {
  talk(alice, bob, 1);
  talk(bob, alice, 2);
  talk(alice, alice, 3);
  append({said("#a 1", 4, 4)});
  ASSERT_TRUE(erase(alice).has_value());
  EXPECT_EQ(number("SELECT count(*) FROM chat_event"), 3); // not what only she had
  ASSERT_TRUE(erase(bob).has_value());
  EXPECT_EQ(number("SELECT count(*) FROM chat_event"), 1);
}

} // namespace hamlet::sql
