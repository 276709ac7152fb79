// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/link.hpp"
#include "actors/cluster/link_events.hpp"
#include "gateway/link/rules.hpp"
#include "lib/pki/folder.hpp"

#include <memory>
#include <string>
#include <vector>

namespace hamlet::link {

/// This node, as it introduces itself.
struct self {
  std::int64_t node_id = 0;
  std::int64_t incarnation = 0; ///< 0: not known yet; nobody is linked before introduce_as()
  std::string listen;           ///< HOST:PORT; port 0: any that is free
  pki::identity who;
};

/// What the LINK tells the rest of the node. All are called on threads of gRPC.
struct callbacks {
  cluster::link_listener events;
  cluster::on_command commands;
  /// A later list of revoked certificates has come from a peer: to be kept. May be empty.
  std::function<void(const std::string& pem)> revocations;
};

/// The LINK: one stream to each other node of the cluster, whoever of the two dials. Dials again
/// for as long as the table of nodes names a peer. Any thread.
class links final : public cluster::carrier, public cluster::wire {
public:
  /// Listens. errc::bad_setup: the address is in use, or the certificate is not usable.
  static result<std::unique_ptr<links>> open(self own, callbacks told, const rules& limits = {});
  ~links() override; ///< as close()

  std::uint16_t port() const;

  /// From now on this node is another start of itself: all streams end, and begin anew with it.
  void introduce_as(std::int64_t incarnation);

  /// The nodes of the latest view: nobody else may be on the other end.
  void set_peers(std::vector<cluster::link_peer> peers) override;

  /// There is a view of this version: says so to all that are linked.
  void tell_view(std::int64_t version) override;

  /// Looks whether this start of a peer answers, over a connection of its own: a probe_answered
  /// follows within rules::probe.
  void probe(std::int64_t incarnation) override;
  /// Asks a linked peer to look; it may answer or not.
  void ask_probe(std::int64_t via, std::int64_t incarnation) override;
  /// Answers a probe_wanted.
  void tell_probe(std::int64_t to, std::int64_t incarnation, cluster::reach found) override;

  /// Another list of revoked certificates, from the folder: links of those in it are cut, others
  /// are told. errc::bad_request: not of our authority, or older.
  result<void> set_revocations(const std::string& pem);

  void send(std::int64_t incarnation, cluster::command x, cluster::on_reply done) override;

  bool is_up(std::int64_t incarnation) const override;

  /// Says goodbye and ends all streams. No callback runs after it has returned.
  void close();

private:
  class impl;
  explicit links(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace hamlet::link
