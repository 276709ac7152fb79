// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/link_events.hpp"
#include "actors/cluster/read_permit.hpp"
#include "lib/cluster/ownership.hpp"
#include "storage/cluster/cluster_repository.hpp"

#include <caf/actor.hpp>
#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace hamlet::cluster {

/// Who starts and ends the owners of shards on this node, and tells router and proxies where the
/// others are. Called in the turns of MEMBERSHIP; must not block.
class landlord {
public:
  virtual ~landlord() = default;
  /// @param me 0: this node is in no cluster at the moment, and owns nothing.
  virtual void publish(view_ptr seen, incarnation me) = 0;
  virtual void open(const reign& of) = 0;
  /// Takes nothing new, and calls `finished` (once, on any thread) when what has begun has ended.
  virtual void seal(const reign& of, std::function<void()> finished) = 0;
  /// @param to Who has it now, in `epoch`; 0: unknown.
  virtual void end(const reign& of, incarnation to, std::int64_t epoch) = 0;
  /// The node is out: after a drain or a stop.
  virtual void stopped() = 0;
};

/// What MEMBERSHIP works with. What is behind the pointers must outlive it.
struct membership_parts {
  sql::cluster_repository rows;
  sql::new_node self;
  settings rules;
  wire* link = nullptr; ///< nullptr: a node that is always alone
  landlord* owners = nullptr;
  std::shared_ptr<read_permit> reads;
  /// The node has a new name: the LINK must introduce itself by it. Before the first publish().
  std::function<void(incarnation)> on_joined = [](incarnation) {};
};

struct membership_state {
  static inline const char* name = "membership";

  void step(const event_t& what);
  void on(const link_event& x);

  caf::event_based_actor* self = nullptr;
  std::optional<membership_parts> parts;
  std::optional<ownership> logic;
  caf::actor_clock::time_point timer = caf::actor_clock::time_point::max(); ///< when it fires

private:
  void act(const effect::join&);
  void act(const effect::joined& x);
  void act(const effect::beat& x);
  void act(const effect::read_view& x);
  void act(const effect::claim& x);
  void act(const effect::hand_over& x);
  void act(const effect::place& x);
  void act(const effect::declare_dead& x);
  void act(const effect::mark_draining& x);
  void act(const effect::leave& x);
  void act(const effect::open_shard& x);
  void act(const effect::seal_shard& x);
  void act(const effect::end_shard& x);
  void act(const effect::fence_reads& x);
  void act(const effect::publish& x);
  void act(const effect::probe& x);
  void act(const effect::ask_probe& x);
  void act(const effect::tell_probe& x);
  void act(const effect::relay_hint& x);
  void act(const effect::stopped& x);

  void set_timer();
  /// Brings the answer of the store to this actor; `lost` in place of a failure.
  template <class Event>
  sql::completion<Event> back(Event lost);
  sql::completion<event::change_answered> back();
};

/// MEMBERSHIP: what lib/cluster decides, done. One of a node.
caf::behavior membership(caf::stateful_actor<membership_state>* self, membership_parts parts);

/// Joins the cluster. Until then it does nothing.
void start(const caf::actor& membership);
/// Gives all shards away, one after the other, and leaves; then landlord::stopped().
void drain(const caf::actor& membership);
/// Leaves as soon as what has begun has ended.
void stop(const caf::actor& membership);
/// What the LINK is opened with. Any thread.
link_listener listener_of(caf::actor membership);

} // namespace hamlet::cluster
