// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/chat_kinds.hpp"
#include "lib/config/node_settings.hpp"

// Chat: what fits into what.

namespace hamlet::config {

struct chat_sizes_settings {
  static constexpr std::string_view section = "chat_sizes";
  static constexpr std::string_view doc = "How long and how many: told to clients in RPL_ISUPPORT.";

  setting<std::uint64_t> nick_length{.name = "chat_sizes.nick_length",
                                     .value = 32,
                                     .unit = octets,
                                     .min = 9,
                                     .max = 64,
                                     .when = takes_effect::on_restart,
                                     .doc = "NICKLEN; RFC 2812 §1.2.1 has 9."};
  setting<std::uint64_t> user_length{.name = "chat_sizes.user_length",
                                     .value = 18,
                                     .unit = octets,
                                     .min = 9,
                                     .max = 64,
                                     .when = takes_effect::on_restart,
                                     .doc = "USERLEN, of the user name before the @ of a mask."};
  setting<std::uint64_t> real_name_length{.name = "chat_sizes.real_name_length",
                                          .value = 150,
                                          .unit = octets,
                                          .min = 20,
                                          .max = 300,
                                          .when = takes_effect::on_restart,
                                          .doc = "NAMELEN, of the real name (SETNAME)."};
  setting<std::uint64_t> channel_length{.name = "chat_sizes.channel_length",
                                        .value = 64,
                                        .unit = octets,
                                        .min = 20,
                                        .max = 200,
                                        .when = takes_effect::on_restart,
                                        .doc = "CHANNELLEN; RFC 2812 §1.3 has 50."};
  setting<std::uint64_t> topic_length{.name = "chat_sizes.topic_length",
                                      .value = 390,
                                      .unit = octets,
                                      .min = 80,
                                      .max = 400,
                                      .when = takes_effect::on_restart,
                                      .doc = "TOPICLEN."};
  setting<std::uint64_t> kick_length{.name = "chat_sizes.kick_length",
                                     .value = 390,
                                     .unit = octets,
                                     .min = 80,
                                     .max = 400,
                                     .when = takes_effect::on_restart,
                                     .doc = "KICKLEN, of the comment of a KICK."};
  setting<std::uint64_t> away_length{.name = "chat_sizes.away_length",
                                     .value = 390,
                                     .unit = octets,
                                     .min = 80,
                                     .max = 400,
                                     .when = takes_effect::on_restart,
                                     .doc = "AWAYLEN, of the text of AWAY."};
  setting<std::uint64_t> key_length{.name = "chat_sizes.key_length",
                                    .value = 32,
                                    .unit = octets,
                                    .min = 8,
                                    .max = 64,
                                    .when = takes_effect::on_restart,
                                    .doc = "KEYLEN, of the key of a channel (+k)."};
  setting<std::uint64_t> channels_per_user{.name = "chat_sizes.channels_per_user",
                                           .value = 100,
                                           .unit = "channels",
                                           .min = 1,
                                           .max = 10000,
                                           .when = takes_effect::on_restart,
                                           .doc = "CHANLIMIT: channels that one user may be in."};
  setting<std::uint64_t> modes_per_line{.name = "chat_sizes.modes_per_line",
                                        .value = 20,
                                        .unit = "modes",
                                        .min = 1,
                                        .max = 50,
                                        .when = takes_effect::on_restart,
                                        .doc = "MODES with a parameter in one command."};
  setting<std::uint64_t> list_entries{
    .name = "chat_sizes.list_entries",
    .value = 100,
    .unit = "masks",
    .min = 10,
    .max = 10000,
    .when = takes_effect::on_restart,
    .doc = "MAXLIST: of each of the lists of a channel (bans, exceptions, invitations)."};
  setting<std::uint64_t> targets{.name = "chat_sizes.targets",
                                 .value = 4,
                                 .unit = "targets",
                                 .min = 1,
                                 .max = 20,
                                 .when = takes_effect::on_restart,
                                 .doc = "TARGMAX, of one PRIVMSG, NOTICE, TAGMSG or KICK."};
  setting<std::uint64_t> monitor{.name = "chat_sizes.monitor",
                                 .value = 128,
                                 .unit = "nicks",
                                 .min = 1,
                                 .max = 10000,
                                 .when = takes_effect::on_restart,
                                 .doc = "MONITOR: nicks that one client may watch."};
  setting<std::uint64_t> silence{.name = "chat_sizes.silence",
                                 .value = 64,
                                 .unit = "masks",
                                 .min = 1,
                                 .max = 1000,
                                 .when = takes_effect::on_restart,
                                 .doc = "SILENCE: masks that one user may ignore."};
  setting<std::uint64_t> accept{.name = "chat_sizes.accept",
                                .value = 64,
                                .unit = "nicks",
                                .min = 1,
                                .max = 1000,
                                .when = takes_effect::on_restart,
                                .doc = "ACCEPT: who may write to one user of mode +g."};
  setting<std::uint64_t> multiline_octets{.name = "chat_sizes.multiline_octets",
                                          .value = 40000,
                                          .unit = octets,
                                          .min = 512,
                                          .max = 262144,
                                          .when = takes_effect::on_restart,
                                          .doc = "max-bytes of draft/multiline."};
  setting<std::uint64_t> multiline_lines{.name = "chat_sizes.multiline_lines",
                                         .value = 100,
                                         .unit = "lines",
                                         .min = 2,
                                         .max = 1000,
                                         .when = takes_effect::on_restart,
                                         .doc = "max-lines of draft/multiline."};
  setting<std::uint64_t> metadata_keys{.name = "chat_sizes.metadata_keys",
                                       .value = 32,
                                       .unit = "keys",
                                       .min = 0,
                                       .max = 1000,
                                       .when = takes_effect::on_restart,
                                       .doc =
                                         "max-keys of draft/metadata-2, of one user or channel."};
  setting<std::uint64_t> metadata_value{.name = "chat_sizes.metadata_value",
                                        .value = 1000,
                                        .unit = octets,
                                        .min = 64,
                                        .max = 4000,
                                        .when = takes_effect::on_restart,
                                        .doc = "max-value-bytes of draft/metadata-2."};
  setting<std::uint64_t> metadata_subscriptions{.name = "chat_sizes.metadata_subscriptions",
                                                .value = 50,
                                                .unit = "keys",
                                                .min = 0,
                                                .max = 1000,
                                                .when = takes_effect::on_restart,
                                                .doc =
                                                  "max-subs of draft/metadata-2, of one client."};
  setting<std::uint64_t> nicks_per_account{.name = "chat_sizes.nicks_per_account",
                                           .value = 10,
                                           .unit = "nicks",
                                           .min = 1,
                                           .max = 1000,
                                           .doc =
                                             "Nicks that one account may own beside its name."};
  setting<std::uint64_t> certificates_per_account{
    .name = "chat_sizes.certificates_per_account",
    .value = 10,
    .unit = "certificates",
    .min = 1,
    .max = 100,
    .doc = "Certificates that one account may log in with (SASL EXTERNAL)."};
  setting<std::uint64_t> channels_per_account{.name = "chat_sizes.channels_per_account",
                                              .value = 50,
                                              .unit = "channels",
                                              .min = 1,
                                              .max = 100000,
                                              .doc = "Channels that one account may register."};
  setting<std::uint64_t> clients_per_account{
    .name = "chat_sizes.clients_per_account",
    .value = 20,
    .unit = "clients",
    .min = 1,
    .max = 1000,
    .doc = "Clients that one account may have at the same time."};
  setting<std::uint64_t> who_users{.name = "chat_sizes.who_users",
                                   .value = 1000,
                                   .unit = "users",
                                   .min = 1,
                                   .max = 1000000,
                                   .doc = "Users that WHO of a mask shows; with more, 416. Of a "
                                          "channel it shows all."};
  setting<std::uint64_t> who_was_entries{.name = "chat_sizes.who_was_entries",
                                         .value = 1000,
                                         .unit = "entries",
                                         .min = 10,
                                         .max = 1000000,
                                         .doc = "Users that have left and that WHOWAS knows."};
  setting<duration> who_was_age{.name = "chat_sizes.who_was_age",
                                .value = 24h,
                                .min = 1min,
                                .max = 365 * 24h,
                                .doc = "How long WHOWAS knows them."};

  static auto all(auto& x) {
    return std::tie(x.nick_length, x.user_length, x.real_name_length, x.channel_length,
                    x.topic_length, x.kick_length, x.away_length, x.key_length, x.channels_per_user,
                    x.modes_per_line, x.list_entries, x.targets, x.monitor, x.silence, x.accept,
                    x.multiline_octets, x.multiline_lines, x.metadata_keys, x.metadata_value,
                    x.metadata_subscriptions, x.nicks_per_account, x.certificates_per_account,
                    x.channels_per_account, x.clients_per_account, x.who_users, x.who_was_entries,
                    x.who_was_age);
  }
};

} // namespace hamlet::config
