// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/view.hpp"

#include <deque>
#include <map>

namespace hamlet::cluster {

/// Names a command for ever: who resends it resends the same id, and the owner knows it again.
struct command_id {
  incarnation origin = 0;
  std::uint64_t counter = 0;
  auto operator<=>(const command_id&) const = default;
};

/// What an owner, or the link to it, says of a command.
enum class answer_kind : std::uint8_t {
  done,        ///< answered, with yes or no: what it says is for the caller
  wrong_owner, ///< of no epoch, or an older one; asks for a newer view
  moved,       ///< it has handed over to whom it names
  busy,        ///< no room, or not open yet: again a little later
  lost,        ///< the link broke, or nothing came: it may have happened
};

struct answer {
  answer_kind kind;
  incarnation owner = 0;  ///< with moved
  std::int64_t epoch = 0; ///< with moved and wrong_owner: the highest that the other side knows
};

/// Commands of this node that wait for the owner of their shard, or for its answer. In order for
/// each shard: nothing overtakes a command that waits. The caller keeps their contents.
///
/// Bounded in number, octets and time for each shard; who is refused stops reading from its client.
class pending {
public:
  struct bounds {
    std::size_t commands = 64;    ///< of a shard
    std::size_t octets = 262'144; ///< of a shard
    instant patience{15'000};     ///< then a command is given up
    instant try_for{4'000};       ///< without an answer it is sent again
    instant busy_for{100};        ///< after BUSY
  };
  struct send {
    command_id id;
    shard_id shard;
    incarnation to;
    std::int64_t epoch;
  };
  /// What the caller is to do.
  struct todo {
    std::vector<send> sends;
    std::vector<command_id> given_up; ///< "try later" in the words of the protocol
    bool read_view = false;           ///< others know a newer one
  };

  pending() = default;
  explicit pending(bounds limits) : limits_{limits} {}

  /// @return False: refused as busy; nothing is kept.
  bool add(const command_id& id, const shard_id& shard, std::size_t octets, instant now,
           todo& out) {
    return add(id, shard, octets, now, now + limits_.patience, out);
  }
  /// One that an owner here has given back: of its patience only a part is left.
  bool add(const command_id& id, const shard_id& shard, std::size_t octets, instant now,
           instant give_up_at, todo& out);
  /// Nothing is sent for as long as after BUSY: its owner has ended, the next has not begun.
  void pause(const shard_id& shard, instant now);
  /// Its next owner is there: what waits goes with the next tick().
  void resume(const shard_id& shard);

  /// @return False: this command is not (or no longer) here; the answer is too late.
  bool answered(const command_id& id, const answer& what, instant now, todo& out);

  /// What waited for an owner is sent.
  void view_changed(view_ptr next, instant now, todo& out);

  /// What was sent to this peer waits again.
  void link_down(incarnation peer, instant now, todo& out);
  void link_up(incarnation peer, instant now, todo& out);

  /// Looks after deadlines; to be called at `wake_at`.
  void tick(instant now, todo& out);
  instant wake_at() const; ///< instant::max(): never

  std::size_t size() const { return shard_of_.size(); }

private:
  struct command {
    command_id id;
    std::size_t octets;
    instant give_up_at;
    bool is_sent = false;
    instant try_until{}; ///< if sent
    incarnation to = 0;
    std::int64_t epoch = 0;
  };
  struct queue {
    std::deque<command> commands;
    std::size_t octets = 0;
    instant not_before{};
    incarnation owner = 0; ///< by an answer, if that is newer than the view
    std::int64_t epoch = 0;
  };

  struct place {
    incarnation owner;
    std::int64_t epoch;
  };
  place owner_of(const shard_id& shard, const queue& x) const;
  void flush(const shard_id& shard, queue& x, instant now, todo& out);
  void expire(queue& x, instant now, todo& out);

  bounds limits_;
  view_ptr view_ = std::make_shared<view>();
  std::map<shard_id, queue> queues_;
  std::map<command_id, shard_id> shard_of_;
  std::map<incarnation, bool> is_down_;
  instant ticked_at_{};
};

} // namespace hamlet::cluster
