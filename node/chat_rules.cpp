// SPDX-License-Identifier: Apache-2.0
#include "node/chat_rules.hpp"

#include "lib/crypto/private_file.hpp"
#include "lib/crypto/random.hpp"
#include "lib/text/utf8.hpp"
#include "node/rules.hpp"
#include "node/store.hpp"

#include <fstream>

namespace hamlet::node {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t cloak_key_size = 32;
constexpr std::size_t most_motd_lines = 200;

} // namespace

std::string chat_server_name(const config::settings& x) {
  return x.chat.server_name.value.empty() ? hostname(x) : x.chat.server_name.value;
}

herald_rules herald_rules_of(const config::settings& x) {
  herald_rules r;
  r.is_on = x.chat.mail_notice.value;
  r.server_name = chat_server_name(x);
  r.gap = duration_cast<seconds>(x.chat.mail_notice_gap.value);
  return r;
}

nick_rules nick_rules_of(const config::settings& x) {
  nick_rules r;
  r.protects_owners = x.chat.protects_nicks.value;
  return r;
}

session_rules session_rules_of(const config::settings& x) {
  session_rules r;
  r.persistence = x.chat.persistence.value;
  r.auto_away = x.chat.auto_away.value;
  r.grace = duration_cast<seconds>(x.chat.resume_grace.value);
  r.clients = x.chat_sizes.clients_per_account.value;
  r.channels = x.chat_sizes.channels_per_user.value;
  r.silence = x.chat_sizes.silence.value;
  r.accept = x.chat_sizes.accept.value;
  r.metadata_keys = x.chat_sizes.metadata_keys.value;
  r.metadata_value = x.chat_sizes.metadata_value.value;
  r.away_length = x.chat_sizes.away_length.value;
  r.nick_length = x.chat_sizes.nick_length.value;
  r.keeps_direct = x.chat_history.is_on.value && x.chat_history.direct_messages.value;
  r.history_per_request = x.chat_history.per_request.value;
  r.redaction_window = duration_cast<seconds>(x.chat_history.redaction_window.value);
  return r;
}

channel_rules channel_rules_of(const config::settings& x) {
  channel_rules r;
  r.server_name = chat_server_name(x);
  r.default_modes = x.chat.default_channel_modes.value;
  std::erase(r.default_modes, '+');
  r.utf8_names = x.chat.utf8_nicks.value;
  r.channel_length = x.chat_sizes.channel_length.value;
  r.topic_length = x.chat_sizes.topic_length.value;
  r.kick_length = x.chat_sizes.kick_length.value;
  r.list_entries = x.chat_sizes.list_entries.value;
  r.channels_per_account = x.chat_sizes.channels_per_account.value;
  r.metadata_keys = x.chat_sizes.metadata_keys.value;
  r.metadata_value = x.chat_sizes.metadata_value.value;
  r.keeps_history = x.chat_history.is_on.value;
  r.history_per_request = x.chat_history.per_request.value;
  r.history_registered = x.chat_history.per_channel.value;
  r.history_unregistered = x.chat_history.memory_messages.value;
  r.history_before_join = x.chat_history.before_join.value;
  r.redaction_window = duration_cast<seconds>(x.chat_history.redaction_window.value);
  return r;
}

presence::limits presence_limits_of(const config::settings& x) {
  presence::limits bounds;
  bounds.former_users = x.chat_sizes.who_was_entries.value;
  bounds.former_ms = x.chat_sizes.who_was_age.value.count();
  return bounds;
}

relay_rules relay_rules_of(const config::settings& x) {
  relay_rules r;
  r.grace = std::max(r.grace, duration_cast<milliseconds>(x.chat.resume_grace.value));
  r.server_name = chat_server_name(x);
  return r;
}

network_rules_settings network_rules_of(const config::settings& x, std::string password) {
  network_rules_settings r;
  r.server_name = chat_server_name(x);
  r.operators = x.chat.operators.value;
  r.gateways = x.chat.webirc.value;
  r.connection_password = std::move(password);
  r.failure_delay = x.accounts.failed_login_delay.value;
  r.operator_failures = x.chat_limits.operator_failures.value;
  r.exempt = x.chat_limits.exempt.value;
  r.ban_share = static_cast<unsigned>(x.chat_limits.ban_share.value);
  r.ban_hits = x.chat_limits.ban_hits.value;
  r.max_bans = x.chat_limits.bans.value;
  r.max_filters = x.chat_limits.filters.value;
  r.audit_age = duration_cast<std::chrono::hours>(x.chat.audit_age.value);
  return r;
}

