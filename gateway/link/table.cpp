// SPDX-License-Identifier: Apache-2.0
#include "gateway/link/table.hpp"

#include <algorithm>

namespace hamlet::link {

std::vector<std::int64_t> table::set(std::vector<cluster::link_peer> peers) {
  std::vector<std::int64_t> gone;
  std::map<std::int64_t, entry> next;
  for (auto& row : peers) {
    if (row.node_id == own_id_)
      continue;
    auto node = entries_.extract(row.node_id);
    auto x = node.empty() ? entry{} : std::move(node.mapped());
    if (x.row.address != row.address || x.row.incarnation != row.incarnation)
      x.due = x.pause = instant{0}; // it has moved or come back: call it at once
    if (x.linked != 0 && (x.linked < row.incarnation || x.row.name != row.name))
      gone.push_back(row.node_id);
    x.row = std::move(row);
    next.emplace(x.row.node_id, std::move(x));
  }
  for (auto& [id, x] : entries_) // those that the view names no more
    if (x.linked != 0 || x.is_called)
      gone.push_back(id);
  entries_ = std::move(next);
  return gone;
}

bool table::expects(std::string_view name) const {
  return std::ranges::any_of(entries_, [&](auto& x) { return x.second.row.name == name; });
}

std::optional<Refused> table::judge(const Hello& x, std::string_view certified,
                                    std::int64_t dialled) const {
  if (x.name() != certified)
    return refusal(Refused::NAME, "the certificate is of " + std::string{certified});
  auto found = entries_.find(x.node_id());
  if (found == entries_.end() || found->second.row.name != certified
      || (dialled != 0 && dialled != x.node_id()))
    return refusal(Refused::NAME, "no node of that name and number is known here");
  if (dialled == 0 && x.node_id() < own_id_)
    return refusal(Refused::PROTOCOL, "the node with the higher number dials");
  if (x.incarnation() < latest(x.node_id()))
    return refusal(Refused::STALE,
                   "incarnation " + std::to_string(latest(x.node_id())) + " has followed it");
  return std::nullopt;
}

std::vector<cluster::link_peer> table::due(instant now) {
  std::vector<cluster::link_peer> all;
  for (auto& [id, x] : entries_) {
    if (id > own_id_ || x.is_called || x.due > now)
      continue; // the one with the higher number dials
    x.is_called = true;
    all.push_back(x.row);
  }
  return all;
}

void table::linked(std::int64_t node_id, std::int64_t incarnation) {
  auto found = entries_.find(node_id);
  if (found == entries_.end())
    return;
  found->second.linked = incarnation;
  found->second.seen = std::max(found->second.seen, incarnation);
  found->second.pause = instant{0};
}

void table::ended(std::int64_t node_id, bool was_up, double chance, instant now) {
  auto found = entries_.find(node_id);
  if (found == entries_.end())
    return;
  auto& x = found->second;
  x.is_called = false;
  if (was_up)
    x.linked = 0;
  x.pause = std::clamp(2 * x.pause, limits_.retry_first, limits_.retry_last);
  x.due =
    now
    + instant{static_cast<instant::rep>(static_cast<double>(x.pause.count()) * (1.0 - chance / 2))};
}

const cluster::link_peer* table::find(std::int64_t node_id) const {
  auto found = entries_.find(node_id);
  return found == entries_.end() ? nullptr : &found->second.row;
}

const cluster::link_peer* table::of_incarnation(std::int64_t incarnation) const {
  auto found = std::ranges::find_if(
    entries_, [=](auto& x) { return x.second.row.incarnation == incarnation; });
  return found == entries_.end() ? nullptr : &found->second.row;
}

std::int64_t table::latest(std::int64_t node_id) const {
  auto found = entries_.find(node_id);
  return found == entries_.end() ? 0 : std::max(found->second.row.incarnation, found->second.seen);
}

} // namespace hamlet::link
