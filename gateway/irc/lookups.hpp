// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

// What the verbs that look somebody up have in common: whom a client may see, and how it is shown.

/// For the target of a query: RFC 2812 §3.4. All nodes are one server to clients, so it is us if
/// the mask fits our name (or the one of a node, where they are shown) or it is the nick of
/// somebody here; else 402 is said.
bool is_for_us(machine& m, std::string_view target);

/// The server that a user is shown to be on.
std::string server_of(const machine& m, const chat::v1::Who& who);

/// Addresses, secret channels and invisible users are for operators who may see them.
bool sees_all(const machine& m);
/// The address of somebody: their own, or an operator's to see.
bool sees_address(const machine& m, const chat::v1::Who& who);
/// In an answer about many: RFC 2812 §3.6.1, user mode i.
bool sees_user(const machine& m, const chat::v1::Who& who);
bool sees_user(const machine& m, const packed_user& who);
/// A channel where somebody is: RFC 2811 §4.2.6.
bool sees_channel(const machine& m, const membership& where, std::int64_t of);

/// "H*@B": here or away, operator, prefixes in the channel, bot (modern, RPL_WHOREPLY).
std::string who_flags(const machine& m, const chat::v1::Who& who, std::string_view prefixes);

std::int64_t idle_seconds(const machine& m, const user_card& user);

/// Words of all parameters from `first` on, whether the client put a ':' before them or not.
std::vector<std::string> words_of(const message& x, std::size_t first = 0);
/// The same as one text: "KLINE *@host two words" is as good as "KLINE *@host :two words".
std::string text_from(const message& x, std::size_t first);

/// As reply_list(), with ',' between the items and nothing before them.
void reply_commas(machine& m, numeric what, const std::vector<std::string>& items);

/// "Sunday, 22 November 2026, 00:49:27 UTC"
std::string long_date(std::int64_t ms);

} // namespace hamlet::irc
