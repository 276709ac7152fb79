// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/ownership.hpp"

#include <algorithm>

namespace hamlet::cluster {

/// A newer view: it alone makes and ends owners.
void ownership::apply(const view_ptr& next) {
  const auto* self = next->find(me_);
  if (!self || !self->alive())
    return lose_all();
  view_ = next;
  view_at_ = now_;
  if (self->state == node_state::draining)
    on(event::drain{}); // whoever has said so
  has_free_ = std::ranges::any_of(next->shards, [&](const shard& x) { return next->free(x); });
  claiming_.next = {};
  std::erase_if(suspects_, [&](const auto& x) { return !next->alive(x.first); });
  let_go(*next);
  emit(effect::publish{next}); // what is opened finds the others in their places
  take_over(*next);
}

void ownership::let_go(const view& next) {
  for (auto at = mine_.begin(); at != mine_.end();) {
    const auto& [which, held] = *at;
    const auto* x = next.find(which);
    if (x && x->owner == me_ && x->epoch == held.epoch) {
      ++at;
      continue;
    }
    if (!x || x->epoch > held.epoch)
      emit(effect::end_shard{{which, held.epoch}, x ? x->owner : 0, x ? x->epoch : 0});
    at = mine_.erase(at);
  }
}

void ownership::take_over(const view& next) {
  for (const auto& x : next.shards) {
    if (x.owner != me_)
      continue;
    if (mine_.try_emplace(x.id, x.epoch).second)
      emit(effect::open_shard{{x.id, x.epoch}});
    else if (auto& held = mine_.at(x.id); held.at != phase::open) {
      held.handing = {}; // it came to nothing so far
      if (!next.takes(held.to))
        held.to = next.takes(x.target) ? x.target : me_;
    }
    if (exit_ == exit::stopping)
      seal(x.id, me_);
  }
}

/// Asks for those of the dead that the plan gives to this node. What nobody takes in time, the
/// planner takes.
void ownership::claim() {
  if (!has_free_ || exit_ != exit::none || !may_read(now_) || wanted_ > view_->version
      || !is_due(claiming_))
    return;
  bool takes_all = view_->planner() == me_ && now_ - view_at_ >= 3 * rules_.retry;
  std::vector<reign> wanted;
  for (const auto& x : assign_free(*view_, rules_))
    if ((takes_all || x.to == me_) && (x.of.epoch != 0 || now_ - joined_at_ >= rules_.settle))
      wanted.push_back(x.of);
  claiming_.next = now_ + rules_.retry;
  if (wanted.empty())
    return;
  emit(effect::claim{me_, std::move(wanted)});
}

void ownership::seal(const shard_id& which, incarnation to) {
  auto& held = mine_.at(which);
  if (held.at != phase::open)
    return;
  held.at = phase::sealing;
  held.to = to;
  emit(effect::seal_shard{{which, held.epoch}});
}

void ownership::on(const event::finished& x) {
  auto at = mine_.find(x.of.shard);
  if (at != mine_.end() && at->second.epoch == x.of.epoch && at->second.at == phase::sealing)
    at->second.at = phase::sealed;
}

std::size_t ownership::handovers() const {
  return static_cast<std::size_t>(
    std::ranges::count_if(mine_, [](const auto& x) { return x.second.at != phase::open; }));
}

} // namespace hamlet::cluster
