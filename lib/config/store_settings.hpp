// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/chat_kinds.hpp"
#include "lib/config/node_settings.hpp"

// Members, their passwords, and the store under everything.

namespace hamlet::config {

struct accounts_settings {
  static constexpr std::string_view section = "accounts";
  static constexpr std::string_view doc = "Members and their logins.";

  setting<std::uint64_t> default_quota{.name = "accounts.default_quota",
                                       .value = 1u << 30,
                                       .unit = octets,
                                       .min = 1u << 20,
                                       .max = std::uint64_t{1} << 44,
                                       .zero = "no limit",
                                       .doc = "Room for the mail of a member that has no quota of "
                                              "their own."};
  setting<std::uint64_t> argon2_ops{.name = "accounts.argon2_ops",
                                    .value = 2,
                                    .unit = "passes",
                                    .min = 1,
                                    .max = 16,
                                    .doc = "Cost of a new password in time (RFC 9106 §4). Old ones "
                                           "are renewed at the next login."};
  setting<std::uint64_t> argon2_memory{.name = "accounts.argon2_memory",
                                       .value = 19u << 20,
                                       .unit = octets,
                                       .min = 8u << 20,
                                       .max = 4ull << 30,
                                       .doc = "Cost of a new password in memory (RFC 9106 §4). "
                                              "Each thread of accounts.auth_threads needs so "
                                              "much."};
  setting<int> auth_threads{.name = "accounts.auth_threads",
                            .value = 2,
                            .unit = "threads",
                            .min = 1,
                            .max = 64,
                            .when = takes_effect::on_restart,
                            .doc = "Threads that check passwords."};
  setting<duration> auth_cache{.name = "accounts.auth_cache",
                               .value = 10min,
                               .min = 1s,
                               .max = 24h,
                               .zero = "every login is checked in full",
                               .doc = "A password that was right is known again this long, as a "
                                      "keyed hash in memory."};
  setting<duration> failed_login_delay{.name = "accounts.failed_login_delay",
                                       .value = 2s,
                                       .min = 0s,
                                       .max = 30s,
                                       .doc = "A failed login is answered after this."};
  setting<int> failures_per_ip{.name = "accounts.failures_per_ip",
                               .value = 50,
                               .unit = "failures",
                               .min = 1,
                               .max = 100'000,
                               .zero = "no limit",
                               .doc = "Failed logins from one address (an IPv6 /64 counts as one) "
                                      "within accounts.failure_window; then its logins fail "
                                      "without a look at the password."};
  setting<int> failures_per_account{.name = "accounts.failures_per_account",
                                    .value = 20,
                                    .unit = "failures",
                                    .min = 1,
                                    .max = 100'000,
                                    .zero = "no limit",
                                    .doc = "The same for one name, from one address. Nobody can "
                                           "lock a member out from elsewhere."};
  setting<duration> failure_window{.name = "accounts.failure_window",
                                   .value = 15min,
                                   .min = 1s,
                                   .max = 24h,
                                   .doc = "How long a failed login counts."};
  setting<std::string> subaddress_separator{.name = "accounts.subaddress_separator",
                                            .value = "+",
                                            .zero = "off",
                                            .is_valid = is_separator,
                                            .expects = "one character such as \"+\" or \"-\"",
                                            .doc =
                                              "Mail to name+anything goes to name (RFC 5233 §1)."};
  setting<config::registration> registration{
    .name = "accounts.registration",
    .value = config::registration::closed,
    .doc = "Whether strangers may make an account for themselves, in the default domain. With "
           "\"approval\" it logs in only after `hamlet account enable`."};
  setting<rate> registrations{.name = "accounts.registrations",
                              .value = {30u, 10min},
                              .zero = "no limit",
                              .doc = "Accounts that strangers make, all together."};
  setting<rate> registrations_per_address{
    .name = "accounts.registrations_per_address",
    .value = {3u, 1h},
    .zero = "no limit",
    .doc = "The same from one address (an IPv6 /64 counts as one)."};
  setting<std::uint64_t> min_password{.name = "accounts.min_password",
                                      .value = 8,
                                      .unit = "characters",
                                      .min = 1,
                                      .max = 64,
                                      .doc = "Least length of a password that a member chooses."};
  setting<std::vector<std::string>> reserved_names{
    .name = "accounts.reserved_names",
    .zero = "only those that every community needs",
    .is_valid = are_words,
    .expects = "a list of names",
    .doc = "Names that no stranger may take, beside those of services and of RFC 2142."};

  static auto all(auto& x) {
    return std::tie(x.default_quota, x.argon2_ops, x.argon2_memory, x.auth_threads, x.auth_cache,
                    x.failed_login_delay, x.failures_per_ip, x.failures_per_account,
                    x.failure_window, x.subaddress_separator, x.registration, x.registrations,
                    x.registrations_per_address, x.min_password, x.reserved_names);
  }
};

/// What keeps the rows.
enum class store_engine : std::uint8_t {
  sqlite,     ///< a file in the data folder
  postgresql, ///< a server, which several nodes may share
};
template <>
struct words<store_engine> {
  static constexpr std::array<std::pair<std::string_view, store_engine>, 2> all{
    {{"sqlite", store_engine::sqlite}, {"postgresql", store_engine::postgresql}}};
};

struct store_settings {
  static constexpr std::string_view section = "store";
  static constexpr std::string_view doc =
    "Where everything durable is: in the data folder, or in PostgreSQL.";

