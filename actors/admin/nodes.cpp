// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/handlers.hpp"
#include "actors/admin/paging.hpp"
#include "lib/cluster/plan.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace hamlet::admin {

namespace {

using cluster::view_ptr;

/// Those of which somebody owns something.
constexpr std::array<std::pair<std::string_view, cluster::shard_kind>, 4> kinds{
  {{"mailbox", cluster::shard_kind::mailbox},
   {"account", cluster::shard_kind::account},
   {"nick", cluster::shard_kind::nick},
   {"channel", cluster::shard_kind::channel}}};
constexpr std::string_view kind_is = "is mailbox, account, nick or channel";

auto find_kind(std::string_view name) {
  return std::ranges::find(kinds, name, [](auto& one) { return one.first; });
}

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

void write(const cluster::view& seen, const cluster::node& x, v1::Node& into) {
  into.set_name(x.name);
  into.set_node_id(x.node_id);
  into.set_incarnation(x.born);
  into.set_state(std::string{name_of(x.state)});
  into.set_address(x.address);
  into.set_shards(static_cast<std::int32_t>(std::ranges::count_if(
    seen.shards, [&](auto& s) { return s.owner == x.born && !name_of(s.id.kind).empty(); })));
}

/// The living one of this name; nullptr: there is none.
const cluster::node* find_living(const cluster::view& seen, const std::string& name) {
  auto found =
    std::ranges::find_if(seen.nodes, [&](auto& x) { return x.name == name && x.alive(); });
  return found == seen.nodes.end() ? nullptr : &*found;
}

template <class Reply>
void not_there(const std::string& name, given<Reply> done) {
  done.no(status::not_found,
          "there is no node " + name + " that runs: see `hamlet ctl nodes list`");
}

/// Which shards of a node are meant. A number that is not its own is refused.
template <class Reply>
std::optional<std::vector<cluster::shard_id>> meant(const v1::DrainShardsRequest& x,
                                                    const cluster::view& seen,
                                                    cluster::incarnation owner, given<Reply> done) {
  std::vector<cluster::shard_id> all;
  auto kind = find_kind(x.kind());
  for (auto number : x.numbers()) {
    cluster::shard_id which{kind->second, number};
    auto* found = seen.find(which);
    if (!found || found->owner != owner) {
      done.no(status::failed_precondition,
              x.node() + " does not own " + x.kind() + ' ' + std::to_string(number));
      return {};
    }
    all.push_back(which);
  }
  if (x.numbers_size() == 0)
    for (auto& one : seen.shards)
      if (one.owner == owner && !name_of(one.id.kind).empty()
          && (x.kind().empty() || one.id.kind == kind->second))
        all.push_back(one.id);
  return all;
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
      write(**seen, one, out);
      out.set_is_asked(one.node_id == parts->node.number && one.alive());
    }));
    done(reply);
  };
  parts->nodes.read(-1, back<view_ptr>(std::move(then)));
}

void admin_state::drain_node(const v1::DrainNodeRequest& x, given<v1::Node> done) {
  if (x.node() != parts->node.name && parts->node.number != 0)
    return drain_another(x, std::move(done));
  if (x.node() != parts->node.name)
    return done.no(status::failed_precondition,
                   "this is " + parts->node.name + ", and it is alone");
  auto reply = own_node();
  reply.set_state("draining");
  done(reply);
  if (!x.validate_only())
    draining_ = true; // begins when the audit has it, and the answer is on its way
}

/// Its row in the store tells it, whoever can reach it: bound to this start of it.
void admin_state::drain_another(const v1::DrainNodeRequest& x, given<v1::Node> done) {
  auto then = [=, this](const result<view_ptr>& seen) {
    if (!seen || !*seen)
      return done.fail(seen ? error{errc::store_failed, "no view"} : seen.error());
    auto* found = find_living(**seen, x.node());
    if (!found)
      return not_there(x.node(), done);
    v1::Node reply;
    write(**seen, *found, reply);
    auto is_under_way = found->state == cluster::node_state::draining;
    reply.set_state(std::string{name_of(cluster::node_state::draining)});
    if (is_under_way || x.validate_only())
      return done(reply);
    auto marked = [=](const result<cluster::event::change_answered>& answer) {
      if (!answer)
        return done.fail(answer.error());
      if (answer->result == cluster::outcome::accepted)
        return done(reply);
      done.no(status::aborted, x.node() + " has just gone, or begun anew: try again");
    };
    parts->nodes.mark_draining(found->born,
                               back<cluster::event::change_answered>(std::move(marked)));
  };
  parts->nodes.read(-1, back<view_ptr>(std::move(then)));
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
  auto kind = find_kind(x.kind());
  if (kind == kinds.end())
    return done.bad("kind", std::string{kind_is});
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

void admin_state::drain_shards(const v1::DrainShardsRequest& x,
                               given<v1::DrainShardsResponse> done) {
  if (!x.kind().empty() && find_kind(x.kind()) == kinds.end())
    return done.bad("kind", std::string{kind_is});
  if (x.numbers_size() > 0 && x.kind().empty())
    return done.bad("numbers", "are those of a kind: say which");
  if (parts->node.number == 0)
    return done.no(status::failed_precondition, "this node is alone and owns everything");
  auto then = [=, this](const result<view_ptr>& seen) {
    if (!seen || !*seen)
      return done.fail(seen ? error{errc::store_failed, "no view"} : seen.error());
    auto& now = **seen;
    auto* from = find_living(now, x.node());
    if (!from)
      return not_there(x.node(), done);
    auto which = meant(x, now, from->born, done);
    if (!which)
      return;
    auto moves = cluster::evacuate(now, *which, {});
    if (moves.empty() && !which->empty())
      return done.no(status::failed_precondition, "there is no other node that takes shards");
    std::map<std::pair<cluster::shard_kind, cluster::incarnation>, std::int32_t> sums;
    for (auto& one : moves)
      ++sums[{one.of.shard.kind, one.to}];
    v1::DrainShardsResponse reply;
    for (auto& [to, count] : sums) {
      auto& line = *reply.add_given();
      line.set_kind(std::string{name_of(to.first)});
      line.set_target(name_in(now, to.second));
      line.set_shards(count);
    }
    if (moves.empty() || x.validate_only())
      return done(reply);
    auto placed = [=](const result<cluster::event::change_answered>& answer) {
      if (!answer)
        return done.fail(answer.error());
      if (answer->result == cluster::outcome::accepted)
        return done(reply);
      done.no(status::aborted, "they have just gone to other owners: try again");
    };
    parts->nodes.place({std::move(moves)},
                       back<cluster::event::change_answered>(std::move(placed)));
  };
  parts->nodes.read(-1, back<view_ptr>(std::move(then)));
}

} // namespace hamlet::admin
