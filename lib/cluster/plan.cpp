// SPDX-License-Identifier: Apache-2.0
#include "lib/cluster/plan.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace hamlet::cluster {

namespace {

/// How much a node wants a shard. By the number that is the same at each start.
std::uint64_t weight(const node& x, const shard_id& what) {
  auto mix = [](std::uint64_t h) { // splitmix64: each bit of the input moves half of the output's
    h += 0x9e3779b97f4a7c15U;
    h = (h ^ (h >> 30U)) * 0xbf58476d1ce4e5b9U;
    h = (h ^ (h >> 27U)) * 0x94d049bb133111ebU;
    return h ^ (h >> 31U);
  };
  auto shard =
    (static_cast<std::uint64_t>(what.kind) << 32U) | static_cast<std::uint32_t>(what.number);
  return mix(mix(static_cast<std::uint64_t>(x.node_id)) ^ shard);
}

struct seat {
  const node* who;
  std::size_t load = 0;
};

using seats = std::vector<seat>;

/// The nodes that may be given shards, with nothing yet.
seats takers(const view& seen) {
  seats all;
  for (const auto& x : seen.nodes)
    if (x.state == node_state::up)
      all.push_back({&x});
  return all;
}

seat* find(seats& all, incarnation which) {
  auto at = std::ranges::lower_bound(all, which, {}, [](const seat& x) { return x.who->born; });
  return at != all.end() && at->who->born == which ? &*at : nullptr;
}

/// Counts what each has of one kind, shards on their way at their target.
void count(seats& all, std::span<const shard> kind) {
  for (auto& x : all)
    x.load = 0;
  for (const auto& x : kind)
    if (auto* at = find(all, find(all, x.target) ? x.target : x.owner))
      ++at->load;
}

std::size_t bound_of(std::size_t shards, std::size_t nodes, double bound) {
  return static_cast<std::size_t>(
    std::ceil(bound * static_cast<double>(shards) / static_cast<double>(nodes)));
}

seat* best(seats& all, const shard_id& what, std::size_t cap) {
  seat* found = nullptr;
  std::uint64_t highest = 0;
  for (auto& x : all)
    if (auto w = weight(*x.who, what); x.load < cap && (!found || w > highest)) {
      found = &x;
      highest = w;
    }
  return found;
}

template <class F>
void each_kind(const view& seen, F f) {
  for (auto from = seen.shards.begin(); from != seen.shards.end();) {
    auto to = std::find_if(from, seen.shards.end(),
                           [&](const shard& x) { return x.id.kind != from->id.kind; });
    f(std::span<const shard>{from, to});
    from = to;
  }
}

struct balancing {
  const view& seen;
  store_time now;
  const settings& rules;
  seats all;
  std::size_t budget;
  std::vector<placement> moves;

  /// A shard of `from` that may move and that `to` wants most.
  const shard* choice(std::span<const shard> kind, const seat& from, const seat& to) const {
    const shard* found = nullptr;
    std::uint64_t highest = 0;
    for (const auto& x : kind) {
      bool rests = x.moved_at != 0 && now - x.moved_at < rules.rest.count();
      if (x.owner != from.who->born || seen.takes(x.target) || rests || is_chosen(x))
        continue;
      if (auto w = weight(*to.who, x.id); !found || w > highest) {
        found = &x;
        highest = w;
      }
    }
    return found;
  }

  bool is_chosen(const shard& x) const {
    return std::ranges::any_of(moves,
                               [&](const placement& m) { return m.of.shard == x.id && m.to != 0; });
  }

  /// From whom has most to whom has least, if that is too much or too little.
  bool one(std::span<const shard> kind) {
    auto high = bound_of(kind.size(), all.size(), rules.bound);
    auto low = static_cast<std::size_t>(static_cast<double>(kind.size())
                                        / static_cast<double>(all.size()) / rules.bound);
    auto by_load = all; // a copy: the order of `all` is that of incarnations
    std::ranges::sort(by_load, std::greater{}, &seat::load);
    const auto& least = by_load.back();
    if (by_load.front().load <= high && least.load >= low)
      return false;
    for (const auto& most : by_load) {
      if (most.load <= least.load + 1)
        return false;
      if (const auto* x = choice(kind, most, least)) {
        moves.push_back({{x->id, x->epoch}, least.who->born});
        --find(all, most.who->born)->load;
        ++find(all, least.who->born)->load;
        return true;
      }
    }
    return false;
  }
};

} // namespace

std::vector<placement> assign_free(const view& seen, const settings& rules) {
  std::vector<placement> found;
  auto all = takers(seen);
  if (all.empty())
    return found;
  each_kind(seen, [&](std::span<const shard> kind) {
    if (std::ranges::none_of(kind, [&](const shard& x) { return seen.free(x); }))
      return;
    count(all, kind);
    auto cap = bound_of(kind.size(), all.size(), rules.bound);
    for (const auto& x : kind) {
      if (!seen.free(x))
        continue;
      auto* to = best(all, x.id, cap);
      if (!to) // those that are over the bound have yet to give: one too many does no harm
        to = best(all, x.id, SIZE_MAX);
      ++to->load;
      found.push_back({{x.id, x.epoch}, to->who->born});
    }
  });
  return found;
}

incarnation refuge(const view& seen, const shard& what, const settings& rules) {
  auto all = takers(seen);
  std::erase_if(all, [&](const seat& x) { return x.who->born == what.owner; });
  if (all.empty())
    return 0;
  auto kind = std::ranges::equal_range(seen.shards, what.id.kind, {},
                                       [](const shard& x) { return x.id.kind; });
  count(all, {kind.begin(), kind.end()});
  auto* to = best(all, what.id, bound_of(kind.size(), all.size(), rules.bound));
  return (to ? to : best(all, what.id, SIZE_MAX))->who->born;
}

std::vector<placement> evacuate(view seen, const std::vector<shard_id>& which,
                                const settings& rules) {
  std::vector<placement> found;
  for (const auto& id : which) {
    auto at = std::ranges::lower_bound(seen.shards, id, {}, &shard::id);
    if (at == seen.shards.end() || at->id != id)
      continue;
    if (!seen.takes(at->target) || at->target == at->owner)
      at->target = refuge(seen, *at, rules); // counted for the next ones
    if (at->target != 0)
      found.push_back({{id, at->epoch}, at->target});
  }
  return found;
}

std::vector<placement> balance(const view& seen, store_time now, const settings& rules) {
  balancing work{seen, now, rules, takers(seen), 0, {}};
  if (work.all.empty())
    return {};
  auto on_their_way = static_cast<std::size_t>(std::ranges::count_if(
    seen.shards, [&](const shard& x) { return !seen.free(x) && seen.takes(x.target); }));
  auto most = std::max<std::size_t>(
    1, static_cast<std::size_t>(rules.moved * static_cast<double>(seen.shards.size())));
  work.budget = most - std::min(most, on_their_way);
  for (const auto& x : seen.shards)
    if (x.target != 0 && !seen.free(x) && !seen.takes(x.target))
      work.moves.push_back({{x.id, x.epoch}, 0});
  auto withdrawn = work.moves.size();
  each_kind(seen, [&](std::span<const shard> kind) {
    count(work.all, kind);
    while (work.moves.size() - withdrawn < work.budget && work.one(kind)) {
    }
  });
  return std::move(work.moves);
}

} // namespace hamlet::cluster
