// SPDX-License-Identifier: Apache-2.0
#include "storage/mail/queue_repository.hpp"

#include "lib/base/clock.hpp"
#include "lib/base/mutation.hpp"
#include "storage/mail/release.hpp"
#include "storage/sql/rows.hpp"

#include <algorithm>
#include <limits>

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr std::size_t largest_inline = 64 * 1024;

constexpr int most_tries = 5; // of one message against what others do with the same

constexpr query find_same = //
  "SELECT queue_id, accepted_at FROM queue WHERE fingerprint = $1 AND confirmed = 0";

constexpr query insert_body =
  "INSERT INTO body (body_id, size, sha256, bytes) VALUES ($1, $2, $3, $4)";

constexpr query insert_queued = //
  "INSERT INTO queue (queue_id, reverse_path, trace, size, fingerprint, envid, ret, utf8, "
  "accepted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
  "ON CONFLICT (fingerprint) WHERE confirmed = 0 DO NOTHING";

constexpr query delete_body = "DELETE FROM body WHERE body_id = $1";

constexpr query insert_recipient = //
  "INSERT INTO recipient (queue_id, n, account_id, address, original, notify) "
  "VALUES ($1, $2, $3, $4, $5, $6)";

constexpr query set_confirmed = "UPDATE queue SET confirmed = 1 WHERE queue_id = $1";

// In the transaction that ends the claim of the row to its fingerprint: whoever finds that free
// finds this.
constexpr query remember = //
  "INSERT INTO confirmed_mail (arrived_us, queue_id, fingerprint) "
  "SELECT $2, queue_id, fingerprint FROM queue WHERE queue_id = $1 AND fingerprint IS NOT NULL "
  "ON CONFLICT (arrived_us, queue_id) DO NOTHING";

// Is the row in, and is there a later try that has been confirmed? After the INSERT, for from then
// on nobody else can store the same; on PostgreSQL both travel together, each with its own view.
// Without the order PostgreSQL would read the whole table.
constexpr query find_outcome = //
  "SELECT (SELECT count(*) FROM queue WHERE queue_id = $1), coalesce((SELECT queue_id FROM "
  "confirmed_mail WHERE arrived_us > $2 AND fingerprint = $3 "
  "ORDER BY arrived_us DESC, queue_id DESC LIMIT 1), 0)";

constexpr query forget = "DELETE FROM confirmed_mail WHERE arrived_us < $1";

constexpr query delete_row = "DELETE FROM queue WHERE queue_id = $1";

constexpr query find_accounts =
  "SELECT DISTINCT account_id FROM recipient WHERE account_id IS NOT NULL AND held_at IS NULL "
  "ORDER BY account_id";

constexpr query list_all = //
  "SELECT queue_id, reverse_path, size, accepted_at FROM queue q WHERE queue_id > $1 "
  "AND EXISTS (SELECT 1 FROM recipient r WHERE r.queue_id = q.queue_id) "
  "ORDER BY queue_id LIMIT $2";

constexpr query list_remote = //
  "SELECT queue_id, reverse_path, size, accepted_at FROM queue q WHERE queue_id > $1 "
  "AND EXISTS (SELECT 1 FROM recipient r WHERE r.account_id IS NULL AND r.queue_id = q.queue_id) "
  "ORDER BY queue_id LIMIT $2";

constexpr query list_recipients = //
  "SELECT coalesce(account_id, 0), address, original, notify, coalesce(held_at, 0) FROM recipient "
  "WHERE queue_id = $1 ORDER BY n";

constexpr query find_one = //
  "SELECT queue_id, reverse_path, size, accepted_at, trace FROM queue q WHERE queue_id = $1 "
  "AND EXISTS (SELECT 1 FROM recipient r WHERE r.queue_id = q.queue_id)";

constexpr query delete_recipients = "DELETE FROM recipient WHERE queue_id = $1";

constexpr query hold_recipients = //
  "UPDATE recipient SET held_at = $2 WHERE queue_id = $1 AND held_at IS NULL";

constexpr query free_recipients = //
  "UPDATE recipient SET held_at = NULL WHERE queue_id = $1 AND held_at IS NOT NULL";

constexpr query highest_id = //
  "SELECT max(x) FROM (SELECT value AS x FROM counter WHERE name = 'queue' "
  "UNION ALL SELECT max(body_id) AS x FROM body "
  "UNION ALL SELECT max(event_id) AS x FROM chat_event) ids";

template <class T>
std::optional<T> unless(bool none, T x) {
  return none ? std::nullopt : std::optional<T>{x};
}