result<std::string> chat_password_of(const config::settings& x) {
  auto& path = x.chat.password_file.value;
  if (path.empty())
    return std::string{};
  return crypto::read_private_file(path, 4096).map([](std::string text) {
    text.resize(std::min(text.find_first_of("\r\n"), text.size()));
    return text;
  });
}

result<std::vector<std::string>> motd_of(const config::settings& x) {
  std::vector<std::string> lines;
  auto& path = x.chat.motd_file.value;
  if (path.empty())
    return lines;
  std::ifstream file{path};
  if (!file)
    return fail(errc::bad_setup, "chat.motd_file: cannot read " + path);
  for (std::string line; std::getline(file, line) && lines.size() < most_motd_lines;) {
    while (!line.empty() && line.back() == '\r')
      line.pop_back();
    if (!utf8::is_valid(line))
      return fail(errc::bad_setup, "chat.motd_file: " + path + " is not UTF-8");
    lines.push_back(std::move(line));
  }
  return lines;
}

result<std::string> cloak_key_of(const config::settings& x, const crypto::server_key& shared) {
  auto path = x.chat.cloak_key_file.value.empty() ? (data_layout{x}.folder / "cloak.key").string()
                                                  : x.chat.cloak_key_file.value;
  auto found = crypto::read_private_file(path, 4096);
  if (!found && found.error().code == errc::not_found && x.cluster.node.value != 0)
    return shared.derive("cloak");
  if (!found && found.error().code == errc::not_found) {
    auto made = crypto::write_private_file(path, crypto::random_bytes(cloak_key_size),
                                           crypto::existing::keep);
    if (!made)
      return tl::unexpected{made.error()};
    found = crypto::read_private_file(path, 4096);
  }
  if (found && found->size() < cloak_key_size)
    return fail(errc::bad_setup, "chat.cloak_key_file: " + path + " has less than 32 octets");
  return found;
}

result<std::vector<std::string>> old_cloak_keys_of(const config::settings& x,
                                                   const crypto::server_key& shared) {
  std::vector<std::string> keys;
  for (auto& name : x.chat.cloak_old_keys.value) {
    auto key = name == "derived" ? result<std::string>{shared.derive("cloak")}
                                 : crypto::read_private_file(name, 4096);
    if (!key)
      return fail(errc::bad_setup, "chat.cloak_old_keys: " + key.error().detail);
    if (key->size() < cloak_key_size)
      return fail(errc::bad_setup, "chat.cloak_old_keys: " + name + " has less than 32 octets");
    keys.push_back(std::move(*key));
  }
  return keys;
}

net::connection_bounds chat_connection_bounds_of(const config::settings& x) {
  net::connection_bounds bounds;
  bounds.total = 0; // limits.connections counts for all
  bounds.per_address = x.chat_limits.connections_per_address.value;
  auto& rate = x.chat_limits.new_connections.value;
  bounds.per_minute = rate.count;
  if (!rate.is_off())
    bounds.minute = rate.per;
  bounds.v4_prefix = static_cast<unsigned>(x.chat_limits.ipv4_prefix.value);
  bounds.v6_prefix = static_cast<unsigned>(x.chat_limits.ipv6_prefix.value);
  bounds.exempt = with_gateways(x, x.chat_limits.exempt.value);
  return bounds;
}

net::limits irc_limits(const config::settings& x) {
  auto bounds = common_limits(x);
  bounds.write_queue = x.chat_limits.send_queue.value;
  // The session sends PING and counts for itself; this is for the case that it does not.
  bounds.idle = x.chat_limits.ping_interval.value + 2 * x.chat_limits.ping_timeout.value
                + x.chat_limits.registration_timeout.value;
  bounds.absolute = milliseconds{0};
  return bounds;
}

} // namespace hamlet::node
