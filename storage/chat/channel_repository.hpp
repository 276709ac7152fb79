// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/readers.hpp"
#include "storage/sql/writer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hamlet::sql {

/// What its operators choose.
struct channel_settings {
  std::string modes;               ///< letters without parameter
  std::string key;                 ///< empty: none
  std::int64_t user_limit = 0;     ///< 0: none
  std::string forward;             ///< name of another channel; empty: none
  std::string flood;               ///< parameter of the flood mode; empty: none
  std::int64_t retention_days = 0; ///< of its history; 0: the default
  std::string description;
};

struct channel_topic {
  std::string text;
  std::string setter;
  std::int64_t time_ms = 0; ///< 0: there is none
};

/// A registered channel.
struct chat_channel {
  std::int64_t id = 0;
  std::string target; ///< of its history: keys.hpp
  std::string name;
  std::string folded;
  std::int64_t founder = 0; ///< account; 0: nobody
  std::int64_t created_ms = 0;
  std::int64_t last_used_ms = 0;
  channel_topic topic;
  channel_settings settings;
};

/// What an account may do in a channel.
struct channel_access {
  std::int64_t channel_id = 0;
  std::int64_t account_id = 0;
  std::int64_t level = 0; ///< the caller's scale
  std::string flags;      ///< the caller's letters
  std::string setter;
  std::int64_t set_ms = 0;
};

/// An entry of a channel's list.
struct channel_list_entry {
  char kind = 'b'; ///< the letter of the mode: b, e, I
  std::string mask;
  std::string setter;
  std::int64_t set_ms = 0;
};

/// All that a channel needs to begin.
struct channel_record {
  chat_channel channel;
  std::vector<channel_access> access;    ///< by rising account
  std::vector<channel_list_entry> lists; ///< by kind, then mask
};

/// A channel of which an account is founder or on the access list.
struct channel_role {
  std::int64_t channel_id = 0;
  std::string name;
  bool is_founder = false;
  std::int64_t level = 0;
  std::string flags;
};

/// Registered channels. One function per intent, each one transaction; calls return at once, the
/// answer comes later on a thread of the store. not_found: no such channel. Times are milliseconds
/// since 1970. A cheap handle: the writer and the readers outlive it.
class channel_repository {
public:
  channel_repository(writer& changes, readers& views) : changes_{&changes}, views_{&views} {}

  /// By id, `after` exclusive, for paging at the start of the program.
  void load(std::int64_t after, std::size_t at_most, completion<std::vector<channel_record>> done);
  void find(std::string folded, completion<channel_record> done);
  void find_id(std::int64_t channel_id, completion<channel_record> done);

  /// Answers with its id. already_exists: the name or target is taken; over_quota: the founder has
  /// `at_most` channels already; not_found: no such account.
  void create(chat_channel fresh, std::size_t at_most, completion<std::int64_t> done);
  void update(std::int64_t channel_id, channel_settings fresh, completion<void_t> done);
  void set_topic(std::int64_t channel_id, channel_topic fresh, completion<void_t> done);
  /// Its id, target and history stay. already_exists: the new name is taken.
  void rename(std::int64_t channel_id, std::string name, std::string folded,
              completion<void_t> done);
  /// @param account_id 0: nobody. not_found: no such channel or account.
  void transfer(std::int64_t channel_id, std::int64_t account_id, completion<void_t> done);
  /// With its access, lists and metadata. Its history stays until it is old or remove_target().
  void drop(std::int64_t channel_id, completion<void_t> done);
  /// Never goes back.
  void touch(std::int64_t channel_id, std::int64_t now_ms, completion<void_t> done);
  /// Those not used since then, longest first.
  void unused(std::int64_t before_ms, std::size_t at_most,
              completion<std::vector<chat_channel>> done);

  /// Adds or changes. over_quota: `at_most` accounts are on the list already; not_found: no such
  /// channel or account.
  void set_access(channel_access fresh, std::size_t at_most, completion<void_t> done);
  /// not_found: was not on the list.
  void remove_access(std::int64_t channel_id, std::int64_t account_id, completion<void_t> done);
  void access(std::int64_t channel_id, completion<std::vector<channel_access>> done);

  /// Adds or changes. over_quota: the list of this kind has `at_most` entries already.
  void add_entry(std::int64_t channel_id, channel_list_entry fresh, std::size_t at_most,
                 completion<void_t> done);
  /// not_found: no such entry.
  void remove_entry(std::int64_t channel_id, char kind, std::string mask, completion<void_t> done);
  /// Puts these in the place of all entries of all kinds.
  void replace_lists(std::int64_t channel_id, std::vector<channel_list_entry> fresh,
                     completion<void_t> done);

  /// By name.
  void channels_of(std::int64_t account_id, completion<std::vector<channel_role>> done);

private:
  writer* changes_;
  readers* views_;
};

} // namespace hamlet::sql
