// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/ownership.hpp"

#include <algorithm>

namespace hamlet::cluster {

/// The planner's round. Two nodes that both think they plan do no harm: each step of the plan is
/// bound to an epoch, and so is each handover.
void ownership::plan() {
  if (view_->planner() != me_) {
    placing_.next = now_ + rules_.round; // the planner before may just have done it
    return;
  }
  if (has_free_ || exit_ != exit::none || !may_judge() || !is_due(placing_))
    return;
  placing_.next = now_ + rules_.round;
  auto moves = balance(*view_, store_now_ + (now_ - store_seen_).count(), rules_);
  if (!moves.empty())
    emit(effect::place{std::move(moves)});
}

/// Hands over what the planner, or the own leaving, has given away: a few at a time.
void ownership::hand_over() {
  if (mine_.empty() || exit_ == exit::stopping)
    return;
  auto busy = handovers();
  for (auto& [which, held] : mine_) {
    const auto* x = view_->find(which);
    if (held.at == phase::open && busy < rules_.parallel) {
      auto to = exit_ == exit::draining ? refuge(*view_, *x, rules_) : x->target;
      if (to == 0 || to == me_ || !view_->takes(to))
        continue;
      seal(which, to);
      ++busy;
    } else if (held.at == phase::sealed && is_due(held.handing)) {
      sent(held.handing);
      emit(effect::hand_over{me_, {which, held.epoch}, held.to});
    }
  }
}

void ownership::on(const event::drain&) {
  if (exit_ == exit::none) {
    exit_ = exit::draining;
    exit_at_ = now_;
  }
}

void ownership::on(const event::stop&) {
  if (exit_ == exit::stopping)
    return;
  exit_ = exit::stopping;
  exit_at_ = now_;
  if (role_ != role::member)
    return;
  for (const auto& [which, held] : mine_)
    seal(which, me_);
}

/// Leaves the cluster when nothing holds it any more.
void ownership::go() {
  if (exit_ == exit::none)
    return;
  if (exit_ == exit::draining && view_->takes(me_)) {
    if (is_due(marking_)) {
      marking_ = {false, {}, now_ + rules_.retry};
      emit(effect::mark_draining{me_});
    }
    return;
  }
  bool is_last = std::ranges::none_of(
    view_->nodes, [&](const node& x) { return x.born != me_ && x.state == node_state::up; });
  bool all_sealed =
    std::ranges::all_of(mine_, [](const auto& x) { return x.second.at == phase::sealed; });
  if (exit_ == exit::draining && is_last && !mine_.empty() && wanted_ <= view_->version)
    return on(event::stop{}); // nobody is there to take them
  bool is_late = exit_ == exit::stopping && now_ - exit_at_ >= rules_.stop_patience;
  bool may_go = exit_ == exit::stopping ? all_sealed || is_late : mine_.empty();
  if (!may_go || !is_due(leaving_))
    return;
  if (exit_ == exit::stopping && now_ - exit_at_ >= 2 * rules_.stop_patience)
    return lose_all(); // the store does not answer; the others will see that the heart has stopped
  sent(leaving_);
  emit(effect::leave{me_});
}

void ownership::on(const event::leave_answered& x) {
  if (role_ != role::member || exit_ == exit::none)
    return;
  ended(leaving_, x.result);
  if (x.result != outcome::unknown)
    lose_all();
}

} // namespace hamlet::cluster
