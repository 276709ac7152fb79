// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/chat_kinds.hpp"
#include "lib/config/node_settings.hpp"

// Chat: against floods.

namespace hamlet::config {

struct chat_limits_settings {
  static constexpr std::string_view section = "chat_limits";
  static constexpr std::string_view doc =
    "What a client of chat may take, and how fast. A rate \"10/15s\" allows ten within 15 seconds; "
    "[limits] counts as well.";

  setting<networks> exempt{.name = "chat_limits.exempt",
                           .zero = "nobody",
                           .doc = "Nothing of this section but send_queue, receive_queue and the "
                                  "time-outs is applied to clients from here."};
  setting<std::uint64_t> connections_per_address{.name = "chat_limits.connections_per_address",
                                                 .value = 16,
                                                 .unit = "connections",
                                                 .min = 1,
                                                 .max = 100000,
                                                 .zero = "no limit",
                                                 .doc = "Clients of one address at the same time."};
  setting<rate> new_connections{.name = "chat_limits.new_connections",
                                .value = {32u, 10min},
                                .zero = "no limit",
                                .doc = "New clients of one address."};
  setting<std::uint64_t> ipv4_prefix{
    .name = "chat_limits.ipv4_prefix",
    .value = 32,
    .unit = "bits",
    .min = 8,
    .max = 32,
    .doc = "So much of an IPv4 address is \"one address\" in this section."};
  setting<std::uint64_t> ipv6_prefix{.name = "chat_limits.ipv6_prefix",
                                     .value = 64,
                                     .unit = "bits",
                                     .min = 16,
                                     .max = 128,
                                     .doc = "The same of an IPv6 address."};
  setting<duration> registration_timeout{
    .name = "chat_limits.registration_timeout",
    .value = 60s,
    .min = 5s,
    .max = 10min,
    .when = takes_effect::for_new_connections,
    .doc = "From the connection to the end of NICK, USER, CAP and SASL."};
  setting<duration> ping_interval{.name = "chat_limits.ping_interval",
                                  .value = 90s,
                                  .min = 10s,
                                  .max = 1h,
                                  .when = takes_effect::for_new_connections,
                                  .doc = "A silent client is asked by PING after this."};
  setting<duration> ping_timeout{.name = "chat_limits.ping_timeout",
                                 .value = 90s,
                                 .min = 10s,
                                 .max = 1h,
                                 .when = takes_effect::for_new_connections,
                                 .doc = "It is hung up on when it stays silent so much longer."};
  setting<std::uint64_t> send_queue{
    .name = "chat_limits.send_queue",
    .value = 1u << 20,
    .unit = octets,
    .min = 64u << 10,
    .max = 64u << 20,
    .when = takes_effect::for_new_connections,
    .doc = "A client that leaves more unread is hung up on (SendQ exceeded)."};
  setting<std::uint64_t> receive_queue{
    .name = "chat_limits.receive_queue",
    .value = 16u << 10,
    .unit = octets,
    .min = 9u << 10,
    .max = 1u << 20,
    .when = takes_effect::for_new_connections,
    .doc = "The longest line with its tags, and what waits because of commands. RFC 2812 §2.3 has "
           "lines of 512, message tags add 8191."};
  setting<std::uint64_t> before_registration{
    .name = "chat_limits.before_registration",
    .value = 4u << 10,
    .unit = octets,
    .min = 4u << 10,
    .max = 1u << 20,
    .when = takes_effect::for_new_connections,
    .doc = "Of a client that is not registered yet, in all: with more it is hung up on. A login by "
           "SASL needs less than 2 KiB."};
  setting<duration> flood_ban{
    .name = "chat_limits.flood_ban",
    .value = 10min,
    .min = 1s,
    .max = 24h,
    .zero = "nobody is banned",
    .when = takes_effect::for_new_connections,
    .doc = "Who sends more than before_registration stays out for so long, by a DLINE of the "
           "address (ipv4_prefix, ipv6_prefix) that operators see and may lift. Users that are "
           "here from there stay. This host, web gateways and proxies are not banned."};
  setting<duration> batch_timeout{
    .name = "chat_limits.batch_timeout",
    .value = 30s,
    .min = 5s,
    .max = 10min,
    .when = takes_effect::for_new_connections,
    .doc = "From the beginning of a message of several lines (BATCH) to its end."};
  setting<std::uint64_t> burst{
    .name = "chat_limits.burst",
    .value = 5,
    .unit = "lines",
    .min = 1,
    .max = 1000,
    .zero = "no limit",
    .doc = "Commands that are taken at once; the following wait for chat_limits.commands."};
  setting<rate> commands{.name = "chat_limits.commands",
                         .value = {2u, 1s},
                         .zero = "no limit",
                         .doc =
                           "Commands after the burst. They wait and are not lost, as long as they "
                           "fit into receive_queue."};
  setting<std::uint64_t> heavy_cost{
    .name = "chat_limits.heavy_cost",
    .value = 4,
    .unit = "lines",
    .min = 1,
    .max = 100,
    .doc = "WHO, LIST, NAMES of much, WHOWAS and the like count as so many commands."};
  setting<rate> nick_changes{.name = "chat_limits.nick_changes",
                             .value = {5u, 60s},
                             .zero = "no limit",
                             .doc = "NICK of one client."};
  setting<rate> joins{.name = "chat_limits.joins",
                      .value = {5u, 60s},
                      .zero = "no limit",
                      .doc = "JOIN of one channel by one client again and again."};
  setting<rate> away_changes{.name = "chat_limits.away_changes",
                             .value = {5u, 60s},
                             .zero = "no limit",
                             .doc = "AWAY of one client."};
  setting<rate> invitations{.name = "chat_limits.invitations",
                            .value = {5u, 60s},
                            .zero = "no limit",
                            .doc = "INVITE of one client."};
  setting<rate> knocks{.name = "chat_limits.knocks",
                       .value = {3u, 60s},
                       .zero = "no limit",
                       .doc = "KNOCK of one client."};
  setting<rate> strangers{.name = "chat_limits.strangers",
                          .value = {10u, 15s},
                          .zero = "no limit",
                          .doc = "Users that one client begins to write to, and that do not share "
                                 "a channel with it nor wrote to it."};
  setting<rate> topic_changes{.name = "chat_limits.topic_changes",
                              .value = {10u, 60s},
                              .zero = "no limit",
                              .doc = "TOPIC of one client."};
  setting<rate> metadata_changes{.name = "chat_limits.metadata_changes",
                                 .value = {20u, 60s},
                                 .zero = "no limit",
                                 .doc = "METADATA SET of one client."};
  setting<rate> operator_failures{.name = "chat_limits.operator_failures",
                                  .value = {3u, 10min},
                                  .zero = "no limit",
                                  .doc = "Failed OPER of one address."};
  setting<std::uint64_t> login_failures{.name = "chat_limits.login_failures",
                                        .value = 3,
                                        .unit = "failures",
                                        .min = 1,
                                        .max = 100,
                                        .when = takes_effect::for_new_connections,
                                        .doc =
                                          "Failed logins on one connection; then it is closed."};

