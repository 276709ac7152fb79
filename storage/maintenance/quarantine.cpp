// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/fsck_state.hpp"
#include "storage/sql/rows.hpp"

#include <tuple>

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;
using maybe_text = std::optional<text>;

constexpr query insert_row = //
  "INSERT INTO quarantine (quarantine_id, moved_at, kind, name, reason, octets) VALUES "
  "((SELECT coalesce(max(quarantine_id), 0) + 1 FROM quarantine), $1, $2, $3, $4, $5)";

constexpr query find_message = //
  "SELECT m.head, b.bytes FROM message m LEFT JOIN body b ON b.body_id = m.body_id "
  "WHERE m.mailbox_id = $1 AND m.folder_id = $2 AND m.uid = $3";
constexpr query delete_message =
  "DELETE FROM message WHERE mailbox_id = $1 AND folder_id = $2 AND uid = $3";

constexpr query find_queued = //
  "SELECT q.reverse_path, q.trace, b.bytes FROM queue q LEFT JOIN body b ON b.body_id = q.queue_id "
  "WHERE q.queue_id = $1";
constexpr query find_recipients = "SELECT n FROM recipient WHERE queue_id = $1";
constexpr query delete_queued = "DELETE FROM queue WHERE queue_id = $1";

constexpr query find_recipient = "SELECT address FROM recipient WHERE queue_id = $1 AND n = $2";
constexpr query delete_recipient = "DELETE FROM recipient WHERE queue_id = $1 AND n = $2";

constexpr query find_messages = "SELECT mailbox_id, folder_id, uid FROM message WHERE body_id = $1";
constexpr query find_queue_of = "SELECT queue_id FROM queue WHERE queue_id = $1";
constexpr query delete_body = "DELETE FROM body WHERE body_id = $1";

result<void> put(fsck_state& x, std::string_view kind, std::string_view name,
                 std::string_view reason, std::string_view octets) {
  return x.db.run(insert_row, x.options.now, kind, name, reason, blob{octets});
}

template <class... Parts>
text path(Parts... parts) {
  text out;
  ((out += (out.empty() ? "" : "/") + std::to_string(parts)), ...);
  return out;
}

} // namespace

result<void> quarantine_message(fsck_state& x, int64_t mailbox, int64_t folder, int64_t uid,
                                std::string_view reason) {
  return needed(x.db.row<text, maybe_text>(find_message, mailbox, folder, uid))
    .and_then([&](const std::tuple<text, maybe_text>& row) {
      auto& [head, body] = row;
      return put(x, "message", path(mailbox, folder, uid), reason, head + body.value_or(""));
    })
    .and_then([&] { return x.db.run(delete_message, mailbox, folder, uid); });
}

result<void> quarantine_recipient(fsck_state& x, int64_t queue_id, int64_t n,
                                  std::string_view reason) {
  return value(x.db.row<text>(find_recipient, queue_id, n))
    .and_then(
      [&](const text& address) { return put(x, "recipient", path(queue_id, n), reason, address); })
    .and_then([&] { return x.db.run(delete_recipient, queue_id, n); });
}

result<void> quarantine_queued(fsck_state& x, int64_t queue_id, std::string_view reason) {
  std::vector<int64_t> recipients;
  return x.db
    .each<int64_t>(
      find_recipients, [&](int64_t n) { recipients.push_back(n); }, queue_id)
    .and_then([&] {
      return for_all(recipients,
                     [&](int64_t n) { return quarantine_recipient(x, queue_id, n, reason); });
    })
    .and_then([&] { return needed(x.db.row<text, text, maybe_text>(find_queued, queue_id)); })
    .and_then([&](const std::tuple<text, text, maybe_text>& row) {
      auto& [from, trace, body] = row;
      return put(x, "queue", path(queue_id), reason,
                 "Return-Path: <" + from + ">\r\n" + trace + body.value_or(""));
    })
    .and_then([&] { return x.db.run(delete_queued, queue_id); });
}

result<void> quarantine_body(fsck_state& x, int64_t body_id, std::string_view reason) {
  std::vector<std::tuple<int64_t, int64_t, int64_t>> messages;
  auto keep = [&](int64_t mailbox, int64_t folder, int64_t uid) {
    messages.emplace_back(mailbox, folder, uid);
  };
  return x.db.each<int64_t, int64_t, int64_t>(find_messages, keep, body_id)
    .and_then([&] {
      return for_all(messages, [&](const auto& m) {
        auto [mailbox, folder, uid] = m;
        return quarantine_message(x, mailbox, folder, uid, reason);
      });
    })
    .and_then([&] { return x.db.row<int64_t>(find_queue_of, body_id); })
    .and_then([&](const std::optional<std::tuple<int64_t>>& queued) {
      return queued ? quarantine_queued(x, body_id, reason) : result<void>{};
    })
    .and_then([&] { return x.db.run(delete_body, body_id); });
}

} // namespace hamlet::sql
