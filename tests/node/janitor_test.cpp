// SPDX-License-Identifier: Apache-2.0
#include "node/janitor.hpp"
#include "node/store.hpp"
#include "tests/support/chat_store.hpp"

namespace hamlet::node {

class TidyChat : public ChatStore {
protected:
  static constexpr std::int64_t day = 86'400'000, now_ms = 1'000 * day;

  TidyChat() {
    settings.node.data_folder.value = folder;
    data = store::open(settings, [](const error&) {}).value();
  }

  void ban(const char* mask, std::int64_t until) {
    sql::network_ban x;
    x.mask = mask;
    x.expires_ms = until;
    ASSERT_TRUE(bans<void_t>([&](auto& b, auto done) { b.add(x, done); }));
  }
  void own(const char* nick, std::int64_t used) {
    sql::chat_nick x{nick, nick, nick, alice, used, used};
    ASSERT_TRUE(people<void_t>([&](auto& p, auto done) { p.group(x, 10, done); }));
  }
  chat_tidied tidy() {
    auto done = tidy_chat(*data, chat_ages_of(settings), now_ms);
    EXPECT_TRUE(done) << (done ? "" : done.error().detail);
    return done.value_or(chat_tidied{});
  }

  config::settings settings;
  std::unique_ptr<store> data;
};

TEST_F(TidyChat, ForgetsWhatIsTooOld) {
  settings.chat_history.retention.value = std::chrono::hours{48};
  ASSERT_TRUE(append({said("#a 1", now_ms - 3 * day, 1), said("#a 1", now_ms - day, 2)}));
  EXPECT_EQ(tidy().events, 1);
  EXPECT_EQ(tidy().events, 0);
  ASSERT_TRUE(append({said("#b 1", now_ms - 900 * day, 3)}));
  settings.chat_history.retention.value = {}; // never
  EXPECT_EQ(tidy().events, 0);
}

TEST_F(TidyChat, KeepsSoManyOfAConversation) {
  settings.chat_history.per_channel.value = 2;
  for (int i = 1; i <= 5; ++i)
    ASSERT_TRUE(append({said("#a 1", now_ms - 100 + i, i)}));
  EXPECT_EQ(tidy().events, 3);
}

TEST_F(TidyChat, EndsBans) {
  ban("*@old", now_ms - 1);
  ban("*@new", now_ms + 1);
  ban("*@ever", 0);
  EXPECT_EQ(tidy().bans, 1);
  EXPECT_EQ(tidy().bans, 0);
}

TEST_F(TidyChat, FreesNicksThatNobodyUses) {
  own("old", now_ms - 400 * day);
  own("new", now_ms - day);
  settings.chat.nick_expiry.value = {}; // never
  EXPECT_EQ(tidy().nicks, 0);
  settings.chat.nick_expiry.value = std::chrono::hours{365 * 24};
  EXPECT_EQ(tidy().nicks, 1);
  auto left =
    people<std::vector<sql::chat_nick>>([&](auto& p, auto done) { p.nicks(alice, done); });
  ASSERT_EQ(left.value().size(), 1u);
  EXPECT_EQ(left.value()[0].nick, "new");
}

} // namespace hamlet::node
