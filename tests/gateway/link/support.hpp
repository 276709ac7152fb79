// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/link/links.hpp"
#include "lib/base/clock.hpp"
#include "lib/pki/authority.hpp"
#include "lib/pki/request.hpp"

#include <condition_variable>
#include <mutex>

// A node with a real link on a port of the loopback; the test waits for what happens, never for
// time.

namespace hamlet::link {

using cluster::command;
using cluster::delivery;
using cluster::on_reply;
using cluster::reply;

constexpr std::chrono::seconds long_enough{20};

/// The identity of a node of this authority.
inline pki::identity identity_of(const pki::authority& ca, const std::string& node,
                                 std::int64_t signed_at = unix_seconds(),
                                 std::int64_t life = pki::node_life) {
  auto wanted = *pki::make_request(node);
  auto made = *ca.sign(wanted.request, node, signed_at, life);
  auto believes = *pki::trust::load(ca.certificate_pem(), *ca.list({}, 1, unix_seconds()));
  return {node, made.pem, wanted.key, made.not_after, std::move(believes)};
}

inline rules quick_rules() {
  rules x;
  x.probe = std::chrono::milliseconds{200};
  x.retry_first = std::chrono::milliseconds{10};
  x.retry_last = std::chrono::milliseconds{50};
  return x;
}

class test_node {
public:
  /// @param serve What it does with commands; by default it answers with their payload.
  test_node(std::int64_t number, std::int64_t born, pki::identity who,
            const rules& limits = quick_rules(), cluster::on_command serve = {},
            const std::string& listen = "127.0.0.1:0")
      : id{number}, incarnation{born}, name{who.node}, serve_{std::move(serve)} {
    callbacks told;
    told.events = [this](const cluster::link_event& x) {
      std::lock_guard lock{mutex_};
      events_.push_back(x);
      changed_.notify_all();
    };
    told.commands = [this](std::int64_t from, command x, on_reply answer) {
      if (serve_)
        return serve_(from, std::move(x), std::move(answer));
      {
        std::lock_guard lock{mutex_};
        heard_.push_back(x);
        changed_.notify_all();
      }
      answer({delivery::ok, 0, 0, std::move(x.payload), errc::none, {}});
    };
    told.revocations = [this](const std::string& pem) {
      std::lock_guard lock{mutex_};
      list_ = pem;
      changed_.notify_all();
    };
    auto opened = links::open({id, incarnation, listen, std::move(who)}, std::move(told), limits);
    if (!opened)
      throw std::runtime_error{opened.error().detail};
    on = std::move(*opened);
  }
  ~test_node() { on->close(); }
  test_node(const test_node&) = delete;
  test_node& operator=(const test_node&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(on->port()); }
  cluster::link_peer row() const { return {id, incarnation, name, address()}; }

  /// Until an event of this kind that `is_it` has happened; false: it never did.
  template <class Event>
  bool waits_for(std::function<bool(const Event&)> is_it = [](auto&) { return true; }) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, long_enough, [&] {
      return std::ranges::any_of(events_, [&](auto& x) {
        auto* found = std::get_if<Event>(&x);
        return found && is_it(*found);
      });
    });
  }
  bool waits_for_link(const test_node& to) {
    return waits_for<cluster::link_up>([&](auto& x) { return x.incarnation == to.incarnation; });
  }
  template <class Event>
  std::size_t count() const {
    std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(
      std::ranges::count_if(events_, [](auto& x) { return std::holds_alternative<Event>(x); }));
  }
  bool waits_for_list() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, long_enough, [&] { return !list_.empty(); });
  }
  bool waits_for_commands(std::size_t n) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, long_enough, [&] { return heard_.size() >= n; });
  }
  std::vector<command> heard() const {
    std::lock_guard lock{mutex_};
    return heard_;
  }
  std::string list() const {
    std::lock_guard lock{mutex_};
    return list_;
  }

  const std::int64_t id, incarnation;
  const std::string name;
  std::unique_ptr<links> on;

private:
  cluster::on_command serve_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<cluster::link_event> events_;
  std::vector<command> heard_;
  std::string list_;
};

/// Waits for answers.
class answers {
public:
  on_reply next() {
    return [this](reply x) {
      std::lock_guard lock{mutex_};
      all_.push_back(std::move(x));
      changed_.notify_all();
    };
  }
  std::vector<reply> wait(std::size_t n) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, long_enough, [&] { return all_.size() >= n; });
    return all_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<reply> all_;
};

inline command command_of(std::string payload, std::uint64_t counter = 0) {
  command x;
  x.payload = std::move(payload);
  x.left = std::chrono::seconds{30};
  x.id.counter = counter;
  return x;
}

inline void introduce(std::initializer_list<test_node*> all) {
  std::vector<cluster::link_peer> rows;
  for (auto* x : all)
    rows.push_back(x->row());
  for (auto* x : all)
    x->on->set_peers(rows);
}

} // namespace hamlet::link
