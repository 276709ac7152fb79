// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hamlet::cluster {

/// By the monotonic clock of this process: compared with nobody else's.
using instant = std::chrono::milliseconds;
/// Milliseconds since 1970 by the clock of the store: the only one that decides who lives.
using store_time = std::int64_t;
/// One start of a node: from the store's counter, never given twice. 0 is nobody.
using incarnation = std::int64_t;

/// What is sharded. The numbers stand in the store and on the wire and are never given again.
enum class shard_kind : std::int32_t {
  mailbox = 1,
  account = 2,
  queue = 3,
  nick = 4,
  channel = 5,
  session = 6,
};

struct shard_id {
  shard_kind kind{};
  std::int32_t number = 0;
  auto operator<=>(const shard_id&) const = default;
};

/// Names one reign: an owner and what it may write are bound to it.
struct reign {
  shard_id shard;
  std::int64_t epoch = 0;
  auto operator<=>(const reign&) const = default;
};

enum class node_state : std::uint8_t {
  joining,  ///< takes part in nothing yet
  up,       ///< may own shards
  draining, ///< owns what it has, gets nothing new
  dead,     ///< owns nothing, whatever its rows say
};

struct node {
  std::int64_t node_id = 0; ///< the same at each start
  incarnation born = 0;
  std::string name{};    ///< of the host, as its certificate says it
  std::string address{}; ///< of the node link
  std::int32_t wire_min = 1;
  std::int32_t wire_max = 1;
  node_state state = node_state::joining;

  bool alive() const { return state == node_state::up || state == node_state::draining; }
  bool operator==(const node&) const = default;
};

struct shard {
  shard_id id;
  incarnation owner = 0;  ///< 0: never had one
  std::int64_t epoch = 0; ///< grows with each change of owner
  incarnation target = 0; ///< whom the owner is to hand it over to
  store_time moved_at = 0;
  bool operator==(const shard&) const = default;
};

/// What the store said in one transaction. Views are totally ordered by their version.
struct view {
  std::int64_t version = 0;
  std::vector<node> nodes;   ///< in the order of `born`
  std::vector<shard> shards; ///< in the order of `id`

  const node* find(incarnation which) const;
  const shard* find(const shard_id& which) const;
  bool alive(incarnation which) const;
  /// May it be given shards?
  bool takes(incarnation which) const;
  /// No living node owns it.
  bool free(const shard& x) const { return !alive(x.owner); }
  /// The node with the lowest incarnation that is up: who plans. Two at once do no harm. 0: nobody.
  incarnation planner() const;

  bool operator==(const view&) const = default;
};

using view_ptr = std::shared_ptr<const view>;

/// Numbers that a community may set; the defaults are those of docs/architecture.md.
struct settings {
  instant heartbeat{1'000};
  instant ttl{10'000};           ///< of a heartbeat, by the store's clock
  instant read_margin{2'000};    ///< reads end this long before the TTL, by the own clock
  instant suspect_age{3'000};    ///< of a heartbeat, when the host says that the process is gone
  instant store_patience{3'000}; ///< then an answer of the store counts as lost
  instant retry{1'000};          ///< of what the store refused or did not answer
  instant probe_every{1'000};
  instant settle{2'000}; ///< a new cluster waits so long for its nodes, then gives out shards
  instant round{10'000}; ///< of the planner
  instant rest{300'000}; ///< a shard that has moved stays so long, if its owner lives
  instant stop_patience{5'000};
  double bound = 1.25;      ///< how many times the average a node may own
  double moved = 0.10;      ///< of all shards, in one round at most
  std::size_t parallel = 8; ///< handovers of one node at once

  /// For a store that nobody else can use: no other node is waited for, and no heart must beat.
  static settings alone() {
    settings rules;
    rules.settle = {};
    rules.heartbeat = std::chrono::hours{1};
    rules.ttl = std::chrono::hours{24};
    return rules;
  }
};

} // namespace hamlet::cluster
