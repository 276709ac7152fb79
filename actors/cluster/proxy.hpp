// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/proxy_core.hpp"
#include "actors/interfaces.hpp"
#include "actors/router.hpp"

#include <caf/actor_system.hpp>

#include <map>
#include <shared_mutex>

namespace hamlet::cluster {

/// A proxy of one shard: it has the interface of the owner, and whoever asks it cannot tell the two
/// apart. While the owner is on this node it passes commands on to it (the asker stays the sender);
/// else they go over the link. What finds no owner in time is answered as what is too late
/// (errc::timed_out), what finds the queue full as errc::busy.
account_actor spawn_account_proxy(caf::actor_system& sys, std::int32_t number,
                                  std::shared_ptr<proxy_parts> parts);
mailbox_shard_actor spawn_mailbox_proxy(caf::actor_system& sys, std::int32_t number,
                                        std::shared_ptr<proxy_parts> parts);
queue_actor spawn_queue_proxy(caf::actor_system& sys, std::int32_t number,
                              std::shared_ptr<proxy_parts> parts);
/// @param kind nick or channel
chat_actor spawn_chat_proxy(caf::actor_system& sys, shard_kind kind, std::int32_t number,
                            std::shared_ptr<proxy_parts> parts);

/// FANOUT of another node. It waits for nothing: without a link it is errc::shutting_down.
fanout_actor spawn_fanout_proxy(caf::actor_system& sys, incarnation of,
                                std::shared_ptr<proxy_parts> parts);

/// Proxies of all accounts and mailboxes in the tables of a router, watching `parts->where`.
void put_mail_proxies(caf::actor_system& sys, router::tables& into,
                      const std::shared_ptr<proxy_parts>& parts);
/// The same of nicks and channels.
void put_chat_proxies(caf::actor_system& sys, router::tables& into,
                      const std::shared_ptr<proxy_parts>& parts);

/// The SESSIONS of other nodes: a proxy of each node, made when it is first asked for. Any thread.
class node_doors {
public:
  node_doors(caf::actor_system& sys, std::shared_ptr<proxy_parts> parts)
      : sys_{sys}, parts_{std::move(parts)} {}

  /// Takes what is asked of any session whose home that node is. After close() nobody answers.
  chat_actor of(std::uint16_t node);
  void close();

private:
  caf::actor_system& sys_;
  std::shared_ptr<proxy_parts> parts_;
  std::shared_mutex mutex_;
  std::map<std::uint16_t, chat_actor> doors_;
  bool is_closed_ = false;
};

} // namespace hamlet::cluster
