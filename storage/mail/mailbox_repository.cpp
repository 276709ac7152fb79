// SPDX-License-Identifier: Apache-2.0
#include "storage/mail/mailbox_repository.hpp"

#include "storage/mail/collect.hpp"
#include "storage/mail/release.hpp"
#include "storage/sql/rows.hpp"

#include <algorithm>

namespace hamlet::sql {

namespace {

using std::int64_t;
using std::uint64_t;

constexpr query find_folder =
  "SELECT uid_validity FROM folder WHERE mailbox_id = $1 AND folder_id = $2";

constexpr query list_messages = //
  "SELECT uid, size, utf8 FROM message WHERE mailbox_id = $1 AND folder_id = $2 ORDER BY uid";

constexpr query find_message = //
  "SELECT head, body_id FROM message WHERE mailbox_id = $1 AND folder_id = $2 AND uid = $3";

constexpr query read_body = //
  "SELECT sha256, substr(bytes, CAST($2 AS INTEGER), CAST($3 AS INTEGER)) FROM body "
  "WHERE body_id = $1";

constexpr query delete_message = //
  "DELETE FROM message WHERE mailbox_id = $1 AND folder_id = $2 AND uid = $3 "
  "RETURNING size, body_id";

constexpr query give_back_room = //
  "UPDATE mailbox SET used_bytes = used_bytes - $2, used_messages = used_messages - $3, "
  "next_modseq = next_modseq + 1 WHERE mailbox_id = $1";

constexpr uint64_t most_at_once = 1 << 30; // far above any message; an int for both engines

result<folder_listing> listing(database& db, int64_t account_id, int64_t folder) {
  auto validity = value(db.row<int64_t>(find_folder, account_id, folder));
  if (!validity)
    return tl::unexpected{validity.error()};
  folder_listing found{*validity, {}};
  auto keep = [&](int64_t uid, int64_t size, int64_t utf8) {
    found.messages.push_back({uid, size, utf8 != 0});
  };
  return db.each<int64_t, int64_t, int64_t>(list_messages, keep, account_id, folder).map([&] {
    return std::move(found);
  });
}

result<std::string> text_of(database& db, const blob_store& blobs, int64_t body_id, uint64_t offset,
                            uint64_t at_most) {
  using text = std::optional<std::string>;
  auto found = needed(db.row<text, text>(read_body, body_id, offset + 1, at_most));
  if (!found)
    return fail(errc::store_failed, "body " + std::to_string(body_id) + " cannot be read");
  auto& [sha256, bytes] = *found;
  if (!sha256)
    return std::move(bytes).value_or("");
  return blobs.read(*sha256, offset, at_most).map_error([](error why) {
    return error{errc::store_failed,
                 std::move(why.detail)}; // the message is there, its file is not
  });
}

result<std::string> octets(database& db, const blob_store& blobs, int64_t account_id,
                           int64_t folder, int64_t uid, uint64_t offset, uint64_t at_most) {
  auto message = needed(db.row<std::string, int64_t>(find_message, account_id, folder, uid));
  if (!message)
    return tl::unexpected{message.error()};
  auto& [head, body_id] = *message;
  at_most = std::min(at_most, most_at_once);
  std::string out;
  if (offset < head.size())
    out = head.substr(offset, at_most);
  auto in_text = offset - std::min<uint64_t>(offset, head.size());
  if (out.size() == at_most || in_text >= most_at_once)
    return out;
  return text_of(db, blobs, body_id, in_text, at_most - out.size()).map([&](std::string x) {
    return out.empty() ? std::move(x) : out + x;
  });
}

result<void> remove_messages(database& db, int64_t account_id, int64_t folder,
                             const std::vector<int64_t>& uids) {
  int64_t bytes = 0;
  std::vector<int64_t> bodies;
  auto count = [&](int64_t size, int64_t body_id) {
    bytes += size;
    bodies.push_back(body_id);
  };
  return for_all(uids,
                 [&](int64_t uid) {
                   return db.each<int64_t, int64_t>(delete_message, count, account_id, folder, uid);
                 })
    .and_then([&] { return for_all(bodies, [&](int64_t id) { return release_body(db, id); }); })
    .and_then([&] {
      return bodies.empty() ? result<void>{}
                            : db.run(give_back_room, account_id, bytes, bodies.size());
    });
}

} // namespace

void mailbox_repository::collect(int64_t account_id, std::size_t at_most, int64_t now,
                                 completion<collected> done) {
  auto move = [self = *this, account_id, at_most, now,
               done = std::move(done)](const result<bool>& any) mutable {
    if (!any || !*any)
      return done(any.map([](bool) { return collected{}; }));
    self.change<collected>(
      account_id, [=](database& db) { return collect_mail(db, account_id, at_most, now); }, done);
  };
  views_->submit<bool>([account_id](database& db) { return has_mail(db, account_id); },
                       std::move(move));
}

void mailbox_repository::list(int64_t account_id, int64_t folder, completion<folder_listing> done) {
  views_->submit<folder_listing>([=](database& db) { return listing(db, account_id, folder); },
                                 std::move(done));
}

void mailbox_repository::read(int64_t account_id, int64_t folder, int64_t uid, uint64_t offset,
                              uint64_t at_most, completion<std::string> done) {
  views_->submit<std::string>(
    [=, blobs = blobs_](database& db) {
      return octets(db, *blobs, account_id, folder, uid, offset, at_most);
    },
    std::move(done));
}

void mailbox_repository::remove(int64_t account_id, int64_t folder, std::vector<int64_t> uids,
                                completion<void_t> done) {
  change<void_t>(
    account_id,
    [=, uids = std::move(uids)](database& db) {
      return nothing(remove_messages(db, account_id, folder, uids));
    },
    std::move(done));
}

} // namespace hamlet::sql