  setting<store_engine> engine{.name = "store.engine",
                               .value = store_engine::sqlite,
                               .when = takes_effect::on_restart,
                               .doc = "\"postgresql\" is for several nodes, or for who has one "
                                      "anyway. `hamlet migrate-store` copies what is there."};
  setting<std::string> postgres{
    .name = "store.postgres",
    .value = "dbname=hamlet",
    .when = takes_effect::on_restart,
    .is_valid = is_printable_text,
    .expects = "a connection string of libpq",
    .doc = "How the database is reached, such as \"host=a,b dbname=hamlet user=hamlet "
           "sslmode=verify-full\", without the password: of several hosts the one that takes "
           "writes is used."};
  setting<std::string> postgres_password_file{
    .name = "store.postgres_password_file",
    .zero = "none is needed, or PGPASSFILE has it",
    .when = takes_effect::on_restart,
    .is_valid = is_absolute_path,
    .expects = "an absolute path",
    .doc = "Its first line is the password; for its owner alone (mode 0600)."};
  setting<int> connections{.name = "store.connections",
                           .value = 4,
                           .unit = "connections",
                           .min = 1,
                           .max = 64,
                           .when = takes_effect::on_restart,
                           .doc = "To PostgreSQL, for writing; as many again for large texts. "
                                  "SQLite has one that writes."};
  setting<std::uint64_t> queue{.name = "store.queue",
                               .value = 10'000,
                               .unit = "operations",
                               .min = 100,
                               .max = 1'000'000,
                               .when = takes_effect::on_restart,
                               .doc = "Operations that may wait for the disk; more are refused, "
                                      "and clients are told to come again."};
  setting<std::uint64_t> batch{.name = "store.batch",
                               .value = 512,
                               .unit = "operations",
                               .min = 1,
                               .max = 10'000,
                               .when = takes_effect::on_restart,
                               .doc = "Operations in one transaction, which wait for the disk "
                                      "together."};
  setting<int> reader_threads{.name = "store.reader_threads",
                              .value = 2,
                              .unit = "threads",
                              .min = 1,
                              .max = 64,
                              .when = takes_effect::on_restart,
                              .doc = "Threads that read, each with a connection of its own."};
  setting<std::uint64_t> page_cache{.name = "store.page_cache",
                                    .value = 32u << 20,
                                    .unit = octets,
                                    .min = 1u << 20,
                                    .max = 16ull << 30,
                                    .when = takes_effect::on_restart,
                                    .doc = "Memory of each connection to the store: one writes, "
                                           "store.reader_threads read."};
  setting<std::uint64_t> inline_limit{.name = "store.inline_limit",
                                      .value = 64u << 10,
                                      .unit = octets,
                                      .min = 1u << 10,
                                      .max = 64u << 10,
                                      .when = takes_effect::on_restart,
                                      .doc = "Larger messages are kept in files beside the store, "
                                             "one for all recipients."};
  setting<std::uint64_t> checkpoint_pages{.name = "store.checkpoint_pages",
                                          .value = 4096,
                                          .unit = "pages",
                                          .min = 100,
                                          .max = 1'000'000,
                                          .when = takes_effect::on_restart,
                                          .doc = "So many pages gather in the write-ahead log "
                                                 "before they move into the store."};
  setting<duration> sweep_interval{.name = "store.sweep_interval",
                                   .value = 1h,
                                   .min = 1min,
                                   .max = 24h,
                                   .doc = "How often files that no message needs are looked for."};
  setting<duration> orphan_age{.name = "store.orphan_age",
                               .value = 24h,
                               .min = 1h,
                               .max = 30 * 24h,
                               .doc = "Such a file is removed at this age, not earlier: a message "
                                      "may be on its way to it."};
  setting<std::uint64_t> low_space{.name = "store.low_space",
                                   .value = 256u << 20,
                                   .unit = octets,
                                   .min = 1u << 20,
                                   .max = std::uint64_t{1} << 44,
                                   .zero = "never",
                                   .doc = "With less room than this on the disk of the data folder "
                                          "/healthz says that the node is failing."};

  static auto all(auto& x) {
    return std::tie(x.engine, x.postgres, x.postgres_password_file, x.connections, x.queue, x.batch,
                    x.reader_threads, x.page_cache, x.inline_limit, x.checkpoint_pages,
                    x.sweep_interval, x.orphan_age, x.low_space);
  }
};

struct queue_settings {
  static constexpr std::string_view section = "queue";
  static constexpr std::string_view doc = "Mail on its way from acknowledgement to the mailboxes.";

  setting<duration> unconfirmed_expiry{
    .name = "queue.unconfirmed_expiry",
    .value = 24h,
    .min = 1min,
    .max = 7 * 24h,
    .doc = "How long a delivered message is remembered whose client never showed that it had read "
           "our 250. Not less than smtp.resend_window (RFC 1047)."};

  static auto all(auto& x) { return std::tie(x.unconfirmed_expiry); }
};

} // namespace hamlet::config
