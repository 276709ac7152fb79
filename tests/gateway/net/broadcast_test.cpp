// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/broadcast.hpp"
#include "tests/gateway/net/stream_fixture.hpp"

#include <condition_variable>
#include <list>
#include <map>
#include <thread>

namespace hamlet::net {

namespace {

shared_bytes shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

std::string numbers(int from, int to) {
  std::string all;
  for (auto i = from; i < to; ++i)
    all += std::to_string(i) + "\r\n";
  return all;
}

/// Many clients of one listener; of their owners only the end is of interest.
class BroadcastTest : public ::testing::Test {
protected:
  void serve(std::size_t count, tls_use security = tls_use::never, limits bounds = {}) {
    listen_options options;
    options.security = security;
    options.bounds = bounds;
    if (security != tls_use::never)
      options.certificate =
        std::make_shared<tls::reloadable>(tls::context::self_signed("test").value());
    door.emplace(listener::open(pool, std::move(options)).value());
    door->start([this](stream s) {
      std::lock_guard lock{mutex};
      s.start(std::make_unique<quiet>(*this, streams.size()));
      streams.push_back(std::move(s));
      changed.notify_all();
    });
    for (std::size_t i = 0; i < count; ++i) { // one by one, so that both sides have one order
      clients.emplace_back(door->port());
      std::unique_lock lock{mutex};
      changed.wait(lock, [&] { return streams.size() == i + 1; });
      outlets.push_back(streams.back().outlet());
    }
  }

  close_reason reason(std::size_t which) {
    std::unique_lock lock{mutex};
    changed.wait_for(lock, 10s, [&] { return ends.contains(which); });
    return ends.at(which);
  }

  void TearDown() override {
    door.reset();
    std::lock_guard lock{mutex};
    streams.clear();
  }

