// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/recovery.hpp"

#include "actors/cluster/verbs.hpp"
#include "actors/deadlines.hpp"
#include "actors/failure.hpp"
#include "actors/resume.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/log/log.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace hamlet {

using namespace chat::v1;

namespace {

constexpr std::chrono::milliseconds look_every{100};
constexpr std::chrono::seconds answer_patience{10};

using incarnation = cluster::incarnation;
using when_done = std::function<void(result<Reported>)>;

struct recovery_state {
  static inline const char* name = "recovery";

  caf::event_based_actor* self = nullptr;
  std::optional<recovery_parts> parts;
  deadlines limits;
  Report question;
  when_done done;
  caf::actor_clock::time_point until{};
  bool has_numbers = false;
  std::map<incarnation, Reported> reports; ///< of those whose number is in the question
  std::set<incarnation> asked;             ///< and not answered

  void look();

private:
  template <class Question>
  void ask(incarnation whom, const Question& x);
  void heard(incarnation from, result<NumberIs> x);
  void heard(incarnation from, result<Reported> x);
  void finish(result<Reported> x);
};

template <class Question>
void recovery_state::ask(incarnation whom, const Question& x) {
  using verb = cluster::verb_of<relay_actor, Question>;
  using Answer = typename verb::reply;
  if (!asked.insert(whom).second)
    return;
  auto& nodes = *parts->nodes;
  if (whom == nodes.where->me())
    return request<Answer>(
      self, limits, answer_patience, parts->relay, Question{x},
      [this, whom](Answer& y) { heard(whom, result<Answer>{std::move(y)}); },
      [this, whom](const caf::error& why) { heard(whom, result<Answer>{fail(code_of(why))}); });
  auto* there = nodes.where->view()->find(whom);
  cluster::command out;
  out.number = there == nullptr ? 0 : static_cast<std::int32_t>(there->node_id);
  out.epoch = whom;
  out.id = {nodes.where->me(), cluster::next_number()};
  out.left = answer_patience;
  out.type = verb::number;
  out.payload = x.SerializeAsString();
  auto then = [this, whom](result<cluster::reply> got) {
    Answer y;
    if (got && got->what == cluster::delivery::ok && y.ParseFromString(got->payload))
      heard(whom, result<Answer>{std::move(y)});
    else
      heard(whom, result<Answer>{fail(errc::busy)});
  };
  nodes.out->send(whom, std::move(out),
                  [answer = resume<cluster::reply>(self, limits, answer_patience, std::move(then))](
                    cluster::reply with) { answer(std::move(with)); });
}

void recovery_state::heard(incarnation from, result<NumberIs> x) {
  asked.erase(from);
  if (x)
    (*question.mutable_after())[from] = x->last();
  if (x)
    look();
}

void recovery_state::heard(incarnation from, result<Reported> x) {
  asked.erase(from);
  if (x)
    reports[from] = std::move(*x);
  if (x)
    look();
}

/// Who has not answered is asked again, for as long as it lives.
void recovery_state::look() {
  if (!done)
    return;
  auto view = parts->nodes->where->view();
  if (parts->nodes->where->me() == 0)
    return finish(fail(errc::shutting_down));
  if (self->clock().now() > until)
    return finish(fail(errc::timed_out, "not all nodes have said what they know"));
  auto& numbers = *question.mutable_after();
  auto complete = true;
  for (auto& node : view->nodes)
    if (node.alive() && !has_numbers && !numbers.contains(node.born)) {
      complete = false;
      ask(node.born, GetNumber{});
    }
  if (!complete)
    return;
  has_numbers = true;
  for (auto at = numbers.begin(); at != numbers.end();)
    at = view->alive(at->first) ? std::next(at) : numbers.erase(at);
  for (auto& [whom, number] : numbers)
    if (!reports.contains(whom)) {
      complete = false;
      ask(whom, Report{question});
    }
  if (!complete)
    return;
  std::vector<Reported> all;
  for (auto& [whom, x] : reports)
    if (numbers.contains(whom))
      all.push_back(std::move(x));
  finish(merged(std::move(all), *parts->people));
}

void recovery_state::finish(result<Reported> x) {
  std::exchange(done, {})(std::move(x));
  self->quit();
}

caf::behavior recovery(caf::stateful_actor<recovery_state>* self, recovery_parts parts,
                       const Report& question, when_done done) {
  auto& s = self->state;
  s.self = self;
  s.until = self->clock().now() + parts.patience;
  s.parts.emplace(std::move(parts));
  s.question = question;
  s.done = std::move(done);
  self->send(self, caf::tick_atom_v);
  return {[self](caf::tick_atom) {
    self->delayed_send(self, look_every, caf::tick_atom_v);
    self->state.look();
  }};
}

/// Of two states of one channel the later one.
bool is_before(const ChannelState& a, const ChannelState& b) {
  return std::pair{a.epoch(), a.seq()} < std::pair{b.epoch(), b.seq()};
}

void merge_nicks(Reported& into, const std::vector<Reported>& all) {
  std::map<std::string, const NickHeld*> holders;
  for (auto& report : all)
    for (auto& x : report.nicks()) {
      auto [at, is_new] = holders.try_emplace(irc::fold(x.nick()), &x);
      if (is_new || at->second->session_id() == x.session_id())
        continue;
      log::warning("relay", "nick_held_twice", {{"nick", x.nick()}});
      if (x.session_id() < at->second->session_id())
        at->second = &x;
    }
  for (auto& [folded, x] : holders)
    *into.add_nicks() = *x;
}

void merge_channels(Reported& into, std::vector<Reported>& all, const presence& people) {
  std::map<std::string, std::vector<ChannelState*>> found;
  for (auto& report : all)
    for (auto& x : *report.mutable_channels())
      found[irc::fold(x.name())].push_back(&x);
  for (auto& [folded, told] : found) {
    std::ranges::stable_sort(told, [](auto* a, auto* b) { return is_before(*b, *a); });
    std::set<std::int64_t> seen;
    std::vector<ChannelState::StateMember> members;
    for (auto* x : told)
      for (auto& m : *x->mutable_members()) {
        auto who = people.find_packed(m.who().session_id());
        if (!who || !seen.insert(m.who().session_id()).second)
          continue;
        who->read(*m.mutable_who());
        members.push_back(std::move(m));
      }
    auto& to = *into.add_channels();
    to = std::move(*told.front());
    to.clear_members();
    for (auto& m : members)
      *to.add_members() = std::move(m);
  }
}

} // namespace

Reported merged(std::vector<Reported> all, const presence& people) {
  Reported x;
  merge_nicks(x, all);
  merge_channels(x, all, people);
  return x;
}

void recover(caf::actor_system& sys, recovery_parts parts, cluster::shard_kind kind,
             std::int32_t number, when_done done) {
  Report question;
  question.set_kind(static_cast<std::int32_t>(kind));
  question.set_number(number);
  sys.spawn(recovery, std::move(parts), question, std::move(done));
}

} // namespace hamlet
