// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/inbox.hpp"
#include "lib/log/log.hpp"

#include <caf/send.hpp>

#include <algorithm>

// What is asked in chat waits for what has caused it; what comes of the same session behind it,
// too: who speaks and then leaves has spoken first.

namespace hamlet::cluster {

namespace {

// A little more than RELAY's: it knows better who is late.
constexpr std::chrono::milliseconds patience = heard_news::patience * 5 / 4;
// A quarter of what a peer may have under way (link::rules): the rest is for others.
constexpr std::size_t most_waiting = 256;

/// When it goes on at the latest: somebody has to be there for the answer.
heard_news::instant end_of(const inbox_state::early_command& x) {
  return x.since + (x.what.is_note ? patience : std::min(patience, x.what.left / 2));
}

} // namespace

bool inbox_state::has_to_wait(const chat::v1::Request& msg, incarnation from, command& x,
                              on_reply& answer) {
  line_of key{from, msg.session_id()};
  auto now = self->clock().now();
  auto& causes = msg.origin().after();
  auto is_early = std::ranges::any_of(
    causes, [&](auto& s) { return !heard->knows(s.incarnation(), s.number(), now); });
  auto found = waiting.find(key);
  if (found == waiting.end() && !is_early)
    return false;
  auto& count = waiting_of[from];
  if (count >= most_waiting) {
    if (found != waiting.end()) { // all of it goes on, in its order
      for (auto& before : found->second)
        before.is_enough = true;
      go_on(key);
    }
    return false;
  }
  ++count;
  auto& line = waiting[key];
  line.push_back({std::move(x), std::move(answer), {causes.begin(), causes.end()}, now});
  if (line.size() == 1)
    go_on(key);
  return true;
}

/// For one of its causes; this is called again then.
bool inbox_state::waits(const early_command& x, const line_of& key) {
  auto now = self->clock().now();
  for (auto& cause : x.causes) {
    if (x.is_enough)
      return false;
    auto who = cause.incarnation();
    auto number = cause.number();
    if (heard->knows(who, number, now))
      continue;
    auto end = end_of(x);
    if (now >= end) {
      if (now - x.since >= patience) {
        log::warning("cluster", "asked_before_its_cause", {{"start", key.first}, {"cause", who}});
        heard->give_up(who, number, now);
      }
      return false;
    }
    auto again = [key] {
      return resumption{std::make_shared<note_to_inbox>(
        note_to_inbox{[key](inbox_state& state) { state.go_on(key); }})};
    };
    auto me = caf::actor_cast<caf::actor>(self);
    if (!heard->when_known(who, number, now, [me, again] { caf::anon_send(me, again()); }))
      continue;
    self->delayed_send(self, end - now, again());
    return true;
  }
  return false;
}

void inbox_state::go_on(line_of key) {
  auto found = waiting.find(key);
  if (found == waiting.end())
    return;
  auto& line = found->second;
  while (!line.empty() && !waits(line.front(), key)) {
    auto x = std::move(line.front());
    line.pop_front();
    --waiting_of[key.first];
    auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(self->clock().now() - x.since);
    auto is_late = !x.what.is_note && waited.count() > 0 && waited >= x.what.left;
    x.what.left -= std::min(x.what.left, waited);
    if (is_late) // who asked has heard that it failed
      x.answer({delivery::failed, 0, 0, {}, errc::timed_out, {}});
    else
      take(key.first, std::move(x.what), std::move(x.answer), false);
  }
  if (line.empty())
    waiting.erase(found);
}

} // namespace hamlet::cluster
