// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"
#include "lib/irc/isupport.hpp"

#include <cstddef>
#include <functional>
#include <span>

namespace hamlet::irc {

// The first minute of a client: RFC 2812 §3.1, IRCv3 capability-negotiation, sasl-3.2.

void begin_registration(machine& m);

/// @param octets All that was read from it. False: it was too much, and the client is gone.
bool may_receive(machine& m, std::size_t octets);

/// The first octet that comes begins no line of IRC: TLS, or something else.
bool is_foreign_octet(char first);

/// HTTP, TLS or SMTP on the port of chat: such a client is not to be answered.
bool is_foreign_protocol(const message& x);

/// Goes on when all is there: nick, user, the end of negotiation.
void try_to_register(machine& m);

/// 001 to 005, LUSERS, the message of the day. RFC 2812 §5.1.
void welcome(machine& m, const chat::v1::Reply& started);

/// The tokens of 005.
std::vector<isupport_token> isupport_tokens(const policy& rules);
void send_isupport(machine& m); ///< all of them
/// None: nothing is sent. draft/extended-isupport: in a batch where the client has both.
void send_isupport(machine& m, std::span<const isupport_token> tokens);
void send_motd(machine& m);                            ///< RFC 2812 §3.4.1
void send_lusers(machine& m, bool is_welcome = false); ///< RFC 2812 §3.4.2

/// Who the client is now that its login was right: 900, behind what comes of it when there is a
/// SESSION. @param then false: the SESSION has not taken it, and nothing was said.
void logged_in(machine& m, const auth::identity& who, std::function<void(machine&, bool)> then);

/// What this client may ask for: by the settings, and by how it came.
cap_set offered_caps(const policy& rules, const machine& m);

/// Tells a client what a reload has changed: CAP NEW and DEL, ISUPPORT.
void on_reload(machine& m, const policy& before);

/// The host that others see, which is the cloak of the address or the address itself, and those
/// that former keys have made of it.
void set_host(chat::v1::Who& who, const policy& rules, const std::string& address);

} // namespace hamlet::irc
