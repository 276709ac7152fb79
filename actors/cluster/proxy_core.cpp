// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/proxy_core.hpp"

#include "actors/cluster/stand_in.hpp"
#include "actors/cluster/verbs.hpp"
#include "actors/resume.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <atomic>

namespace hamlet::cluster {

namespace {

constexpr instant burial{500};           // from the death of a node until nothing waits for it
constexpr std::chrono::seconds slack{2}; // the link tells by itself that an answer is lost
constexpr std::chrono::seconds said_again{16}; // longer than INBOX waits for a link
constexpr int times_told = 3;

/// What an owner says that is none any more: the next one is to be asked. wrong_owner: by the fence
/// of the store, nothing was done; else it has ended, and a little later there is another one.
bool is_from_no_owner(errc x) {
  return x == errc::wrong_owner || x == errc::shutting_down;
}

answer_kind kind_of(const reply& x) {
  switch (x.what) {
  case delivery::ok: return answer_kind::done;
  case delivery::failed:
    if (!is_from_no_owner(x.code))
      return answer_kind::done;
    return x.code == errc::wrong_owner ? answer_kind::wrong_owner : answer_kind::busy;
  case delivery::wrong_owner: return answer_kind::wrong_owner;
  case delivery::moved: return answer_kind::moved;
  case delivery::busy: return answer_kind::busy;
  case delivery::unreachable:
  case delivery::lost: break;
  }
  return answer_kind::lost;
}

bool is_of_mail(shard_kind x) {
  return x == shard_kind::mailbox || x == shard_kind::account || x == shard_kind::queue;
}

reply failure(errc code, std::string why) {
  return {delivery::failed, 0, 0, {}, code, std::move(why)};
}

} // namespace

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

proxy_core::proxy_core(caf::scheduled_actor* self, shard_id stands_for,
                       std::shared_ptr<proxy_parts> parts)
    : self_{self}, shard_{stands_for}, parts_{std::move(parts)},
      bounds_{is_of_mail(shard_.kind) ? parts_->bounds : parts_->chat_bounds}, waiting_{bounds_} {
}

instant proxy_core::now() const {
  return std::chrono::duration_cast<instant>(self_->clock().now().time_since_epoch());
}

proxy_core::~proxy_core() {
  for (auto& [who, x] : clients_)
    if (x.stand_in)
      caf::anon_send_exit(x.stand_in, caf::exit_reason::user_shutdown);
}

void proxy_core::take(item x) {
  command_id id{parts_->where->me(), next_number()};
  held fresh{std::move(x), now() + bounds_.patience};
  auto place = parts_->where->find(shard_);
  if (place.state != places::state::open || !items_.empty())
    wait(id, std::move(fresh), turn::first);
  else if (!parks(id, fresh, place.epoch))
    ask_here(id, std::move(fresh), place);
}

void proxy_core::ask_here(const command_id& id, held x, const places::place& owner) {
  auto kept = std::make_shared<held>(std::move(x));
  if (kept->what.asked)
    *kept->what.asked = owner.epoch;
  kept->what.ask(owner.handle, [this, id, kept](const error& why) {
    if (why.code == errc::none)
      return;
    auto was_not_done = why.code == errc::wrong_owner || !kept->what.at_most_once;
    if (is_from_no_owner(why.code) && was_not_done && now() < kept->give_up_at)
      wait(id, std::move(*kept), turn::again);
    else if (kept->what.settle)
      kept->what.settle(failure(why.code, why.detail));
  });
}

void proxy_core::wait(const command_id& id, held x, turn which) {
  auto octets = std::min(x.what.octets, bounds_.octets); // one that is larger goes alone
  auto until = x.give_up_at;
  pending::todo todo;
  if (auto fresh = parts_->where->view(); fresh != view_)
    waiting_.view_changed(view_ = std::move(fresh), now(), todo);
  if (which == turn::again) {
    waiting_.pause(shard_, now());
    todo.read_view = true;
  }
  items_.emplace(id, std::move(x));
  if (!waiting_.add(id, shard_, octets, now(), until, todo)) {
    auto refused = items_.extract(id);
    if (refused.mapped().what.settle)
      refused.mapped().what.settle(failure(errc::busy, "too much waits for this shard"));
  }
  leave_the_dead(todo);
  follow(std::move(todo));
}

void proxy_core::look() {
  pending::todo todo;
  if (auto fresh = parts_->where->view(); fresh != view_)
    waiting_.view_changed(view_ = std::move(fresh), now(), todo);
  std::erase_if(down_, [&](incarnation peer) {
    auto is_back = parts_->out->is_up(peer);
    if (is_back)
      waiting_.link_up(peer, now(), todo);
    return is_back;
  });
  // Those of other nodes do not wait here, and what was asked before is not to come behind them.
  if (parts_->where->find(shard_).state == places::state::open)
    waiting_.resume(shard_);
  waiting_.tick(now(), todo);
  leave_the_dead(todo);
  follow(std::move(todo));
  if (shard_.kind != shard_kind::mailbox)
    return;
  is_to_look_ = false;
  locks_.see(parts_->where->find(shard_).epoch, now());
  for (auto& renew : locks_.due())
    renew();
  unpark();
  set_timer();
}

/// Nobody else becomes that node: who asks may rather look where the session is now, which RELAY
/// knows a moment later.
void proxy_core::leave_the_dead(pending::todo& more) {
  if (shard_.kind != place_of_node(0).kind)
    return;
  auto place = parts_->where->find(shard_);
  if (place.owner != 0 || place.state != places::state::elsewhere)
    gone_since_.reset();
  else if (!gone_since_)
    gone_since_ = now();
  if (!gone_since_ || now() < *gone_since_ + burial)
    return;
  while (!items_.empty()) {
    auto id = items_.begin()->first;
    waiting_.answered(id, {answer_kind::done}, now(), more);
    give_up(id);
  }
}

void proxy_core::follow(pending::todo todo) {
  auto read_view = false;
  while (!todo.sends.empty() || !todo.given_up.empty()) {
    auto now_due = std::exchange(todo, {});
    read_view = read_view || now_due.read_view;
    for (auto& id : now_due.given_up)
      give_up(id);
    for (auto& x : now_due.sends)
      send(x, todo);
  }
  if ((read_view || todo.read_view) && parts_->read_view)
    parts_->read_view();
  set_timer();
}

void proxy_core::give_up(const command_id& id) {
  auto found = items_.extract(id);
  if (found && found.mapped().what.settle)
    found.mapped().what.settle(failure(errc::timed_out, "no owner has answered in time"));
}

void proxy_core::send(const pending::send& x, pending::todo& more) {
  auto found = items_.find(x.id);
  if (found == items_.end())
    return;
  if (parks(x.id, found->second, x.epoch)) {
    waiting_.answered(x.id, {answer_kind::done}, now(), more);
    items_.erase(found);
    return;
  }
  auto& what = found->second.what;
  auto& before = found->second.maybe_done_by;
  if (what.at_most_once && before != 0 && before != x.to) {
    waiting_.answered(x.id, {answer_kind::done}, now(), more);
    give_up(x.id);
    return;
  }
  if (x.to == parts_->where->me()) {
    auto place = parts_->where->find(shard_);
    if (place.state != places::state::open || place.epoch != x.epoch) {
      waiting_.answered(x.id, {answer_kind::busy}, now(), more);
      return;
    }
    auto here = items_.extract(found);
    waiting_.answered(x.id, {answer_kind::done}, now(), more);
    ask_here(x.id, std::move(here.mapped()), place);
    return;
  }
  if (what.asked)
    *what.asked = x.epoch;
  if (what.client != 0) {
    auto* client = find(what.client);
    if (!client) { // nobody would give back what he gets
      waiting_.answered(x.id, {answer_kind::done}, now(), more);
      items_.erase(found);
      return;
    }
    client->at.insert(x.to);
  }
  command out;
  out.kind = static_cast<std::int32_t>(shard_.kind);
  out.number = shard_.number;
  out.epoch = x.epoch;
  out.id = x.id;
  out.left = std::max(found->second.give_up_at - now(), instant{1});
  out.type = what.type;
  out.payload = what.payload();
  out.is_note = what.is_note;
  out.client = what.client;
  found->second.is_unsure = before != 0;
  before = x.to;
  auto attempt = ++found->second.attempt;
  auto limit = std::chrono::ceil<std::chrono::seconds>(out.left) + slack;
  auto answer =
    resume<reply>(self_, limits_, limit, [this, id = x.id, attempt, to = x.to](result<reply> got) {
      on_reply(id, attempt, to, got ? std::move(*got) : reply{});
    });
  parts_->out->send(x.to, std::move(out),
                    [answer = std::move(answer)](reply with) { answer(std::move(with)); });
}

void proxy_core::on_reply(const command_id& id, std::uint64_t attempt, incarnation to, reply x) {
  auto found = items_.find(id);
  if (found == items_.end())
    return;
  auto kind = kind_of(x);
  if (found->second.what.at_most_once && x.what == delivery::failed
      && x.code == errc::shutting_down)
    kind = answer_kind::done; // it has ended amid that
  if (kind != answer_kind::done && attempt != found->second.attempt)
    return; // it was sent again since
  if ((kind != answer_kind::lost || x.what == delivery::unreachable) && !found->second.is_unsure)
    found->second.maybe_done_by = 0; // or it is done
  pending::todo todo;
  if (x.what == delivery::unreachable) {
    down_.insert(to);
    waiting_.link_down(to, now(), todo);
    if (parts_->out->is_up(to)) // it came meanwhile, and nobody will say so again
      look();
  } else {
    waiting_.answered(id, {kind, x.owner, x.epoch}, now(), todo);
  }
  if (kind == answer_kind::done) {
    auto done = items_.extract(found);
    if (done.mapped().what.settle)
      done.mapped().what.settle(x);
  }
  follow(std::move(todo));
}

// As deadlines do it: one timer, whatever the interface of the actor.
void proxy_core::set_timer() {
  auto at = waiting_.wake_at();
  if (gone_since_ && !items_.empty())
    at = std::min(at, *gone_since_ + burial);
  for (auto& [id, x] : parked_)
    at = std::min(
      {at, x.give_up_at, x.what.lock == lock_use::opens ? locks_.opens_at() : instant::max()});
  if (is_to_look_)
    at = now();
  if (at >= timer_)
    return;
  timer_ = at;
  auto id = self_->new_request_id(caf::message_priority::normal);
  auto left = std::max(at - now(), instant{0}) + instant{1};
  self_->request_response_timeout(caf::duration{left}, id);
  self_->add_multiplexed_response_handler(id.response_id(), caf::behavior{[this](caf::error&) {
                                            timer_ = instant::max();
                                            look();
                                          }});
}

std::uint64_t proxy_core::client_of(const caf::strong_actor_ptr& who) {
  if (!who)
    return 0;
  auto [at, is_new] = clients_.try_emplace(caf::actor_cast<caf::actor_addr>(who));
  if (is_new) {
    at->second.number = next_number();
    self_->monitor(at->first);
  }
  return at->second.number;
}

proxy_core::asker* proxy_core::find(std::uint64_t client) {
  auto found = std::ranges::find(clients_, client, [](const auto& x) { return x.second.number; });
  return found == clients_.end() ? nullptr : &found->second;
}

caf::actor proxy_core::stand_in_of(std::uint64_t client) {
  auto* found = find(client);
  if (!found)
    return {};
  if (!found->stand_in)
    found->stand_in = spawn_stand_in(self_);
  return found->stand_in;
}

std::uint64_t proxy_core::on_down(const caf::actor_addr& who) {
  auto found = clients_.extract(who);
  if (!found)
    return 0;
  auto number = found.mapped().number;
  locks_.remove(number);
  std::erase_if(parked_, [number](auto& x) { return x.second.what.client == number; });
  if (auto& stand_in = found.mapped().stand_in) // an owner here watches that one
    caf::anon_send_exit(stand_in, caf::exit_reason::user_shutdown);
  if (!found.mapped().at.empty())
    tell_gone(number, std::move(found.mapped().at), times_told);
  return number;
}

/// A link that is cut loses the note, as it has perhaps lost a CloseMaildrop; and one that is back
/// soon enough lets the other side keep what it has for this client, such as a lock. So it is said
/// again, at last when a link that was cut then is back or that side has given the client up.
void proxy_core::tell_gone(std::uint64_t number, std::set<incarnation> peers, int times) {
  for (auto peer : peers) {
    command note;
    note.kind = static_cast<std::int32_t>(shard_.kind);
    note.number = shard_.number;
    note.epoch = parts_->where->find(shard_).epoch;
    note.type = asker_gone;
    note.is_note = true;
    note.client = number;
    parts_->out->send(peer, std::move(note), [](const reply&) {});
  }
  if (times > 1) // nobody answers: it is a timer
    resume<reply>(self_, limits_, said_again,
                  [this, number, peers = std::move(peers), times](const result<reply>&) {
                    tell_gone(number, peers, times - 1);
                  });
}

// -- locks ------------------------------------------------------------------------

bool proxy_core::parks(const command_id& id, held& x, std::int64_t epoch) {
  if (x.what.lock == lock_use::none)
    return false;
  locks_.see(epoch, now());
  if (!locks_.must_wait(x.what.lock, x.what.client, epoch, now()))
    return false;
  parked_.emplace(id, std::move(x));
  look_again();
  return true;
}

/// Where they may go now; an owner who is not there yet keeps them in order.
void proxy_core::unpark() {
  auto epoch = parts_->where->find(shard_).epoch;
  std::vector<std::pair<command_id, held>> free;
  for (auto at = parked_.begin(); at != parked_.end();) {
    auto& x = at->second;
    auto is_late = now() >= x.give_up_at;
    if (!is_late && locks_.must_wait(x.what.lock, x.what.client, epoch, now())) {
      ++at;
      continue;
    }
    free.emplace_back(at->first, std::move(x));
    at = parked_.erase(at);
  }
  for (auto& [id, x] : free)
    if (now() < x.give_up_at)
      wait(id, std::move(x), turn::first);
    else if (x.what.settle)
      x.what.settle(failure(errc::timed_out, "the lock was not given in time"));
}

void proxy_core::look_again() {
  is_to_look_ = true;
  set_timer();
}

void proxy_core::add_lock(std::uint64_t client, std::int64_t epoch, std::function<void()> renew) {
  if (!find(client))
    return; // gone meanwhile, and its lock with it
  locks_.add(client, epoch, std::move(renew));
  look_again();
}

void proxy_core::remove_lock(std::uint64_t client) {
  locks_.remove(client);
}

void proxy_core::lock_renewed(std::uint64_t client, std::optional<std::int64_t> epoch) {
  locks_.renewed(client, epoch);
  look_again();
}

} // namespace hamlet::cluster
