// SPDX-License-Identifier: Apache-2.0
#include "storage/mail/collect.hpp"

#include "lib/base/mutation.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr query any_mail =
  "SELECT 1 FROM recipient WHERE account_id = $1 AND held_at IS NULL LIMIT 1";

constexpr query find_mail = //
  "SELECT r.queue_id, r.n, r.address, r.original, r.notify, q.reverse_path, q.trace, q.size, "
  "q.envid, q.utf8, q.confirmed FROM recipient r JOIN queue q ON q.queue_id = r.queue_id "
  "WHERE r.account_id = $1 AND r.held_at IS NULL ORDER BY r.queue_id, r.n LIMIT $2";

// The same on PostgreSQL, where an administrator may hold or drop one of them at this moment on
// another connection: the second of them waits for the first, and sees what that has done.
constexpr query find_and_lock_mail = //
  "SELECT r.queue_id, r.n, r.address, r.original, r.notify, q.reverse_path, q.trace, q.size, "
  "q.envid, q.utf8, q.confirmed FROM recipient r JOIN queue q ON q.queue_id = r.queue_id "
  "WHERE r.account_id = $1 AND r.held_at IS NULL ORDER BY r.queue_id, r.n LIMIT $2 FOR UPDATE OF r";

// First of all, for in PostgreSQL it locks the mailbox until COMMIT.
constexpr query take_room = //
  "UPDATE mailbox SET used_bytes = used_bytes + $2, used_messages = used_messages + $3, "
  "next_modseq = next_modseq + 1 WHERE mailbox_id = $1 RETURNING next_modseq - 1";

// Numbers taken for a duplicate are never used: uids may have gaps (RFC 9051 §2.3.1.1).
constexpr query take_uids = //
  "UPDATE folder SET next_uid = next_uid + $3 WHERE mailbox_id = $1 AND folder_id = $2 "
  "RETURNING next_uid - $3";

constexpr query insert_message = //
  "INSERT INTO message (mailbox_id, folder_id, uid, queue_id, body_id, size, internal_date, "
  "modseq, utf8, head) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
  "ON CONFLICT (mailbox_id, queue_id) DO NOTHING";

constexpr query give_back_room = //
  "UPDATE mailbox SET used_bytes = used_bytes - $2, used_messages = used_messages - 1 "
  "WHERE mailbox_id = $1";

constexpr query delete_recipient = "DELETE FROM recipient WHERE queue_id = $1 AND n = $2";

constexpr query delete_finished = //
  "DELETE FROM queue WHERE queue_id = $1 "
  "AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.queue_id = $1)";

constexpr int64_t notify_success = 2; // as new_mail has it

struct waiting {
  int64_t queue_id, n;
  std::string address, original;
  int64_t notify;
  std::string from, head, envid; // `head` as the message gets it
  int64_t size;                  // with the head
  bool utf8, confirmed;
};

/// Header lines that are added at final delivery, above the trace (RFC 5321 §4.4).
std::string head_of(std::string_view from, std::string_view address, std::string_view trace) {
  std::string head;
  head.reserve(from.size() + address.size() + trace.size() + 40);
  head.append("Return-Path: <").append(from).append(">\r\nDelivered-To: ");
  head.append(address).append("\r\n").append(trace);
  return head;
}

result<std::vector<waiting>> find_waiting(database& db, int64_t account_id, std::size_t at_most) {
  std::vector<waiting> found;
  auto keep = [&](int64_t id, int64_t n, std::string address, std::string original, int64_t notify,
                  std::string from, std::string_view trace, int64_t size, std::string envid,
                  int64_t utf8, int64_t confirmed) {
    auto head = head_of(from, address, trace);
    size += static_cast<int64_t>(head.size());
    found.push_back({id, n, std::move(address), std::move(original), notify, std::move(from),
                     std::move(head), std::move(envid), size, utf8 != 0, confirmed != 0});
  };
  return db
    .each<int64_t, int64_t, std::string, std::string, int64_t, std::string, std::string_view,
          int64_t, std::string, int64_t, int64_t>(db.is_postgres() ? find_and_lock_mail : find_mail,
                                                  keep, account_id, at_most + 1)
    .map([&] { return std::move(found); });
}

/// What the messages of one call have in common.
struct batch {
  int64_t account_id, modseq, next_uid, now;
};

result<void> insert(database& db, const waiting& m, batch& of) {
  auto queue_id = std::optional{m.queue_id};
  if constexpr (mutation::no_dedup) // MUTATION: nothing says that it came already
    queue_id.reset();
  auto fresh = db.change(insert_message, of.account_id, inbox_folder, of.next_uid++, queue_id,
                         m.queue_id, m.size, of.now, of.modseq, m.utf8, blob{m.head});
  if (!fresh)
    return tl::unexpected{fresh.error()};
  return *fresh ? result<void>{} : db.run(give_back_room, of.account_id, m.size);
}

result<void> move_one(database& db, const waiting& m, batch& of) {
  auto done = insert(db, m, of);
  if constexpr (mutation::no_dedup) // MUTATION: the next call delivers it again
    return done;
  return done.and_then([&] { return db.run(delete_recipient, m.queue_id, m.n); }).and_then([&] {
    return m.confirmed ? db.run(delete_finished, m.queue_id) : result<void>{};
  });
}

result<batch> begin_batch(database& db, int64_t account_id, const std::vector<waiting>& all,
                          int64_t now) {
  int64_t bytes = 0;
  for (auto& m : all)
    bytes += m.size;
  auto modseq = value(db.row<int64_t>(take_room, account_id, bytes, all.size()));
  if (!modseq)
    return tl::unexpected{modseq.error()};
  return value(db.row<int64_t>(take_uids, account_id, inbox_folder, all.size()))
    .map([&](int64_t uid) {
      return batch{account_id, *modseq, uid, now};
    });
}

} // namespace

result<bool> has_mail(database& db, int64_t account_id) {
  return db.row<int64_t>(any_mail, account_id).map([](auto found) { return found.has_value(); });
}

result<collected> collect_mail(database& db, int64_t account_id, std::size_t at_most, int64_t now) {
  auto all = find_waiting(db, account_id, at_most);
  if (!all)
    return tl::unexpected{all.error()};
  if (all->empty())
    return collected{};
  collected out;
  out.more = all->size() > at_most;
  if (out.more)
    all->resize(at_most, waiting{});
  out.messages = static_cast<int64_t>(all->size());
  return begin_batch(db, account_id, *all, now)
    .and_then([&](batch of) {
      out.last_uid = of.next_uid + out.messages - 1;
      return for_all(*all, [&](const waiting& m) { return move_one(db, m, of); });
    })
    .map([&] {
      for (auto& m : *all)
        if (m.notify & notify_success)
          out.notices.push_back({m.queue_id, std::move(m.from), std::move(m.address),
                                 std::move(m.original), std::move(m.envid)});
      return std::move(out);
    });
}

} // namespace hamlet::sql
