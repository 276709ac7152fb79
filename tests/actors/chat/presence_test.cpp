// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/presence.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace hamlet {

namespace {

user_ref user(std::int64_t id, const std::string& nick, std::int64_t account = 0,
              const std::string& modes = "") {
  auto x = std::make_shared<user_card>();
  x->who.set_session_id(id);
  x->who.set_nick(nick);
  x->who.set_host(nick + ".example.org");
  x->who.set_account_id(account);
  x->who.set_user_modes(modes);
  x->who.set_is_operator(modes.find('o') != std::string::npos);
  x->signon_ms = id * 1000;
  x->away = "out";
  x->clients = 1;
  return x;
}

channel_ref channel(const std::string& name, std::uint32_t members) {
  auto x = std::make_shared<channel_card>();
  x->name = name;
  x->members = members;
  return x;
}

} // namespace

class Presence : public ::testing::Test {
protected:
  presence here;
};

TEST_F(Presence, FindsAUserInAnyCase) {
  here.put(user(1, "Ann", 7));
  auto found = here.find("aNN");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->who.nick(), "Ann");
  EXPECT_EQ(found->who.host(), "Ann.example.org");
  EXPECT_EQ(found->away, "out");
  EXPECT_EQ(found->clients, 1u);
  EXPECT_EQ(found->signon_ms, 1000);
  EXPECT_EQ(here.find(1)->who.account_id(), 7);
  EXPECT_FALSE(here.find("bob"));
  EXPECT_FALSE(here.find(2));
}

TEST_F(Presence, FindsAUserByTheNewNickOnly) {
  here.put(user(1, "ann"));
  here.put(user(1, "anna"));
  EXPECT_FALSE(here.find("ann"));
  EXPECT_TRUE(here.find("anna"));
  EXPECT_EQ(here.count().users, 1u);
  ASSERT_EQ(here.former("ANN", 10).size(), 1u);
}

TEST_F(Presence, LeavesANickToWhoHasTakenItMeanwhile) {
  here.put(user(1, "ann"));
  here.put(user(2, "ann")); // NICK has given it away; the first has not said its new one yet
  here.put(user(1, "anna"));
  ASSERT_TRUE(here.find("ann"));
  EXPECT_EQ(here.find("ann")->who.session_id(), 2);
  here.remove(1, 5);
  EXPECT_TRUE(here.find("ann"));
}

TEST_F(Presence, RemembersWhoWasHere) {
  for (int i = 1; i <= 3; ++i) {
    here.put(user(i, "ann"));
    here.remove(i, i * 100);
  }
  auto found = here.former("Ann", 2);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].who.session_id(), 3);
  EXPECT_EQ(found[0].until_ms, 300);
  EXPECT_EQ(found[1].who.session_id(), 2);
  EXPECT_FALSE(here.find("ann"));
  EXPECT_FALSE(here.find(3));
}

TEST_F(Presence, RemembersNoMoreThanItMay) {
  presence small{{.former_users = 2, .former_ms = 1000}};
  for (int i = 1; i <= 3; ++i) {
    small.put(user(i, "ann"));
    small.remove(i, i);
  }
  EXPECT_EQ(small.former("ann", 10).size(), 2u);
  small.put(user(4, "bob"));
  small.remove(4, 5000);
  EXPECT_TRUE(small.former("ann", 10).empty());
}

TEST_F(Presence, KnowsTheSessionsOfAnAccount) {
  here.put(user(1, "ann", 7));
  here.put(user(2, "ann_", 7));
  here.put(user(3, "bob"));
  EXPECT_EQ(here.of_account(7).size(), 2u);
  EXPECT_TRUE(here.of_account(0).empty());
  here.put(user(2, "ann_")); // logged out
  ASSERT_EQ(here.of_account(7).size(), 1u);
  here.remove(1, 1);
  EXPECT_TRUE(here.of_account(7).empty());
}

TEST_F(Presence, ListsUsersAndChannels) {
  for (int i = 1; i <= 100; ++i)
    here.put(user(i, "user" + std::to_string(i)));
  std::size_t seen = 0;
  here.each_user([&](const user_ref&) { return ++seen < 50; });
  EXPECT_EQ(seen, 50u);
  here.put(channel("#A", 1));
  here.put(channel("#a", 2));
  here.put(channel("#b", 3));
  EXPECT_EQ(here.count().channels, 2u);
  EXPECT_EQ(here.find_channel("#A")->members, 2u);
  here.remove_channel("#A");
  EXPECT_FALSE(here.find_channel("#a"));
  seen = 0;
  here.each_channel([&](const channel_ref&) { return ++seen != 0; });
  EXPECT_EQ(seen, 1u);
}

TEST_F(Presence, KnowsWhoIsWhere) {
  here.set_member(1, {"#A", "@+", false});
  here.set_member(1, {"#a", "@", true});
  here.set_member(1, {"#b", "", false});
  auto all = here.channels_of(1);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].channel, "#A");
  EXPECT_EQ(all[0].prefixes, "@");
  EXPECT_TRUE(all[0].is_hidden);
  EXPECT_TRUE(here.is_member(1, "#B"));
  EXPECT_FALSE(here.is_member(2, "#b"));
  EXPECT_FALSE(here.share_channel(1, 2));
  here.set_member(2, {"#a", "", false});
  EXPECT_TRUE(here.share_channel(1, 2));
  EXPECT_TRUE(here.share_channel(2, 1));
  here.remove_member(1, "#A");
  EXPECT_FALSE(here.share_channel(1, 2));
  here.put(user(2, "bob"));
  here.remove(2, 1);
  EXPECT_TRUE(here.channels_of(2).empty());
}

TEST_F(Presence, CountsForLusers) {
  here.put(user(1, "ann", 0, "i"));
  here.put(user(2, "bob", 0, "io"));
  here.put(user(3, "eve"));
  EXPECT_EQ(here.count().users, 1u);
  EXPECT_EQ(here.count().invisible, 2u);
  EXPECT_EQ(here.count().operators, 1u);
  here.put(user(2, "bob"));
  here.remove(1, 1);
  EXPECT_EQ(here.count().users, 2u);
  EXPECT_EQ(here.count().invisible, 0u);
  EXPECT_EQ(here.count().operators, 0u);
  EXPECT_EQ(here.count().most_users, 3u);
  here.connection_opened();
  here.connection_opened();
  here.connection_registered();
  EXPECT_EQ(here.count().unregistered, 1u);
  EXPECT_EQ(here.count().clients, 1u);
  here.connection_closed(true);
  here.connection_closed(false);
  EXPECT_EQ(here.count().unregistered, 0u);
  EXPECT_EQ(here.count().clients, 0u);
  EXPECT_EQ(here.count().most_clients, 1u);
}

TEST_F(Presence, MayBeUsedByManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      for (int i = 0; i < 300; ++i) {
        here.put(user(t, "user" + std::to_string(t * 1000 + i % 3)));
        here.set_member(t, {"#a", "", false});
        here.share_channel(t, (t + 1) % 4);
        here.find("user" + std::to_string(i));
        here.remove_member(t, "#a");
        if (i % 10 == 0)
          here.each_user([](const user_ref&) { return true; });
      }
      here.remove(t, 1);
    });
  for (auto& x : threads)
    x.join();
  EXPECT_EQ(here.count().users, 0u);
  here.each_user([](const user_ref& x) {
    ADD_FAILURE() << x->who.nick();
    return true;
  });
}

} // namespace hamlet
