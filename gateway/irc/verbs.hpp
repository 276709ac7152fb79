// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

#include <span>
#include <string_view>

namespace hamlet::irc {

/// When a verb may be used.
enum class phase : std::uint8_t {
  before = 1, ///< while registering only: 462 after it
  after = 2,  ///< 451 before it
  always = 3,
};

/// A command of a client: RFC 2812 §3. What it costs who sends many is in lib/irc/fakelag.hpp.
struct verb {
  std::string_view name;
  void (*run)(machine&, const message&);
  std::size_t min_params; ///< fewer: 461
  phase when;
  std::string_view help; ///< one line for HELP; empty: not listed
};

/// nullptr: 421. Found without regard to case.
const verb* find_verb(std::string_view upper);
std::span<const verb> all_verbs();

// Each family has its table in the file of that name; verbs.cpp joins them.
std::span<const verb> registration_verbs(); ///< PASS NICK USER CAP AUTHENTICATE QUIT PING PONG
                                            ///< WEBIRC REGISTER VERIFY ERROR
std::span<const verb> channel_verbs(); ///< JOIN PART TOPIC MODE (of channels and users) KICK INVITE
                                       ///< KNOCK NAMES LIST RENAME
std::span<const verb>
message_verbs(); ///< PRIVMSG NOTICE TAGMSG BATCH REDACT SQUERY CPRIVMSG CNOTICE
std::span<const verb> history_verbs(); ///< CHATHISTORY MARKREAD METADATA SEARCH PERSISTENCE
std::span<const verb> user_verbs();    ///< AWAY SETNAME USERHOST USERIP ISON MONITOR SILENCE ACCEPT
std::span<const verb> query_verbs();   ///< WHO WHOIS WHOWAS
std::span<const verb> server_verbs();  ///< MOTD LUSERS VERSION STATS LINKS TIME CONNECT TRACE ADMIN
                                       ///< INFO SERVLIST USERS SUMMON MAP HELP RULES ISUPPORT
std::span<const verb> operator_verbs(); ///< OPER KILL REHASH RESTART DIE SQUIT SERVER WALLOPS KLINE
                                        ///< … SAJOIN … FILTER AUDIT
std::span<const verb> service_verbs();  ///< NICKSERV NS CHANSERV CS

} // namespace hamlet::irc
