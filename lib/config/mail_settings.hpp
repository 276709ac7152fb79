// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/node_settings.hpp"

// Mail: what comes in by SMTP, what goes out by POP3, who the members are and where it lies.

namespace hamlet::config {

struct smtp_settings {
  static constexpr std::string_view section = "smtp";
  static constexpr std::string_view doc = "Mail that comes in: ports 25, 587 and 465.";

  setting<std::uint64_t> max_message{
    .name = "smtp.max_message",
    .value = 50u << 20,
    .unit = octets,
    .min = 64u << 10,
    .max = 1u << 30,
    .when = takes_effect::for_new_connections,
    .doc = "Largest message taken; offered as SIZE (RFC 1870). RFC 5321 §4.5.3.1.7 asks for at "
           "least 64 KiB."};
  setting<std::uint64_t> max_recipients{
    .name = "smtp.max_recipients",
    .value = 1000,
    .unit = "recipients",
    .min = 100,
    .max = 100'000,
    .when = takes_effect::for_new_connections,
    .doc = "Of one message; more are told to come again. RFC 5321 §4.5.3.1.8 asks for at least "
           "100."};
  setting<std::uint64_t> max_transactions{.name = "smtp.max_transactions",
                                          .value = 10'000,
                                          .unit = "messages",
                                          .min = 1,
                                          .max = 1'000'000,
                                          .when = takes_effect::for_new_connections,
                                          .doc = "On one connection; then 421."};
  setting<std::uint64_t> max_line{
    .name = "smtp.max_line",
    .value = 2048,
    .unit = octets,
    .min = 512,
    .max = 64u << 10,
    .when = takes_effect::for_new_connections,
    .doc = "Longest command. RFC 5321 §4.5.3.1.4 asks for at least 512 octets."};
  setting<std::uint64_t> max_auth_line{
    .name = "smtp.max_auth_line",
    .value = 12'288,
    .unit = octets,
    .min = 12'288,
    .max = 64u << 10,
    .when = takes_effect::for_new_connections,
    .doc = "Longest line of a login. RFC 4954 §4 asks for at least 12288 octets."};
  setting<int> max_received{
    .name = "smtp.max_received",
    .value = 50,
    .unit = "hops",
    .min = 1,
    .max = 1000,
    .when = takes_effect::for_new_connections,
    .doc = "A message with more Received lines runs in circles and is refused (RFC 5321 §6.3)."};
  setting<int> errors_before_rest{.name = "smtp.errors_before_rest",
                                  .value = 10,
                                  .unit = "errors",
                                  .min = 0,
                                  .max = 1000,
                                  .when = takes_effect::for_new_connections,
                                  .doc = "From then on each wrong command is answered slowly."};
  setting<duration> error_rest{.name = "smtp.error_rest",
                               .value = 1s,
                               .min = 0s,
                               .max = 1min,
                               .when = takes_effect::for_new_connections,
                               .doc = "How slowly a client that errs is answered."};
  setting<int> max_errors{.name = "smtp.max_errors",
                          .value = 20,
                          .unit = "errors",
                          .min = 1,
                          .max = 1000,
                          .when = takes_effect::for_new_connections,
                          .doc = "On one connection; then 421."};
  setting<int> max_idle_commands{.name = "smtp.max_idle_commands",
                                 .value = 100,
                                 .unit = "commands",
                                 .min = 10,
                                 .max = 100'000,
                                 .when = takes_effect::for_new_connections,
                                 .doc = "NOOP, RSET, VRFY, HELO and the like without a message "
                                        "between them; then 421."};
  setting<int> max_auth_failures{.name = "smtp.max_auth_failures",
                                 .value = 3,
                                 .unit = "failures",
                                 .min = 1,
                                 .max = 100,
                                 .when = takes_effect::for_new_connections,
                                 .doc = "Failed logins on one connection; then 421."};
  setting<duration> idle_timeout{
    .name = "smtp.idle_timeout",
    .value = 5min,
    .min = 10s,
    .max = 1h,
    .when = takes_effect::for_new_connections,
    .doc = "A silent client is hung up on after this; RFC 5321 §4.5.3.2.7 asks for 5 minutes."};
  setting<duration> max_duration{.name = "smtp.max_duration",
                                 .value = 1h,
                                 .min = 1min,
                                 .max = 24h,
                                 .zero = "no limit",
                                 .when = takes_effect::for_new_connections,
                                 .doc = "A connection is cut at this age, whatever it does."};
  setting<networks> bare_newline_from{
    .name = "smtp.bare_newline_from",
    .zero = "nobody",
    .when = takes_effect::for_new_connections,
    .doc = "Old devices here end lines with LF alone, and are understood. Everybody else is "
           "refused, for a bare LF smuggles messages (RFC 5321 §2.3.8)."};
  setting<duration> resend_window{
    .name = "smtp.resend_window",
    .value = 1h,
    .min = 1min,
    .max = 24h,
    .zero = "no search for them",
    .doc = "A client that lost our 250 sends the message again; within this time the second one is "
           "known and not delivered twice (RFC 1047)."};
  setting<bool> sends_to_chat{
    .name = "smtp.sends_to_chat",
    .value = true,
    .when = takes_effect::for_new_connections,
    .doc = "SEND, SOML and SAML of members who have logged in show a message to others in chat "
           "(RFC 821 §3.4). Who asks learns whether somebody is there."};

