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
#include <set>

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
    /// Of nicks and channels. Their state is in the memory of all nodes: it is gathered first, and
    /// `done` is called with the owner, once, on any thread; or with nothing: try again later.
    std::function<void(const cluster::reign&, std::function<void(caf::actor)> done)> chat;
    /// All living nodes have what the owners here have told; or do not take it in time.
    std::function<void(std::function<void()> then)> when_told;
    caf::actor relay; ///< what other nodes ask of this one as a whole
  };

  /// Reads the certificates and opens what lies behind the doors, but does not join yet.
  /// errc::bad_setup: says which command to run first.
  static result<std::unique_ptr<cluster_part>> open(caf::actor_system& sys,
                                                    const config::settings& x, store& data);
  ~cluster_part() override;

  /// Proxies of all shards, in the tables of a router; its FANOUT must stand there before anybody
  /// uses them.
  void put_proxies(router::tables& into);

  const std::shared_ptr<cluster::proxy_parts>& proxies() const { return proxies_; }

  /// The SESSIONS of another node.
  chat_actor sessions_of(std::uint16_t node) { return nodes_->of(node); }
  /// Of the nodes that live this one is in the cluster longest.
  bool is_eldest() const;

  /// After join(): calls `restore` when no older node lives that has taken part in the chat with
  /// this one; at once, or later on a thread of MEMBERSHIP, or never. It must not block.
  void when_first(std::function<void()> restore);

  /// Joins, and owns what it is given from then on. Waits until the link is open.
  result<void_t> join(owners make);

  /// This node's name, as its certificate says it.
  const std::string& name() const { return who_.node; }

  /// This node's certificate was revoked while it ran: then it ends the program (SIGTERM).
  bool is_revoked() const { return is_revoked_; }

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

  void open_chat(const cluster::reign& of);
  void again(const cluster::reign& of);
  void opened(const cluster::reign& of, caf::actor owner);
  void joined(cluster::incarnation me);
  void look_whether_first();
  /// Perhaps something was revoked.
  void look_at_papers();
  void end_all();
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
  caf::actor membership_, inbox_, gatherer_, revocations_;
  std::vector<caf::actor> spawned_;                  ///< proxies
  cluster::incarnation me_ = 0;                      ///< MEMBERSHIP's
  std::chrono::steady_clock::time_point looks_at_{}; ///< MEMBERSHIP's: for mail, the next time

  std::unique_ptr<cluster::node_doors> nodes_;

  std::mutex owners_mutex_; ///< of the next three
  std::map<cluster::shard_id, caf::actor> running_;
  std::map<cluster::shard_id, std::int64_t> gathering_; ///< the epoch; the owner is being made
  bool is_closed_ = false;

  std::mutex first_mutex_; ///< of the next two
  std::function<void()> restore_;
  std::set<cluster::incarnation> met_; ///< links to them have been up

  std::mutex mutex_; ///< of membership_ and revocations_, while the link is open
  std::unique_ptr<link::links> links_;
  std::promise<void> ready_;
  std::atomic<bool> is_ready_ = false; ///< MEMBERSHIP sets it, leave() asks
  std::promise<void> out_;
  bool is_out_ = false;
  std::atomic<bool> is_draining_ = false;
  std::atomic<bool> is_revoked_ = false;
};

} // namespace hamlet::node
