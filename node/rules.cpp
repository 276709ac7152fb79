// SPDX-License-Identifier: Apache-2.0
#include "node/rules.hpp"

#include <unistd.h>

namespace hamlet::node {

namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

} // namespace

net::limits common_limits(const config::settings& x) {
  net::limits bounds;
  bounds.write_queue = x.limits.write_queue.value;
  bounds.write_pause = x.limits.write_pause.value;
  bounds.handshake = x.limits.handshake_timeout.value;
  bounds.proxy_header = x.limits.proxy_header_timeout.value;
  bounds.linger = x.limits.linger.value;
  return bounds;
}

std::string hostname(const config::settings& x) {
  if (!x.node.hostname.value.empty())
    return x.node.hostname.value;
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

smtp::policy smtp_policy(const config::settings& x, smtp::service kind) {
  smtp::policy p;
  p.hostname = hostname(x);
  p.kind = kind;
  p.offers_tls = true; // there is always a certificate, if need be our own
  p.max_message = x.smtp.max_message.value;
  p.max_recipients = x.smtp.max_recipients.value;
  p.max_transactions = x.smtp.max_transactions.value;
  p.max_line = x.smtp.max_line.value;
  p.max_auth_line = x.smtp.max_auth_line.value;
  p.max_received = x.smtp.max_received.value;
  p.errors_before_rest = x.smtp.errors_before_rest.value;
  p.error_rest = x.smtp.error_rest.value;
  p.max_errors = x.smtp.max_errors.value;
  p.subaddress_separator = x.accounts.subaddress_separator.value;
  p.sends_to_chat = x.smtp.sends_to_chat.value;
  p.max_idle_commands = x.smtp.max_idle_commands.value;
  p.max_auth_failures = x.smtp.max_auth_failures.value;
  return p;
}

pop3::policy pop3_policy(const config::settings& x) {
  pop3::policy p;
  p.hostname = hostname(x);
  p.offers_tls = true;
  p.needs_tls_for_login = x.pop3.needs_tls_for_login.value;
  p.offers_apop = x.pop3.offers_apop.value;
  p.login_delay = static_cast<int>(duration_cast<seconds>(x.pop3.login_delay.value).count());
  p.language = x.pop3.language.value;
  p.max_line = x.pop3.max_line.value;
  p.max_auth_line = x.pop3.max_auth_line.value;
  p.max_errors = x.pop3.max_errors.value;
  p.max_auth_failures = x.pop3.max_auth_failures.value;
  p.implementation = x.pop3.implementation.value;
  return p;
}

account_rules account_rules_of(const config::settings& x) {
  account_rules r;
  r.default_quota = static_cast<std::int64_t>(x.accounts.default_quota.value);
  r.cost = {x.accounts.argon2_ops.value, x.accounts.argon2_memory.value};
  r.cache_ttl = duration_cast<seconds>(x.accounts.auth_cache.value);
  r.failure_delay = x.accounts.failed_login_delay.value;
  r.subaddress_separator = x.accounts.subaddress_separator.value;
  r.registration = x.accounts.registration.value;
  r.min_password = x.accounts.min_password.value;
  r.reserved_names = x.accounts.reserved_names.value;
  r.nick_length = x.chat_sizes.nick_length.value;
  r.utf8_names = x.chat.utf8_nicks.value;
  r.nicks_per_account = x.chat_sizes.nicks_per_account.value;
  r.certificates_per_account = x.chat_sizes.certificates_per_account.value;
  return r;
}

registration_bounds registration_bounds_of(const config::settings& x) {
  auto& in_all = x.accounts.registrations.value;
  auto& of_a_client = x.accounts.registrations_per_address.value;
  return {in_all.count, in_all.per, of_a_client.count, of_a_client.per};
}

guard_rules guard_rules_of(const config::settings& x) {
  return {static_cast<std::size_t>(x.accounts.failures_per_ip.value),
          static_cast<std::size_t>(x.accounts.failures_per_account.value),
          duration_cast<seconds>(x.accounts.failure_window.value)};
}

mailbox_rules mailbox_rules_of(const config::settings& x) {
  mailbox_rules r;
  r.login_delay = duration_cast<seconds>(x.pop3.login_delay.value);
  return r;
}

queue_rules queue_rules_of(const config::settings& x) {
  queue_rules r;
  r.hostname = hostname(x);
  r.resend_window = duration_cast<seconds>(x.smtp.resend_window.value);
  r.inline_limit = x.store.inline_limit.value;
  r.subaddress_separator = x.accounts.subaddress_separator.value;
  return r;
}

std::vector<network> with_gateways(const config::settings& x, std::vector<network> exempt) {
  auto add = [&](auto& more) { exempt.insert(exempt.end(), more.begin(), more.end()); };
  add(x.chat.trusted_proxies.value);
  for (auto& gateway : x.chat.webirc.value)
    add(gateway.from);
  return exempt;
}

net::connection_bounds connection_bounds_of(const config::settings& x) {
  return {x.limits.connections.value, x.limits.connections_per_ip.value,
          x.limits.connections_per_minute.value, with_gateways(x, x.limits.exempt.value)};
}

net::limits smtp_limits(const config::settings& x) {
  auto bounds = common_limits(x);
  bounds.idle = x.smtp.idle_timeout.value;
  bounds.absolute = x.smtp.max_duration.value;
  return bounds;
}

net::limits pop3_limits(const config::settings& x) {
  auto bounds = common_limits(x);
  bounds.idle = x.pop3.idle_timeout.value;
  bounds.absolute = x.pop3.max_duration.value;
  return bounds;
}

} // namespace hamlet::node
