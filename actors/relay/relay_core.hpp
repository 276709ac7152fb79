// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/homes.hpp"
#include "actors/chat/presence.hpp"
#include "actors/nick/claims.hpp"
#include "actors/relay/mirror.hpp"
#include "actors/relay/news_log.hpp"
#include "actors/relay/news_peer.hpp"
#include "lib/cluster/view.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace hamlet {

/// What the administrator decides about what nodes tell each other.
struct relay_rules {
  std::chrono::milliseconds grace{10'000}; ///< a member of a lost node may come back so long
  std::string lost = "Node lost";          ///< reason of the QUIT of those who do not
  std::string server_name;                 ///< source of what no user has done
};

/// What RELAY is to do after one of its turns, in this order.
struct relay_effects {
  /// A session of another node has ended for good: whoever owns its channels and its nick here is
  /// told so. Its home tells them, too, if it is not dead; but such a note may come long after its
  /// QUIT, where a shard has just moved.
  struct ended {
    chat::v1::Who who;
    std::vector<std::string> channels;
    chat::v1::Event quit;
  };

  /// One of another node is called otherwise, or shows more or less of itself: its channels, too,
  /// are told twice.
  struct changed {
    chat::v1::Who who;
    std::int64_t now_ms;
    std::vector<std::string> channels;
  };

  std::vector<chat::v1::Event> events; ///< for the FANOUT of this node alone
  std::vector<ended> gone;             ///< each has its QUIT in `events`
  std::vector<changed> others;
  /// Their clients are gone. The number of this node: others took it for dead, and its sessions
  /// end.
  std::vector<std::uint16_t> dead_nodes;
  std::vector<std::int64_t> lost_copies; ///< another node has adopted these sessions first
  std::vector<std::int64_t> kept_copies; ///< we have, and another has tried
  bool books_changed = false;
  std::int64_t split_id = 0; ///< of the QUITs among the events: they are one batch to clients
};

/// RELAY without its actor: what this node knows of the chat of all, what the others have of its
/// own news, and what follows when a node dies. Not thread-safe, but for presence and homes.
class relay_core {
public:
  struct parts {
    presence* people;
    homes* where;
    const claim_book* claims = nullptr;
    std::function<std::int64_t()> next_id;
    std::function<std::int64_t()> wall_ms;
    news_log::bounds kept = {};
  };
  using instant = cluster::instant;
  using incarnation = cluster::incarnation;

  explicit relay_core(parts with, relay_rules rules = {});

  void set_rules(relay_rules x) { rules_ = std::move(x); }
  /// Who lives. Nodes that do no more: their guests end at once, their members after the grace.
  void set_view(const cluster::view& now_seen, incarnation me, instant now, relay_effects& out);

  // -- what happens here --
  /// Goes to the FANOUT of this node as it is, after `out`.
  void publish(const chat::v1::Event& x, relay_effects& out);
  /// A user whose home is here: new, or changed.
  void note(packed_ref user, relay_effects& out);
  void note(chat::v1::NewsItem x, relay_effects& out);

  // -- what comes from others --
  chat::v1::NewsTaken take(chat::v1::News& x, relay_effects& out);
  /// Is all known that a reply with this stamp may speak of; or is nobody there who could tell?
  bool has(incarnation of, std::uint64_t number) const;
  /// Nobody will tell us of it any more: its node is dead, and what came from there ends before.
  bool is_lost(incarnation of, std::uint64_t number) const;

  // -- what others are to get --
  std::uint64_t last() const { return log_.last(); }
  std::vector<incarnation> peers() const;
  std::optional<std::string> news_for(incarnation peer);
  /// @return False: it is to get its news a little later.
  bool taken(incarnation peer, const chat::v1::NewsTaken& x);
  void failed(incarnation peer);
  /// Nothing, but its answer says how far the peer is; or nothing to ask: it has all.
  std::optional<std::string> digest_for(incarnation peer);
  /// It has all up to this number, and needs no snapshot.
  bool keeps_up(incarnation peer, std::uint64_t number) const;
  /// Which number this node expects of a living peer; of others nothing.
  std::optional<std::uint64_t> next_of(incarnation peer) const;
  const news_log& news() const { return log_; }
  /// Has each living node all news up to this number?
  bool is_told(std::uint64_t number) const;

  /// Those whose grace is over; and what was in doubt. Some times in a second.
  void tick(instant now, relay_effects& out);
  bool waits() const { return !lost_.empty() || !channels_.is_settled(); } ///< tick() is wanted

  chat::v1::Reported report(std::int32_t kind, std::int32_t number) const;

  incarnation me() const { return me_; }
  const mirror& channels() const { return channels_; }
  std::size_t users() const { return users_.size(); }

private:
  /// A session, and who has told of it.
  struct known {
    incarnation from = mirror::here;
    packed_ref card;
    std::vector<std::uint8_t> nick_shards; ///< of one that is at home here
  };
  struct peer {
    std::uint16_t node = 0;
    news_to out;
    news_from in;
    // While a snapshot comes: what it has named.
    std::unordered_set<std::int64_t> users;
    std::unordered_set<std::string> channels;
    bool has_all_users = false;
  };
  /// The latest sessions that have ended: an event of another node may come after that.
  class recent {
  public:
    void add(std::int64_t id);
    void forget(std::int64_t id) { set_.erase(id); }
    bool contains(std::int64_t id) const { return set_.contains(id); }

  private:
    std::deque<std::int64_t> order_;
    std::unordered_set<std::int64_t> set_;
  };

  void log(const chat::v1::NewsItem& x) { log_.add(x, !peers_.empty()); }
  chat::v1::Event server_event() const;

  // relay_core_apply.cpp
  void apply(chat::v1::NewsItem& x, incarnation from, peer& by, relay_effects& out);
  void apply(chat::v1::Event& x, relay_effects& out);
  void apply(const chat::v1::Card& x, incarnation from, const peer& by, relay_effects& out);
  void apply_gone(const chat::v1::UserGone& x, const peer& by);
  void apply_adopted(std::int64_t session_id, incarnation from, const peer& by, relay_effects& out);
  void mark(const chat::v1::NewsItem& x, incarnation from, peer& by, relay_effects& out);
  void sweep_users(incarnation from, peer& by, relay_effects& out);
  void sweep(incarnation from, peer& by, relay_effects& out);
  news_snapshot cut() const;

  // relay_core_deaths.cpp
  void bury(incarnation of, std::uint16_t node, instant now, relay_effects& out);
  void lose(std::int64_t session_id, instant until);
  void found(std::int64_t session_id); ///< it is lost no more
  /// Its clients at this node are to come again.
  void hang_up(std::int64_t session_id, relay_effects& out);
  void lose_copy(std::int64_t session_id, relay_effects& out);
  void end_own(relay_effects& out);
  /// Its QUIT, for this node.
  void quit(std::int64_t session_id, relay_effects& out);
  /// Nobody sees two of one name.
  void free_nick(std::string_view nick, std::int64_t for_session, relay_effects& out);

  const parts parts_;
  relay_rules rules_;
  incarnation me_ = 0;
  cluster::view view_;
  news_log log_;
  std::map<incarnation, peer> peers_;           ///< those who live
  std::map<incarnation, std::uint64_t> buried_; ///< what they would have told next
  mirror channels_;
  std::unordered_map<std::int64_t, known> users_;
  recent gone_;
  std::map<std::int64_t, instant> lost_;                     ///< until when
  std::unordered_map<std::string, std::int64_t> lost_nicks_; ///< folded
  std::unordered_map<std::int64_t, incarnation> adopters_;
};

} // namespace hamlet
