// SPDX-License-Identifier: Apache-2.0
// What it costs to give each line to many clients: bench_fanout [CLIENTS [LINES [BYTES]]].
// The clients are another process, so that the CPU time of this one is the server's alone (with the
// kernel's work of sending over loopback).
#include "gateway/net/broadcast.hpp"
#include "gateway/net/io_pool.hpp"
#include "gateway/net/listener.hpp"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace hamlet::net;

struct plan {
  std::size_t clients = 1000;
  std::size_t lines = 2000;
  std::size_t bytes = 100;
};

double cpu_seconds() {
  rusage x{};
  ::getrusage(RUSAGE_SELF, &x);
  auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return of(x.ru_utime) + of(x.ru_stime);
}

/// The clients: for each number of bytes told by `from` it says "ok" to `to` when all have come.
[[noreturn]] void be_clients(const plan& p, std::uint16_t port, int from, int to) {
  auto poll = ::epoll_create1(0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (std::size_t i = 0; i < p.clients; ++i) {
    auto fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
      ::_exit(1);
    epoll_event e{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e);
  }
  static std::array<char, 1 << 20> room;
  std::array<epoll_event, 256> ready;
  std::size_t want = 0;
  while (::read(from, &want, sizeof want) == sizeof want) {
    while (want > 0) {
      auto n = ::epoll_wait(poll, ready.data(), ready.size(), -1);
      for (int i = 0; i < n; ++i)
        want -= static_cast<std::size_t>(
          ::recv(ready[static_cast<std::size_t>(i)].data.fd, room.data(), room.size(), 0));
    }
    if (::write(to, "ok", 2) != 2)
      break;
  }
  ::_exit(0);
}

struct silent : stream_events {
  void received(std::string) override {}
  void secured(const tls_facts&) override {}
  void closed(close_reason why) override {
    if (why == close_reason::write_queue_full)
      std::puts("A client was cut: too many lines in one burst for its queue.");
  }
};

class server {
public:
  explicit server(const plan& p) : plan_{p} {
    listen_options options;
    options.bounds.write_queue = 64u << 20;
    door_.emplace(listener::open(pool_, std::move(options)).value());
    door_->start([this](stream s) {
      s.start(std::make_unique<silent>());
      std::lock_guard lock{mutex_};
      outlets_.push_back(s.outlet());
      streams_.push_back(std::move(s));
      here_.notify_one();
    });
    int down[2], up[2];
    if (::pipe(down) != 0 || ::pipe(up) != 0)
      std::abort();
    tell_ = down[1];
    hear_ = up[0];
    from_ = down[0];
    to_ = up[1];
  }

  std::uint16_t port() const { return door_->port(); }
  int from() const { return from_; }
  int to() const { return to_; }

  void wait_for_all() {
    std::unique_lock lock{mutex_};
    here_.wait(lock, [this] { return streams_.size() == plan_.clients; });
    everybody_ = audience{outlets_};
  }

  /// All lines, `burst` of them at a time; the next when every client has those.
  template <class F>
  void measure(const char* how, std::size_t burst, F say) {
    auto text = std::string(plan_.bytes, 'x');
    auto cpu = cpu_seconds();
    auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < plan_.lines; i += burst) {
      auto all = burst * plan_.bytes * plan_.clients;
      if (::write(tell_, &all, sizeof all) != sizeof all)
        std::abort();
      for (std::size_t k = 0; k < burst; ++k)
        say(*this, std::make_shared<const std::string>(text));
      char ok[2];
      if (::read(hear_, ok, 2) != 2)
        std::abort();
    }
    auto delivered = static_cast<double>(plan_.lines * plan_.clients);
    std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    std::printf("%-10s %6zu lines a burst %7.3f us of CPU a delivered line %11.0f lines/s\n", how,
                burst, 1e6 * (cpu_seconds() - cpu) / delivered, delivered / wall.count());
    std::fflush(stdout);
  }

  static void by_owner(server& s, const shared_bytes& line) {
    for (auto& x : s.streams_)
      x.write(*line);
  }
  static void by_broadcast(server& s, const shared_bytes& line) {
    broadcast b;
    b.add(s.outlets_, line);
    b.send();
  }
  static void by_audience(server& s, const shared_bytes& line) { s.everybody_.write(line); }

  void end() {
    ::close(tell_);
    door_.reset();
    streams_.clear();
    pool_.stop(std::chrono::seconds{1});
  }

private:
  plan plan_;
  io_pool pool_{2};
  std::optional<listener> door_;
  std::mutex mutex_;
  std::condition_variable here_;
  std::vector<stream> streams_;
  std::vector<outlet> outlets_;
  audience everybody_;
  int tell_ = -1, hear_ = -1, from_ = -1, to_ = -1;
};

std::size_t number(const char* text) {
  std::size_t n = 0;
  std::from_chars(text, text + std::strlen(text), n);
  return n;
}

} // namespace

int main(int argc, char** argv) {
  plan p;
  if (argc > 1)
    p.clients = number(argv[1]);
  if (argc > 2)
    p.lines = number(argv[2]);
  if (argc > 3)
    p.bytes = number(argv[3]);
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  server s{p};
  auto child = ::fork();
  if (child == 0) {
    be_clients(p, s.port(), s.from(), s.to());
  }
  s.wait_for_all();
  std::printf("%zu clients, %zu lines of %zu bytes\n", p.clients, p.lines, p.bytes);
  for (std::size_t burst : {1, 10, 100, 1000}) {
    s.measure("owner", burst, server::by_owner);
    s.measure("broadcast", burst, server::by_broadcast);
    s.measure("audience", burst, server::by_audience);
  }
  s.end();
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
}
