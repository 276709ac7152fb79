// SPDX-License-Identifier: Apache-2.0
// The node link alone: two processes on the loopback, with TLS on both sides.
#include "gateway/link/links.hpp"
#include "lib/base/clock.hpp"
#include "lib/log/log.hpp"
#include "lib/pki/authority.hpp"
#include "lib/pki/request.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace hamlet;
using std::chrono::steady_clock;

namespace {

pki::identity identity_of(const pki::authority& ca, const std::string& node) {
  auto wanted = *pki::make_request(node);
  auto made = *ca.sign(wanted.request, node, unix_seconds());
  return {node, made.pem, wanted.key, made.not_after,
          *pki::trust::load(ca.certificate_pem(), *ca.list({}, 1, unix_seconds()))};
}

/// So many commands at a time, until `total` are answered.
struct run {
  link::links& from;
  std::size_t size, total;
  std::mutex mutex{};
  std::condition_variable over{};
  std::size_t sent = 0, done = 0;
  std::vector<double> micros{};

  void send_one() {
    {
      std::lock_guard lock{mutex};
      if (sent == total)
        return;
      ++sent;
    }
    cluster::command x;
    x.payload = std::string(size, 'x');
    x.left = std::chrono::seconds{30};
    from.send(20, std::move(x), [this, began = steady_clock::now()](const cluster::reply& with) {
      if (with.what != cluster::delivery::ok)
        std::fprintf(stderr, "lost one\n");
      auto took = std::chrono::duration<double, std::micro>(steady_clock::now() - began).count();
      {
        std::lock_guard lock{mutex};
        micros.push_back(took);
        ++done;
        if (done == total)
          over.notify_all();
      }
      send_one();
    });
  }

  void measure(std::size_t window) {
    auto began = steady_clock::now();
    for (std::size_t i = 0; i < window; ++i)
      send_one();
    std::unique_lock lock{mutex};
    over.wait(lock, [this] { return done == total; });
    auto took = std::chrono::duration<double>(steady_clock::now() - began).count();
    std::ranges::sort(micros);
    std::printf("| %zu octets, window %zu | %.0f | %.0f | %.0f | %.1f |\n", size, window,
                static_cast<double>(total) / took, micros[total / 2], micros[total * 99 / 100],
                static_cast<double>(total) / took * static_cast<double>(size) / 1e6);
  }
};

/// The other process: answers each command at once, until its input ends.
int serve(int in, pki::identity who) {
  std::uint16_t port = 0;
  if (::read(in, &port, sizeof port) != sizeof port)
    return 1;
  link::callbacks told;
  told.events = [](const cluster::link_event&) {};
  told.commands = [](std::int64_t, const cluster::command&, const cluster::on_reply& answer) {
    answer({cluster::delivery::ok, 0, 0, "done", errc::none, {}});
  };
  auto here = *link::links::open({2, 20, "127.0.0.1:0", std::move(who)}, told);
  here->set_peers({{1, 10, "a", "127.0.0.1:" + std::to_string(port)}});
  char last = 0;
  while (::read(in, &last, 1) > 0) {
  }
  here->close();
  return 0;
}

void measure_all(link::links& from) {
  std::puts(
    "| command and its answer | /s | median µs | p99 µs | MB/s |\n| --- | --- | --- | --- | "
    "--- |");
  run{from, 100, 2'000}.measure(1); // to warm up
  run{from, 100, 20'000}.measure(1);
  run{from, 100, 200'000}.measure(64);
  run{from, 100, 400'000}.measure(1000);
  run{from, 64u << 10, 2'000}.measure(1);
  run{from, 64u << 10, 20'000}.measure(64);
  run{from, 1u << 20, 1'000}.measure(4);
}

} // namespace

int main() {
  log::options quiet;
  quiet.level = log::level::error;
  static_cast<void>(log::open(quiet));
  auto ca = *pki::authority::make("bench", unix_seconds());
  auto a = identity_of(ca, "a"), b = identity_of(ca, "b");
  int to_child[2];
  if (::pipe(to_child) != 0)
    return 1;
  auto child = ::fork(); // before gRPC has a thread
  if (child == 0) {
    ::close(to_child[1]);
    return serve(to_child[0], std::move(b));
  }
  std::atomic<bool> is_up{false};
  link::callbacks told;
  told.events = [&](const cluster::link_event& x) {
    if (std::holds_alternative<cluster::link_up>(x)) {
      is_up = true;
      is_up.notify_all();
    }
  };
  told.commands = [](std::int64_t, const cluster::command&, const cluster::on_reply&) {};
  auto here = *link::links::open({1, 10, "127.0.0.1:0", std::move(a)}, told);
  here->set_peers({{2, 20, "b", "127.0.0.1:1"}}); // which dials
  auto port = here->port();
  if (::write(to_child[1], &port, sizeof port) != sizeof port)
    return 1;
  is_up.wait(false);
  measure_all(*here);
  here->close();
  ::close(to_child[1]);
  ::waitpid(child, nullptr, 0);
}
