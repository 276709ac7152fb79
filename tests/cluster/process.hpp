// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/ownership.hpp"
#include "lib/cluster/pending.hpp"
#include "tests/cluster/store_model.hpp"

#include <deque>

namespace hamlet::simulation {

class world;

enum class verb : std::uint8_t { deliver, purge, count, say };

/// What a client asks of its node.
struct command {
  verb what{};
  shard_id where;
  wish of;
};

/// What a client hears.
struct reply {
  enum class kind : std::uint8_t { yes, later } is = kind::later;
  std::int64_t value = 0; ///< of count: messages that ever came in; of say: its place
};

/// Something said in a channel. `seq` goes on over epochs: a hole is seen by its number.
struct line {
  std::int64_t epoch = 0;
  std::int64_t seq = 0;
  wish of;
  bool operator==(const line&) const = default;
};

/// What one node's gateway has of a channel.
struct replica {
  bool is_in = false;
  std::int64_t promised = 0; ///< nothing of an older epoch is taken
  std::vector<line> log;     ///< without holes
  std::int64_t top = 0;
};

/// One process of a node from start to end: the real logic of lib/cluster and, in a few lines each,
/// what stands on it: MAILBOXES, CHANNELS and a gateway.
class process {
public:
  process(world& w, int machine, std::int64_t number);

  void start() { step(event::start{}); }
  void step(const event_t& what);
  void wake();

  // From the wire.
  void receive(int from, const command_id& id, const reign& to, const command& what);
  void receive(const command_id& id, const answer& what, const reply& said, const line& event);
  /// @param after With an answer to `sync`: what was asked for; -1: where to come in.
  void hear(const shard_id& where, std::int64_t epoch, const std::vector<line>& lines,
            std::optional<std::int64_t> after);
  void promise(int from, const reign& of);
  void promised(incarnation who, const reign& of, const replica& has);
  void sync(int from, const reign& of, std::int64_t last, bool is_in);
  void link(incarnation peer, bool is_up);

  // From clients.
  using hears = std::function<void(reply)>;
  void ask(const command& what, hears heard);

  const ownership& own() const { return own_; }
  bool is_linked(incarnation x) const { return links_.contains(x); }
  const std::map<shard_id, replica>& replicas() const { return replicas_; }
  bool is_open(const reign& x) const;
  bool is_leaving = false;

private:
  struct mailbox {
    std::int64_t epoch;
    enum class phase : std::uint8_t { loading, open, sealed } at = phase::loading;
    std::int64_t last_uid = 0;
    std::int64_t inserted = 0;
    int writing = 0;
  };
  struct channel {
    std::int64_t epoch;
    enum class phase : std::uint8_t { collecting, open, sealed } at = phase::collecting;
    std::map<incarnation, bool> answers{};
    std::map<std::int64_t, line> history{}; ///< by seq
    std::int64_t top = 0;
    std::map<wish, std::int64_t> known{};
    std::map<int, int> highest{}; ///< of each client
  };
  struct asked {
    command what;
    hears heard;
  };

  instant now() const;
  void act(effects all);
  void act(pending::todo all);
  template <class T>
  void store(T run, std::function<void(process&, decltype(run()))> done);

  void on(const effect::join&);
  void on(const effect::joined& x) { was_ = x.me; }
  void on(const effect::beat& x);
  void on(const effect::read_view& x);
  void on(const effect::claim& x);
  void on(const effect::hand_over& x);
  void on(const effect::place& x);
  void on(const effect::declare_dead& x);
  void on(const effect::mark_draining& x);
  void on(const effect::leave& x);
  void on(const effect::open_shard& x);
  void on(const effect::seal_shard& x);
  void on(const effect::end_shard& x);
  void on(const effect::fence_reads&) {}
  void on(const effect::publish& x);
  void on(const effect::probe& x);
  void on(const effect::ask_probe& x);
  void on(const effect::tell_probe& x);
  void on(const effect::relay_hint& x);
  void on(const effect::stopped&);

  void give(int to, const command_id& id, answer what, reply said = {}, line event = {});
  void serve(int from, const command_id& id, mailbox& box, const reign& of, const command& what);
  void serve(int from, const command_id& id, channel& x, const reign& of, const command& what);
  void load(const reign& of);
  void write_ended(const reign& of);
  void collect(const reign& of);
  void take(const line& x, channel& into);
  void spread(const reign& of, const std::vector<line>& lines);
  void each_second();

  world& w_;
  const int machine_;
  const std::int64_t number_; ///< of this process; commands are named by it
  ownership own_;
  pending pending_;
  instant pending_wakes_ = instant::max();
  std::uint64_t counter_ = 0;
  std::map<command_id, asked> asked_;
  std::map<shard_id, mailbox> mailboxes_;
  std::map<shard_id, channel> channels_;
  std::map<shard_id, reign> moved_; ///< whose it became, with the new epoch; `to` below
  std::map<shard_id, incarnation> moved_to_;
  std::map<shard_id, replica> replicas_;
  std::map<incarnation, bool> links_;
  incarnation was_ = 0;
  std::int64_t seen_version_ = 0;
  instant wakes_ = instant::max();
};

} // namespace hamlet::simulation
