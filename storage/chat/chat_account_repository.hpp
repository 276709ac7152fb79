// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/readers.hpp"
#include "storage/sql/writer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hamlet::sql {

/// A nick that an account owns beside its own name.
struct chat_nick {
  std::string folded;
  std::string nick;
  std::string skeleton; ///< equal for names that look alike
  std::int64_t account_id = 0;
  std::int64_t added_ms = 0;
  std::int64_t used_ms = 0;
};

/// A TLS certificate by which an account logs in (SASL EXTERNAL).
struct chat_certificate {
  std::string fingerprint; ///< of one form, chosen by the caller
  std::int64_t account_id = 0;
  std::string name;
  std::int64_t added_ms = 0;
};

/// A name with its value.
using named_value = std::pair<std::string, std::string>;

/// Up to where an account has read a conversation.
struct chat_marker {
  std::string target;
  std::int64_t time_ms = 0;
};

/// An account that stays in its channels when its last connection goes.
struct chat_session {
  std::int64_t account_id = 0;
  std::string nick;
  std::string username;
  std::string realname;
  std::string user_modes;
  std::string away;     ///< empty: here
  std::string channels; ///< octets that only the caller understands
  std::int64_t last_seen_ms = 0;
};

/// What chat knows about accounts. One function per intent, each one transaction; calls return at
/// once, the answer comes later on a thread of the store. not_found, where nothing else is said: no
/// such account or row. over_quota: there are `at_most` already. Times are milliseconds since 1970.
/// It goes with the account (account_repository::remove). A cheap handle: the writer and the
/// readers outlive it.
class chat_account_repository {
public:
  chat_account_repository(writer& changes, readers& views) : changes_{&changes}, views_{&views} {}

  // Nicks. The local name of an account in the default domain is its own without a row.

  /// Own already: only its spelling and times change. already_exists: it, or one that looks alike,
  /// belongs to another account.
  void group(chat_nick fresh, std::size_t at_most, completion<void_t> done);
  void ungroup(std::int64_t account_id, std::string folded, completion<void_t> done);
  /// By name, without the account's own.
  void nicks(std::int64_t account_id, completion<std::vector<chat_nick>> done);
  /// Whose nick this is: by a row, or as the name of an account. nullopt: nobody's.
  void owner(std::string folded, completion<std::optional<std::int64_t>> done);
  /// A row whose nick looks like this one; of several the first by name. nullopt: none.
  void look_alike(std::string skeleton, completion<std::optional<chat_nick>> done);
  /// Never goes back; not there: no matter.
  void touch_nick(std::string folded, std::int64_t now_ms, completion<void_t> done);
  /// Deletes those not used since then; answers with how many.
  void expire_nicks(std::int64_t before_ms, completion<std::int64_t> done);

  // Certificates

  /// already_exists: it is of another account. Own already: its name changes.
  void add_certificate(chat_certificate fresh, std::size_t at_most, completion<void_t> done);
  void remove_certificate(std::int64_t account_id, std::string fingerprint,
                          completion<void_t> done);
  void certificates(std::int64_t account_id, completion<std::vector<chat_certificate>> done);
  /// nullopt: nobody's.
  void find_certificate(std::string fingerprint, completion<std::optional<std::int64_t>> done);

  // Settings: persistence, replay, mail notices …

  void settings(std::int64_t account_id, completion<std::vector<named_value>> done);
  void set_setting(std::int64_t account_id, std::string name, std::string value,
                   completion<void_t> done);
  /// Not there: no matter.
  void remove_setting(std::int64_t account_id, std::string name, completion<void_t> done);

  // Metadata (draft/metadata-2). `owner` is account_key() or channel_key(): keys.hpp

  void metadata(std::string owner, completion<std::vector<named_value>> done);
  void set_metadata(std::string owner, std::string name, std::string value, std::size_t at_most,
                    completion<void_t> done);
  void remove_metadata(std::string owner, std::string name, completion<void_t> done);
  /// Answers with what there was.
  void clear_metadata(std::string owner, completion<std::vector<named_value>> done);

  // Read markers (draft/read-marker). `target` is the caller's name of a conversation.

  /// Only forward; answers with what holds now.
  void set_marker(std::int64_t account_id, std::string target, std::int64_t time_ms,
                  std::size_t at_most, completion<std::int64_t> done);
  /// nullopt: none yet.
  void marker(std::int64_t account_id, std::string target,
              completion<std::optional<std::int64_t>> done);
  void markers(std::int64_t account_id, completion<std::vector<chat_marker>> done);

  // Sessions that stay

  /// Adds or changes.
  void save_session(chat_session x, completion<void_t> done);
  /// Not there: no matter.
  void remove_session(std::int64_t account_id, completion<void_t> done);
  /// By account, `after` exclusive, for paging at the start of the program.
  void sessions(std::int64_t after, std::size_t at_most,
                completion<std::vector<chat_session>> done);

private:
  writer* changes_;
  readers* views_;
};

} // namespace hamlet::sql
