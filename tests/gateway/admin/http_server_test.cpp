// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/http_server.hpp"
#include "gateway/net/io_pool.hpp"
#include "tests/support/net_client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>

using namespace std::chrono_literals;

namespace hamlet::admin {

namespace {

class HttpServerTest : public ::testing::Test {
protected:
  std::uint16_t serve(http_options options = {}) {
    server.emplace(
      http_server::open(pool, std::move(options),
                        {.metrics = [this] { return metrics; },
                         .check = [this] { return is_well ? health{} : health{{"no store"}}; }})
        .value());
    return server->port();
  }

  /// The next answer, by its length.
  static std::string answer(net_client& c, bool with_body = true) {
    std::string got;
    while (!got.ends_with("\r\n\r\n")) {
      auto x = c.receive(1);
      if (x.empty())
        return got;
      got += x;
    }
    auto at = got.find("Content-Length: ") + 16;
    return with_body ? got + c.receive(std::stoul(got.substr(at))) : got;
  }

  static std::string request(const std::string& method, const std::string& path) {
    return method + " " + path + " HTTP/1.1\r\nHost: x.example\r\n\r\n";
  }

  std::string metrics = "hamlet_up 1\n";
  std::atomic<bool> is_well = true;
  net::io_pool pool{2};
  std::optional<http_server> server;
};

TEST_F(HttpServerTest, ServesBothPagesOnOneConnection) {
  net_client c{serve()};
  c.send(request("GET", "/metrics"));
  auto got = answer(c);
  EXPECT_TRUE(got.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(got.ends_with("\r\n\r\nhamlet_up 1\n"));
  c.send(request("GET", "/healthz"));
  EXPECT_TRUE(answer(c).ends_with("\r\n\r\n{\"status\":\"ok\"}\n"));
  is_well = false;
  c.send(request("GET", "/healthz"));
  EXPECT_TRUE(answer(c).starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  c.send(request("HEAD", "/healthz"));
  EXPECT_TRUE(answer(c, false).starts_with("HTTP/1.1 503 "));
  c.send(request("GET", "/elsewhere"));
  EXPECT_TRUE(answer(c).starts_with("HTTP/1.1 404 "));
  c.send(request("POST", "/metrics"));
  EXPECT_TRUE(c.receive_all().starts_with("HTTP/1.1 405 "));
}

TEST_F(HttpServerTest, AnswersManyRequestsThatCameTogether) {
  metrics = std::string(1u << 20, 'm'); // one answer at a time, or the write queue overruns
  net_client c{serve()};
  std::string all;
  for (int i = 0; i < 100; ++i)
    all += request("GET", "/metrics");
  c.send(all);
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(answer(c).ends_with(metrics)) << i;
}

TEST_F(HttpServerTest, RefusesNoiseAndHangsUp) {
  net_client c{serve()};
  c.send("EHLO x.example\r\n");
  EXPECT_TRUE(c.receive_all().starts_with("HTTP/1.1 400 "));
}

TEST_F(HttpServerTest, RefusesAHeaderThatNeverEnds) {
  net_client c{serve()};
  c.send("GET /" + std::string(30'000, 'x'));
  EXPECT_TRUE(c.receive_all().starts_with("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, CutsASlowClient) {
  http_options options;
  options.bounds.absolute = 200ms;
  net_client c{serve(options)};
  c.send("GET /metrics HTTP/1.1\r\n");
  while (c.send("x")) { // never silent
  }
}

TEST_F(HttpServerTest, CutsASilentClient) {
  http_options options;
  options.bounds.idle = 100ms;
  net_client c{serve(options)};
  EXPECT_TRUE(c.is_dismissed());
}

TEST_F(HttpServerTest, HasRoomForSoManyOnly) {
  http_options options;
  options.connections = 1;
  net_client first{serve(options)};
  first.send(request("GET", "/metrics"));
  EXPECT_NE(answer(first), "");
  net_client second{server->port()};
  EXPECT_TRUE(second.is_dismissed());
}

TEST_F(HttpServerTest, HangsUpWhenItDies) {
  net_client c{serve()};
  c.send(request("GET", "/metrics"));
  EXPECT_NE(answer(c), "");
  server.reset();
  EXPECT_TRUE(c.is_dismissed());
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  http_options options;
  options.port = serve();
  auto second = http_server::open(pool, options, {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, errc::bad_setup);
}

} // namespace

} // namespace hamlet::admin
