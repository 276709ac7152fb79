// SPDX-License-Identifier: Apache-2.0
// What FANOUT itself costs: bench_irc_fanout [MEMBERS [EVENTS]]. All members are in one channel;
// their lines go to outlets that lead nowhere, or to streams of real clients, which bench_fanout
// measures.
#include "gateway/irc/fanout_core.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

namespace {

using namespace hamlet;
using namespace hamlet::irc;

/// Keeps what net::broadcast would: who gets which buffer.
class shelf : public postman {
public:
  struct listed : crowd {
    std::size_t n = 0;
    std::size_t size() const override { return n; }
  };
  void add(const address& to, const net::shared_bytes& bytes) override {
    lines_.emplace_back(to.client, bytes);
  }
  std::unique_ptr<crowd> gather(std::span<const address* const> all) override {
    auto out = std::make_unique<listed>();
    out->n = all.size();
    return out;
  }
  void add(const crowd&, const net::shared_bytes& bytes, const address*) override {
    lines_.emplace_back(net::outlet{}, bytes);
  }
  void send() override { lines_.clear(); }

private:
  std::vector<std::pair<net::outlet, net::shared_bytes>> lines_;
};

chat::v1::Who person(std::int64_t id) {
  chat::v1::Who who;
  who.set_session_id(id);
  who.set_nick("member" + std::to_string(id));
  who.set_user("user");
  who.set_host("cloak-" + std::to_string(id) + ".example");
  who.set_account("account" + std::to_string(id));
  return who;
}

std::int64_t number(const char* text) {
  std::int64_t n = 0;
  std::from_chars(text, text + std::strlen(text), n);
  return n;
}

template <class F>
void measure(const char* what, std::int64_t members, std::int64_t times, F f) {
  auto start = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < times; ++i)
    f(i);
  std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;
  auto each = spent.count() / static_cast<double>(times);
  std::printf("%-32s %10.2f us an event %8.1f ns a member\n", what, each,
              1000 * each / static_cast<double>(members));
}

} // namespace

int main(int argc, char** argv) {
  auto members = argc > 1 ? number(argv[1]) : 10'000;
  auto times = argc > 2 ? number(argv[2]) : 2000;
  auto rules = std::make_shared<policy>();
  rules->server_name = "irc.example";
  fanout_core core{rules, std::make_shared<shelf>(), [](const connection_actor&, note) {}};
  const cap_set kinds[] = {
    {},
    {cap::server_time},
    {cap::server_time, cap::message_tags, cap::account_tag, cap::batch, cap::echo_message},
    {cap::server_time, cap::message_tags, cap::account_tag, cap::away_notify, cap::extended_join}};
  for (std::int64_t i = 1; i <= members; ++i)
    core.join({i, i, kinds[i % 4], framing::lines, person(i), {}, {}});

  chat::v1::Event e;
  e.set_time_ms(1'700'000'000'000);
  e.set_channel("#channel");
  std::int64_t id = 1'000'000'000'000;
  auto publish = [&](std::int64_t source) {
    *e.mutable_source() = person(source);
    e.mutable_origin()->set_connection_id(source);
    e.set_id(++id);
    core.publish(e);
    core.flush();
  };
  e.mutable_joined();
  measure("JOIN of all, one by one", members / 2, members, [&](std::int64_t i) { publish(i + 1); });
  e.mutable_message()->set_text("Hello, this is a message of some length, as people write them.");
  publish(1);
  measure("PRIVMSG to all", members, times, [&](std::int64_t i) { publish(i % members + 1); });
  e.mutable_topic()->set_text("A new topic");
  measure("TOPIC to all", members, times, [&](std::int64_t i) { publish(i % members + 1); });
  e.clear_channel();
  e.mutable_nick()->set_nick("another");
  measure("NICK to all who share a channel", members, times,
          [&](std::int64_t i) { publish(i % members + 1); });
  e.mutable_message()->set_text("Hello");
  e.set_target("member2");
  e.add_sessions(2);
  measure("PRIVMSG to one", 1, times * 100, [&](std::int64_t i) { publish(i % members + 1); });
}
