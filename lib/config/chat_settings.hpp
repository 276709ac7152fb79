// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/chat_kinds.hpp"
#include "lib/config/node_settings.hpp"

// Chat by IRC: the network as a whole. Sizes, limits and history are in files of their own.

namespace hamlet::config {

using words_list = std::vector<std::string>;

struct chat_settings {
  static constexpr std::string_view section = "chat";
  static constexpr std::string_view doc = "Chat by IRC: ports 6667 and 6697, and WebSocket.";

  setting<std::string> network{.name = "chat.network",
                               .value = "Hamlet",
                               .when = takes_effect::for_new_connections,
                               .is_valid = is_printable_word,
                               .expects = "a word of printable ASCII",
                               .doc = "Name of the network, as NETWORK in RPL_ISUPPORT."};
  setting<std::string> server_name{
    .name = "chat.server_name",
    .zero = "node.hostname",
    .when = takes_effect::on_restart,
    .is_valid = is_domain,
    .expects = "a domain name, such as \"irc.example.org\"",
    .doc = "The server that clients see. All nodes of a community are one server to them, under "
           "one name (RFC 2812 §1.1)."};
  setting<std::string> description{.name = "chat.description",
                                   .value = "Hamlet",
                                   .is_valid = is_printable_text,
                                   .expects = "one line of text",
                                   .doc = "Of the server, in the replies of WHOIS and LINKS."};
  setting<bool> show_nodes{.name = "chat.show_nodes",
                           .value = false,
                           .when = takes_effect::for_new_connections,
                           .doc = "LINKS, MAP, TRACE, WHOIS and WHO show which node somebody is "
                                  "connected to, as NODE.SERVER_NAME. Else all nodes are one "
                                  "server to clients."};
  setting<std::string> motd_file{.name = "chat.motd_file",
                                 .zero = "no message of the day",
                                 .is_valid = is_absolute_path,
                                 .expects = "an absolute path",
                                 .doc = "Text that every client is shown when it has connected "
                                        "(RFC 2812 §3.4.1). Is read again on SIGHUP."};
  setting<words_list> admin{.name = "chat.admin",
                            .zero = "only the name of the network",
                            .is_valid = are_printable_lines,
                            .expects = "a list of lines of text",
                            .doc = "Where the server stands, who runs it, how to reach them: the "
                                   "lines of ADMIN (RFC 2812 §3.4.9)."};
  setting<std::string> password_file{
    .name = "chat.password_file",
    .zero = "none is asked for",
    .is_valid = is_absolute_path,
    .expects = "an absolute path",
    .doc = "Its first line is the password that PASS has to tell before NICK and USER (RFC 2812 "
           "§3.1.1), or its hash, made by `hamlet chat hash-password`. Members who log in need "
           "none."};
  setting<bool> needs_account{.name = "chat.needs_account",
                              .value = false,
                              .when = takes_effect::for_new_connections,
                              .doc = "Only members who log in by SASL are let in."};
  setting<bool> needs_tls_for_login{.name = "chat.needs_tls_for_login",
                                    .value = true,
                                    .when = takes_effect::for_new_connections,
                                    .doc = "Passwords are taken only inside TLS, or on this host. "
                                           "SCRAM, which shows no password, is taken outside as "
                                           "well."};
  setting<bool> registers_before_connect{
    .name = "chat.registers_before_connect",
    .value = true,
    .when = takes_effect::for_new_connections,
    .doc = "REGISTER may come before the end of the connection's registration, where "
           "accounts.registration allows it at all."};
  setting<bool> utf8_only{.name = "chat.utf8_only",
                          .value = true,
                          .when = takes_effect::for_new_connections,
                          .doc = "What is not UTF-8 is refused (UTF8ONLY). Else it is passed on as "
                                 "it came, but for clients of WebSocket."};
  setting<bool> utf8_nicks{.name = "chat.utf8_nicks",
                           .value = false,
                           .when = takes_effect::on_restart,
                           .doc = "Letters of all scripts in nicks and channel names, compared by "
                                  "PRECIS (RFC 8265 §3.3). Old clients may not know the case of "
                                  "such letters."};
  setting<std::string> default_channel_modes{
    .name = "chat.default_channel_modes",
    .value = "+nt",
    .zero = "none",
    .is_valid = is_mode_letters,
    .expects = "+ and letters of modes without parameter",
    .doc = "Modes of a channel that somebody makes by joining."};
  setting<config::persistence> persistence{
    .name = "chat.persistence",
    .value = config::persistence::opt_in,
    .doc = "Whether members stay in their channels when their last client is gone: nobody, those "
           "that asked for it, or all but those that do not want it."};
  setting<bool> auto_away{.name = "chat.auto_away",
                          .value = true,
                          .doc = "A member who stays without a client is shown as away."};
  setting<duration> resume_grace{
    .name = "chat.resume_grace",
    .value = 90s,
    .min = 1s,
    .max = 1h,
    .zero = "their QUIT is seen at once",
    .doc = "A member whose connection broke and who logs in again within this time goes on where "
           "they were; nobody sees a QUIT."};
  setting<bool> protects_nicks{.name = "chat.protects_nicks",
                               .value = true,
                               .doc = "A nick that belongs to an account is for its owner alone."};
  setting<duration> nick_expiry{
    .name = "chat.nick_expiry",
    .value = 365 * 24h,
    .min = 24h,
    .max = 3650 * 24h,
    .zero = "never",
    .doc = "A nick that its owner has not used for so long is free again. The name of an account "
           "is always its own."};
  setting<bool> mail_notice{.name = "chat.mail_notice",
                            .value = true,
                            .doc = "Members are told in chat of new mail, unless they do not want "
                                   "it."};

