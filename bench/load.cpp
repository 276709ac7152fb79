// SPDX-License-Identifier: Apache-2.0
// The clients of every comparison: `hamlet_load MODE OPTION VALUE…` (see options below) prints one
// line of JSON. The same dialogues go to every server.

#include "bench/connection.hpp"
#include "bench/idle.hpp"
#include "bench/options.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <vector>

using namespace hamlet::bench;

namespace {

using microseconds = std::chrono::duration<double, std::micro>;

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

/// Prints the line of a run of `count` times something.
void report(std::size_t count, double took, std::vector<double>& latencies, std::string more = {}) {
  std::ranges::sort(latencies);
  auto at = [&](double part) {
    auto n = static_cast<double>(latencies.size());
    return latencies.empty() ? 0 : latencies[static_cast<std::size_t>(n * part)] / 1000;
  };
  std::printf("{\"count\": %zu, \"seconds\": %.4f, \"per_second\": %.1f, \"median_ms\": %.3f, "
              "\"p99_ms\": %.3f, \"max_ms\": %.3f%s}\n",
              count, took, static_cast<double>(count) / took, at(0.5), at(0.99), at(0.99999),
              more.c_str());
}

void expect(std::string_view got, std::string_view wanted) {
  if (!got.starts_with(wanted))
    give_up("unexpected reply", got);
}

struct world {
  explicit world(options x) : with{std::move(x)} {}

  options with;
  loop events;
  std::size_t open = 0;
  std::size_t next = 0;   ///< of what is to be done: a message, a session
  std::size_t done = 0;   ///< acknowledged
  std::size_t octets = 0; ///< of RETR
  clock::time_point start = clock::now();
  std::vector<double> latencies;                                              ///< in microseconds
  std::vector<std::size_t> sent_to = std::vector<std::size_t>(with.accounts); ///< acknowledged
  std::vector<std::size_t> before = std::vector<std::size_t>(with.accounts);  ///< in the maildrop