  setting<std::uint64_t> ban_share{
    .name = "chat_limits.ban_share",
    .value = 25,
    .unit = "percent",
    .min = 1,
    .max = 100,
    .doc = "A KLINE or DLINE that hits more of the users who are here has to be said twice."};
  setting<std::uint64_t> ban_hits{.name = "chat_limits.ban_hits",
                                  .value = 5,
                                  .unit = "users",
                                  .min = 0,
                                  .max = 1'000'000,
                                  .doc = "So many it may always hit."};
  setting<std::uint64_t> bans{
    .name = "chat_limits.bans",
    .value = 10'000,
    .unit = "bans",
    .min = 10,
    .max = 1'000'000,
    .doc = "KLINE, DLINE and RESV in all; those of flood_ban take half of them at most."};
  setting<std::uint64_t> filters{.name = "chat_limits.filters",
                                 .value = 200,
                                 .unit = "filters",
                                 .min = 1,
                                 .max = 10'000,
                                 .doc = "Of FILTER."};

  static auto all(auto& x) {
    return std::tie(x.exempt, x.connections_per_address, x.new_connections, x.ipv4_prefix,
                    x.ipv6_prefix, x.registration_timeout, x.ping_interval, x.ping_timeout,
                    x.send_queue, x.receive_queue, x.before_registration, x.flood_ban,
                    x.batch_timeout, x.burst, x.commands, x.heavy_cost, x.nick_changes, x.joins,
                    x.away_changes, x.invitations, x.knocks, x.strangers, x.topic_changes,
                    x.metadata_changes, x.operator_failures, x.login_failures, x.ban_share,
                    x.ban_hits, x.bans, x.filters);
  }
};

} // namespace hamlet::config
