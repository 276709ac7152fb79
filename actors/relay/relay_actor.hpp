// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "actors/relay/relay.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

// RELAY from within; for its own files alone.

namespace hamlet {

struct relay_state;

/// What actors of this node tell, in a resumption.
struct relay_note {
  std::function<void(relay_state&, relay_effects&)> run;
};

using local_relay_actor = relay_actor::extend<caf::reacts_to<resumption>>;

struct relay_state {
  static inline const char* name = "relay";
  std::size_t held_octets = 0; ///< of the replies that are held

  /// It may speak of what this node has not heard yet.
  struct held_reply {
    caf::typed_response_promise<chat::v1::Reply> to;
    chat::v1::Publish what;
    cluster::instant until;
    std::size_t octets;
  };
  using held_replies = std::multimap<std::pair<cluster::incarnation, std::uint64_t>, held_reply>;
  struct waiting_report {
    caf::typed_response_promise<chat::v1::Reported> to;
    chat::v1::Report what;
    cluster::instant until;
  };

  /// What came from another node before that which has caused it: it is here, and nobody has seen
  /// it.
  struct early_news {
    struct batch {
      chat::v1::News what;
      cluster::heard_news::instant since;
      std::size_t octets;
    };
    std::deque<batch> all;  ///< in their order, without a gap
    std::uint64_t next = 0; ///< behind the last of them
    std::size_t octets = 0;
    bool is_full() const;
  };

  struct waiting_for_peers {
    std::uint64_t number;
    cluster::instant until;
    std::function<void()> then;
  };

  local_relay_actor::pointer self = nullptr;
  deadlines limits;
  std::optional<relay_parts> parts;
  std::optional<relay_core> core;
  cluster::view_ptr view = std::make_shared<cluster::view>();
  held_replies held;
  std::map<cluster::incarnation, early_news> waiting; ///< by who has told it
  std::vector<waiting_report> reports;
  std::vector<waiting_for_peers> untold;
  std::set<cluster::incarnation> resting; ///< peers that get nothing until the next look
  bool will_look = false;

  // Of the bus.
  cluster::incarnation bus_me = 0; ///< under which name `on_bus` counts
  std::uint64_t on_bus = 0;        ///< the bus has been given all up to this number
  std::uint64_t settled = 0;       ///< so much was there 200 ms ago: a peer should have it
  std::uint64_t settling = 0;      ///< at the last look
  std::map<cluster::incarnation, cluster::instant> link_until; ///< peers that the bus misses
  std::set<cluster::incarnation> fetching;

  caf::result<chat::v1::Reply> publish(chat::v1::Publish& x);
  chat::v1::NewsTaken take(chat::v1::News& x);
  caf::result<chat::v1::Reported> report(chat::v1::Report& x);
  void run(relay_note& x);
  void hear(const std::string& bytes); ///< by the bus
  void wait_until_told(std::chrono::milliseconds patience, std::function<void()> then);
  void look();

private:
  cluster::instant now() const;
  void pump();
  void send(cluster::incarnation peer, std::string news);
  bool publish_by_bus();
  bool comes_by_bus(cluster::incarnation peer);
  void send_digests();
  void fetch(cluster::incarnation from, std::uint64_t first);
  void answered(cluster::incarnation peer, result<cluster::reply> got);
  void answer_reports();
  void answer_told();
  void look_later();
  void follow(relay_effects out);
  bool is_ours(cluster::shard_kind kind, std::string_view key) const;
  void tell_owners(const relay_effects::changed& x);
  void bury(const relay_effects::ended& x);

  // relay_taking.cpp
  std::optional<caf::typed_response_promise<chat::v1::Reply>> hold_back(chat::v1::Publish& x);
  void fail_if_lost(chat::v1::Publish& x) const;
  void release(cluster::incarnation of);
  held_replies::iterator release(held_replies::iterator at);
  void release_late();
  std::uint64_t next_of(cluster::incarnation from) const;
  chat::v1::NewsTaken keep(early_news& behind, chat::v1::News x);
  std::pair<int, const chat::v1::Stamp*> first_too_early(const chat::v1::News& x) const;
  std::optional<chat::v1::NewsTaken> take_ready(chat::v1::News& x);
  void go_on();
  void give_up_waiting();
  void take_last_words(const cluster::view& now_seen);
  chat::v1::NewsTaken take_part(chat::v1::News& x);
  chat::v1::NewsTaken apply(chat::v1::News& x);
};

local_relay_actor::behavior_type
relay_behavior(local_relay_actor::stateful_pointer<relay_state> self, relay_parts parts);

} // namespace hamlet
