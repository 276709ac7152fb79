// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/channel/channel_shard.hpp"
#include "actors/chat/network_rules.hpp"
#include "actors/chat/presence.hpp"
#include "actors/network/network.hpp"
#include "actors/nick/nick.hpp"
#include "actors/relay/relay.hpp"
#include "actors/session/session.hpp"
#include "gateway/irc/connection.hpp"
#include "gateway/irc/fanout.hpp"
#include "lib/base/live.hpp"
#include "node/cluster.hpp"
#include "node/redis.hpp"
#include "node/store.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace hamlet::node {

/// The chat of a node: what its actors share, and the actors. Made before the doors open, ends
/// after the actors.
class chat {
public:
  /// @param places Of the doors of chat; those who come through gateways are counted there, too.
  /// @param obey What operators order (REHASH, RESTART, DIE).
  chat(const config::settings& x, store& data, worker_pool& hashes, const router& owners,
       std::shared_ptr<net::connection_limits> places,
       std::function<void(const irc::control&)> obey);

  /// Reads what must be known before anybody comes in: bans, secrets. bad_setup: says what to do.
  result<void_t> load(const config::settings& x);

  /// Adds NICKS, SESSIONS, CHANNELS, NETWORK and FANOUT; among several nodes RELAY in the place of
  /// FANOUT, and no NICKS and CHANNELS, which come and go (make_owner).
  void spawn(caf::actor_system& sys, id_source& ids, router::tables& into, cluster_part* others);

  /// The owner of a shard of nicks or channels, with all that the living nodes know of it. Returns
  /// at once; `done` is called with nothing when some do not answer in time.
  void make_owner(const cluster::reign& of, std::function<void(caf::actor)> done);
  /// All that happened here is known at all other nodes; or they do not take it in time.
  void when_told(std::function<void()> then);
  /// What other nodes ask of this one; invalid on a node that is alone.
  caf::actor relay_handle() const;

  /// What clients of a door go by.
  irc::connection_parts parts_for(net::tls_use security, bool by_websocket) const;

  /// Those who stay without a client are here again; after the actors, before the doors.
  result<void_t> restore();
  /// The same, without waiting for it.
  void begin_restore();
  /// Waits until this node knows what the others know: before it lets clients in, who would else
  /// see less than those of other nodes.
  void catch_up(std::chrono::milliseconds patience);

  /// When the last client is gone, and before the node leaves the others: all that was asked of
  /// SESSIONS is done and told, or `patience` is over.
  void settle(std::chrono::milliseconds patience);

  /// Takes over what may change while it runs, for those who are here, too.
  result<void_t> reload(const config::settings& x);

  /// Of a TLS door, once it is open: for STS. What parts_for() gives is new then.
  void set_tls_port(std::uint16_t port);

  /// In the order of their start, for the supervisor.
  const std::vector<std::pair<const char*, caf::actor>>& running() const { return running_; }

  /// The handles of its actors, which would keep them.
  void forget_actors();

  presence& people() { return people_; }
  const network_rules& bans() const { return bans_; }

private:
  result<std::shared_ptr<const irc::policy>> make_policy(const config::settings& x);
  void show_nodes(irc::policy& into) const;
  void spawn_relay(router::tables& into, cluster_part& others);
  channel_parts parts_of_channels();
  void on_node_gone(std::uint16_t node);
  void tell_others(std::function<void(result<void_t>)> done);

  store& data_;
  worker_pool& hashes_;
  const router& owners_;
  std::shared_ptr<net::connection_limits> places_;
  std::function<void(const irc::control&)> obey_;
  id_source* ids_ = nullptr;
  presence people_;
  network_rules bans_;
  network_books books_;
  irc::statistics numbers_;
  live<nick_rules> nicks_;
  live<session_rules> sessions_;
  live<channel_rules> channels_;
  live<network_rules_settings> network_;
  std::shared_ptr<const irc::policy> policy_;
  std::shared_ptr<const websocket::rules> web_;
  irc::local_fanout_actor fanout_;
  caf::actor_system* sys_ = nullptr;
  find_nick_owner owner_of_nick_;
  std::vector<chat_actor> shards_; ///< SESSIONS of this node
  // Among several nodes.
  cluster_part* others_ = nullptr;
  std::shared_ptr<homes> where_;
  claim_book claims_;
  live<relay_rules> relay_rules_;
  std::unique_ptr<redis_carrier> redis_; ///< nullptr: the links do its work
  std::shared_ptr<relay> relay_;
  std::uint16_t tls_port_ = 0;
  std::vector<std::pair<const char*, caf::actor>> running_;
};

} // namespace hamlet::node