  struct quiet : stream_events {
    quiet(BroadcastTest& t, std::size_t n) : test{t}, number{n} {}
    void received(std::string) override {}
    void secured(const tls_facts&) override {}
    void closed(close_reason why) override {
      std::lock_guard lock{test.mutex};
      test.ends[number] = why;
      test.changed.notify_all();
    }
    BroadcastTest& test;
    std::size_t number;
  };

  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::size_t, close_reason> ends;
  std::vector<stream> streams;
  std::vector<outlet> outlets;
  io_pool pool{2};
  std::optional<listener> door;
  std::list<net_client> clients;
};

} // namespace

TEST_F(BroadcastTest, KeepsTheOrderOfAllWaysToWrite) {
  serve(6);
  audience all{outlets};
  constexpr int rounds = 4000;
  for (int i = 0; i < rounds; ++i) {
    auto text = std::to_string(i) + "\r\n";
    auto bytes = shared(text);
    broadcast some;
    switch (i % 4) {
    case 0: all.write(bytes); break;
    case 1:
      for (auto& x : streams)
        x.write(text);
      break;
    case 2:
      for (auto& x : outlets)
        x.write(bytes);
      break;
    default: some.add(outlets, bytes); some.send();
    }
  }
  auto want = numbers(0, rounds);
  for (auto& c : clients)
    EXPECT_EQ(c.receive(want.size()), want);
}

TEST_F(BroadcastTest, KeepsTheOrderOfThreadsThatWaitForEachOther) {
  serve(2);
  audience all{outlets};
  std::atomic<int> turn = 0;
  constexpr int rounds = 2000;
  auto speak = [&](int me, auto say) {
    for (int i = me; i < rounds; i += 2) {
      while (turn != i)
        std::this_thread::yield();
      say(std::to_string(i) + "\r\n");
      turn = i + 1;
    }
  };
  std::jthread other{[&] { speak(1, [&](auto text) { all.write(shared(text)); }); }};
  speak(0, [&](auto text) {
    for (auto& x : streams)
      x.write(text);
  });
  for (auto& c : clients)
    EXPECT_EQ(c.receive(numbers(0, rounds).size()), numbers(0, rounds));
}

TEST_F(BroadcastTest, LeavesOutWhoeverSaidIt) {
  serve(3);
  audience all{outlets};
  all.write(shared("a"), outlets[1]);
  all.write(shared("b"));
  auto c = clients.begin();
  EXPECT_EQ((c++)->receive(2), "ab");
  EXPECT_EQ((c++)->receive(1), "b");
  EXPECT_EQ(c->receive(2), "ab");
}

TEST_F(BroadcastTest, GivesEachItsOwnLinesInTheirOrder) {
  serve(2);
  auto one = shared("1");
  auto two = shared("2");
  broadcast b;
  b.add(outlets[0], one);
  b.add(outlets[1], one);
  b.add(outlets[1], two);
  b.add(outlets[0], two);
  b.add(outlets[0], one);
  b.send();
  b.send(); // nothing is left to send
  b.add(outlets[1], shared("."));
  b.add(outlets[0], shared("."));
  b.send();
  EXPECT_EQ(clients.front().receive(4), "121.");
  EXPECT_EQ(clients.back().receive(3), "12.");
}

TEST_F(BroadcastTest, SendsABurstOfLinesInOnePiece) {
  serve(1, tls_use::at_once);
  audience all{outlets};
  ASSERT_TRUE(clients.front().start_tls());
  all.write(shared("first"));
  ASSERT_EQ(clients.front().receive(5), "first");
  broadcast burst; // one task, as if all lines had come while the I/O thread was at work
  for (int i = 0; i < 100; ++i)
    burst.add(outlets, shared("a line\r\n"));
  burst.send();
  char room[4096];
  auto record = ::recv(clients.front().fd(), room, sizeof room, 0);
  EXPECT_GT(record, 800); // one record, so one call for all 100 lines
}

TEST_F(BroadcastTest, CutsASlowReaderAndNobodyElse) {
  serve(3, tls_use::never, {.write_queue = 256u << 10});
  audience all{outlets};
  auto line = shared(std::string(64u << 10, 'x'));
  std::size_t sent = 0;
  clients.pop_back(); // the last does not read at all
  net_client slow{door->port()};
  {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return streams.size() == 4; });
    outlets[2] = streams[3].outlet();
    all = audience{outlets};
  }
  for (auto cut = false; !cut && sent < (256u << 20); sent += line->size()) {
    all.write(line);
    for (auto& c : clients)
      ASSERT_EQ(c.receive(line->size()).size(), line->size());
    std::lock_guard lock{mutex};
    cut = ends.contains(3);
  }
  EXPECT_EQ(reason(3), close_reason::write_queue_full);
  all.write(shared("and on"));
  for (auto& c : clients)
    EXPECT_EQ(c.receive(6), "and on");
}

TEST_F(BroadcastTest, BoundsWhatOneOutletMayHaveWaiting) {
  serve(1, tls_use::never, {.write_queue = 1000});
  outlets[0].write(shared(std::string(1001, 'x')));
  EXPECT_EQ(reason(0), close_reason::write_queue_full);
}

TEST_F(BroadcastTest, AnOutletOutlivesItsStream) {
  serve(2);
  audience all{outlets};
  {
    std::lock_guard lock{mutex};
    streams[0].close();
    streams.erase(streams.begin());
  }
  clients.front().hang_up();
  EXPECT_EQ(reason(0), close_reason::by_us);
  all.write(shared("still"));
  outlets[0].write(shared("nobody reads this"));
  EXPECT_EQ(clients.back().receive(5), "still");
}

TEST_F(BroadcastTest, AnEmptyOutletLeadsNowhere) {
  outlet none;
  EXPECT_FALSE(none);
  none.write(shared("x"));
  audience{std::vector{none, none}}.write(shared("x"));
  broadcast b;
  b.add(none, shared("x"));
  b.send();
  EXPECT_EQ(audience{std::vector{none}}.size(), 0u);
}

} // namespace hamlet::net