result<void> insert_recipients(database& db, const new_mail& m) {
  int64_t n = 0;
  return for_all(m.to, [&](const queued_recipient& r) {
    return db.run(insert_recipient, m.queue_id, n++, unless(r.account_id == 0, r.account_id),
                  std::string_view{r.address}, std::string_view{r.original}, r.notify);
  });
}

result<void> confirm_one(database& db, const confirmation& seen) {
  auto kept =
    seen.arrived_us == 0 ? result<void>{} : db.run(remember, seen.queue_id, seen.arrived_us);
  auto gone = kept.and_then([&] { return release_queued(db, seen.queue_id); });
  if (!gone)
    return tl::unexpected{gone.error()};
  return *gone ? result<void>{} : db.run(set_confirmed, seen.queue_id);
}

/// A client tries again when it has given the try before up, so that began before the one that it
/// was told of had come. What it sends on purpose once more begins after that.
bool is_earlier(const new_mail& m, const confirmation& seen) {
  return m.started_us != 0 && m.started_us < seen.arrived_us;
}

/// The message of which `m`, whose fingerprint is taken, is a resend. nullopt: the fingerprint is
/// free by now, for the other message cannot be meant.
result<std::optional<int64_t>> resent(database& db, const new_mail& m, int64_t since) {
  return db.row<int64_t, int64_t>(find_same, blob{m.fingerprint})
    .and_then([&](auto found) -> result<std::optional<int64_t>> {
      if (!found) // confirmed a moment ago
        return std::nullopt;
      auto [id, accepted_at] = *found;
      auto seen = std::ranges::find(m.confirmed, id, &confirmation::queue_id);
      auto is_seen = seen != m.confirmed.end();
      if (accepted_at > since && (!is_seen || is_earlier(m, *seen)))
        return id;
      return confirm_one(db, is_seen ? *seen : confirmation{id}).map([] {
        return std::optional<int64_t>{};
      });
    });
}

/// The row of the queue, or whose other try it is. On PostgreSQL another node may have the first
/// try in a transaction that nobody sees yet: the INSERT waits until that has ended.
result<enqueued> insert_row(database& db, const new_mail& m, int64_t resend_since) {
  auto print = unless(m.fingerprint.empty(), blob{m.fingerprint});
  if constexpr (mutation::no_resend) // MUTATION: each one is new
    print.reset();
  auto started = m.started_us == 0 ? std::numeric_limits<int64_t>::max() : m.started_us;
  for (auto tries = 0; tries < most_tries; ++tries) {
    auto put =
      db.run(insert_queued, m.queue_id, std::string_view{m.from}, blob{m.trace}, m.what.size, print,
             std::string_view{m.envid}, std::string_view{m.ret}, m.utf8, m.accepted_at);
    auto outcome = put.and_then(
      [&] { return needed(db.row<int64_t, int64_t>(find_outcome, m.queue_id, started, print)); });
    if (!outcome)
      return tl::unexpected{outcome.error()};
    auto [is_in, later] = *outcome;
    if (is_in == 1 && later != 0) // it was stored, confirmed and perhaps delivered meanwhile
      return db.run(delete_row, m.queue_id).map([id = later] { return enqueued{id, true}; });
    if (is_in == 1)
      return enqueued{m.queue_id, false};
    auto old = resent(db, m, resend_since);
    if (!old)
      return tl::unexpected{old.error()};
    if (*old)
      return enqueued{**old, true};
  }
  return fail(errc::busy, "the same message comes from everywhere at once");
}

bool is_forgotten(const new_mail& m) {
  return m.arrived_us != 0 && m.memory_us != 0 && m.arrived_us + m.memory_us < unix_microseconds();
}

result<enqueued> insert_mail(database& db, const new_mail& m, int64_t resend_since) {
  if (m.to.empty() || m.what.bytes.size() > largest_inline)
    return fail(errc::bad_request, "no recipient, or a text that belongs into a file");
  if (is_forgotten(m))
    return fail(errc::timed_out, "it was held up for too long");
  auto is_inline = m.what.sha256.empty();
  return db
    .run(insert_body, m.queue_id, m.what.size, unless(is_inline, blob{m.what.sha256}),
         unless(!is_inline, blob{m.what.bytes}))
    .and_then([&] { return insert_row(db, m, resend_since); })
    .and_then([&](enqueued done) {
      auto rest = done.duplicate ? db.run(delete_body, m.queue_id) : insert_recipients(db, m);
      return rest.map([&] { return done; });
    });
}

result<void> one_or_more(result<int64_t> rows) {
  if (!rows)
    return tl::unexpected{rows.error()};
  return *rows == 0 ? result<void>{fail(errc::not_found)} : result<void>{};
}

