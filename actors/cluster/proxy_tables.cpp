// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/proxy.hpp"

#include <caf/send.hpp>

#include <mutex>
#include <shared_mutex>

// The proxies of all shards, and of nodes.

namespace hamlet::cluster {

chat_actor node_doors::of(std::uint16_t node) {
  {
    std::shared_lock lock{mutex_};
    if (auto found = doors_.find(node); found != doors_.end())
      return found->second;
  }
  std::unique_lock lock{mutex_};
  auto& x = doors_[node];
  if (!x) {
    auto which = place_of_node(node);
    x = spawn_chat_proxy(sys_, which.kind, which.number, parts_);
    if (is_closed_)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    else
      parts_->where->watch(which, caf::actor_cast<caf::actor>(x));
  }
  return x;
}

void node_doors::close() {
  std::unique_lock lock{mutex_};
  is_closed_ = true;
  for (auto& [node, x] : doors_)
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
}

void put_mail_proxies(caf::actor_system& sys, router::tables& into,
                      const std::shared_ptr<proxy_parts>& parts) {
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(shard_count); ++i) {
    auto at = static_cast<std::size_t>(i);
    into.accounts[at] = spawn_account_proxy(sys, i, parts);
    into.mailboxes[at] = spawn_mailbox_proxy(sys, i, parts);
    auto& where = *parts->where;
    where.watch({shard_kind::account, i}, caf::actor_cast<caf::actor>(into.accounts[at]));
    where.watch({shard_kind::mailbox, i}, caf::actor_cast<caf::actor>(into.mailboxes[at]));
  }
}

void put_chat_proxies(caf::actor_system& sys, router::tables& into,
                      const std::shared_ptr<proxy_parts>& parts) {
  auto put = [&](auto& table, shard_kind kind) {
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(shard_count); ++i) {
      auto& x = table[static_cast<std::size_t>(i)];
      x = spawn_chat_proxy(sys, kind, i, parts);
      parts->where->watch({kind, i}, caf::actor_cast<caf::actor>(x));
    }
  };
  put(into.nicks, shard_kind::nick);
  put(into.channels, shard_kind::channel);
}

} // namespace hamlet::cluster
