// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/account/account.hpp"
#include "actors/mailbox/mailbox.hpp"
#include "actors/queue/queue.hpp"
#include "gateway/net/connection_limits.hpp"
#include "gateway/net/listener.hpp"
#include "gateway/pop3/session.hpp"
#include "gateway/smtp/session.hpp"
#include "lib/config/settings.hpp"

// From the settings to what each part of the node takes: the only place that knows both.

namespace hamlet::node {

/// The name of this host in greetings: the setting, or what the system says.
std::string hostname(const config::settings& x);

smtp::policy smtp_policy(const config::settings& x, smtp::service kind);
pop3::policy pop3_policy(const config::settings& x);
account_rules account_rules_of(const config::settings& x);
guard_rules guard_rules_of(const config::settings& x);
registration_bounds registration_bounds_of(const config::settings& x);
mailbox_rules mailbox_rules_of(const config::settings& x);
queue_rules queue_rules_of(const config::settings& x);
/// And the gateways of chat, before whose address there are many clients: they count where they
/// say that each of them is.
std::vector<network> with_gateways(const config::settings& x, std::vector<network> exempt);
net::connection_bounds connection_bounds_of(const config::settings& x);

/// Time-outs and write limits of a protocol's streams.
net::limits common_limits(const config::settings& x);
net::limits smtp_limits(const config::settings& x);
net::limits pop3_limits(const config::settings& x);

} // namespace hamlet::node
