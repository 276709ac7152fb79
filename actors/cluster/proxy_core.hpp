// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/heard_news.hpp"
#include "actors/cluster/link.hpp"
#include "actors/cluster/locks.hpp"
#include "actors/cluster/places.hpp"
#include "actors/deadlines.hpp"
#include "actors/interfaces.hpp"

#include <caf/scheduled_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

namespace hamlet::cluster {

/// What all proxies of a node share.
struct proxy_parts {
  std::shared_ptr<places> where;
  carrier* out = nullptr; ///< outlives the actor system
  pending::bounds bounds{.try_for = instant{10'000}};
  /// Of nicks, sessions, channels: all that the users of a node say on a busy channel waits here.
  pending::bounds chat_bounds{.commands = 4'096, .octets = 4'194'304, .try_for = instant{10'000}};
  /// Passes on what came over the link with a stamp, when the events before it have come, too.
  fanout_actor relay;
  /// What has come of the news of other nodes.
  std::shared_ptr<heard_news> heard = std::make_shared<heard_news>();
  std::function<void()> read_view; ///< others know a newer one; may be empty
};

/// What a proxy does, whatever it stands for: commands wait for an owner, go to it here or over a
/// link, and come again with the same id after a lost answer. Part of one actor, `self`.
class proxy_core {
public:
  /// How an owner here has answered: errc::none, or what the asker was not told yet.
  using outcome = std::function<void(const error& why)>;

  /// One command, as the typed half of the proxy hands it in.
  struct item {
    std::uint32_t type = 0;
    bool is_note = false;
    bool at_most_once = false; ///< to another owner only if the one before has not done it
    std::uint64_t client = 0;
    lock_use lock = lock_use::none;
    std::shared_ptr<std::int64_t> asked; ///< the epoch of the owner who was asked last
    std::size_t octets = 0;
    std::function<std::string()> payload; ///< made when it leaves this node
    /// Asks the owner, who is here, and tells the asker what it is glad to say. Of a note it does
    /// not call back.
    std::function<void(const caf::actor&, outcome)> ask;
    std::function<void(const reply&)> settle; ///< the owner elsewhere has answered; or failed
  };

  proxy_core(caf::scheduled_actor* self, shard_id stands_for, std::shared_ptr<proxy_parts> parts);

  proxy_core(const proxy_core&) = delete;
  proxy_core& operator=(const proxy_core&) = delete;
  ~proxy_core();

  void take(item x);

  /// Something has changed: a view, a link, an owner here.
  void look();

  /// The number of who asks now, for owners that look at it; it is watched from now on.
  std::uint64_t client_of(const caf::strong_actor_ptr& who);
  /// One of those has ended. @returns its number, or 0.
  std::uint64_t on_down(const caf::actor_addr& who);

  /// As locks.hpp has it.
  void add_lock(std::uint64_t client, std::int64_t epoch, std::function<void()> renew);
  void remove_lock(std::uint64_t client);
  void lock_renewed(std::uint64_t client, std::optional<std::int64_t> epoch);
  bool has_lock(std::uint64_t client) const { return locks_.has(client); }

  const fanout_actor& relay() const { return parts_->relay; }
  /// Who asks an owner here in the place of this client. Invalid: it is gone.
  caf::actor stand_in_of(std::uint64_t client);
  deadlines& limits() { return limits_; }

  std::size_t waiting() const { return items_.size(); }

private:
  struct held {
    item what;
    instant give_up_at{0};
    std::uint64_t attempt = 0;
    incarnation maybe_done_by = 0; ///< it was sent there, and how that ended is not known
    bool is_unsure = false;        ///< so it was of a try before the last one
  };

  struct asker {
    std::uint64_t number = 0;
    caf::actor stand_in;
    std::set<incarnation> at; ///< nodes that may have a stand-in of it
  };

  instant now() const;
  asker* find(std::uint64_t client);
  void ask_here(const command_id& id, held x, const places::place& owner);
  /// It is put aside if it must not go to an owner of this epoch yet.
  bool parks(const command_id& id, held& x, std::int64_t epoch);
  void unpark();
  void look_again(); ///< soon
  enum class turn : std::uint8_t { first, again };
  void wait(const command_id& id, held x, turn which);
  void follow(pending::todo todo);
  void send(const pending::send& x, pending::todo& more);
  void on_reply(const command_id& id, std::uint64_t attempt, incarnation to, reply x);
  void give_up(const command_id& id);
  void tell_gone(std::uint64_t number, std::set<incarnation> peers, int times);
  void leave_the_dead(pending::todo& more);
  void set_timer();

  caf::scheduled_actor* self_;
  const shard_id shard_;
  const std::shared_ptr<proxy_parts> parts_;
  const pending::bounds bounds_;
  deadlines limits_;
  pending waiting_;
  view_ptr view_;
  std::set<incarnation> down_;        ///< peers that could not be reached
  std::optional<instant> gone_since_; ///< of a node: it lives no more
  std::map<command_id, held> items_;
  std::map<command_id, held> parked_; ///< those that wait for a lock
  locks locks_;
  bool is_to_look_ = false;
  std::map<caf::actor_addr, asker> clients_;
  instant timer_ = instant::max(); ///< when it fires
};

/// Numbers that no other command, or asker, of this process has.
std::uint64_t next_number();

} // namespace hamlet::cluster
