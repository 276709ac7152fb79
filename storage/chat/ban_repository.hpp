// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/readers.hpp"
#include "storage/sql/writer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hamlet::sql {

/// What a ban is about. The numbers are in stores.
enum class ban_kind : std::uint8_t {
  kline = 1,        ///< user@host
  dline = 2,        ///< address or network, before anything is read
  xline = 3,        ///< real name
  resv_nick = 4,    ///< nobody may be called so
  resv_channel = 5, ///< nobody may join
};

struct network_ban {
  ban_kind kind = ban_kind::kline;
  std::string mask;
  std::string reason;      ///< for the user
  std::string oper_reason; ///< for operators alone
  std::string setter;
  std::int64_t set_ms = 0;
  std::int64_t expires_ms = 0; ///< 0: never
};

/// A pattern against spam, and what is done about a match.
struct chat_filter {
  std::int64_t id = 0;
  std::string pattern;
  std::int64_t targets = 0;     ///< the caller's bits: channel, private, quit …
  std::int64_t action = 0;      ///< the caller's number
  std::int64_t duration_ms = 0; ///< of a ban that it sets; 0: for ever
  std::string reason;
  std::string setter;
  std::int64_t set_ms = 0;
};

/// What an operator did.
struct oper_action {
  std::int64_t id = 0;
  std::int64_t time_ms = 0;
  std::string oper;
  std::int64_t account_id = 0; ///< 0: not logged in
  std::string address;
  std::string action;
  std::string arguments;
  std::string outcome;
};

/// What operators decide, and the record of it. One function per intent, each one transaction;
/// calls return at once, the answer comes later on a thread of the store. Times are milliseconds
/// since 1970. A cheap handle: the writer and the readers outlive it.
class ban_repository {
public:
  ban_repository(writer& changes, readers& views) : changes_{&changes}, views_{&views} {}

  /// One with the same mask is replaced.
  void add(network_ban fresh, completion<void_t> done);
  /// not_found: no such ban.
  void remove(ban_kind kind, std::string mask, completion<void_t> done);
  /// Those that hold at this time, by kind, then mask.
  void list(std::int64_t now_ms, completion<std::vector<network_ban>> done);
  /// Deletes what has expired; answers with how many.
  void prune(std::int64_t now_ms, completion<std::int64_t> done);

  /// Answers with its id.
  void add_filter(chat_filter fresh, completion<std::int64_t> done);
  /// not_found: no such filter.
  void remove_filter(std::int64_t filter_id, completion<void_t> done);
  /// By id.
  void filters(completion<std::vector<chat_filter>> done);

  /// Answers with its id, which grows with each.
  void record(oper_action x, completion<std::int64_t> done);
  /// Newest first. @param before Id, exclusive; none: from the newest on.
  void actions(std::optional<std::int64_t> before, std::size_t at_most,
               completion<std::vector<oper_action>> done);
  /// Deletes the record before this time; answers with how many.
  void prune_actions(std::int64_t before_ms, completion<std::int64_t> done);

private:
  writer* changes_;
  readers* views_;
};

} // namespace hamlet::sql
