// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/inbox.hpp"
#include "actors/cluster/membership.hpp"
#include "actors/cluster/proxy.hpp"
#include "gateway/link/links.hpp"
#include "node/store.hpp"
#include "storage/sql/fence.hpp"

#include <caf/actor_system.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>

namespace hamlet::node {

/// This node's part in the cluster: MEMBERSHIP, the LINK, the INBOX and the proxies, tied together.
/// It starts the owners of the shards that this node gets, and ends them when they go.
///
/// The end has an order: sessions first, then leave(), then close(); then the actor system may end.
class cluster_part final : cluster::landlord {
public:
  /// How owners are made; called by MEMBERSHIP.
  struct owners {
    std::function<caf::actor(const sql::fence&)> mailboxes;
    std::function<caf::actor(const sql::fence&)> accounts;
    queue_actor queue; ///< is woken: a MAILBOX may have mail that another node took in
  };

  /// Reads the certificates and opens what lies behind the doors, but does not join yet.
  /// errc::bad_setup: says which command to run first.
  static result<std::unique_ptr<cluster_part>> open(caf::actor_system& sys,
                                                    const config::settings& x, store& data);
  ~cluster_part() override;

  /// Proxies of all shards, in the tables of a router.
  void put_proxies(router::tables& into);

  /// Joins, and owns what it is given from then on. Waits until the link is open.
  result<void_t> join(owners make);

  /// This node's name, as its certificate says it.
  const std::string& name() const { return who_.node; }

  /// Gives its shards to the others, one after the other, and then ends the program (SIGTERM).
  void drain();

  /// Gives up all shards: others own them at once. Waits until that is done, or `patience` is over:
  /// then they are taken away later.
  void leave(std::chrono::milliseconds patience);
  void close();

private:
  cluster_part(caf::actor_system& sys, const config::settings& x, pki::identity who,
               sql::database beats, std::vector<sql::database> looks);

  // landlord
  void publish(cluster::view_ptr seen, cluster::incarnation me) override;
  void open(const cluster::reign& of) override;
  void seal(const cluster::reign& of, std::function<void()> finished) override;
  void end(const cluster::reign& of, cluster::incarnation to, std::int64_t epoch) override;
  void stopped() override;

  void joined(cluster::incarnation me);
  /// What a command has revoked meanwhile.
  void read_revocations();
  void hear(const cluster::link_event& x);

  caf::actor_system& sys_;
  const std::uint16_t node_;
  pki::folder papers_;
  pki::identity who_;
  std::string listen_, address_;
  sql::writer changes_; ///< of its own: a beat that waits behind mail may come too late
  sql::readers views_;
  sql::cluster_repository rows_{changes_, views_};
  owners make_;
  std::shared_ptr<cluster::read_permit> reads_ = std::make_shared<cluster::read_permit>();
  std::shared_ptr<cluster::places> where_ = std::make_shared<cluster::places>(reads_);
  std::shared_ptr<cluster::proxy_parts> proxies_;
  caf::actor membership_, inbox_, reader_;
  std::vector<caf::actor> spawned_;                  ///< proxies
  std::map<cluster::shard_id, caf::actor> running_;  ///< MEMBERSHIP's
  cluster::incarnation me_ = 0;                      ///< MEMBERSHIP's
  std::chrono::steady_clock::time_point looks_at_{}; ///< MEMBERSHIP's: for mail, the next time

  std::mutex mutex_; ///< of membership_, while the link is open
  std::unique_ptr<link::links> links_;
  std::uint64_t list_ = 0; ///< reader_'s: number of the latest list of revoked certificates
  std::promise<void> ready_;
  std::atomic<bool> is_ready_ = false; ///< MEMBERSHIP sets it, leave() asks
  std::promise<void> out_;
  bool is_out_ = false;
  std::atomic<bool> is_draining_ = false;
};

} // namespace hamlet::node