  setting<duration> mail_notice_gap{
    .name = "chat.mail_notice_gap",
    .value = 5s,
    .min = 1s,
    .max = 1h,
    .doc = "Between two such notices to one member: what comes meanwhile is told in one."};

  setting<bool> cloak{.name = "chat.cloak",
                      .value = true,
                      .when = takes_effect::for_new_connections,
                      .doc = "Shows hashes in place of the addresses of users, to all but "
                             "operators."};
  setting<std::string> cloak_suffix{.name = "chat.cloak_suffix",
                                    .zero = "the name of the network",
                                    .when = takes_effect::on_restart,
                                    .is_valid = is_host_suffix,
                                    .expects = "letters, digits, '-' and dots",
                                    .doc = "How a cloaked host ends."};
  setting<std::string> cloak_key_file{
    .name = "chat.cloak_key_file",
    .zero =
      "cloak.key in the data folder, made at the first start; of the nodes of a cluster one that "
      "they derive from server.key",
    .when = takes_effect::on_restart,
    .is_valid = is_absolute_path,
    .expects = "an absolute path",
    .doc = "32 octets that cloaks are made with. A new key makes new cloaks: see "
           "chat.cloak_old_keys."};
  setting<words_list> cloak_old_keys{
    .name = "chat.cloak_old_keys",
    .zero = "none: bans of cloaks of another key catch nobody",
    .when = takes_effect::on_restart,
    .is_valid = are_key_names,
    .expects = "a list of up to 8 absolute paths, or \"derived\"",
    .doc = "Files of keys that cloaks were made with before: bans of those cloaks go on to catch "
           "whoever comes. \"derived\" is the key that nodes of a cluster derive from server.key. "
           "Take a key off when its bans are no longer wanted."};

