// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace hamlet::irc {

namespace {

const chat::v1::Detach* detach_in(const irc_world& world) {
  for (auto& x : world.told)
    if (x.has_detach())
      return &x.detach();
  return nullptr;
}

} // namespace

// A member whose network is gone may come back to its session; one who quits has left.
TEST(SilentClient, IsLostAndHasNotLeft) {
  irc_world world;
  world.enter();
  auto& bounds = world.terms->settings.chat_limits;
  world.pass(std::chrono::duration_cast<std::chrono::seconds>(bounds.ping_interval.value) + 1s);
  EXPECT_FALSE(world.is_closed);
  world.pass(std::chrono::duration_cast<std::chrono::seconds>(bounds.ping_timeout.value) + 1s);
  EXPECT_TRUE(world.is_closed);
  auto* gone = detach_in(world);
  ASSERT_TRUE(gone);
  EXPECT_TRUE(gone->was_lost());
  EXPECT_TRUE(gone->reason().starts_with("Ping timeout"));
}

TEST(SilentClient, HasLeftWhenItQuits) {
  irc_world world;
  world.enter();
  world.send("QUIT :bye");
  ASSERT_FALSE(world.asked.empty());
  EXPECT_EQ(world.asked.back().quit().reason(), "Quit: bye");
  EXPECT_FALSE(detach_in(world));
}

} // namespace hamlet::irc
