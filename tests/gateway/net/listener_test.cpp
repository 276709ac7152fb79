// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/io_pool.hpp"
#include "gateway/net/listener.hpp"
#include "lib/tls/self_signed.hpp"
#include "tests/support/net_client.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <deque>
#include <filesystem>
#include <mutex>
#include <semaphore>
#include <stdlib.h>

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace hamlet::net {

namespace {

constexpr std::uint32_t neighbour = INADDR_LOOPBACK + 1; // 127.0.0.2

const std::string local_header = "\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00"s;

/// 192.0.2.`last` says hello, as our load balancer has it.
std::string proxied(char last) {
  return "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xC0\x00\x02"s + last
         + "\xC6\x33\x64\x02\x30\x39\x00\x19"s;
}

class ListenerTest : public ::testing::Test {
protected:
  ListenerTest() { std::signal(SIGPIPE, SIG_IGN); }

  /// A server that greets each client with its own address and repeats what it says.
  std::uint16_t serve(listen_options options) {
    if (options.security != tls_use::never && !options.certificate)
      options.certificate =
        std::make_shared<tls::reloadable>(tls::context::self_signed("test").value());
    auto& door = doors.emplace_back(listener::open(pool, std::move(options)).value());
    door.start([this](stream s) {
      std::lock_guard lock{mutex};
      clients.push_back(std::move(s));
      auto n = clients.size() - 1;
      clients[n].start(std::make_unique<events>(*this, n));
      clients[n].write(clients[n].peer() + "\n");
      clients[n].read_more();
    });
    return door.port();
  }

  bool one_ended() { return ended.try_acquire_for(10s); }

  void TearDown() override {
    doors.clear();
    std::lock_guard lock{mutex};
    clients.clear();
  }

  static std::string greeting(net_client& c, std::string_view address = "127.0.0.1") {
    return c.receive(address.size() + 1);
  }

  struct events : stream_events {
    events(ListenerTest& t, std::size_t i) : of{t}, n{i} {}
    void received(std::string bytes) override {
      std::lock_guard lock{of.mutex};
      if (n >= of.clients.size())
        return;
      of.clients[n].write(std::move(bytes));
      of.clients[n].read_more();
    }
    void secured(const tls_facts& facts) override {
      std::lock_guard lock{of.mutex};
      of.certificates.push_back(facts.tls_server_end_point);
    }
    void closed(close_reason) override { of.ended.release(); }
    ListenerTest& of;
    std::size_t n;
  };

  std::mutex mutex;
  std::deque<stream> clients;
  std::vector<std::string> certificates; // their hashes, one for each handshake
  std::counting_semaphore<> ended{0};
  io_pool pool{2};
  std::vector<listener> doors;
};

const std::vector<network> loopback{network::of("127.0.0.1").value()};
const std::string refusal = "421 4.7.0 Too many connections from your address\r\n";

TEST_F(ListenerTest, SaysWhyItCannotListen) {
  auto port = serve({});
  struct {
    const char* address;
    const char* says;
  } cases[] = {{"127.0.0.1", "127.0.0.1:"},
               {"198.51.100.1", "198.51.100.1:"},
               {"x", "x:"},
               {"2001:db8::1", "[2001:db8::1]:"}};
  for (auto& c : cases) {
    auto failed = listener::open(pool, {.address = c.address, .port = port});
    ASSERT_FALSE(failed.has_value()) << c.address;
    EXPECT_EQ(failed.error().code, errc::bad_setup);
    EXPECT_EQ(failed.error().detail.find(c.says + std::to_string(port) + ": "), 0u)
      << failed.error().detail;
  }
}

TEST_F(ListenerTest, ListensOnBothFamiliesAtOnePort) {
  auto v4 = listener::open(pool, {.address = "0.0.0.0"});
  ASSERT_TRUE(v4.has_value()) << v4.error().detail;
  auto v6 = listener::open(pool, {.address = "::", .port = v4->port()});
  if (!v6.has_value() && v6.error().detail.find("Address family") != std::string::npos)
    GTEST_SKIP() << "no IPv6 here";
  EXPECT_TRUE(v6.has_value()) << v6.error().detail;
}

TEST_F(ListenerTest, RefusesAClientThatHasEnoughConnections) {
  auto port = serve({.places = connection_limits::make({.per_address = 1}), .refusal = refusal});
  net_client first{port};
  EXPECT_EQ(greeting(first), "127.0.0.1\n");
  net_client second{port};
  EXPECT_EQ(second.receive_all(), refusal);
  net_client other{port, neighbour};
  EXPECT_EQ(greeting(other, "127.0.0.2"), "127.0.0.2\n");

  first.hang_up();
  ASSERT_TRUE(one_ended());
  net_client again{port};
  EXPECT_EQ(greeting(again), "127.0.0.1\n");
}

TEST_F(ListenerTest, CountsTheClientsOfAllListenersTogether) {
  auto places = connection_limits::make({.total = 1});
  net_client first{serve({.places = places})};
  EXPECT_EQ(greeting(first), "127.0.0.1\n");
  net_client second{serve({.places = places, .refusal = "-ERR [SYS/TEMP] Full\r\n"})};
  EXPECT_EQ(second.receive_all(), "-ERR [SYS/TEMP] Full\r\n");
  EXPECT_EQ(places->now().open, 1u);
}

TEST_F(ListenerTest, CountsAlsoForAProtocolOfItsOwn) {
  auto all = connection_limits::make({.total = 2});
  auto chat = connection_limits::make({.per_address = 1});
  auto port = serve({.places = all, .own_places = chat, .refusal = "ERROR :Too many\r\n"});
  net_client first{port};
  EXPECT_EQ(greeting(first), "127.0.0.1\n");
  net_client second{port};
  EXPECT_EQ(second.receive_all(), "ERROR :Too many\r\n");
  EXPECT_EQ(all->now().open, 1u) << "who is refused has no place";
  net_client mail{serve({.places = all})};
  EXPECT_EQ(greeting(mail), "127.0.0.1\n");
  first.hang_up();
  ASSERT_TRUE(one_ended());
  EXPECT_EQ(all->now().open, 1u);
  EXPECT_EQ(chat->now().open, 0u);
}

TEST_F(ListenerTest, JustClosesWhereARefusalCouldNotBeRead) {
  auto places = connection_limits::make({.total = 1});
  auto port = serve({.security = tls_use::at_once, .places = places, .refusal = refusal});
  net_client first{port};
  ASSERT_TRUE(first.start_tls());
  EXPECT_EQ(greeting(first), "127.0.0.1\n");
  net_client second{port};
  EXPECT_TRUE(second.is_dismissed());
}

TEST_F(ListenerTest, TakesANewCertificateAndDropsNobody) {
  std::string folder = std::filesystem::temp_directory_path() / "hamlet-XXXXXX";
  ASSERT_TRUE(mkdtemp(folder.data()));
  auto files = [&](const char* name) {
    auto own = std::filesystem::path{folder} / name;
    std::filesystem::create_directory(own);
    return std::vector{tls::ensure_self_signed(own, name).value()};
  };
  auto holder = tls::reloadable::open(files("old.example")).value();
  auto port = serve({.security = tls_use::at_once, .certificate = holder});
  net_client before{port};
  ASSERT_TRUE(before.start_tls());
  EXPECT_EQ(greeting(before), "127.0.0.1\n");
  ASSERT_TRUE(holder->reload(files("new.example")).has_value());
  net_client after{port};
  ASSERT_TRUE(after.start_tls());
  EXPECT_EQ(greeting(after), "127.0.0.1\n");
  before.send("still here");
  EXPECT_EQ(before.receive(10), "still here");
  std::filesystem::remove_all(folder);
  std::lock_guard lock{mutex};
  ASSERT_EQ(certificates.size(), 2u);
  EXPECT_NE(certificates[0], certificates[1]);
}

TEST_F(ListenerTest, BelievesAProxyWhoTheClientIs) {
  net_client c{serve({.proxies = loopback})};
  c.send(proxied(7) + "more");
  EXPECT_EQ(c.receive(14), "192.0.2.7\nmore");
}

TEST_F(ListenerTest, ReadsAProxyHeaderByteByByteAndNothingBeyond) {
  net_client c{serve({.security = tls_use::at_once, .proxies = loopback})};
  for (char x : proxied(7))
    c.send({&x, 1});
  ASSERT_TRUE(c.start_tls());
  EXPECT_EQ(c.receive(10), "192.0.2.7\n");
}

TEST_F(ListenerTest, ReadsAProxyHeaderOfVersion1AndNothingBeyond) {
  auto port = serve({.security = tls_use::at_once, .proxies = loopback});
  net_client c{port}, unknown{port};
  c.send("PROXY TCP4 192.0.2.7 198.51.100.2 12345 6697\r\n");
  ASSERT_TRUE(c.start_tls());
  EXPECT_EQ(c.receive(10), "192.0.2.7\n");
  unknown.send("PROXY UNKNOWN\r\n");
  ASSERT_TRUE(unknown.start_tls());
  EXPECT_EQ(greeting(unknown), "127.0.0.1\n");
}

TEST_F(ListenerTest, TakesAHealthCheckForItself) {
  net_client c{serve({.proxies = loopback})};
  c.send(local_header);
  EXPECT_EQ(greeting(c), "127.0.0.1\n");
}

TEST_F(ListenerTest, WantsAHeaderFromAProxy) {
  auto port = serve({.proxies = loopback});
  net_client c{port};
  c.send("EHLO x.example\r\n");
  EXPECT_TRUE(c.is_dismissed());
}

TEST_F(ListenerTest, WaitsNotForeverForAHeader) {
  net_client c{serve({.bounds = {.proxy_header = 100ms}, .proxies = loopback})};
  c.send(proxied(7).substr(0, 20));
  EXPECT_TRUE(c.is_dismissed());
  EXPECT_TRUE(clients.empty());
}

TEST_F(ListenerTest, TakesAHeaderFromAProxyOnly) {
  net_client c{serve({.proxies = loopback}), neighbour};
  EXPECT_EQ(greeting(c, "127.0.0.2"), "127.0.0.2\n");
  c.send(proxied(7));
  EXPECT_EQ(c.receive(proxied(7).size()), proxied(7)); // to us it is text like any other
}

TEST_F(ListenerTest, CountsTheClientsOfAProxyByTheirOwnAddress) {
  auto port = serve({.places = connection_limits::make({.per_address = 1}),
                     .refusal = refusal,
                     .proxies = loopback});
  net_client first{port}, second{port}, third{port};
  first.send(proxied(1));
  EXPECT_EQ(first.receive(10), "192.0.2.1\n");
  second.send(proxied(2));
  EXPECT_EQ(second.receive(10), "192.0.2.2\n");
  third.send(proxied(1));
  EXPECT_EQ(third.receive_all(), refusal);
}

TEST_F(ListenerTest, TakesNewProxiesAndBoundsForThoseWhoCome) {
  auto port = serve({});
  net_client before{port};
  EXPECT_EQ(greeting(before), "127.0.0.1\n");
  doors.front().change({.proxy_header = 100ms}, loopback);
  net_client after{port}, slow{port};
  after.send(proxied(7));
  EXPECT_EQ(after.receive(10), "192.0.2.7\n");
  EXPECT_TRUE(slow.is_dismissed());
  before.send("still here");
  EXPECT_EQ(before.receive(10), "still here");
}

TEST_F(ListenerTest, CanCloseWhileAProxyIsSlow) {
  net_client c{serve({.proxies = loopback})};
  c.send(proxied(7).substr(0, 20));
  doors.clear();
  c.send(proxied(7).substr(20));
  EXPECT_TRUE(c.is_dismissed());
}

} // namespace

} // namespace hamlet::net
