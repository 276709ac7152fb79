// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/fakelag.hpp"

#include <array>
#include <utility>

namespace hamlet::irc {

namespace {

using enum command_cost;

constexpr auto costs = std::to_array<std::pair<std::string_view, command_cost>>({
  {"AWAY", dear},        {"CHATHISTORY", dear}, {"INVITE", dear},   {"KNOCK", dear},
  {"LINKS", dearest},    {"LIST", dearest},     {"METADATA", dear}, {"NICK", dear},
  {"OPER", dearest},     {"PING", free},        {"PONG", free},     {"QUIT", free},
  {"REGISTER", dearest}, {"RENAME", dear},      {"SETNAME", dear},  {"STATS", dearest},
  {"TRACE", dearest},    {"VERIFY", dearest},   {"WHO", dearest},   {"WHOIS", dear},
  {"WHOWAS", dear},
});

} // namespace

command_cost cost_of(std::string_view command) {
  auto* found = std::ranges::find(costs, command, [](auto& x) { return x.first; });
  return found == costs.end() ? usual : found->second;
}

fakelag::fakelag(settings x, clock::time_point now) : settings_{x}, full_at_{now} {
  settings_.burst = std::max(settings_.burst, 1u);
  settings_.rate = std::max(settings_.rate, 1u);
}

fakelag::clock::duration fakelag::per_token() const {
  return clock::duration{settings_.window} / settings_.rate;
}

std::optional<fakelag::clock::duration> fakelag::allow(clock::time_point now, std::uint32_t cost) {
  if (cost == 0)
    return std::nullopt;
  full_at_ = std::max(full_at_, now);
  auto then = full_at_ + per_token() * std::min(cost, settings_.burst);
  auto latest = now + per_token() * settings_.burst; // of a bucket that is empty now
  if (then > latest)
    return then - latest;
  full_at_ = then;
  return std::nullopt;
}

void fakelag::charge(clock::time_point now, std::size_t tokens) {
  auto most = per_token() * (settings_.burst + most_owed);
  full_at_ =
    std::min(std::max(full_at_, now) + per_token() * std::min(tokens, most_owed), now + most);
}

} // namespace hamlet::irc
