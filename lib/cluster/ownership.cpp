// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/ownership.hpp"

#include <algorithm>
#include <utility>

namespace hamlet::cluster {

effects ownership::step(const event_t& what, instant now) {
  now_ = std::max(now_, now);
  fence(); // first: after a freeze nothing else may be believed
  if (role_ != role::gone)
    std::visit([this](const auto& x) { on(x); }, what);
  ask_to_join();
  if (role_ == role::member) {
    beat();
    read();
    claim();
    plan();
    hand_over();
    suspect();
    go();
  }
  return std::exchange(out_, {});
}

instant ownership::wake_at() const {
  instant at = now_ + rules_.retry;
  auto due = [&](instant x) {
    if (x > now_)
      at = std::min(at, x);
  };
  auto due_request = [&](const request& x) {
    due(x.is_open ? x.sent + rules_.store_patience : x.next);
  };
  if (role_ == role::member)
    due(reads_end());
  for (const auto* x :
       {&joining_, &beating_, &reading_, &claiming_, &placing_, &marking_, &leaving_})
    due_request(*x);
  for (const auto& [which, x] : suspects_) {
    due(x.next_probe);
    due(x.next_declare);
  }
  return at;
}

void ownership::on(const event::start&) {
  if (role_ == role::outside)
    role_ = role::joining;
}

void ownership::on(const event::join_answered& x) {
  if (role_ != role::joining)
    return;
  ended(joining_, x.result);
  if (x.result != outcome::accepted)
    return;
  role_ = role::member;
  me_ = x.born;
  joined_at_ = accepted_at_ = steady_since_ = joining_.sent;
  beating_ = reading_ = claiming_ = marking_ = leaving_ = {};
  placing_ = {false, {}, now_ + rules_.round};
  suspects_.clear();
  wants(x.version);
  emit(effect::joined{me_});
  fence();
}

void ownership::on(const event::beat_answered& x) {
  if (x.sent_at == beating_.sent)
    beating_.is_open = false;
  if (role_ != role::member || x.result == outcome::unknown || x.sent_at < joined_at_)
    return;
  if (x.result == outcome::refused) // the store has it that this node is dead
    return lose_all();
  if (x.sent_at - accepted_at_ > rules_.ttl / 2)
    steady_since_ = now_;
  accepted_at_ = std::max(accepted_at_, x.sent_at);
  store_now_ = x.now;
  store_seen_ = now_;
  fence();
  wants(x.version);
  for (auto peer : x.expired)
    if (peer != me_ && view_->alive(peer))
      suspects_[peer].is_expired = true;
}

void ownership::on(const event::view_answered& x) {
  ended(reading_, x.result);
  if (role_ != role::member || x.result != outcome::accepted)
    return;
  if (!x.seen)
    wanted_ = view_->version; // a hint was wrong, or the next beat tells again
  else if (x.seen->version > view_->version)
    apply(x.seen);
}

void ownership::on(const event::change_answered& x) {
  if (x.result == outcome::accepted) {
    if (x.version > view_->version)
      emit(effect::relay_hint{x.version});
    wants(x.version);
  }
}

void ownership::on(const event::hinted& x) {
  wants(x.version);
}

/// Reads of memory end before anybody may call this node dead.
void ownership::fence() {
  bool closed = !may_read(now_);
  if (closed != is_fenced_)
    emit(effect::fence_reads{is_fenced_ = closed});
}

void ownership::ask_to_join() {
  if (role_ == role::joining && exit_ != exit::none) { // it never came in
    role_ = role::gone;
    emit(effect::stopped{});
  }
  if (role_ != role::joining || !is_due(joining_))
    return;
  sent(joining_);
  emit(effect::join{});
}

void ownership::beat() {
  if (now_ < beating_.next || (beating_.is_open && now_ - beating_.sent < 2 * rules_.heartbeat))
    return;
  beating_ = {true, now_, now_ + rules_.heartbeat};
  emit(effect::beat{me_, now_});
}

void ownership::read() {
  if (wanted_ <= view_->version || !is_due(reading_))
    return;
  sent(reading_);
  emit(effect::read_view{view_->version});
}

void ownership::wants(std::int64_t version) {
  wanted_ = std::max(wanted_, version);
}

bool ownership::is_due(request& x) {
  if (x.is_open && now_ - x.sent >= rules_.store_patience)
    ended(x, outcome::unknown);
  return !x.is_open && now_ >= x.next;
}

void ownership::sent(request& x) {
  x.is_open = true;
  x.sent = now_;
}

void ownership::ended(request& x, outcome result) {
  x.is_open = false;
  x.next = result == outcome::accepted ? now_ : now_ + rules_.retry;
}

/// Drops everything and comes back under a new incarnation.
void ownership::lose_all() {
  for (const auto& [which, x] : mine_)
    emit(effect::end_shard{{which, x.epoch}});
  mine_.clear();
  suspects_.clear();
  role_ = exit_ == exit::none ? role::joining : role::gone;
  joining_ = {};
  wanted_ = 0;
  fence();
  if (role_ == role::gone)
    emit(effect::stopped{});
}

} // namespace hamlet::cluster