  setting<bool> sts{.name = "chat.sts",
                    .value = false,
                    .when = takes_effect::for_new_connections,
                    .doc = "Tells clients to come back with TLS only, for chat.sts_duration. Turn "
                           "it on with a certificate that clients trust, never with our own."};
  setting<std::uint64_t> sts_port{.name = "chat.sts_port",
                                  .value = 0,
                                  .unit = "(port)",
                                  .min = 1,
                                  .max = 65'535,
                                  .zero = "the first of listen.ircs",
                                  .when = takes_effect::for_new_connections,
                                  .doc = "Where clients without TLS are sent to."};
  setting<duration> sts_duration{
    .name = "chat.sts_duration",
    .value = 30 * 24h,
    .min = 1min,
    .max = 400 * 24h,
    .zero = "clients forget it",
    .when = takes_effect::for_new_connections,
    .is_valid = is_whole_seconds,
    .expects = "whole seconds",
    .doc = "How long a client keeps to it. Before you turn chat.sts off, set this to \"0s\" until "
           "all have been here."};
  setting<bool> sts_preload{.name = "chat.sts_preload",
                            .value = false,
                            .when = takes_effect::for_new_connections,
                            .doc = "Allows makers of clients to put the server into their lists."};

  setting<words_list> sts_hosts{
    .name = "chat.sts_hosts",
    .zero = "chat.server_name",
    .when = takes_effect::for_new_connections,
    .is_valid = are_host_masks,
    .expects = "a list of up to 32 names, with * and ?",
    .doc = "Names of the server that STS is for: who comes by TLS is told how long to keep to it "
           "only when it asked for one of these (SNI)."};

  setting<std::string> websocket_path{.name = "chat.websocket_path",
                                      .zero = "any path",
                                      .when = takes_effect::for_new_connections,
                                      .is_valid = is_url_path,
                                      .expects = "a path such as \"/irc\"",
                                      .doc = "What a WebSocket has to ask for."};
  setting<words_list> websocket_origins{
    .name = "chat.websocket_origins",
    .zero = "those of the host that the browser asked for",
    .when = takes_effect::for_new_connections,
    .is_valid = are_origins,
    .expects = "a list of origins such as \"https://chat.example.org\", or [\"*\"]",
    .doc = "Sites whose pages may open a WebSocket here (RFC 6455 §10.2). A client that names no "
           "origin is no browser and is let in."};
  setting<networks> trusted_proxies{
    .name = "chat.trusted_proxies",
    .zero = "nobody",
    .when = takes_effect::for_new_connections,
    .doc = "Web servers before the WebSocket that are believed what X-Forwarded-For and "
           "X-Forwarded-Proto say of the client."};
  setting<std::vector<web_gateway>> webirc{
    .name = "chat.webirc",
    .zero = "nobody",
    .when = takes_effect::for_new_connections,
    .doc = "Web gateways, which tell by WEBIRC who their clients are."};
  setting<std::vector<chat_operator>> operators{.name = "chat.operator",
                                                .zero =
                                                  "only accounts of the role moderator or admin",
                                                .doc = "Who becomes an operator by OPER."};
  setting<bool> staff_are_operators{
    .name = "chat.staff_are_operators",
    .value = true,
    .doc = "A logged-in member of the role moderator or admin becomes an operator by OPER with the "
           "name and password of the account; a moderator without reload, stop and links."};

  setting<duration> audit_age{.name = "chat.audit_age",
                              .value = 365 * 24h,
                              .min = 24h,
                              .max = 3650 * 24h,
                              .doc = "What operators did is kept for so long (AUDIT)."};

  static auto all(auto& x) {
    return std::tie(x.network, x.server_name, x.description, x.show_nodes, x.motd_file, x.admin,
                    x.password_file, x.needs_account, x.needs_tls_for_login,
                    x.registers_before_connect, x.utf8_only, x.utf8_nicks, x.default_channel_modes,
                    x.persistence, x.auto_away, x.resume_grace, x.protects_nicks, x.nick_expiry,
                    x.mail_notice, x.mail_notice_gap, x.cloak, x.cloak_suffix, x.cloak_key_file,
                    x.cloak_old_keys, x.sts, x.sts_port, x.sts_duration, x.sts_preload, x.sts_hosts,
                    x.websocket_path, x.websocket_origins, x.trusted_proxies, x.webirc, x.operators,
                    x.staff_are_operators, x.audit_age);
  }
};

} // namespace hamlet::config
