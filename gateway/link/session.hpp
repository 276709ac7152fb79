// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/link.hpp"
#include "gateway/link/rules.hpp"
#include "hamlet/cluster/v1/link.pb.h"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hamlet::link {

using cluster::command;
using cluster::delivery;
using cluster::on_reply;
using cluster::reply;
using cluster::v1::Frame;
using cluster::v1::Hello;
using cluster::v1::Refused;

/// By the monotonic clock of this process.
using instant = std::chrono::milliseconds;

/// What a frame has brought, for its reader to act upon when no lock is held.
struct news {
  struct arrival {
    std::uint64_t sequence = 0; ///< for session::answer()
    command what;
  };
  struct settled {
    on_reply done;
    reply with;
  };
  std::optional<Hello> up;       ///< the peer's: from now on commands may go
  std::vector<arrival> commands; ///< in their order
  std::vector<settled> replies;
  std::optional<std::int64_t> view_hint;
  std::optional<std::string> revocations;
  std::vector<cluster::v1::Probe> probes;
  std::optional<Refused> refused; ///< by the peer: the stream ends
  std::optional<Refused> ends;    ///< by us: say so, and end the stream
};

/// One stream to one peer, as a pure machine: frames in, frames out, time as an argument. Flow
/// control is by credit: an envelope's room is given back when its answer has gone, so `rules`
/// bound what either side holds, however slow the other is. Whoever owns it has a lock.
class session {
public:
  /// Says why a peer with this Hello is not welcome. Called within on_frame().
  using judge = std::function<std::optional<Refused>(const Hello&)>;

  /// @param ours Its window and versions are filled in here.
  /// @param dials We have opened the stream, and speak first.
  session(Hello ours, const rules& limits, bool dials, judge welcome, instant now);

  news on_frame(Frame& x, instant now);

  /// False: busy, or its payload is too large; `done` was not taken. Of a note, true is all.
  bool submit(command& x, on_reply& done, instant now);

  /// The answer to an arrival; of a note, too. One that is too large or comes when too many wait
  /// becomes a failure, errc::busy: small ones, such as those of what changes anything, never do.
  void answer(std::uint64_t sequence, reply x);

  void tell_view(std::int64_t version) { hint_ = version; }
  void tell_revocations(std::string pem) { revocations_ = std::move(pem); }
  void tell_probe(std::int64_t peer, cluster::v1::Probe::Found found);

  /// Time passes: probes, commands whose sender waits no more, a peer that is silent.
  news tick(instant now);

  /// Is there anything that may be written?
  bool has_frame() const;
  /// All that waits and may go, up to rules::frame_octets and one more item.
  Frame next_frame(instant now);

  /// The stream has ended. What was sent is lost, what waited was not sent.
  std::vector<news::settled> end();

  bool is_up() const { return peer_.has_value(); }
  const Hello& peer() const { return *peer_; }
  std::uint32_t wire() const { return wire_; }

  // What it holds now: bounded by `rules`.
  std::size_t waiting() const { return queue_.size(); }
  std::size_t unanswered() const { return asked_.size(); }
  std::size_t in_hand() const { return in_hand_.size(); }
  std::size_t held_octets() const { return queued_octets_ + in_hand_octets_ + answer_octets_; }

private:
  struct waiting_command {
    command what;
    on_reply done;
    instant until;
  };
  struct asked_command {
    on_reply done;
    instant until;
  };
  struct arrived {
    std::size_t octets = 0;
    bool is_note = false;
  };

  std::optional<Refused> check(const Hello& x) const;
  void greet(Hello& x, news& out);
  void take(cluster::v1::Envelope& x, news& out);
  void take(cluster::v1::Answer& x, news& out);
  bool may_send() const;
  void put_answers(Frame& into, std::size_t& octets);
  void put_commands(Frame& into, std::size_t& octets, instant now);
  void give_back(std::size_t octets);

  const rules limits_;
  Hello ours_;
  judge welcome_;
  std::optional<Hello> peer_;
  std::uint32_t wire_ = 0;
  const bool dials_;
  bool greeting_due_;

  std::deque<waiting_command> queue_; ///< of ours, for room at the peer
  std::size_t queued_octets_ = 0;
  std::unordered_map<std::uint64_t, asked_command> asked_; ///< sent, by sequence
  std::uint64_t sent_ = 0;                                 ///< sequence of the latest
  std::int64_t room_ = 0;                                  ///< the peer's, in envelopes
  std::int64_t room_octets_ = 0;                           ///< may fall below 0 by one payload

  std::unordered_map<std::uint64_t, arrived> in_hand_; ///< of the peer, for our answer
  std::size_t in_hand_octets_ = 0;
  std::uint64_t received_ = 0; ///< sequence of the latest
  /// For the wire, each with the octets of its envelope: both give their room back when they go.
  std::deque<std::pair<cluster::v1::Answer, std::size_t>> answers_;
  std::size_t answer_octets_ = 0;
  cluster::v1::Credit credit_; ///< to be given back with the next frame

  instant heard_, probed_;
  std::uint64_t probe_ = 0;
  bool probe_due_ = false;
  std::optional<std::uint64_t> pong_;
  std::optional<std::int64_t> hint_;
  std::optional<std::string> revocations_;
  std::deque<cluster::v1::Probe> probes_;
};

/// A Refused of this reason.
Refused refusal(Refused::Reason why, std::string detail);

} // namespace hamlet::link
