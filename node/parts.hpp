// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/herald/herald.hpp"
#include "actors/router.hpp"
#include "actors/system/supervisor.hpp"
#include "gateway/admin/http_server.hpp"
#include "gateway/net/io_pool.hpp"
#include "gateway/pop3/connection.hpp"
#include "gateway/smtp/connection.hpp"
#include "lib/base/live.hpp"
#include "lib/base/worker_pool.hpp"
#include "lib/metrics/metrics.hpp"
#include "lib/tls/reloadable.hpp"
#include "node/administration.hpp"
#include "node/chat.hpp"
#include "node/cluster.hpp"
#include "node/janitor.hpp"
#include "node/rules.hpp"
#include "node/server.hpp"
#include "node/store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <filesystem>

namespace hamlet::node {

struct actor_config : caf::actor_system_config {
  explicit actor_config(int threads);
};

/// What a node is made of, in the order in which it starts.
struct server::parts {
  explicit parts(const config::settings& x);

  config::settings settings;
  const std::filesystem::path folder; ///< of the data
  const std::size_t store_bound;      ///< operations that may wait
  std::atomic<std::uint64_t> low_space;
  mail_clients mail_here;
  actor_config cfg;
  caf::actor_system sys; // before every thread that sends to actors: they must end first
  std::unique_ptr<store> data;
  std::unique_ptr<store_watch> watch; ///< nullptr: the store is on this machine
  worker_pool hashes;                 ///< of passwords
  worker_pool files;                  ///< of large messages
  login_guard guard;
  registration_guard registrations;
  live<account_rules> accounts;
  live<mailbox_rules> mailboxes;
  live<queue_rules> queues;
  live<herald_rules> notices;
  std::unique_ptr<id_source> ids;
  std::shared_ptr<tls::reloadable> certificate;
  std::shared_ptr<net::connection_limits> places;
  std::shared_ptr<net::connection_limits> chat_places; ///< its own: more go and come
  router owners;
  std::unique_ptr<cluster_part> others; ///< nullptr: this node is alone
  std::unique_ptr<chat> talk;
  std::unique_ptr<live<irc::connection_parts>> irc, ircs, irc_websocket, irc_websockets;
  std::unique_ptr<live<smtp::connection_parts>> transfer, submission, submissions;
  std::unique_ptr<live<pop3::connection_parts>> pop3, pop3s;
  net::io_pool threads;
  std::unique_ptr<janitor> sweeper;
  std::vector<std::unique_ptr<metrics::read_gauge>> gauges;
  std::vector<admin::http_server> admin;
  std::unique_ptr<administration> rpc;
  std::vector<open_door> doors;
  struct gate {
    net::gateway_actor gateway;
    net::limits (*bounds)(const config::settings&);
  };
  std::vector<gate> gates;   ///< they are told of other bounds
  std::vector<part> running; ///< for the supervisor, in the order of their start
  std::vector<part> lasting; ///< in a cluster: they end when the node has left the others
  caf::actor root;           ///< the supervisor
  caf::actor last_root;      ///< that of `lasting`
  std::atomic<bool> is_stopping = false, has_died = false, wants_restart = false;

  result<void_t> open_certificate();
  result<void_t> open_store();
  result<void_t> spawn_owners();
  void make_session_parts(); ///< also after a reload
  result<void_t> open_doors();
  void hold_doors(); ///< all doors are one part: they close together
  result<void_t>
  open_chat_doors(const std::function<net::listen_options(net::tls_use, const char*)>& options);
  result<void_t> open_admin();
  result<void_t> make_chat();
  void obey(const irc::control& order);
  void change_gates(); ///< after a reload
  admin::health check() const;

private:
  template <class Parts, class Connection>
  result<void_t> open_service(const char* name, const std::vector<config::endpoint>& at,
                              net::listen_options with,
                              net::limits (*bounds)(const config::settings&),
                              const live<Parts>& per_client, Connection connection);
};

result<std::vector<tls::certificate_files>> certificates_of(const config::settings& x);
tls::policy tls_policy_of(const config::settings& x);

} // namespace hamlet::node
