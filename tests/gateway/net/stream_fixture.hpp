// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/net/io_pool.hpp"
#include "gateway/net/listener.hpp"
#include "tests/support/net_client.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>

using namespace std::chrono_literals;

namespace hamlet::net {

/// Owns one stream the way an actor does, but on the spot: `on_bytes` runs on
/// the I/O thread.
struct owner {
  std::function<void(stream&, const std::string&)> on_bytes;
  std::function<void(stream&)> on_start = [](stream& s) { s.read_more(); };
  std::function<void(stream&)> on_drained = [](stream&) {};
  std::function<void(stream&)> on_idle = [](stream&) {};
  std::optional<stream> client;
  tls_facts facts;
  std::promise<close_reason> ended;
  std::mutex mutex; // `client` is set by the acceptor's thread
};

struct events : stream_events {
  explicit events(owner& o) : to{o} {}
  void received(std::string bytes) override {
    std::lock_guard lock{to.mutex};
    to.on_bytes(*to.client, bytes);
  }
  void secured(const tls_facts& facts) override {
    std::lock_guard lock{to.mutex};
    to.facts = facts;
    to.client->read_more();
  }
  void drained() override {
    std::lock_guard lock{to.mutex};
    to.on_drained(*to.client);
  }
  void idle() override {
    std::lock_guard lock{to.mutex};
    to.on_idle(*to.client);
  }
  void closed(close_reason why) override { to.ended.set_value(why); }
  owner& to;
};

class StreamTest : public ::testing::Test {
protected:
  StreamTest() { std::signal(SIGPIPE, SIG_IGN); }

  std::uint16_t serve(tls_use security = tls_use::never, limits bounds = {}) {
    listen_options options;
    options.security = security;
    options.bounds = bounds;
    options.asks_certificate = asks_certificate;
    options.notes_arrival = notes_arrival;
    if (security != tls_use::never)
      options.certificate =
        std::make_shared<tls::reloadable>(tls::context::self_signed("test").value());
    door.emplace(listener::open(pool, std::move(options)).value());
    door->start([this](stream s) {
      std::lock_guard lock{up.mutex};
      up.client.emplace(std::move(s));
      up.client->start(std::make_unique<events>(up));
      up.on_start(*up.client);
    });
    return door->port();
  }

  close_reason reason() {
    auto end = up.ended.get_future();
    if (end.wait_for(10s) != std::future_status::ready)
      throw std::runtime_error{"the owner was not told that the stream ended"};
    return end.get();
  }

  void TearDown() override {
    door.reset();
    std::lock_guard lock{up.mutex};
    up.client.reset();
  }

  static void echo(stream& s, const std::string& bytes) {
    s.write(bytes);
    s.read_more();
  }

  bool asks_certificate = false; ///< set before serve()
  bool notes_arrival = false;    ///< the same
  owner up;                      // before the pool: its threads use it
  io_pool pool{2};
  std::optional<listener> door;
};

} // namespace hamlet::net