result<void> add_recipients(database& db, queue_entry& entry, bool remote_only) {
  auto keep = [&](int64_t account, std::string address, std::string original, int64_t notify,
                  int64_t held_at) {
    entry.held_at = held_at; // all or none
    if (!remote_only || account == 0)
      entry.to.push_back(
        {account, std::move(address), std::move(original), static_cast<std::uint8_t>(notify)});
  };
  return db.each<int64_t, std::string, std::string, int64_t, int64_t>(list_recipients, keep,
                                                                      entry.queue_id);
}

result<std::vector<queue_entry>> entries(database& db, bool remote_only, int64_t after,
                                         std::size_t at_most) {
  std::vector<queue_entry> found;
  auto keep = [&](int64_t id, std::string from, int64_t size, int64_t at) {
    found.push_back({id, std::move(from), size, at, {}, 0});
  };
  auto done = db.each<int64_t, std::string, int64_t, int64_t>(remote_only ? list_remote : list_all,
                                                              keep, after, at_most);
  for (auto x = found.begin(); done && x != found.end(); ++x)
    done = add_recipients(db, *x, remote_only);
  return done.map([&] { return std::move(found); });
}

result<queue_details> details(database& db, int64_t queue_id) {
  return needed(db.row<int64_t, std::string, int64_t, int64_t, std::string>(find_one, queue_id))
    .and_then([&](auto row) {
      auto& [id, from, size, at, trace] = row;
      queue_details found{{id, std::move(from), size, at, {}, 0}, std::move(trace)};
      return add_recipients(db, found.entry, false).map([&] { return std::move(found); });
    });
}

/// As if all had got it.
result<void_t> drop_one(database& db, int64_t queue_id) {
  return one_or_more(db.change(delete_recipients, queue_id)).and_then([&] {
    return nothing(confirm_one(db, {queue_id}));
  });
}

} // namespace

void queue_repository::enqueue(new_mail mail, int64_t resend_since, completion<enqueued> done) {
  // One after the other where one may be the resend of the other.
  auto alike = static_cast<int64_t>(std::hash<std::string>{}(mail.fingerprint));
  changes_->submit<enqueued>(
    lane_key{mail.fingerprint.empty() ? mail.queue_id : alike},
    [m = std::move(mail), resend_since](database& db) { return insert_mail(db, m, resend_since); },
    std::move(done));
}

void queue_repository::confirm(std::vector<confirmation> seen, completion<void_t> done) {
  changes_->submit<void_t>(
    [all = std::move(seen)](database& db) {
      return nothing(for_all(all, [&](const confirmation& x) { return confirm_one(db, x); }));
    },
    std::move(done));
}

void queue_repository::forget_confirmed(int64_t before_us, completion<int64_t> done) {
  changes_->submit<int64_t>([before_us](database& db) { return db.change(forget, before_us); },
                            std::move(done));
}

void queue_repository::expire_unconfirmed(int64_t before, completion<int64_t> done) {
  changes_->submit<int64_t>([before](database& db) { return release_expired(db, before); },
                            std::move(done));
}

void queue_repository::accounts_with_mail(completion<std::vector<int64_t>> done) {
  views_->submit<std::vector<int64_t>>(
    [](database& db) {
      std::vector<int64_t> found;
      auto keep = [&](int64_t id) { found.push_back(id); };
      return db.each<int64_t>(find_accounts, keep).map([&] { return std::move(found); });
    },
    std::move(done));
}

void queue_repository::list(bool remote_only, int64_t after, std::size_t at_most,
                            completion<std::vector<queue_entry>> done) {
  views_->submit<std::vector<queue_entry>>(
    [=](database& db) { return entries(db, remote_only, after, at_most); }, std::move(done));
}

void queue_repository::find(int64_t queue_id, completion<queue_details> done) {
  views_->submit<queue_details>([=](database& db) { return details(db, queue_id); },
                                std::move(done));
}

void queue_repository::drop(int64_t queue_id, completion<void_t> done) {
  changes_->submit<void_t>([=](database& db) { return drop_one(db, queue_id); }, std::move(done));
}

void queue_repository::hold(int64_t queue_id, int64_t now, completion<queue_details> done) {
  changes_->submit<queue_details>(
    [=](database& db) {
      return db.run(hold_recipients, queue_id, now).and_then([&] { return details(db, queue_id); });
    },
    std::move(done));
}

void queue_repository::release(int64_t queue_id, completion<queue_details> done) {
  changes_->submit<queue_details>(
    [=](database& db) {
      return db.run(free_recipients, queue_id).and_then([&] { return details(db, queue_id); });
    },
    std::move(done));
}

void queue_repository::last_id(completion<int64_t> done) {
  views_->submit<int64_t>([](database& db) { return value(db.row<int64_t>(highest_id)); },
                          std::move(done));
}

} // namespace hamlet::sql
