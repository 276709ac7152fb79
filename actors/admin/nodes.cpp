// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/handlers.hpp"
#include "actors/admin/paging.hpp"
#include "lib/cluster/view.hpp"

#include <algorithm>
#include <array>

namespace hamlet::admin {

namespace {

using cluster::view_ptr;

constexpr std::array<std::pair<std::string_view, cluster::shard_kind>, 2> kinds{
  {{"mailbox", cluster::shard_kind::mailbox}, {"account", cluster::shard_kind::account}}};

std::string_view name_of(cluster::shard_kind x) {
  auto found = std::ranges::find(kinds, x, [](auto& one) { return one.second; });
  return found == kinds.end() ? std::string_view{} : found->first;
}

std::string_view name_of(cluster::node_state x) {
  switch (x) {
  case cluster::node_state::joining: return "joining";
  case cluster::node_state::up: return "up";
  case cluster::node_state::draining: return "draining";
  case cluster::node_state::dead: break;
  }
  return "dead";
}

std::string name_in(const cluster::view& seen, cluster::incarnation which) {
  auto* found = which == 0 ? nullptr : seen.find(which);
  return found ? found->name : "";
}

void write(const cluster::view& seen, const cluster::shard& x, v1::Shard& into) {
  into.set_kind(std::string{name_of(x.id.kind)});
  into.set_number(x.id.number);
  into.set_owner(seen.alive(x.owner) ? name_in(seen, x.owner) : "");
  into.set_epoch(x.epoch);
  into.set_target(name_in(seen, x.target));
}

/// Sorts as the numbers do.
std::string key_of(const cluster::shard& x) {
  auto digits = std::to_string(1000 + x.id.number);
  return std::to_string(static_cast<int>(x.id.kind)) + ' ' + digits;
}

} // namespace

v1::Node admin_state::own_node() const {
  v1::Node alone;
  alone.set_name(parts->node.name);
  alone.set_state("alone");
  alone.set_is_asked(true);
  return alone;
}

void admin_state::list_nodes(const v1::ListNodesRequest& x, given<v1::ListNodesResponse> done) {
  if (parts->node.number == 0) {
    v1::ListNodesResponse reply;
    *reply.add_nodes() = own_node();
    return done(reply);
  }
  auto then = [=, this](const result<view_ptr>& seen) {
    if (!seen || !*seen)
      return done.fail(seen ? error{errc::store_failed, "no view"} : seen.error());
    auto all = (*seen)->nodes;
    std::ranges::sort(all, {}, [](auto& one) { return std::pair{one.node_id, one.born}; });
    auto key = [](const cluster::node& one) {
      return std::to_string(10'000 + one.node_id) + ' '
             + std::to_string(1'000'000'000'000 + one.born);
    };
    v1::ListNodesResponse reply;
    reply.set_next_page_token(page_of(x, all, key, [&](const cluster::node& one) {
      auto& out = *reply.add_nodes();
      out.set_name(one.name);
      out.set_node_id(one.node_id);
      out.set_incarnation(one.born);
      out.set_state(std::string{name_of(one.state)});
      out.set_address(one.address);
      out.set_is_asked(one.node_id == parts->node.number && one.alive());
      out.set_shards(static_cast<std::int32_t>(std::ranges::count_if((*seen)->shards, [&](auto& s) {
        return s.owner == one.born && !name_of(s.id.kind).empty();
      })));
    }));
    done(reply);
  };
  parts->nodes.read(-1, back<view_ptr>(std::move(then)));
}

void admin_state::drain_node(const v1::DrainNodeRequest& x, given<v1::Node> done) {
  if (x.node() != parts->node.name)
    return done.no(status::failed_precondition,
                   "this is " + parts->node.name + ": ask the node that is to be drained");
  auto reply = own_node();
  reply.set_state("draining");
  done(reply);
  if (!x.validate_only())
    draining_ = true; // begins when the audit has it, and the answer is on its way
}

void admin_state::list_shards(const v1::ListShardsRequest& x, given<v1::ListShardsResponse> done) {
  if (parts->node.number == 0)
    return done.no(status::failed_precondition, "this node is alone and owns everything");
  auto then = [=](const result<view_ptr>& seen) {
    if (!seen || !*seen)
      return done.fail(seen ? error{errc::store_failed, "no view"} : seen.error());
    std::vector<cluster::shard> all;
    for (auto& one : (*seen)->shards) {
      auto kind = name_of(one.id.kind);
      auto is_meant = !kind.empty() && (x.kind().empty() || kind == x.kind())
                      && (x.node().empty() || name_in(**seen, one.owner) == x.node());
      if (is_meant)
        all.push_back(one);
    }
    v1::ListShardsResponse reply;
    reply.set_next_page_token(page_of(
      x, all, key_of, [&](const cluster::shard& one) { write(**seen, one, *reply.add_shards()); }));
    done(reply);
  };
  parts->nodes.read(-1, back<view_ptr>(std::move(then)));
}

void admin_state::move_shard(const v1::MoveShardRequest& x, given<v1::Shard> done) {
  auto kind =
    std::ranges::find(kinds, std::string_view{x.kind()}, [](auto& one) { return one.first; });
  if (kind == kinds.end())
    return done.bad("kind", "is mailbox or account");
  if (parts->node.number == 0)
    return done.no(status::failed_precondition, "this node is alone and owns everything");
  cluster::shard_id which{kind->second, x.number()};
  auto then = [=, this](const result<view_ptr>& seen) {
    if (!seen || !*seen)
      return done.fail(seen ? error{errc::store_failed, "no view"} : seen.error());
    auto& now = **seen;
    auto* shard = now.find(which);
    if (!shard)
      return done.bad("number", "is from 0 to 255");
    auto to = std::ranges::find_if(
      now.nodes, [&](auto& one) { return one.name == x.node() && now.takes(one.born); });
    if (to == now.nodes.end())
      return done.no(status::not_found, "there is no node " + x.node() + " that takes shards");
    v1::Shard reply;
    write(now, *shard, reply);
    if (shard->owner == to->born || x.validate_only())
      return done(reply);
    if (now.free(*shard))
      return done.no(status::failed_precondition, "nobody owns it at the moment: try again");
    reply.set_target(to->name);
    auto placed = [=](const result<cluster::event::change_answered>& answer) {
      if (!answer)
        return done.fail(answer.error());
      if (answer->result == cluster::outcome::accepted)
        return done(reply);
      done.no(status::aborted, "it has just gone to another owner: try again");
    };
    cluster::placement move{{which, shard->epoch}, to->born};
    parts->nodes.place({{move}}, back<cluster::event::change_answered>(std::move(placed)));
  };
  parts->nodes.read(-1, back<view_ptr>(std::move(then)));
}

} // namespace hamlet::admin
