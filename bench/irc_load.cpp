// SPDX-License-Identifier: Apache-2.0
// Clients of chat: `hamlet_irc_load PORT[,PORT…] [tls]` reads orders, a line each, and answers each
// with one line of JSON:
//   register COUNT AT_A_TIME
//   join CHANNEL FIRST COUNT AT_A_TIME
//   say CHANNEL MEMBERS SPEAKERS LINES ROUNDS
//   quit COUNT

#include "bench/irc_crowd.hpp"
#include "bench/options.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <unistd.h>

using namespace hamlet::bench;

namespace {

template <class T>
void report(std::vector<T> micros, clock::time_point start) {
  auto took = std::chrono::duration<double>(clock::now() - start).count();
  std::ranges::sort(micros);
  auto at = [&](double part) {
    auto n = static_cast<double>(micros.size());
    return micros.empty() ? 0.0
                          : static_cast<double>(micros[static_cast<std::size_t>(n * part)]) / 1000;
  };
  auto count = static_cast<double>(micros.size());
  std::printf("{\"count\": %.0f, \"seconds\": %.4f, \"per_second\": %.1f, \"median_ms\": %.3f, "
              "\"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
              count, took, count / took, at(0.5), at(0.99), at(0.999999));
}

void obey(crowd& all, const std::string& order) {
  std::istringstream in{order};
  std::string what, channel;
  std::size_t a = 0, b = 0, c = 0, d = 0;
  in >> what;
  if (what == "join" || what == "say")
    in >> channel;
  in >> a >> b >> c >> d;
  auto start = clock::now();
  if (what == "register")
    report(all.register_more(a, b), start);
  else if (what == "join")
    report(all.join(channel, a, b, c), start);
  else if (what == "say")
    report(all.say(channel, a, b, c, d), start);
  else if (what == "quit")
    std::printf("{\"count\": %zu, \"seconds\": %.4f}\n", a, all.quit(a));
  else
    give_up("no such order", order);
  std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2)
    give_up("usage: hamlet_irc_load PORT[,PORT...] [tls]");
  crowd all{ports_of(argv[1]), argc > 2};
  std::string order;
  for (char c;;) { // unbuffered: a PING may have to be answered between two orders
    if (order.empty())
      all.idle_until_readable(STDIN_FILENO);
    if (::read(STDIN_FILENO, &c, 1) != 1)
      return 0;
    if (c != '\n') {
      order += c;
      continue;
    }
    obey(all, order);
    order.clear();
  }
}