  bool goes_on() const {
    return with.count > 0 ? next < with.count : seconds_since(start) < with.seconds;
  }
  std::string account(std::size_t n) const { return "user" + std::to_string(n % with.accounts); }
};

// -- SMTP ---------------------------------------------------------------------

/// No two are the same, in other runs neither: the same one a moment later may be taken for one
/// that is sent again.
std::string message(std::size_t n, std::size_t size) {
  static const auto run = std::to_string(clock::now().time_since_epoch().count());
  auto text =
    "From: <bench@x.test>\r\nSubject: message " + std::to_string(n) + " of " + run + "\r\n\r\n";
  constexpr std::string_view line =
    "the quick brown fox jumps over the lazy dog, and again it jumps\r\n";
  while (text.size() + line.size() <= size)
    text += line;
  return text + ".\r\n";
}

dialogue smtp_client(world& w, std::size_t number) {
  connection c{w.events, w.with.port(number)};
  expect(co_await c.reply(), "220");
  c.send("EHLO bench.test\r\n");
  expect(co_await c.reply(), "250");
  while (w.goes_on()) {
    auto n = w.next++;
    auto begin = clock::now();
    std::string mail = "MAIL FROM:<bench@x.test>\r\n";
    auto rcpt = "RCPT TO:<" + w.account(n) + "@here.test>\r\n";
    if (w.with.pipelining) { // RFC 2920 §3.1
      c.send(mail + rcpt + "DATA\r\n");
    } else {
      c.send(mail);
      expect(co_await c.reply(), "250");
      c.send(rcpt);
      expect(co_await c.reply(), "250");
      c.send("DATA\r\n");
    }
    if (w.with.pipelining) {
      expect(co_await c.reply(), "250");
      expect(co_await c.reply(), "250");
    }
    expect(co_await c.reply(), "354");
    c.send(message(n, w.with.size));
    expect(co_await c.reply(), "250");
    w.latencies.push_back(microseconds{clock::now() - begin}.count());
    ++w.done;
    ++w.sent_to[n % w.with.accounts];
  }
  c.send("QUIT\r\n");
  expect(co_await c.reply(), "221");
  --w.open;
}

/// Asks, account by account, until POP3 counts what was acknowledged. For an account to which
/// nothing was sent yet: how many messages it has.
dialogue count_messages(world& w) {
  for (std::size_t n = 0; n < w.with.accounts; ++n) {
    auto first = w.sent_to[n] == 0;
    for (auto seen = false; !seen;) {
      connection c{w.events, w.with.pop3_port};
      expect(co_await c.line(), "+OK");
      c.send("USER " + w.account(n) + "@here.test\r\nPASS secret\r\nSTAT\r\nQUIT\r\n");
      for (int i = 0; i < 2; ++i)
        expect(co_await c.line(), "+OK");
      auto stat = std::string{co_await c.line()};
      expect(stat, "+OK");
      auto messages = std::strtoul(stat.c_str() + 4, nullptr, 10);
      expect(co_await c.line(), "+OK");
      if (first)
        w.before[n] = messages;
      seen = messages >= w.before[n] + w.sent_to[n];
    }
  }
  --w.open;
}

void count_all(world& w) {
  w.open = 1;
  count_messages(w);
  w.events.run(w.open);
}

void smtp(world& w) {
  if (w.with.pop3_port)
    count_all(w);
  w.start = clock::now();
  w.open = w.with.connections;
  for (std::size_t i = 0; i < w.with.connections; ++i)
    smtp_client(w, i);
  w.events.run(w.open);
  auto took = seconds_since(w.start);
  std::string more;
  if (w.with.pop3_port) {
    count_all(w);
    auto readable = seconds_since(w.start);
    more = ", \"readable_seconds\": " + std::to_string(readable)
           + ", \"readable_per_second\": " + std::to_string(static_cast<double>(w.done) / readable);
  }
  report(w.done, took, w.latencies, more);
}

/// One client after each of whose 250s a POP3 session must count the message at once.
dialogue prove_readable(world& w) {
  connection c{w.events, w.with.port()};
  expect(co_await c.reply(), "220");
  c.send("EHLO bench.test\r\n");
  expect(co_await c.reply(), "250");
  for (std::size_t n = 0; n < w.with.count; ++n) {
    auto who = w.account(n) + "@here.test";
    c.send("MAIL FROM:<bench@x.test>\r\nRCPT TO:<" + who + ">\r\nDATA\r\n");
    for (auto code : {"250", "250", "354"})
      expect(co_await c.reply(), code);
    c.send(message(n, w.with.size));
    expect(co_await c.reply(), "250");
    connection p{w.events, w.with.pop3_port};
    expect(co_await p.line(), "+OK");
    p.send("USER " + who + "\r\nPASS secret\r\nSTAT\r\nQUIT\r\n");
    for (int i = 0; i < 2; ++i)
      expect(co_await p.line(), "+OK");
    auto stat = std::string{co_await p.line()};
    expect(stat, "+OK");
    ++w.sent_to[n % w.with.accounts];
    if (std::strtoul(stat.c_str() + 4, nullptr, 10)
        >= w.before[n % w.with.accounts] + w.sent_to[n % w.with.accounts])
      ++w.done;
    expect(co_await p.line(), "+OK");
  }
  --w.open;
}

void prove(world& w) {
  count_all(w);
  w.open = 1;
  prove_readable(w);
  w.events.run(w.open);
  std::printf("{\"count\": %zu, \"seen_at_once\": %zu}\n", w.with.count, w.done);
}

// -- POP3 ---------------------------------------------------------------------

/// Sessions one after the other, with accounts that no other client uses.
dialogue pop3_client(world& w, std::size_t number) {
  auto most = w.with.count;
  for (auto n = number; most > 0 ? n < most : w.goes_on(); n += w.with.connections) {
    auto begin = clock::now();
    {
      connection c{w.events, w.with.port(number)};
      expect(co_await c.line(), "+OK");
      c.send("USER " + w.account(n) + "@here.test\r\n");
      expect(co_await c.line(), "+OK");
      c.send("PASS secret\r\n");
      expect(co_await c.line(), "+OK");
      c.send("STAT\r\n");
      expect(co_await c.line(), "+OK");
      c.send("UIDL\r\n");
      expect(co_await c.line(), "+OK");
      co_await c.text();
      for (std::size_t i = 1; i <= w.with.retrieve; ++i) {
        c.send("RETR " + std::to_string(i) + "\r\n");
        expect(co_await c.line(), "+OK");
        co_await c.text();
        w.octets += c.text_size();
        if (w.with.remove) {
          c.send("DELE " + std::to_string(i) + "\r\n");
          expect(co_await c.line(), "+OK");
        }
      }
      c.send("QUIT\r\n");
      expect(co_await c.line(), "+OK");
    }
    ++w.done;
    w.latencies.push_back(microseconds{clock::now() - begin}.count());
  }
  --w.open;
}

void pop3(world& w) {
  if (w.with.accounts % w.with.connections != 0)
    give_up("two clients would share a maildrop");
  w.open = w.with.connections;
  for (std::size_t i = 0; i < w.with.connections; ++i)
    pop3_client(w, i);
  w.events.run(w.open);
  auto took = seconds_since(w.start);
  auto speed = static_cast<double>(w.octets) / took / 1e6;
  report(w.done, took, w.latencies, ", \"mb_per_second\": " + std::to_string(speed));
}

// -- the disk -----------------------------------------------------------------

/// What one process can append with one fdatasync a message: the bound of a server without group
/// commit.
void disk(world& w) {
  auto fd = ::open(w.with.file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
  if (fd < 0)
    give_up(w.with.file, std::strerror(errno));
  auto text = message(0, w.with.size);
  w.start = clock::now();
  for (; w.goes_on(); ++w.next) {
    auto begin = clock::now();
    if (::write(fd, text.data(), text.size()) < 0 || ::fdatasync(fd) != 0)
      give_up(w.with.file, std::strerror(errno));
    w.latencies.push_back(microseconds{clock::now() - begin}.count());
  }
  report(w.next, seconds_since(w.start), w.latencies);
  ::close(fd);
}

} // namespace

int main(int argc, char** argv) {
  auto with = options::read(argc, argv);
  if (with.mode == "idle")
    return hold_idle(with);
  world w{with};
  if (with.mode == "smtp")
    smtp(w);
  else if (with.mode == "prove")
    prove(w);
  else if (with.mode == "pop3")
    pop3(w);
  else if (with.mode == "disk")
    disk(w);
  else
    give_up("no such mode", with.mode);
}
