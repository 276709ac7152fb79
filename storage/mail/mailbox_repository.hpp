// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/blobs/blob_store.hpp"
#include "storage/sql/readers.hpp"
#include "storage/sql/writer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hamlet::sql {

/// The folder that every mailbox has, and the only one that POP3 shows.
constexpr std::int64_t inbox_folder = 1;

struct listed_message {
  std::int64_t uid = 0;
  std::int64_t size = 0; ///< octets: head and text
  bool utf8 = false;
};

struct folder_listing {
  std::int64_t uid_validity = 0;
  std::vector<listed_message> messages; ///< by rising uid
};

/// A success report that somebody asked for (RFC 3461 §4.1 NOTIFY=SUCCESS).
struct delivered_notice {
  std::int64_t queue_id = 0;
  std::string from;      ///< who gets the report
  std::string recipient; ///< address as accepted
  std::string original;
  std::string envid;
};

struct collected {
  std::int64_t messages = 0; ///< moved by this call
  bool more = false;         ///< `at_most` was reached
  std::int64_t last_uid = 0; ///< of the latest of them
  std::vector<delivered_notice> notices;
};

/// Mailboxes: folders, UIDVALIDITY, UID, flags, MODSEQ, internal date and size, as IMAP needs them
/// (RFC 9051 §2.3, RFC 7162). A mailbox has the id of its account.
class mailbox_repository {
public:
  mailbox_repository(writer& changes, readers& views, blob_store& blobs)
      : changes_{&changes}, views_{&views}, blobs_{&blobs} {}

  /// One that writes in the name of the owner of a shard: errc::wrong_owner when that has another
  /// one by now.
  mailbox_repository held_by(const fence& owner) const {
    auto x = *this;
    x.owner_ = owner;
    return x;
  }

  /// Moves what is queued for this mailbox into its INBOX, oldest first: one transaction in which
  /// the recipient rows go and the message rows come, unique by (mailbox, queue id). Nothing to do
  /// is found out without a write. Each message is headed by "Return-Path: <…>" (RFC 5321 §4.4),
  /// "Delivered-To: …" and the trace.
  void collect(std::int64_t account_id, std::size_t at_most, std::int64_t now,
               completion<collected> done);

  /// Every message of a folder; reads no body.
  void list(std::int64_t account_id, std::int64_t folder, completion<folder_listing> done);

  /// Octets [offset, offset + at_most) of a message, fewer at its end. not_found: it is gone.
  void read(std::int64_t account_id, std::int64_t folder, std::int64_t uid, std::uint64_t offset,
            std::uint64_t at_most, completion<std::string> done);

  /// All of them or none, in one transaction; uids that are gone already do not matter. Texts that
  /// nobody refers to any more go too; their files are left to the sweeper.
  void remove(std::int64_t account_id, std::int64_t folder, std::vector<std::int64_t> uids,
              completion<void_t> done);

private:
  template <class T>
  void change(std::int64_t account_id, operation<T> work, completion<T> done) {
    if (owner_.incarnation != 0)
      changes_->submit<T>(owner_, std::move(work), std::move(done));
    else
      changes_->submit<T>(lane_key{account_id}, std::move(work), std::move(done));
  }

  writer* changes_;
  readers* views_;
  blob_store* blobs_;
  fence owner_; ///< without an incarnation: always holds
};

} // namespace hamlet::sql
