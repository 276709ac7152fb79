// SPDX-License-Identifier: Apache-2.0
#include "storage/redis/news_bus.hpp"
#include "tests/support/redis_server.hpp"

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>

using namespace std::chrono_literals;

namespace hamlet::redis {
namespace {

constexpr auto patience = 30s; // a failure takes so long; nothing waits for it otherwise

/// A node that hears.
class listener {
public:
  explicit listener(std::uint16_t port, std::string password = {}, std::size_t queue = 8 << 20)
      : bus{options(port, std::move(password), queue),
            [this](std::string x) { note([&] { heard.push_back(std::move(x)); }); },
            [this](bool x) { note([&] { is_up = x, ++changes; }); }} {}

  template <class Condition>
  bool wait(Condition f) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, patience, f);
  }
  bool wait_up(bool wanted = true) {
    return wait([&] { return is_up == wanted; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> heard;
  bool is_up = false;
  int changes = 0;
  news_bus bus; // last: it calls into what is above

private:
  static bus_options options(std::uint16_t port, std::string password, std::size_t queue) {
    bus_options x;
    x.port = port;
    x.password = std::move(password);
    x.cluster = "test";
    x.queue = queue;
    return x;
  }
  template <class F>
  void note(F f) {
    {
      std::lock_guard lock{mutex};
      f();
    }
    changed.notify_all();
  }
};

result<std::vector<std::string>> fetch(news_bus& from, std::int64_t of, std::uint64_t first) {
  std::promise<result<std::vector<std::string>>> answer;
  auto got = answer.get_future();
  from.fetch(of, first, 100, [&](auto x) { answer.set_value(std::move(x)); });
  return got.get();
}

/// How many have been refused for their password.
std::size_t refused(std::uint16_t port, const std::string& password) {
  auto* c = redisConnect("127.0.0.1", port);
  if (c == nullptr || c->err != 0)
    return 0;
  freeReplyObject(redisCommand(c, "AUTH %s", password.c_str()));
  auto* x = static_cast<redisReply*>(redisCommand(c, "ACL LOG"));
  auto n = x != nullptr && x->type == REDIS_REPLY_ARRAY ? x->elements : 0;
  freeReplyObject(x);
  redisFree(c);
  return n;
}

void flush_all(std::uint16_t port) {
  auto* c = redisConnect("127.0.0.1", port);
  ASSERT_NE(c, nullptr);
  auto* x = static_cast<redisReply*>(redisCommand(c, "FLUSHALL"));
  ASSERT_NE(x, nullptr);
  freeReplyObject(x);
  redisFree(c);
}

TEST(NewsBus, EachHearsWhatOnePublishesInItsOrder) {
  test::redis_server server;
  listener a{server.port()}, b{server.port()};
  ASSERT_TRUE(a.wait_up() && b.wait_up());
  std::vector<std::string> said;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    said.push_back(std::string{"news \0 of ", 10} + std::to_string(i));
    ASSERT_TRUE(a.bus.publish(7, i, said.back()));
  }
  EXPECT_TRUE(a.wait([&] { return a.heard.size() == said.size(); }));
  EXPECT_TRUE(b.wait([&] { return b.heard.size() == said.size(); }));
  EXPECT_EQ(a.heard, said);
  EXPECT_EQ(b.heard, said);
}

TEST(NewsBus, WhoHasMissedSomeFetchesFromTheFirstOfThem) {
  test::redis_server server;
  listener a{server.port()};
  ASSERT_TRUE(a.wait_up());
  for (auto* x : {"one", "two", "three"})
    ASSERT_TRUE(a.bus.publish(7, static_cast<std::uint64_t>(10 + a.heard.size()), x)
                && a.wait([&, x] { return !a.heard.empty() && a.heard.back() == x; }));
  ASSERT_TRUE(a.bus.publish(8, 11, "of another start"));
  ASSERT_TRUE(a.wait([&] { return a.heard.size() == 4; }));
  EXPECT_EQ(fetch(a.bus, 7, 11), (std::vector<std::string>{"two", "three"}));
  EXPECT_EQ(fetch(a.bus, 9, 1), std::vector<std::string>{});
}

TEST(NewsBus, GoesOnAfterAllKeysWereDeleted) {
  test::redis_server server;
  listener a{server.port()};
  ASSERT_TRUE(a.wait_up());
  ASSERT_TRUE(a.bus.publish(7, 1, "before"));
  ASSERT_TRUE(a.wait([&] { return a.heard.size() == 1; }));
  flush_all(server.port());
  EXPECT_EQ(fetch(a.bus, 7, 1), std::vector<std::string>{});
  ASSERT_TRUE(a.bus.publish(7, 2, "after"));
  ASSERT_TRUE(a.wait([&] { return a.heard.size() == 2; }));
  EXPECT_EQ(fetch(a.bus, 7, 1), std::vector<std::string>{"after"});
}

TEST(NewsBus, SaysThatRedisHasGoneAndThatItIsBack) {
  test::redis_server server;
  listener a{server.port()};
  ASSERT_TRUE(a.wait_up());
  server.kill();
  ASSERT_TRUE(a.wait_up(false));
  EXPECT_FALSE(a.bus.publish(7, 1, "to nobody"));
  EXPECT_FALSE(fetch(a.bus, 7, 1));
  server.start();
  ASSERT_TRUE(a.wait_up());
  ASSERT_TRUE(a.bus.publish(7, 2, "again"));
  EXPECT_TRUE(a.wait([&] { return a.heard == std::vector<std::string>{"again"}; }));
}

TEST(NewsBus, TakesNoMoreThanItsBoundWhileRedisIsFrozen) {
  test::redis_server server;
  listener a{server.port(), {}, 100'000};
  ASSERT_TRUE(a.wait_up());
  server.freeze();
  std::size_t taken = 0;
  while (taken < 1000 && a.bus.publish(7, taken + 1, std::string(1000, 'x')))
    ++taken;
  EXPECT_EQ(taken, 100u);
  ASSERT_TRUE(a.wait_up(false)); // it does not answer
  server.thaw();
  ASSERT_TRUE(a.wait_up());
  EXPECT_TRUE(a.bus.publish(7, 2000, "again"));
}

TEST(NewsBus, NeedsThePassword) {
  test::redis_server server{"a sample password"};
  listener right{server.port(), "a sample password"};
  ASSERT_TRUE(right.wait_up());
  listener wrong{server.port(), "another"};
  ASSERT_TRUE(right.bus.publish(7, 1, "for those who may hear"));
  ASSERT_TRUE(right.wait([&] { return right.heard.size() == 1; }));
  while (refused(server.port(), "a sample password") == 0) { // it is being asked all the time
  }
  std::lock_guard lock{wrong.mutex};
  EXPECT_EQ(wrong.changes, 0);
  EXPECT_FALSE(wrong.bus.publish(7, 2, "from a stranger"));
}

} // namespace
} // namespace hamlet::redis
