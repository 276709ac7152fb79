// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/admin_settings.hpp"
#include "lib/config/chat_history_settings.hpp"
#include "lib/config/chat_limits_settings.hpp"
#include "lib/config/chat_settings.hpp"
#include "lib/config/chat_sizes_settings.hpp"
#include "lib/config/cluster_settings.hpp"
#include "lib/config/mail_settings.hpp"
#include "lib/config/node_settings.hpp"
#include "lib/config/store_settings.hpp"

namespace hamlet::config {

/// All that an administrator can decide: `x.smtp.max_message.value`. A copy is plain data; share
/// one as `std::shared_ptr<const settings>`.
struct settings {
  node_settings node;
  listen_settings listen;
  tls_settings tls;
  limits_settings limits;
  smtp_settings smtp;
  pop3_settings pop3;
  chat_settings chat;
  chat_sizes_settings chat_sizes;
  chat_limits_settings chat_limits;
  chat_history_settings chat_history;
  accounts_settings accounts;
  store_settings store;
  cluster_settings cluster;
  admin_settings admin;
  queue_settings queue;
  log_settings log;
  shutdown_settings shutdown;

  static auto sections(auto& x) {
    return std::tie(x.node, x.listen, x.tls, x.limits, x.smtp, x.pop3, x.chat, x.chat_sizes,
                    x.chat_limits, x.chat_history, x.accounts, x.store, x.cluster, x.admin, x.queue,
                    x.log, x.shutdown);
  }
};

/// Calls `f` with every section, in the order of the manual.
void each_section(auto& all, auto&& f) {
  std::apply([&](auto&... section) { (f(section), ...); }, settings::sections(all));
}

/// Calls `f` with every setting of a section.
void each_in(auto& section, auto&& f) {
  std::apply([&](auto&... x) { (f(x), ...); }, section.all(section));
}

/// Calls `f` with every setting.
void each_setting(auto& all, auto&& f) {
  each_section(all, [&](auto& section) { each_in(section, f); });
}

} // namespace hamlet::config
