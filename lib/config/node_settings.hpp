// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/checks.hpp"
#include "lib/config/kinds.hpp"
#include "lib/config/setting.hpp"

#include <chrono>
#include <tuple>
#include <vector>

// What belongs to the program as a whole: its name, its doors, its log.

namespace hamlet::config {

using namespace std::chrono_literals;
using duration = std::chrono::milliseconds;
using endpoints = std::vector<endpoint>;
using certificates = std::vector<tls::certificate_files>; ///< chain and key
using networks = std::vector<network>;

struct node_settings {
  static constexpr std::string_view section = "node";
  static constexpr std::string_view doc = "This host.";

  setting<std::string> hostname{
    .name = "node.hostname",
    .zero = "the host's own name",
    .when = takes_effect::on_restart,
    .is_valid = is_domain,
    .expects = "a domain name, such as \"mail.example.org\"",
    .doc = "The name in greetings, in Received lines and in message ids (RFC 5321 §2.3.5). Should "
           "be the name that the address of this host has in DNS."};
  setting<std::string> data_folder{
    .name = "node.data_folder",
    .value = "/var/lib/hamlet",
    .when = takes_effect::on_restart,
    .is_valid = is_absolute_path,
    .expects = "an absolute path",
    .doc = "Holds the store, the large messages and the certificate made at the first start. One "
           "running program a folder."};
  setting<int> io_threads{.name = "node.io_threads",
                          .value = 0,
                          .unit = "threads",
                          .min = 1,
                          .max = 256,
                          .zero = "one per core",
                          .when = takes_effect::on_restart,
                          .doc = "Threads that move bytes between sockets and sessions."};
  setting<int> actor_threads{.name = "node.actor_threads",
                             .value = 0,
                             .unit = "threads",
                             .min = 1,
                             .max = 256,
                             .zero = "chosen from the number of cores",
                             .when = takes_effect::on_restart,
                             .doc = "Threads that run the actors."};

  static auto all(auto& x) {
    return std::tie(x.hostname, x.data_folder, x.io_threads, x.actor_threads);
  }
};

struct listen_settings {
  static constexpr std::string_view section = "listen";
  static constexpr std::string_view doc = "Where clients come in. An empty list turns a door off.";

  static endpoints any(std::uint16_t port) {
    return {*endpoint::of("0.0.0.0:" + std::to_string(port)),
            *endpoint::of("[::]:" + std::to_string(port))};
  }

  setting<endpoints> smtp{.name = "listen.smtp",
                          .value = any(25),
                          .zero = "off",
                          .when = takes_effect::on_restart,
                          .doc = "Mail from other hosts, with STARTTLS (RFC 5321)."};
  setting<endpoints> submission{.name = "listen.submission",
                                .value = any(587),
                                .zero = "off",
                                .when = takes_effect::on_restart,
                                .doc = "Mail from members, who log in after STARTTLS (RFC 6409)."};
  setting<endpoints> submissions{
    .name = "listen.submissions",
    .value = any(465),
    .zero = "off",
    .when = takes_effect::on_restart,
    .doc = "Mail from members, with TLS from the first byte (RFC 8314 §3.3)."};
  setting<endpoints> pop3{.name = "listen.pop3",
                          .value = any(110),
                          .zero = "off",
                          .when = takes_effect::on_restart,
                          .doc = "Mailboxes, with STLS (RFC 1939, RFC 2595)."};
  setting<endpoints> pop3s{.name = "listen.pop3s",
                           .value = any(995),
                           .zero = "off",
                           .when = takes_effect::on_restart,
                           .doc = "Mailboxes, with TLS from the first byte (RFC 8314 §3.1)."};
  setting<endpoints> irc{.name = "listen.irc",
                         .value = {*endpoint::of("127.0.0.1:6667"), *endpoint::of("[::1]:6667")},
                         .zero = "off",
                         .when = takes_effect::on_restart,
                         .doc = "Chat without TLS (RFC 2812), by default for this host alone."};
  setting<endpoints> ircs{.name = "listen.ircs",
                          .value = any(6697),
                          .zero = "off",
                          .when = takes_effect::on_restart,
                          .doc = "Chat, with TLS from the first byte (RFC 7194)."};
  setting<endpoints> irc_websocket{
    .name = "listen.irc_websocket",
    .value = {*endpoint::of("127.0.0.1:8067")},
    .zero = "off",
    .when = takes_effect::on_restart,
    .doc = "Chat over WebSocket without TLS (RFC 6455), for a web server before us."};
  setting<endpoints> irc_websockets{.name = "listen.irc_websockets",
                                    .zero = "off",
                                    .when = takes_effect::on_restart,
                                    .doc = "Chat over WebSocket with TLS, for browsers."};
  setting<endpoints> admin{.name = "listen.admin",
                           .value = {*endpoint::of("127.0.0.1:9080")},
                           .zero = "off",
                           .when = takes_effect::on_restart,
                           .doc = "Health and metrics over HTTP, for monitoring. Nobody logs in "
                                  "here: leave it on a private address."};
  setting<networks> proxy_from{
    .name = "listen.proxy_from",
    .zero = "nobody",
    .when = takes_effect::for_new_connections,
    .doc =
      "Load balancers that begin each connection with a PROXY header, version 1 or 2, naming the "
      "client. A connection from here without that header is cut."};

  static auto all(auto& x) {
    return std::tie(x.smtp, x.submission, x.submissions, x.pop3, x.pop3s, x.irc, x.ircs,
                    x.irc_websocket, x.irc_websockets, x.admin, x.proxy_from);
  }
};

struct tls_settings {
  static constexpr std::string_view section = "tls";
  static constexpr std::string_view doc = "Certificates and the versions of TLS.";

