// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/channel/channel_rules.hpp"
#include "actors/chat/presence.hpp"
#include "actors/herald/herald.hpp"
#include "actors/network/network.hpp"
#include "actors/nick/nick.hpp"
#include "actors/relay/relay.hpp"
#include "actors/session/session_rules.hpp"
#include "gateway/irc/policy.hpp"
#include "gateway/net/listener.hpp"
#include "lib/config/settings.hpp"
#include "lib/crypto/seal.hpp"

// From the settings to what each part of chat takes.

namespace hamlet::node {

/// The name under which clients know the server.
std::string chat_server_name(const config::settings& x);

herald_rules herald_rules_of(const config::settings& x);
nick_rules nick_rules_of(const config::settings& x);
session_rules session_rules_of(const config::settings& x);
channel_rules channel_rules_of(const config::settings& x);
presence::limits presence_limits_of(const config::settings& x);
/// @param password Of the connection; empty: none is asked for.
network_rules_settings network_rules_of(const config::settings& x, std::string password);
relay_rules relay_rules_of(const config::settings& x);

/// The connection password: the first line of its file. Empty without a file.
result<std::string> chat_password_of(const config::settings& x);
/// Lines of the message of the day, none without a file; one that cannot be read is bad_setup.
result<std::vector<std::string>> motd_of(const config::settings& x);
/// The key of cloaks; made at the first start. Nodes of a cluster that have none derive one from
/// what they share.
result<std::string> cloak_key_of(const config::settings& x, const crypto::server_key& shared);
/// Keys that cloaks were made with before.
result<std::vector<std::string>> old_cloak_keys_of(const config::settings& x,
                                                   const crypto::server_key& shared);

/// Clients of chat have places of their own: limits.connections counts for them, too.
net::connection_bounds chat_connection_bounds_of(const config::settings& x);
net::limits irc_limits(const config::settings& x);

} // namespace hamlet::node
