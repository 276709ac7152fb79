// SPDX-License-Identifier: Apache-2.0
// The node link alone: two processes on the loopback, with TLS on both sides. Prints a table:
// | octets | window | pause, ms | /s | median µs | p99 µs | MB/s | CPU of both sides, µs |
#include "gateway/link/links.hpp"
#include "lib/base/clock.hpp"
#include "lib/log/log.hpp"
#include "lib/pki/authority.hpp"
#include "lib/pki/request.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <sys/wait.h>
#include <thread>
#include <time.h>
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

double seconds_of(clockid_t clock) {
  timespec x{};
  ::clock_gettime(clock, &x);
  return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_nsec) / 1e9;
}

/// So many commands at a time, until `total` are answered.
struct run {
  link::links& from;
  clockid_t other; ///< processor time of the other process
  std::size_t size, total;
  std::chrono::milliseconds pause{};
  std::mutex mutex{};
  std::condition_variable over{};
  std::size_t sent = 0, done = 0, awaited = 0;
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
      if (pause.count() == 0)
        send_one();
      std::lock_guard lock{mutex}; // the last of what is done here: measure() may return
      micros.push_back(took);
      if (++done == awaited)
        over.notify_all();
    });
  }

  /// @param rest Between an answer and the next command: both sides have gone to sleep.
  void measure(std::size_t window, std::chrono::milliseconds rest = {}) {
    pause = rest;
    auto began = steady_clock::now();
    auto cpu = cpu_seconds();
    for (awaited = pause.count() == 0 ? total : 1;; ++awaited) {
      for (std::size_t i = 0; i < window; ++i)
        send_one();
      std::unique_lock lock{mutex};
      over.wait(lock, [this] { return done == awaited; });
      if (done == total)
        break;
      lock.unlock();
      std::this_thread::sleep_for(pause);
    }
    auto count = static_cast<double>(total);
    auto each = (cpu_seconds() - cpu) * 1e6 / count;
    auto took = std::chrono::duration<double>(steady_clock::now() - began).count();
    std::ranges::sort(micros);
    std::printf("| %zu | %zu | %lld | %.0f | %.0f | %.0f | %.1f | %.1f |\n", size, window,
                static_cast<long long>(rest.count()), count / took, micros[total / 2],
                micros[total * 99 / 100], count / took * static_cast<double>(size) / 1e6, each);
    std::fflush(stdout);
  }

private:
  double cpu_seconds() const { return seconds_of(CLOCK_PROCESS_CPUTIME_ID) + seconds_of(other); }
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

void measure_all(link::links& from, pid_t child) {
  clockid_t other{};
  if (auto error = ::clock_getcpuclockid(child, &other); error != 0)
    std::exit(error);
  run{from, other, 100, 2'000}.measure(1); // to warm up
  run{from, other, 100, 300}.measure(1, std::chrono::milliseconds{10});
  run{from, other, 100, 20'000}.measure(1);
  run{from, other, 100, 200'000}.measure(64);
  run{from, other, 100, 400'000}.measure(1000);
  run{from, other, 64u << 10, 2'000}.measure(1);
  run{from, other, 64u << 10, 20'000}.measure(64);
  run{from, other, 1u << 20, 1'000}.measure(4);
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
  measure_all(*here, child);
  here->close();
  ::close(to_child[1]);
  ::waitpid(child, nullptr, 0);
}