  setting<config::certificates> certificates{
    .name = "tls.certificate",
    .zero = "a self-signed one, made at the first start and kept in the data folder",
    .when = takes_effect::for_new_connections,
    .doc = "Files in PEM. With several, the name that the client asks for chooses (RFC 6066 §3); "
           "the first serves all others. The files are read again on SIGHUP."};
  setting<tls::version> min_version{.name = "tls.min_version",
                                    .value = tls::version::tls_1_2,
                                    .when = takes_effect::for_new_connections,
                                    .doc = "Older ones are refused (RFC 9325 §3.1.1)."};

  setting<bool> channel_binding{
    .name = "tls.channel_binding",
    .value = true,
    .when = takes_effect::for_new_connections,
    .doc =
      "Offers SCRAM-SHA-256-PLUS (RFC 5802), which ties a login to its TLS connection. mutt of "
      "Debian 12 chooses it and cannot do it under TLS 1.3: with false such programs log in as "
      "they are, else they must be told to use another mechanism (pop_authenticators)."};

  static auto all(auto& x) { return std::tie(x.certificates, x.min_version, x.channel_binding); }
};

struct limits_settings {
  static constexpr std::string_view section = "limits";
  static constexpr std::string_view doc =
    "What one client, and all of them, may take of this host. \"An address\" is an IPv4 address or "
    "an IPv6 /64.";

  setting<std::uint64_t> connections{.name = "limits.connections",
                                     .value = 20'000,
                                     .unit = "connections",
                                     .min = 1,
                                     .max = 1'000'000,
                                     .zero = "no limit",
                                     .doc = "Clients of all protocols together."};
  setting<std::uint64_t> connections_per_ip{.name = "limits.connections_per_ip",
                                            .value = 50,
                                            .unit = "connections",
                                            .min = 1,
                                            .max = 1'000'000,
                                            .zero = "no limit",
                                            .doc = "Clients of one address at the same time."};
  setting<std::uint64_t> connections_per_minute{.name = "limits.connections_per_minute",
                                                .value = 300,
                                                .unit = "connections",
                                                .min = 1,
                                                .max = 1'000'000,
                                                .zero = "no limit",
                                                .doc = "New clients of one address in a minute."};
  setting<networks> exempt{.name = "limits.exempt",
                           .value = {*network::of("127.0.0.0/8"), *network::of("::1")},
                           .zero = "nobody",
                           .doc =
                             "Only limits.connections counts for these: monitoring, a web mailer."};
  setting<std::uint64_t> write_queue{.name = "limits.write_queue",
                                     .value = 1u << 20,
                                     .unit = octets,
                                     .min = 128u << 10,
                                     .max = 64u << 20,
                                     .when = takes_effect::for_new_connections,
                                     .doc = "A client that leaves more of our answers unread is "
                                            "hung up on."};
  setting<std::uint64_t> write_pause{.name = "limits.write_pause",
                                     .value = 64u << 10,
                                     .unit = octets,
                                     .min = 4u << 10,
                                     .max = 16u << 20,
                                     .when = takes_effect::for_new_connections,
                                     .doc = "From a client that leaves more of our answers unread "
                                            "no more commands are read until it has caught up."};
  setting<duration> handshake_timeout{.name = "limits.handshake_timeout",
                                      .value = 20s,
                                      .min = 1s,
                                      .max = 5min,
                                      .when = takes_effect::for_new_connections,
                                      .doc = "For the TLS handshake."};
  setting<duration> proxy_header_timeout{.name = "limits.proxy_header_timeout",
                                         .value = 5s,
                                         .min = 100ms,
                                         .max = 1min,
                                         .when = takes_effect::for_new_connections,
                                         .doc = "For the PROXY header of a load balancer."};
  setting<duration> linger{.name = "limits.linger",
                           .value = 2s,
                           .min = 100ms,
                           .max = 1min,
                           .when = takes_effect::for_new_connections,
                           .doc = "For a client to read our last words before the socket closes."};

  static auto all(auto& x) {
    return std::tie(x.connections, x.connections_per_ip, x.connections_per_minute, x.exempt,
                    x.write_queue, x.write_pause, x.handshake_timeout, x.proxy_header_timeout,
                    x.linger);
  }
};

struct log_settings {
  static constexpr std::string_view section = "log";
  static constexpr std::string_view doc = "What is written down of what happens. Passwords and the "
                                          "text of messages never are.";

  setting<log::level> level{
    .name = "log.level", .value = log::level::info, .doc = "Lines of this level and above."};
  setting<log::format> format{.name = "log.format",
                              .value = log::format::text,
                              .doc = "\"text\" is for people, \"json\" has one object a line."};
  setting<std::string> file{.name = "log.file",
                            .zero = "standard error",
                            .is_valid = is_absolute_path,
                            .expects = "an absolute path",
                            .doc = "Is appended to, and opened again on SIGHUP (logrotate)."};

  static auto all(auto& x) { return std::tie(x.level, x.format, x.file); }
};

struct shutdown_settings {
  static constexpr std::string_view section = "shutdown";
  static constexpr std::string_view doc = "The end of the program, on SIGTERM.";

  setting<duration> grace{.name = "shutdown.grace",
                          .value = 10s,
                          .min = 0s,
                          .max = 10min,
                          .doc = "For clients to come to the end of what they are doing. A message "
                                 "that was acknowledged is safe in any case."};

  static auto all(auto& x) { return std::tie(x.grace); }
};

} // namespace hamlet::config
