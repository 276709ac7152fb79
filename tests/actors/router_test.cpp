// SPDX-License-Identifier: Apache-2.0
#include "actors/router.hpp"
#include "lib/base/ids.hpp"
#include "tests/support/actor_test.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace hamlet {

template <class Make>
std::pair<int, int> spread(Make make) {
  std::array<int, shard_count> count{};
  for (std::int64_t i = 0; i < 100 * static_cast<std::int64_t>(shard_count); ++i)
    ++count[shard_of(make(i))];
  auto [least, most] = std::ranges::minmax(count);
  return {least, most};
}

// Ids follow one another: a shard has 100 of 25,600 if all is well.
TEST(Router, SpreadsAccountsThatFollowOneAnother) {
  auto [least, most] = spread([](std::int64_t i) { return i + 1; });
  EXPECT_GT(least, 50);
  EXPECT_LT(most, 200);
}

TEST(Router, SpreadsNamesThatAreAlike) {
  auto [least, most] = spread([](std::int64_t i) { return "pupil" + std::to_string(i); });
  EXPECT_GT(least, 50);
  EXPECT_LT(most, 200);
}

// Where things are must never change with a version of the program.
TEST(Router, StaysAsItIs) {
  EXPECT_EQ(shard_of(std::int64_t{1}), 172u);
  EXPECT_EQ(shard_of(std::string_view{"ann@example.org"}), 79u);
}

/// A router whose actors end with it.
class RouterOfNodes : public ActorTest {
protected:
  chat_actor spawn() {
    auto x = sys.spawn(
      [](chat_actor::pointer, int) -> chat_actor::behavior_type {
        return {[](const chat::v1::Request&) { return chat::v1::Reply{}; }, [](caf::tick_atom) {}};
      },
      argument);
    all.push_back(x);
    return x;
  }
  ~RouterOfNodes() override {
    for (auto& x : all)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    sched.run();
  }
  std::vector<chat_actor> all;
};

TEST_F(RouterOfNodes, FindsTheHomeOfASession) {
  auto tables = std::make_shared<router::tables>();
  auto here = spawn(), there = spawn();
  tables->sessions.fill(here);
  EXPECT_EQ(router{tables}.session_of(id_source{7}.next()), here); // alone
  auto known = std::make_shared<homes>(std::uint16_t{1});
  std::uint16_t asked = 0;
  tables->homes = known;
  tables->node_sessions = [&](std::uint16_t node) {
    asked = node;
    return there;
  };
  router owners{tables};
  auto id = id_source{7}.next();
  EXPECT_EQ(owners.session_of(id_source{1}.next()), here);
  EXPECT_EQ(owners.session_of(id), there);
  EXPECT_EQ(asked, 7);
  EXPECT_EQ(owners.session_here(id), here);
  known->adopt(id, 9);
  owners.session_of(id);
  EXPECT_EQ(asked, 9);
  known->adopt(id, 1);
  EXPECT_EQ(owners.session_of(id), here);
}

TEST_F(RouterOfNodes, HasChannelsOfItsOwn) { // RFC 2811 §2.1
  auto tables = std::make_shared<router::tables>();
  auto shared = spawn(), own = spawn();
  tables->channels.fill(shared);
  EXPECT_EQ(router{tables}.channel_of("&room"), shared); // alone: all are
  tables->homes = std::make_shared<homes>(std::uint16_t{1});
  tables->local_channels.fill(own);
  EXPECT_EQ(router{tables}.channel_of("&room"), own);
  EXPECT_EQ(router{tables}.channel_of("#room"), shared);
}

} // namespace hamlet