  static auto all(auto& x) {
    return std::tie(x.max_message, x.max_recipients, x.max_transactions, x.max_line,
                    x.max_auth_line, x.max_received, x.errors_before_rest, x.error_rest,
                    x.max_errors, x.max_idle_commands, x.max_auth_failures, x.idle_timeout,
                    x.max_duration, x.bare_newline_from, x.resend_window, x.sends_to_chat);
  }
};

struct pop3_settings {
  static constexpr std::string_view section = "pop3";
  static constexpr std::string_view doc = "Mail that members fetch: ports 110 and 995.";

  setting<bool> needs_tls_for_login{
    .name = "pop3.needs_tls_for_login",
    .value = true,
    .when = takes_effect::for_new_connections,
    .doc = "USER, PASS and AUTH PLAIN only inside TLS. APOP and SCRAM, which show no password, are "
           "taken outside as well."};
  setting<bool> offers_apop{.name = "pop3.offers_apop",
                            .value = true,
                            .when = takes_effect::for_new_connections,
                            .doc =
                              "APOP (RFC 1939 §7), for members that have made a device password."};
  setting<duration> login_delay{.name = "pop3.login_delay",
                                .value = 0s,
                                .min = 1s,
                                .max = 1h,
                                .zero = "none",
                                .when = takes_effect::for_new_connections,
                                .is_valid = is_whole_seconds,
                                .expects = "whole seconds",
                                .doc = "Between two logins of one member (RFC 2449 §6.5)."};
  setting<std::uint64_t> max_line{.name = "pop3.max_line",
                                  .value = 255,
                                  .unit = octets,
                                  .min = 255,
                                  .max = 4096,
                                  .when = takes_effect::for_new_connections,
                                  .doc = "Longest command. RFC 2449 §4 asks for 255 octets."};
  setting<std::uint64_t> max_auth_line{.name = "pop3.max_auth_line",
                                       .value = 12'288,
                                       .unit = octets,
                                       .min = 12'288,
                                       .max = 64u << 10,
                                       .when = takes_effect::for_new_connections,
                                       .doc = "Longest line of a login by AUTH."};
  setting<int> max_errors{.name = "pop3.max_errors",
                          .value = 10,
                          .unit = "errors",
                          .min = 1,
                          .max = 1000,
                          .when = takes_effect::for_new_connections,
                          .doc = "Wrong commands before the login; then the connection ends."};
  setting<int> max_auth_failures{.name = "pop3.max_auth_failures",
                                 .value = 3,
                                 .unit = "failures",
                                 .min = 1,
                                 .max = 100,
                                 .when = takes_effect::for_new_connections,
                                 .doc = "Failed logins; then the connection ends."};
  setting<duration> idle_timeout{
    .name = "pop3.idle_timeout",
    .value = 10min,
    .min = 10min,
    .max = 24h,
    .when = takes_effect::for_new_connections,
    .doc = "A silent client is hung up on after this, nothing is deleted; RFC 1939 §3 asks for at "
           "least 10 minutes."};
  setting<duration> max_duration{.name = "pop3.max_duration",
                                 .value = 4h,
                                 .min = 10min,
                                 .max = 24h,
                                 .zero = "no limit",
                                 .when = takes_effect::for_new_connections,
                                 .doc = "A connection is cut at this age, whatever it does."};
  setting<std::string> implementation{.name = "pop3.implementation",
                                      .value = "Hamlet",
                                      .zero = "not announced",
                                      .when = takes_effect::for_new_connections,
                                      .is_valid = is_printable_word,
                                      .expects = "a word of printable ASCII",
                                      .doc = "The IMPLEMENTATION that CAPA tells (RFC 2449 §6.9)."};
  setting<std::string> language{
    .name = "pop3.language",
    .value = "en",
    .when = takes_effect::for_new_connections,
    .is_valid = is_language,
    .expects = "\"en\", \"vi\" or \"zh\"",
    .doc = "Of replies to a client that asks by LANG * for the usual one (RFC 6856 §3.2)."};

  static auto all(auto& x) {
    return std::tie(x.needs_tls_for_login, x.offers_apop, x.login_delay, x.max_line,
                    x.max_auth_line, x.max_errors, x.max_auth_failures, x.idle_timeout,
                    x.max_duration, x.implementation, x.language);
  }
};

} // namespace hamlet::config
