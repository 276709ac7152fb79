// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/connection_actor.hpp"
#include "gateway/irc/fanout_post.hpp"
#include "gateway/irc/viewer_kinds.hpp"
#include "lib/irc/mode_table.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

// What FANOUT knows: connections of this node, and who is on which channel. Built for one walk: the
// members of a channel one after the other, without a look into a table for each.

namespace hamlet::irc::books {

struct session;
struct channel;

/// Prefixes as a number: more is higher. '@' 4, '+' 1, "@+" 5.
using rank = std::uint8_t;
rank rank_of(std::string_view prefixes);
std::string prefixes_of(rank x); ///< "@+", highest first

/// A connection.
struct client {
  postman::address where;
  connection_actor owner;
  session* of = nullptr;
  cap_set caps;
  viewer_kinds::number kind = 0;           ///< for any event
  viewer_kinds::number text_kind = 0;      ///< for messages
  bool is_deaf = false;                    ///< its session is
  std::uint64_t seen = 0;                  ///< the last event that it was given
  std::unordered_set<std::string> watched; ///< nicks, folded
  std::vector<std::string> followed;       ///< keys of metadata
};

/// Where a session is on a channel.
struct place {
  channel* where;
  std::size_t seat;
};

struct session {
  std::int64_t id;
  std::string nick;
  bool is_deaf = false;
  mode_letters modes;
  mode_letters notices; ///< which it wants as an operator, by mode s
  std::vector<client*> clients;
  std::vector<place> places; ///< in no order
};

/// A member of a channel.
struct seat {
  session* who;
  client* first; ///< of its clients; nullptr: it has none here
  bool has_more; ///< clients than that
  rank prefixes;
  rank hidden_from; ///< members of a lower rank do not know of it (auditorium); 0: all do
};

struct channel {
  std::string name;
  std::vector<seat> seats;
  /// Those who hear messages, gathered when there are many; thrown away when they change.
  struct group {
    viewer_kinds::number text_kind;
    std::unique_ptr<postman::crowd> all;
  };
  std::vector<group> groups;
  bool is_gathered = false;
};

/// Keeps all of it consistent; sends nothing.
class ledger {
public:
  ledger() = default;
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;

  client* find_client(std::int64_t connection_id) const;
  session* find_session(std::int64_t id) const;
  channel* find_channel(std::string_view name) const;
  /// Those who watch this nick.
  const std::vector<client*>& watchers_of(std::string_view nick) const;
  /// Sessions with mode w or s: few.
  const std::unordered_set<session*>& attentive() const { return attentive_; }

  // -- connections --
  client& attach(postman::address where, connection_actor owner, const chat::v1::Who& who,
                 cap_set caps, framing wire);
  void detach(std::int64_t connection_id);
  void watch_nick(client& who, std::string_view nick);
  void unwatch_nick(client& who, std::string_view nick);
  void unwatch_all(client& who);
  template <class F>
  void each_client(F f) const {
    for (auto& [_, x] : clients_)
      f(*x);
  }

  // -- sessions: nothing is kept of those without connection and channel --
  void know(const chat::v1::Who& who); ///< as it is now; does nothing for a session not known
  void rename_session(std::int64_t id, std::string_view nick);
  void change_modes(const chat::v1::Event& user_modes_changed);

  // -- channels --
  void enter(std::string_view channel, const chat::v1::Who& who, rank prefixes, rank hidden_from);
  void leave(std::string_view channel, std::int64_t session_id);
  void leave_all(std::int64_t session_id);
  void rename_channel(std::string_view old_name, std::string_view new_name);
  void change_rank(channel& where, std::int64_t session_id, rank bit, bool add);
  void unhide_all(channel& where);
  /// nullptr: not there.
  static seat* seat_of(channel& where, const session& who);

  viewer_kinds& kinds() { return kinds_; }

private:
  session& meet(const chat::v1::Who& who); ///< makes it, if need be
  void set_facts(session& x, const chat::v1::Who& who);
  void refresh(session& x); ///< its clients or its deafness have changed
  void note_attention(session& x);
  void unseat(session& x, std::size_t which_place);
  void drop_if_unused(session& x);
  static void scatter(channel& x);

  std::unordered_map<std::int64_t, std::unique_ptr<client>> clients_;
  std::unordered_map<std::int64_t, std::unique_ptr<session>> sessions_;
  std::unordered_map<std::string, std::unique_ptr<channel>> channels_; ///< by folded name
  std::unordered_map<std::string, std::vector<client*>> watchers_;     ///< by folded nick
  std::unordered_set<session*> attentive_;
  viewer_kinds kinds_;
};

} // namespace hamlet::irc::books
