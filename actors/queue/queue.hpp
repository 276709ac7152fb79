// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "actors/router.hpp"
#include "lib/base/live.hpp"
#include "storage/accounts/account_repository.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/mail/queue_repository.hpp"

#include <caf/actor_clock.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace hamlet {

class worker_pool;

/// What the administrator decides about the queue.
struct queue_rules {
  std::string hostname;                       ///< who reports (RFC 3464 §2.2.2)
  std::chrono::seconds resend_window{3600};   ///< in which an unconfirmed message is known again
  std::chrono::seconds confirmed_memory{120}; ///< how long a message may be held up and be known
  std::size_t inline_limit = 64u << 10;       ///< larger texts become files
  std::string subaddress_separator = "+";     ///< of who gets a report; empty: no tags
  std::size_t max_spools = 1000;              ///< texts that arrive in pieces at the same time
};

/// What a QUEUE works with. What is behind the handles must outlive it.
struct queue_parts {
  sql::queue_repository queue;
  sql::account_repository accounts;
  blob_store* blobs;
  worker_pool* workers; ///< for files
  std::function<mailbox_shard_actor(std::int64_t)> mailbox_of;
  std::function<std::int64_t()> next_id;
  const live<queue_rules>* rules;
};

struct queue_state {
  static inline const char* name = "queue";

  queue_actor::pointer self = nullptr;
  deadlines limits;
  std::optional<queue_parts> parts;

  struct spool {
    std::shared_ptr<blob_writer> file; ///< used by one worker at a time
    std::int64_t size = 0;
    bool busy = false;
    bool discarded = false;
    caf::actor_clock::time_point touched;
  };
  std::unordered_map<std::int64_t, spool> spools;
  std::vector<sql::confirmation> confirmed;     ///< not yet written down
  std::size_t beats_to_forget = 0;              ///< 0: there is nothing new to forget
  std::unordered_set<std::int64_t> undelivered; ///< accounts whose MAILBOX did not answer
  bool woken = false;                           ///< what an earlier process left is known

  caf::result<mail::v1::Spooled> append(const mail::v1::SpoolAppend& msg);
  void discard(std::int64_t spool_id);
  caf::result<mail::v1::Enqueued> enqueue(mail::v1::Enqueue& msg);
  void confirm(const mail::v1::Confirm& msg);
  void wake();
  void tick();
  void flush_confirmed();
  void forget_confirmed();

private:
  using accepted = caf::typed_response_promise<mail::v1::Enqueued>;

  void store_text(sql::new_mail fresh, std::shared_ptr<blob_writer> file, bool is_binary,
                  accepted promise);
  void write_down(sql::new_mail fresh, accepted promise);
  void deliver_to(std::int64_t account_id);
  void drop_stale_spools();
  void report(const mail::v1::Notice& notice);
};

/// The QUEUE of a node.
queue_actor::behavior_type queue(queue_actor::stateful_pointer<queue_state> self,
                                 queue_parts parts);

} // namespace hamlet
