// SPDX-License-Identifier: Apache-2.0
// How many messages a second the store takes from SMTP's hand to a mailbox's row: each is enqueued,
// collected and confirmed, durably.
// usage: bench_store FOLDER [BATCH [OCTETS [SECONDS [CONNINFO [LANES]]]]]
// CONNINFO: of a PostgreSQL and an empty database there, instead of SQLite in FOLDER.

#include "lib/base/clock.hpp"
#include "storage/accounts/account_repository.hpp"
#include "storage/mail/mailbox_repository.hpp"
#include "storage/mail/queue_repository.hpp"
#include "storage/sql/migrate.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <sys/resource.h>

using namespace hamlet;
using namespace std::chrono;

namespace {

/// Waits until as many answers have come as were asked for; a refusal ends the program.
class answers {
public:
  template <class T>
  sql::completion<T> expect() {
    std::lock_guard lock{mutex_};
    ++open_;
    return [this](result<T> x) {
      if (!x) {
        std::fprintf(stderr, "%s\n", x.error().detail.c_str());
        std::exit(1);
      }
      std::lock_guard guard{mutex_};
      if (--open_ == 0)
        all_here_.notify_one();
    };
  }
  void wait() {
    std::unique_lock lock{mutex_};
    all_here_.wait(lock, [this] { return open_ == 0; });
  }

private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  std::size_t open_ = 0;
};

double cpu_seconds() {
  rusage x{};
  getrusage(RUSAGE_SELF, &x);
  auto of = [](timeval t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(x.ru_utime) + of(x.ru_stime);
}

/// Octets that this process has handed to write() so far.
double written() {
  double octets = 0;
  if (auto* file = std::fopen("/proc/self/io", "r")) {
    if (std::fscanf(file, "rchar: %*f wchar: %lf", &octets) != 1)
      octets = 0;
    std::fclose(file);
  }
  return octets;
}

struct bench {
  bench(const std::string& folder, const std::string& conninfo, std::size_t lanes)
      : blobs{blob_store::open(folder + "/blobs").value()} {
    auto connect = [&](bool reads) {
      if (!conninfo.empty())
        return sql::database::connect({.conninfo = conninfo, .read_only = reads}).value();
      return sql::database::open(folder + "/hamlet.db", reads ? sql::database::access::read_only
                                                              : sql::database::access::read_write)
        .value();
    };
    std::vector<sql::database> writing, reading;
    writing.push_back(connect(false));
    sql::migrate(writing.front()).value();
    while (!conninfo.empty() && writing.size() < lanes)
      writing.push_back(connect(false));
    while (reading.size() < (conninfo.empty() ? 1 : lanes))
      reading.push_back(connect(true));
    changes.emplace(std::move(writing), sql::writer::options{}, nullptr);
    views.emplace(std::move(reading), 10'000);
  }

  void make_accounts(std::size_t n) {
    sql::account_repository accounts{*changes, *views};
    accounts.add_domain("example.org", 1, all.expect<void_t>());
    for (std::size_t i = 0; i < n; ++i) {
      sql::account x;
      x.local = "user" + std::to_string(i);
      x.domain = "example.org";
      accounts.create(x, all.expect<std::int64_t>());
    }
    all.wait();
  }

  /// One round of `n` messages, each to a mailbox of its own.
  void round(std::size_t n, const std::string& text) {
    sql::queue_repository queue{*changes, *views};
    sql::mailbox_repository mail{*changes, *views, blobs};
    std::vector<sql::confirmation> seen;
    for (std::size_t i = 0; i < n; ++i) {
      sql::new_mail m;
      m.queue_id = ++last_id << 12; // gaps, as a clock makes them
      m.from = "sender@example.net";
      m.trace = std::string(200, 'r');
      m.what = {text, {}, static_cast<std::int64_t>(text.size())};
      auto to = static_cast<std::int64_t>(i) + 2; // 1 is the postmaster
      m.to.push_back({to, "user@example.org", {}, 0});
      m.fingerprint = std::to_string(static_cast<std::uint64_t>(m.queue_id) * 0x9E3779B97F4A7C15u);
      m.fingerprint.resize(32, 'f');
      m.accepted_at = 1;
      m.started_us = m.arrived_us = unix_microseconds();
      seen.push_back({m.queue_id, m.arrived_us});
      queue.enqueue(std::move(m), 0, all.expect<sql::enqueued>());
    }
    all.wait();
    for (std::size_t i = 0; i < n; ++i)
      mail.collect(static_cast<std::int64_t>(i) + 2, 100, 1, all.expect<sql::collected>());
    queue.confirm(std::move(seen), all.expect<void_t>());
    all.wait();
  }

  blob_store blobs;
  std::optional<sql::writer> changes;
  std::optional<sql::readers> views;
  answers all;
  std::int64_t last_id = 0;
};

} // namespace

int main(int argc, char** argv) {
  auto number = [&](int n, long otherwise) { return argc > n ? std::atol(argv[n]) : otherwise; };
  if (argc < 2)
    return 2;
  auto batch = static_cast<std::size_t>(number(2, 64));
  std::string text(static_cast<std::size_t>(number(3, 4096)), 'x');
  auto enough = seconds{number(4, 3)};
  bench store{argv[1], argc > 5 ? argv[5] : "", static_cast<std::size_t>(number(6, 4))};
  store.make_accounts(batch);
  std::vector<double> rounds;
  auto start = steady_clock::now();
  auto cpu = cpu_seconds();
  auto bytes = written();
  std::size_t pairs = 0;
  for (auto at = start; at - start < enough;) {
    store.round(batch, text);
    pairs += batch;
    auto now = steady_clock::now();
    rounds.push_back(duration<double, std::milli>(now - at).count());
    at = now;
  }
  auto took = duration<double>(steady_clock::now() - start).count();
  cpu = cpu_seconds() - cpu;
  bytes = written() - bytes;
  std::ranges::sort(rounds);
  std::printf("batch %4zu  octets %zu  pairs/s %6.0f  cpu us/pair %5.1f  written KiB/pair %5.1f  "
              "round ms: median %.2f p99 %.2f max %.2f\n",
              batch, text.size(), static_cast<double>(pairs) / took,
              cpu * 1e6 / static_cast<double>(pairs), bytes / 1024 / static_cast<double>(pairs),
              rounds[rounds.size() / 2], rounds[rounds.size() * 99 / 100], rounds.back());
}
