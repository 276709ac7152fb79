// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/events.hpp"
#include "tests/cluster/schedule.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>

namespace hamlet::simulation {

using namespace cluster;

/// Names what a client wants once: the same each time it asks again.
struct wish {
  int client = 0;
  int number = 0;
  auto operator<=>(const wish&) const = default;
};

/// What an owner says before each write.
struct fence {
  reign of;
  incarnation me = 0;
};

/// The store as the cluster sees it: each function is one transaction, committed when it returns.
/// Sees for itself that no rule is broken (I2, I3, I5, I6, I7), whoever writes.
class store_model {
public:
  using complain = std::function<void(std::string)>;

  store_model(std::int32_t mailboxes, std::int32_t channels, complain tell);

  event::join_answered join(std::int64_t node_id, moment now);
  event::beat_answered beat(const effect::beat& x, moment now, moment ttl);
  view_ptr read(std::int64_t known); ///< null: nothing new
  event::change_answered claim(const effect::claim& x, moment now);
  event::change_answered hand_over(const effect::hand_over& x, moment now);
  event::change_answered place(const effect::place& x);
  event::change_answered declare_dead(const effect::declare_dead& x, moment now);
  event::change_answered mark_draining(incarnation me);
  event::leave_answered leave(incarnation me);

  struct written {
    bool is_fenced = false;
    std::int64_t uid = 0;
    std::int64_t inserted = 0; ///< in this mailbox, ever
  };
  /// @param uid_wanted Only for the mutation that counts in memory.
  written deliver(const fence& f, const wish& w, std::int64_t uid_wanted);
  written purge(const fence& f);
  /// What an owner begins with.
  written load(const shard_id& which) const;

  struct node_row {
    std::int64_t node_id;
    node_state state;
    moment heartbeat;
  };
  const std::map<incarnation, node_row>& nodes() const { return nodes_; }
  const std::map<shard_id, shard>& shards() const { return shards_; }
  /// How often a wish came into a mailbox, deleted ones too.
  int copies(const wish& w) const;
  std::int64_t inserted(const shard_id& which) const { return mailboxes_.at(which).inserted; }
  bool was_owner(const reign& of, incarnation who) const;
  int changes_of_owner() const { return changes_; }

private:
  struct mailbox {
    std::int64_t uidnext = 1;
    std::int64_t highest_ever = 0;
    std::int64_t inserted = 0;
    std::int64_t last_epoch = 0;
    std::set<std::int64_t> uids; ///< that are there
    std::map<wish, std::int64_t> seen;
    std::map<wish, int> copies;
  };
  bool passes(const fence& f);
  bool alive(incarnation who) const;
  void owns(shard& x, incarnation who, moment now);
  event::change_answered changed(bool is_done);

  complain tell_;
  std::int64_t version_ = 0;
  incarnation last_ = 0;
  std::map<incarnation, node_row> nodes_;
  std::map<shard_id, shard> shards_;
  std::map<shard_id, mailbox> mailboxes_;
  std::map<reign, incarnation> reigns_;
  view_ptr cache_;
  int changes_ = 0;
};

} // namespace hamlet::simulation
