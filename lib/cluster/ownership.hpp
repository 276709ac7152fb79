// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/events.hpp"

#include <map>
#include <optional>

namespace hamlet::cluster {

/// What one node of a cluster knows and does. Pure: the caller brings events and the time and does
/// what it says. A shard is owned because a view says so; a request to the store only asks for it.
///
/// The fence in the store makes writes safe whatever happens here; reads are
/// safe because they end `read_margin` before anybody may call this node dead.
class ownership {
public:
  explicit ownership(settings rules) : rules_{rules} {}

  /// @param now Monotonic; never earlier than the last one.
  effects step(const event_t& what, instant now);

  /// When `tick` is due, if nothing happens before.
  instant wake_at() const;

  /// May state in memory answer at this moment? To be asked for each answer: after a freeze no
  /// event has told yet.
  bool may_read(instant now) const { return now < reads_until(); }
  instant reads_until() const { return role_ == role::member ? reads_end() : instant::min(); }

  /// 0: not in the cluster.
  incarnation me() const { return role_ == role::member ? me_ : 0; }
  const view_ptr& seen() const { return view_; }
  const settings& rules() const { return rules_; }

private:
  enum class role : std::uint8_t { outside, joining, member, gone };
  enum class exit : std::uint8_t { none, draining, stopping };
  enum class phase : std::uint8_t { open, sealing, sealed };

  /// A request that waits for the store: at most one of each sort.
  struct request {
    bool is_open = false;
    instant sent{};
    instant next{}; ///< not before
  };
  struct holding {
    std::int64_t epoch;
    phase at = phase::open;
    incarnation to = 0;
    request handing{};
  };
  struct suspicion {
    instant next_probe{};
    instant next_declare{};
    bool is_gone = false;    ///< its host said so
    bool is_expired = false; ///< the store said so
    bool is_link_down = false;
    std::map<incarnation, bool> asked_for{}; ///< peers that want to know what the probe finds
  };

  void on(const event::start&);
  void on(const event::tick&) {}
  void on(const event::join_answered& x);
  void on(const event::beat_answered& x);
  void on(const event::view_answered& x);
  void on(const event::change_answered& x);
  void on(const event::leave_answered& x);
  void on(const event::link_up& x);
  void on(const event::link_down& x);
  void on(const event::probe_answered& x);
  void on(const event::probe_wanted& x);
  void on(const event::hinted& x);
  void on(const event::finished& x);
  void on(const event::drain&);
  void on(const event::stop&);

  // What is due at this moment, whatever has happened.
  void fence();
  void ask_to_join();
  void beat();
  void read();
  void claim();
  void plan();
  void hand_over();
  void suspect();
  void go();

  void apply(const view_ptr& next);
  void let_go(const view& next);
  void take_over(const view& next);
  void lose_all();
  void wants(std::int64_t version);
  void seal(const shard_id& which, incarnation to);
  std::size_t handovers() const;
  std::size_t rank() const;
  void seize(incarnation peer); ///< a rule to be broken by a mutation, never called in use
  instant reads_end() const { return accepted_at_ + rules_.ttl - rules_.read_margin; }
  bool may_judge() const;
  bool is_due(request& x);
  void sent(request& x);
  void ended(request& x, outcome result);
  template <class T>
  void emit(T x) {
    out_.emplace_back(std::move(x));
  }

  const settings rules_;
  effects out_;
  instant now_{};
  role role_ = role::outside;
  exit exit_ = exit::none;
  incarnation me_ = 0;
  bool is_fenced_ = true;
  instant joined_at_{};
  instant accepted_at_{};    ///< when the last accepted beat was sent
  instant steady_since_{};   ///< since then no beat was late
  store_time store_now_ = 0; ///< as of `store_seen_`
  instant store_seen_{};
  std::int64_t wanted_ = 0; ///< a view of this version is there
  view_ptr view_ = std::make_shared<view>();
  instant view_at_{}; ///< when it was applied
  bool has_free_ = false;
  std::map<shard_id, holding> mine_;
  std::map<incarnation, suspicion> suspects_;
  request joining_, beating_, reading_, claiming_, placing_, marking_, leaving_;
  instant exit_at_{};
};

} // namespace hamlet::cluster
