// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/readers.hpp"
#include "storage/sql/writer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hamlet::sql {

/// Where the octets of a message are: inline with its row, or a file of the blob store.
struct content {
  std::string bytes;  ///< at most 64 KiB; empty when `sha256` names a blob
  std::string sha256; ///< 32 octets; empty for inline
  std::int64_t size = 0;
};

/// One recipient of a queued message.
struct queued_recipient {
  std::int64_t account_id = 0; ///< of ours; 0: somewhere else, `address` says where
  std::string address;         ///< as accepted: canonical text of the forward-path
  std::string original;        ///< ORCPT, xtext; may be empty
  std::uint8_t notify = 0;     ///< NOTIFY bits (RFC 3461 §4.1)
};

/// A client has seen the 250 of a message.
struct confirmation {
  std::int64_t queue_id = 0;
  std::int64_t arrived_us = 0; ///< of the try that it was for; 0: it need not be remembered
};

struct new_mail {
  std::int64_t queue_id = 0; ///< lib/base/ids: rises with time
  std::string from;          ///< reverse-path, "" for the null path
  std::string trace;         ///< header lines of ours that go before the text: Received …; CRLF
  content what;
  std::vector<queued_recipient> to; ///< an account at most once
  std::string fingerprint;          ///< SHA-256 of client, envelope and text: finds a resend
  std::string envid;
  std::string ret;
  bool utf8 = false; ///< its header needs SMTPUTF8
  std::int64_t accepted_at = 0;
  std::int64_t started_us = 0;         ///< its transaction, microseconds since 1970; 0: not known
  std::int64_t arrived_us = 0;         ///< its last octet
  std::int64_t memory_us = 0;          ///< how long confirmations are kept at least; 0: not known
  std::vector<confirmation> confirmed; ///< that confirm() will be told: no resends of these
};

struct enqueued {
  std::int64_t queue_id = 0;
  bool duplicate = false; ///< another try of this queue id
};

struct queue_entry {
  std::int64_t queue_id = 0;
  std::string from;
  std::int64_t size = 0;
  std::int64_t accepted_at = 0;
  std::vector<queued_recipient> to; ///< who still waits
  std::int64_t held_at = 0;         ///< seconds since 1970; 0: it goes on its way
};

/// An entry with all that there is to know of it but the text.
struct queue_details {
  queue_entry entry;
  std::string trace; ///< the header lines of ours
};

/// The durable queue: accepted mail on its way to mailboxes and to other hosts.
class queue_repository {
public:
  queue_repository(writer& changes, readers& views) : changes_{&changes}, views_{&views} {}

  /// One transaction: the queue row, its recipients, the inline text or the reference to a blob
  /// that is already safe on disk. A row with the same fingerprint, not confirmed and accepted
  /// after `resend_since`, is the answer instead, as a duplicate, and nothing is stored. So is one
  /// that has been confirmed but arrived after this one began: this is an earlier try of it, which
  /// was held up.
  /// timed_out: it was held up for so long that nobody would know.
  void enqueue(new_mail mail, std::int64_t resend_since, completion<enqueued> done);

  /// The clients have seen these 250s: no resend can be meant. Deletes the rows whose recipients
  /// are all done, and remembers when they arrived.
  void confirm(std::vector<confirmation> seen, completion<void_t> done);

  /// Ends the memory of what arrived before this time.
  void forget_confirmed(std::int64_t before_us, completion<std::int64_t> done);

  /// Deletes unconfirmed rows accepted before `before` that have no recipient left.
  void expire_unconfirmed(std::int64_t before, completion<std::int64_t> done);

  /// The accounts that have mail waiting that nobody holds, each once: asked at the start of the
  /// node.
  void accounts_with_mail(completion<std::vector<std::int64_t>> done);

  /// Mail for other hosts (`remote_only`) or all, oldest first, `after` exclusive.
  void list(bool remote_only, std::int64_t after, std::size_t at_most,
            completion<std::vector<queue_entry>> done);

  /// not_found: nobody waits for such a message.
  void find(std::int64_t queue_id, completion<queue_details> done);

  /// All who still wait for it get it no more, and nobody is told. not_found: as above.
  void drop(std::int64_t queue_id, completion<void_t> done);

  /// Nobody gets it until release(). Of those who take it out of the queue at the same moment one
  /// is first: after this has been answered, none of them will. What is held stays so, and since
  /// when. not_found: as above.
  void hold(std::int64_t queue_id, std::int64_t now, completion<queue_details> done);

  /// It may go on; the QUEUE must be woken. not_found: as above.
  void release(std::int64_t queue_id, completion<queue_details> done);

  /// The highest number of id_source in the store, or 0: queue ids and events of chat share one.
  void last_id(completion<std::int64_t> done);

private:
  writer* changes_;
  readers* views_;
};

} // namespace hamlet::sql
