// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/history_rows.hpp"
#include "storage/sql/rows.hpp"

#include <algorithm>

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query insert_event = //
  "INSERT INTO chat_event (target, is_message, time_ms, event_id, kind, sender_account, sender, "
  "text, event) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";

// The account may have gone while its message was on the way.
constexpr query insert_direct = //
  "INSERT INTO chat_direct (account_id, target) SELECT account_id, $2 FROM account "
  "WHERE account_id = $1 ON CONFLICT DO NOTHING";

constexpr query update_redacted = //
  "UPDATE chat_event SET is_message = 0, text = '', event = $2, redacted_by = $3, "
  "redacted_reason = $4, redacted_ms = $5 WHERE event_id = $1";

constexpr query delete_direct = "DELETE FROM chat_direct WHERE target = $1";

constexpr std::size_t rows_at_once = 2'000; // others write in between

bool is_storable(const chat_event& x) {
  auto is_text = [](const std::string& s) { return s.find('\0') == s.npos; };
  return x.event_id > 0 && !x.target.empty() && is_text(x.target) && is_text(x.sender)
         && is_text(x.text);
}

result<void> insert(database& db, const chat_event& x) {
  auto account = x.sender_account == 0 ? std::nullopt : std::optional{x.sender_account};
  auto done = db.run(insert_event, x.target, is_message(x.kind), x.time_ms, x.event_id,
                     static_cast<int64_t>(x.kind), account, x.sender, x.text, blob{x.event});
  if (!done || !x.between)
    return done;
  auto [one, other] = *x.between;
  for (auto party : {one, other})
    if (done && party != 0)
      done = db.run(insert_direct, party, x.target);
  return done;
}

result<chat_event> redact_event(database& db, int64_t event_id, const redaction& why) {
  auto found = find_event(db, event_id);
  if (!found)
    return tl::unexpected{found.error()};
  if (!*found)
    return fail(errc::not_found, "no such event");
  if ((*found)->redacted)
    return fail(errc::already_exists, "redacted before");
  return db.run(update_redacted, event_id, blob{""}, why.by, why.reason, why.time_ms).map([&] {
    return std::move(**found);
  });
}

result<int64_t> delete_beyond(database& db, const std::string& target, std::size_t keep,
                              std::size_t at_most) {
  if (keep == 0)
    return delete_before(db, target, {highest, highest}, at_most);
  return latest_kept(db, target, keep).and_then([&](std::optional<history_place> oldest) {
    return oldest ? delete_before(db, target, *oldest, at_most) : result<int64_t>{0};
  });
}

/// Each step asks for the next one when it is done.
void remove_on(writer& changes, std::string target, int64_t so_far, completion<int64_t> done) {
  auto next = [=, at = &changes](result<int64_t> gone) {
    if (!gone || *gone == 0)
      return done(gone.map([&](int64_t) { return so_far; }));
    remove_on(*at, target, so_far + *gone, done);
  };
  changes.submit<int64_t>(
    [=](database& db) {
      return delete_before(db, target, {highest, highest}, rows_at_once).and_then([&](int64_t n) {
        return n != 0 ? result<int64_t>{n}
                      : db.run(delete_direct, target).map([] { return int64_t{0}; });
      });
    },
    std::move(next));
}

} // namespace

void history_repository::append(std::vector<chat_event> events, completion<void_t> done) {
  changes_->submit<void_t>(
    [all = std::move(events)](database& db) -> result<void_t> {
      if (!std::ranges::all_of(all, is_storable))
        return fail(errc::bad_request, "an event without id or target, or with a NUL");
      return nothing(for_all(all, [&](const chat_event& x) { return insert(db, x); }));
    },
    std::move(done));
}

void history_repository::redact(int64_t event_id, redaction why, completion<chat_event> done) {
  changes_->submit<chat_event>([=](database& db) { return redact_event(db, event_id, why); },
                               std::move(done));
}

void history_repository::prune(std::string target, int64_t before_ms, std::size_t at_most,
                               completion<int64_t> done) {
  changes_->submit<int64_t>(
    [=](database& db) {
      return delete_before(db, target, {before_ms, lowest}, at_most);
    },
    std::move(done));
}

void history_repository::keep_last(std::string target, std::size_t keep, std::size_t at_most,
                                   completion<int64_t> done) {
  changes_->submit<int64_t>([=](database& db) { return delete_beyond(db, target, keep, at_most); },
                            std::move(done));
}

void history_repository::remove_target(std::string target, completion<int64_t> done) {
  remove_on(*changes_, std::move(target), 0, std::move(done));
}

} // namespace hamlet::sql
