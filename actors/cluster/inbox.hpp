// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/heard_news.hpp"
#include "actors/cluster/link.hpp"
#include "actors/cluster/link_events.hpp"
#include "actors/cluster/places.hpp"
#include "actors/cluster/repeats.hpp"
#include "actors/deadlines.hpp"
#include "hamlet/chat/v1/chat.pb.h"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace hamlet::cluster {

struct inbox_state {
  static inline const char* name = "inbox";

  /// One who asks, on another node: its incarnation, and the number that its proxy gave it.
  using client = std::pair<incarnation, std::uint64_t>;

  inbox_state() = default;
  inbox_state(const inbox_state&) = delete;
  inbox_state& operator=(const inbox_state&) = delete;
  ~inbox_state(); ///< ends the stand-ins, however the INBOX itself has ended

  /// What came before that which has caused it.
  struct early_command {
    command what;
    on_reply answer;
    std::vector<chat::v1::Stamp> causes;
    heard_news::instant since;
    bool is_enough = false; ///< it waits no more
  };
  /// Who has sent it, and of which session it is: these keep their order.
  using line_of = std::pair<incarnation, std::int64_t>;

  /// @param may_wait For what has caused it.
  void take(incarnation from, command x, on_reply answer, bool may_wait = true);
  // inbox_waiting.cpp
  bool has_to_wait(const chat::v1::Request& msg, incarnation from, command& x, on_reply& answer);
  void go_on(line_of key);
  bool waits(const early_command& x, const line_of& key);

  void on_down(incarnation peer);
  void on_up(incarnation peer);
  void end_all_of(incarnation peer);

  caf::event_based_actor* self = nullptr;
  std::shared_ptr<const places> where;
  std::shared_ptr<heard_news> heard;
  deadlines limits;
  repeats done;
  std::map<line_of, std::deque<early_command>> waiting;
  std::map<incarnation, std::size_t> waiting_of; ///< how many of each node
  std::map<client, caf::actor> stand_ins;
  std::map<incarnation, std::uint64_t> cut; ///< links that have gone, with the number of the cut
  std::uint64_t cuts = 0;
};

/// What comes to the INBOX from outside of CAF, in a resumption.
struct note_to_inbox {
  std::function<void(inbox_state&)> run;
};

/// The INBOX: gives commands of other nodes to the owners here. One whose epoch is not that of the
/// owner is not given: MOVED or WRONG_OWNER. Where the owner looks at who asks (the lock of a
/// maildrop), each asker has a stand-in here, an actor that asks in its place and ends with it:
/// when its proxy says so, or 15 s after its link is gone. What is asked in chat waits, for some
/// seconds at most, until this node knows what the answers to its author before stood behind; what
/// comes of the same session behind it waits, too (inbox_waiting.cpp).
caf::behavior inbox(caf::stateful_actor<inbox_state>* self, std::shared_ptr<const places> where,
                    std::shared_ptr<heard_news> heard);

/// What the link calls with each command (links::open), from any thread.
on_command into(caf::actor inbox);
/// What to call with each link_event, besides MEMBERSHIP.
void tell(const caf::actor& inbox, const link_event& x);

} // namespace hamlet::cluster
