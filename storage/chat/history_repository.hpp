// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/readers.hpp"
#include "storage/sql/writer.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hamlet::sql {

/// What happened. The numbers are in stores: never changed, never given again.
enum class event_kind : std::uint8_t {
  message = 1,
  notice = 2,
  tagmsg = 3,
  join = 4,
  part = 5,
  quit = 6,
  nick = 7,
  topic = 8,
  mode = 9,
  kick = 10,
  invite = 11,
  redact = 12,
  rename = 13,
  other = 14,
};

/// What clients without draft/event-playback may see.
constexpr bool is_message(event_kind x) {
  return x == event_kind::message || x == event_kind::notice;
}

/// That somebody took a message back.
struct redaction {
  std::string by;
  std::string reason;
  std::int64_t time_ms = 0;
};

/// One line of a conversation. All text is valid UTF-8 without NUL.
struct chat_event {
  std::string target;        ///< of the conversation: see keys.hpp
  std::int64_t time_ms = 0;  ///< milliseconds since 1970, as all times of chat
  std::int64_t event_id = 0; ///< of id_source; id_text() of it is the msgid
  event_kind kind = event_kind::message;
  std::int64_t sender_account = 0; ///< 0: not logged in
  std::string sender;              ///< nick!user@host
  std::string text;                ///< for a search
  std::string event;               ///< octets that only the caller understands
  /// Of a direct message: the accounts that find it (0: none). Given to append(), not answered.
  std::optional<std::pair<std::int64_t, std::int64_t>> between = {};
  /// `text` and `event` are empty then.
  std::optional<redaction> redacted = {};
};

/// A place in a conversation, as clients name it (draft/chathistory): a time, or an event.
struct history_bound {
  std::int64_t time_ms = 0;
  std::int64_t event_id = 0; ///< not 0: this event, and no time

  static history_bound at(std::int64_t time_ms) { return {time_ms, 0}; }
  static history_bound event(std::int64_t event_id) { return {0, event_id}; }
};

/// The order of events: by time, those of one millisecond by id.
struct history_place {
  std::int64_t time_ms = 0;
  std::int64_t event_id = 0;
  auto operator<=>(const history_place&) const = default;
};

enum class history_view : std::uint8_t {
  messages, ///< PRIVMSG and NOTICE that nobody took back
  all,      ///< every event; a redacted message stands in its place, empty
};

struct history_target {
  std::string target;
  std::int64_t time_ms = 0; ///< of its latest message
};

struct history_search {
  std::vector<std::string> targets;         ///< where to look: what the asker may see
  std::vector<std::string> words;           ///< all must be in a text, each anywhere in it
  std::optional<history_place> before = {}; ///< exclusive; none: from the latest on
  std::size_t limit = 50;                   ///< events found
  std::size_t at_most_rows = 20'000;        ///< events looked at, of all targets together
};

struct history_found {
  std::vector<chat_event> events; ///< ascending
  /// Set when there may be more: the `before` to go on with.
  std::optional<history_place> more = {};
};

/// The history of all conversations. One function per intent, each one transaction; calls return
/// at once, the answer comes later on a thread of the store. Answers are ascending in time, bounds
/// exclusive, `limit` counts from the side that the intent names (draft/chathistory). not_found: a
/// bound is an event that this target does not have. A cheap handle: the writer and the readers
/// outlive it.
class history_repository {
public:
  history_repository(writer& changes, readers& views) : changes_{&changes}, views_{&views} {}

  /// All or none. An event that its target has already changes nothing, so a retry is harmless.
  /// bad_request: no id, or a NUL in a text.
  void append(std::vector<chat_event> events, completion<void_t> done);

  /// The newest, of those after `since` if it is given.
  void latest(std::string target, std::optional<history_bound> since, std::size_t limit,
              history_view view, completion<std::vector<chat_event>> done);
  /// The newest of those before.
  void before(std::string target, history_bound bound, std::size_t limit, history_view view,
              completion<std::vector<chat_event>> done);
  /// The oldest of those after.
  void after(std::string target, history_bound bound, std::size_t limit, history_view view,
             completion<std::vector<chat_event>> done);
  /// Counted from `first` towards `second`, which may be the earlier one.
  void between(std::string target, history_bound first, history_bound second, std::size_t limit,
               history_view view, completion<std::vector<chat_event>> done);
  /// About as many on both sides; the event itself is one of them. What one side lacks the other
  /// gives.
  void around(std::string target, history_bound bound, std::size_t limit, history_view view,
              completion<std::vector<chat_event>> done);

  /// Of one that several conversations share, as a QUIT, it is any of them. not_found: no such
  /// event.
  void find(std::int64_t event_id, completion<chat_event> done);
  /// Empties the event; it is a message no more. Answers with it as it was. not_found: no such
  /// event; already_exists: it was redacted before. Who may do so is for the caller to know, so it
  /// looks with find() first.
  void redact(std::int64_t event_id, redaction why, completion<chat_event> done);

  /// Of the channels that are given and of all direct conversations of the account: those whose
  /// latest message is between the times (exclusive, counted from `first_ms`; either may be the
  /// earlier), by rising time.
  void targets(std::int64_t account_id, std::vector<std::string> channels, std::int64_t first_ms,
               std::int64_t second_ms, std::size_t limit,
               completion<std::vector<history_target>> done);

  /// Case and accents do not matter (text::search_form). Reads the texts of the targets from the
  /// newest on, about 1 ms per 2,000 rows, and never more than `at_most_rows`. No words find
  /// nothing.
  void search(history_search what, completion<history_found> done);

  /// Deletes up to `at_most` of the oldest events of a target before a time; answers with how many,
  /// so that the caller goes on while there are as many.
  void prune(std::string target, std::int64_t before_ms, std::size_t at_most,
             completion<std::int64_t> done);
  /// Deletes up to `at_most` of the oldest messages beyond the `keep` latest, and the other events
  /// older than the messages that stay.
  void keep_last(std::string target, std::size_t keep, std::size_t at_most,
                 completion<std::int64_t> done);
  /// All of it, and who found it: many transactions of a few thousand rows.
  void remove_target(std::string target, completion<std::int64_t> done);

private:
  writer* changes_;
  readers* views_;
};

} // namespace hamlet::sql
