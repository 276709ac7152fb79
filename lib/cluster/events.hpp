// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/plan.hpp"

#include <variant>

namespace hamlet::cluster {

/// How a request to the store ended. After `unknown` it may have happened, or happen yet: the next
/// view tells.
enum class outcome : std::uint8_t { accepted, refused, unknown };

/// What a node finds where a peer should be.
enum class reach : std::uint8_t {
  reached, ///< it answers
  refused, ///< its host says that no such process listens: it is gone
  silent,  ///< nothing is known: it may be frozen, or the wire cut
};

/// What a node learns.
namespace event {

struct start {};
struct tick {}; ///< `wake_at` has come
/// @param version Of the view after the join.
struct join_answered {
  outcome result;
  incarnation born = 0;
  std::int64_t version = 0;
};
/// @param sent_at When the beat was sent, by the own clock.
/// @param expired Whose heartbeat is older than the TTL.
struct beat_answered {
  outcome result;
  instant sent_at{};
  std::int64_t version = 0;
  store_time now = 0;
  std::vector<incarnation> expired;
};
/// @param seen Null: still the version that the node knows.
struct view_answered {
  outcome result;
  view_ptr seen;
};
/// To any of claim, hand_over, place, declare_dead, mark_draining.
struct change_answered {
  outcome result;
  std::int64_t version = 0;
};
struct leave_answered {
  outcome result;
};
struct link_up {
  incarnation peer;
};
struct link_down {
  incarnation peer;
};
/// @param by Who looked: this node, or a peer that was asked to.
struct probe_answered {
  incarnation peer;
  reach found;
  incarnation by;
};
/// A peer wants to know.
struct probe_wanted {
  incarnation peer;
  incarnation from;
};
/// A peer has seen a view of this version.
struct hinted {
  std::int64_t version;
};
/// All that a sealed shard had begun has ended.
struct finished {
  reign of;
};
struct drain {};
struct stop {};

} // namespace event

using event_t =
  std::variant<event::start, event::tick, event::join_answered, event::beat_answered,
               event::view_answered, event::change_answered, event::leave_answered, event::link_up,
               event::link_down, event::probe_answered, event::probe_wanted, event::hinted,
               event::finished, event::drain, event::stop>;

/// What a node is to do. Those to the store are compare-and-set, and may be lost.
namespace effect {

/// Also after the node was called dead: until `joined` it is in no cluster, and nothing that it had
/// said as a member holds any more.
struct join {};
struct joined {
  incarnation me;
};
struct beat {
  incarnation me;
  instant sent_at;
};
struct read_view {
  std::int64_t known; ///< nothing to tell if it is still this version
};
/// Becomes the owner of shards whose owner is dead and whose epoch is still this one.
struct claim {
  incarnation me;
  std::vector<reign> wanted;
};
struct hand_over {
  incarnation me;
  reign of;
  incarnation to; ///< `me`: a new epoch of the same owner, after a handover that came to nothing
};
struct place {
  std::vector<placement> moves;
};
/// Only if the peer's heartbeat is older than this, by the store's clock.
struct declare_dead {
  incarnation peer;
  instant age;
};
struct mark_draining {
  incarnation me;
};
struct leave {
  incarnation me;
};

/// The node owns it from now on: load its state, answer its commands.
struct open_shard {
  reign of;
};
/// Take nothing new, end what has begun, then say `finished`. Commands wait or are answered BUSY.
struct seal_shard {
  reign of;
};
/// It is somebody else's: forget its state, answer MOVED (or WRONG_OWNER, if `to` is 0).
struct end_shard {
  reign of;
  incarnation to = 0;
  std::int64_t epoch = 0;
};
/// Reads from memory are no longer, or again, the truth.
struct fence_reads {
  bool closed;
};
/// Where everything is, for the router, the links and the gateways.
struct publish {
  view_ptr seen;
};

struct probe {
  incarnation peer;
};
struct ask_probe {
  incarnation via;
  incarnation peer;
};
struct tell_probe {
  incarnation to;
  incarnation peer;
  reach found;
};
struct relay_hint {
  std::int64_t version;
};
/// The node owns nothing and is out: the process may end.
struct stopped {};

} // namespace effect

using effect_t =
  std::variant<effect::join, effect::joined, effect::beat, effect::read_view, effect::claim,
               effect::hand_over, effect::place, effect::declare_dead, effect::mark_draining,
               effect::leave, effect::open_shard, effect::seal_shard, effect::end_shard,
               effect::fence_reads, effect::publish, effect::probe, effect::ask_probe,
               effect::tell_probe, effect::relay_hint, effect::stopped>;
using effects = std::vector<effect_t>;

} // namespace hamlet::cluster
