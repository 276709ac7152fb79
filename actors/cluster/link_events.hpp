// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/cluster/events.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

// What the LINK (gateway/link) and MEMBERSHIP (actors/cluster/membership) tell each other.
//
//   LINK → MEMBERSHIP   every event below, through the `link_listener` that the LINK was opened
//                       with. It is called on a thread of gRPC and must not block: MEMBERSHIP's is
//                       one line that puts the event into its own mailbox.
//   MEMBERSHIP → LINK   links::set_peers() after each new view: who may be on the other end, and
//                       where they are; links::tell_view() when it has made or read a new view;
//                       links::probe(), ask_probe() and tell_probe() while it suspects a node.
//
// Neither waits for the other. An event says what was seen on a wire, never who is dead: that is
// for the store to say.

namespace hamlet::cluster {

/// A stream to this start of a node is open in both directions, and both have said who they are.
struct link_up {
  std::int64_t node_id = 0;
  std::int64_t incarnation = 0;  ///< may be later than the one of the view: read the store
  std::string name;              ///< proven by its certificate
  std::uint32_t wire = 0;        ///< the version that both speak
  std::int64_t view_version = 0; ///< that it knew when it said so
};

/// That stream is gone. What was asked over it and not answered may or may not have happened.
struct link_down {
  std::int64_t node_id = 0;
  std::int64_t incarnation = 0;
  std::string why; ///< for the log
};

/// Nobody listens at its address: the host says that the process is gone. A reason to suspect it;
/// a time-out is not (the network may be cut). Told at each attempt to reach it.
struct link_unreachable {
  std::int64_t node_id = 0;
  std::int64_t incarnation = 0; ///< the one of the table
  bool refused = false;         ///< true: the host answers, its port is closed
  std::string why;
};

/// Somebody was turned away, or turned us away.
struct link_refused {
  enum class reason : std::uint8_t {
    certificate,  ///< not of our authority, expired, unreadable
    revoked,      ///< its certificate was taken back
    name,         ///< a good certificate, but not of who is expected here. A node that has just
                  ///< joined is not known before the next look into the store: look now
    cluster,      ///< of another cluster
    wire_version, ///< no version in common
    stale,        ///< of an incarnation that has been followed by another
    protocol,     ///< it sent what nobody may send
    leaving,      ///< it ends
  };
  std::string name; ///< as far as it is known; not proven
  reason why{};
  bool by_peer = false; ///< it has refused us
  std::string detail;   ///< for the log
};

/// Its sender knows a view of this version.
struct view_hint {
  std::int64_t incarnation = 0; ///< of the sender
  std::int64_t version = 0;
};

/// A linked peer asks us to look for a third node: links::probe(), then links::tell_probe().
struct probe_wanted {
  std::int64_t incarnation = 0; ///< whom to look for
  std::int64_t by = 0;          ///< incarnation of who asks
};

/// What was found where a node should be: after links::probe() by this node (`by` is 0), or after
/// links::ask_probe() by a peer.
struct probe_answered {
  std::int64_t incarnation = 0;
  reach found{}; ///< of lib/cluster/events.hpp. refused, too, if a later start of it answers
  std::int64_t by = 0;
};

using link_event = std::variant<link_up, link_down, link_unreachable, link_refused, view_hint,
                                probe_wanted, probe_answered>;
using link_listener = std::function<void(const link_event&)>;

/// One row of the table of nodes, as the LINK needs it.
struct link_peer {
  std::int64_t node_id = 0;
  std::int64_t incarnation = 0;
  std::string name;    ///< the certificate is for NAME.node.hamlet
  std::string address; ///< HOST:PORT or [V6]:PORT of its link
  bool operator==(const link_peer&) const = default;
};

/// What MEMBERSHIP asks of the LINK: gateway/link's `links`. Must not block.
class wire {
public:
  virtual ~wire() = default;
  /// Who may be on the other end, without this node.
  virtual void set_peers(std::vector<link_peer> peers) = 0;
  virtual void tell_view(std::int64_t version) = 0;
  virtual void probe(incarnation peer) = 0;
  virtual void ask_probe(incarnation via, incarnation peer) = 0;
  virtual void tell_probe(incarnation to, incarnation peer, reach found) = 0;
};

} // namespace hamlet::cluster
