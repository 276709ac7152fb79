// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/readers.hpp"
#include "storage/sql/writer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hamlet::sql {

/// What lets a program administer.
struct admin_token {
  std::string name;
  std::string sha256; ///< 32 octets: nobody can tell the token by it
  std::string role;
  std::int64_t created_ms = 0;
  std::int64_t expires_ms = 0;
};

/// A change that somebody wants, or wanted.
struct admin_action {
  std::int64_t id = 0;
  std::int64_t time_ms = 0;
  std::string who;
  std::string address;
  std::string method;
  std::string target;
  std::string request_id; ///< empty: none
  std::string print;      ///< tells whether two requests are the same
  std::string outcome;    ///< empty: it has not ended
  std::string detail;
};

/// What to do about one that begins.
struct admin_begun {
  enum class state : std::uint8_t {
    fresh,   ///< it is to be done
    known,   ///< it was done before: `reply`
    running, ///< it began and has not ended
    another, ///< that request_id was of another request
  };
  state found = state::fresh;
  std::int64_t id = 0; ///< of the row
  std::string reply;   ///< as end() was given it
};

/// Tokens of administration and its audit. One function per intent, each one transaction; calls
/// return at once, the answer comes later on a thread of the store. Times are milliseconds since
/// 1970. A cheap handle: the writer and the readers outlive it.
class admin_repository {
public:
  admin_repository(writer& changes, readers& views) : changes_{&changes}, views_{&views} {}

  /// already_exists: one has that name.
  void add_token(admin_token fresh, completion<void_t> done);
  /// not_found: no such token.
  void remove_token(std::string name, completion<void_t> done);
  /// By name.
  void tokens(completion<std::vector<admin_token>> done);
  /// nullopt: nobody's, or too old.
  void find_token(std::string sha256, std::int64_t now_ms,
                  completion<std::optional<admin_token>> done);

  /// Writes down that it begins. One with the same who, method and request_id that went well is
  /// known; one that failed is done again, and so is one that began before `given_up_ms` and never
  /// ended. With an outcome it has ended already, and is only written down.
  void begin(admin_action x, std::int64_t given_up_ms, completion<admin_begun> done);
  /// @param reply Kept for a request_id, if the outcome is "OK".
  void end(std::int64_t id, std::string outcome, std::string detail, std::string reply,
           completion<void_t> done);
  /// The latest first. @param before Id, exclusive; 0: from the latest on. @param who Empty: all.
  void actions(std::int64_t before, std::string who, std::size_t at_most,
               completion<std::vector<admin_action>> done);
  /// Deletes what is older; answers with how many.
  void prune(std::int64_t before_ms, completion<std::int64_t> done);

private:
  writer* changes_;
  readers* views_;
};

} // namespace hamlet::sql
