// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/relay_actor.hpp"
#include "lib/log/log.hpp"

#include <algorithm>
#include <climits>

// What comes from other nodes, each behind what has caused it: news behind the news of a third node
// that their author had seen, replies behind the events before them.

namespace hamlet {

using namespace chat::v1;

namespace {

// Longer than it takes until a silent node counts as dead, shorter than a client waits.
constexpr std::chrono::milliseconds reply_patience{13'000};
constexpr auto patience = cluster::heard_news::patience;
constexpr std::size_t most_held = 10'000; // replies
constexpr std::size_t most_held_octets = 16u << 20;
// Of one node, which keeps what is more.
constexpr std::size_t most_waiting = 4096; // batches
constexpr std::size_t most_waiting_octets = 4u << 20;

/// The first items of it, by themselves.
News cut_head(News& x, int count) {
  News head;
  head.set_incarnation(x.incarnation());
  head.set_first(x.first());
  std::vector<NewsItem*> items(static_cast<std::size_t>(count));
  x.mutable_items()->ExtractSubrange(0, count, items.data());
  for (auto* item : items)
    head.mutable_items()->AddAllocated(item);
  x.set_first(x.first() + static_cast<std::uint64_t>(count));
  return head;
}

} // namespace

// -- replies --------------------------------------------------------------------------------------

/// Nothing, if it need not wait.
std::optional<caf::typed_response_promise<Reply>> relay_state::hold_back(Publish& x) {
  auto& stamp = x.reply().stamp();
  if (stamp.incarnation() == core->me() || core->has(stamp.incarnation(), stamp.number()))
    return {};
  auto octets = x.reply().ByteSizeLong();
  if (held.size() >= most_held || held_octets + octets > most_held_octets) {
    log::warning("relay", "too_many_replies_held", {{"start", stamp.incarnation()}});
    return {};
  }
  auto promise = self->make_response_promise<Reply>();
  std::pair key{stamp.incarnation(), stamp.number()};
  held.emplace(key, held_reply{promise, std::move(x), now() + reply_patience, octets});
  held_octets += octets;
  look_later();
  return promise;
}

/// A yes whose events died with their node is none: nobody has heard them, nobody knows of them.
void relay_state::fail_if_lost(Publish& x) const {
  auto& stamp = x.reply().stamp();
  if (x.reply().refusal() == NONE && core->is_lost(stamp.incarnation(), stamp.number()))
    x.mutable_reply()->set_refusal(FAILED);
}

/// Behind the events that it waited for.
void relay_state::release(cluster::incarnation of) {
  auto at = held.lower_bound({of, 0});
  while (at != held.end() && at->first.first == of && core->has(of, at->first.second))
    at = release(at);
}

relay_state::held_replies::iterator relay_state::release(held_replies::iterator at) {
  held_octets -= at->second.octets;
  fail_if_lost(at->second.what);
  at->second.to.delegate(parts->fanout, std::move(at->second.what));
  return held.erase(at);
}

void relay_state::release_late() {
  for (auto at = held.begin(); at != held.end();) {
    auto is_there = core->has(at->first.first, at->first.second);
    if (!is_there && now() < at->second.until) {
      ++at;
      continue;
    }
    if (!is_there)
      log::warning("relay", "reply_before_its_events", {{"start", at->first.first}});
    at = release(at);
  }
}

// -- news -----------------------------------------------------------------------------------------

bool relay_state::early_news::is_full() const {
  return all.size() >= most_waiting || octets >= most_waiting_octets;
}

/// What has to wait is taken, too: its author need not send it again.
NewsTaken relay_state::take(News& x) {
  auto from = x.incarnation();
  if (auto found = waiting.find(from); found != waiting.end())
    return keep(found->second, std::move(x));
  auto answer = take_ready(x);
  if (!answer) {
    auto& line = waiting[from];
    line.next = x.first();
    answer = keep(line, std::move(x));
    look_later();
  }
  go_on();
  return *answer;
}

NewsTaken relay_state::keep(early_news& behind, News x) {
  auto end = x.first() + static_cast<std::uint64_t>(x.items_size());
  auto is_next = !x.is_snapshot() && x.first() <= behind.next && end > behind.next;
  if (is_next && !behind.is_full()) {
    behind.next = end;
    auto octets = x.ByteSizeLong();
    behind.octets += octets;
    parts->nodes->heard->arrive(x.incarnation(), end);
    behind.all.push_back({std::move(x), self->clock().now(), octets});
  }
  NewsTaken answer;
  answer.set_next(behind.next);
  return answer;
}

/// The number that is wanted next of a node that lives.
std::uint64_t relay_state::next_of(cluster::incarnation from) const {
  auto found = waiting.find(from);
  return found != waiting.end() ? found->second.next : core->next_of(from).value_or(0);
}

/// The first item that nobody here may see yet, for what has caused it has not come; or their
/// number.
std::pair<int, const Stamp*> relay_state::first_too_early(const News& x) const {
  auto next = core->next_of(x.incarnation()).value_or(0);
  if (x.is_snapshot() || next < x.first()) // it is not taken, or all of it
    return {x.items_size(), nullptr};
  auto known = std::min<std::uint64_t>(next - x.first(), INT_MAX);
  for (auto i = static_cast<int>(known); i < x.items_size(); ++i)
    for (auto& cause : x.items(i).event().origin().after())
      if (cause.incarnation() != x.incarnation()
          && !parts->nodes->heard->knows(cause.incarnation(), cause.number(), self->clock().now()))
        return {i, &cause};
  return {x.items_size(), nullptr};
}

/// Nothing, if some of it has to wait: that stays in x.
std::optional<NewsTaken> relay_state::take_ready(News& x) {
  auto [ready, cause] = first_too_early(x);
  if (cause == nullptr)
    return take_part(x);
  if (ready > 0) {
    auto head = cut_head(x, ready);
    take_part(head);
  }
  return {};
}

/// What waited for the news that have just been taken; and what waited for those.
void relay_state::go_on() {
  for (auto is_more = !waiting.empty(); is_more;) {
    is_more = false;
    for (auto at = waiting.begin(); at != waiting.end();) {
      auto& [line, next, octets] = at->second;
      for (auto is_done = true; is_done && !line.empty();) {
        auto& first = line.front().what;
        auto before = first.items_size();
        is_done = take_ready(first).has_value();
        is_more = is_more || is_done || first.items_size() < before;
        if (is_done) {
          octets -= line.front().octets;
          line.pop_front();
        }
      }
      at = line.empty() ? waiting.erase(at) : std::next(at);
    }
  }
  answer_reports();
}

/// Nothing waits for ever: the two nodes may not reach each other. What has arrived, and waits as
/// well, is not given up: that other node is well.
void relay_state::give_up_waiting() {
  go_on();
  for (auto is_more = true; std::exchange(is_more, false);) {
    auto time = self->clock().now();
    auto is_over = [&](auto& x) {
      auto& first = x.second.all.front();
      auto* cause = first_too_early(first.what).second;
      auto age = time - first.since;
      return cause != nullptr && age >= patience
             && (age >= 2 * patience
                 || !parts->nodes->heard->has_arrived(cause->incarnation(), cause->number()));
    };
    auto found = std::ranges::find_if(waiting, is_over);
    if (found == waiting.end())
      return;
    auto& first = found->second.all.front().what;
    auto& cause = *first_too_early(first).second;
    log::warning("relay", "news_before_their_cause",
                 {{"start", found->first}, {"cause", cause.incarnation()}});
    parts->nodes->heard->give_up(cause.incarnation(), cause.number(), time);
    if (first_too_early(first).second != nullptr)
      take_part(first); // causes in a ring: no node of ours has told so
    go_on();
    is_more = true;
  }
}

/// Nobody waits for what has caused the news of a node that lives no more: they are its last.
void relay_state::take_last_words(const cluster::view& now_seen) {
  for (auto at = waiting.begin(); at != waiting.end();) {
    if (now_seen.alive(at->first)) {
      ++at;
      continue;
    }
    for (auto& x : at->second.all)
      take_part(x.what);
    at = waiting.erase(at);
  }
}

/// A reply that waits for one of these is given on behind that, not behind all of them.
NewsTaken relay_state::take_part(News& x) {
  while (!x.is_snapshot()) {
    auto next = held.lower_bound({x.incarnation(), x.first()});
    if (next == held.end() || next->first.first != x.incarnation()
        || next->first.second + 1 >= x.first() + static_cast<std::uint64_t>(x.items_size()))
      break;
    auto head = cut_head(x, static_cast<int>(next->first.second + 1 - x.first()));
    apply(head);
  }
  return apply(x);
}

NewsTaken relay_state::apply(News& x) {
  relay_effects out;
  auto answer = core->take(x, out);
  follow(std::move(out));
  release(x.incarnation());
  answer_reports();
  if (auto next = core->next_of(x.incarnation()))
    parts->nodes->heard->set(x.incarnation(), *next);
  return answer;
}

} // namespace hamlet
