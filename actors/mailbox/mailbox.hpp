// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "actors/interfaces.hpp"
#include "actors/owed.hpp"
#include "lib/base/live.hpp"
#include "storage/mail/mailbox_repository.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <optional>
#include <vector>

namespace hamlet {

/// What the administrator decides about mailboxes.
struct mailbox_rules {
  std::chrono::seconds login_delay{0}; ///< between POP3 sessions (RFC 2449 §6.5)
  std::chrono::seconds idle{300};      ///< then a MAILBOX that nobody uses ends
};

struct mailbox_state {
  static inline const char* name = "mailbox";
  using clock = std::chrono::steady_clock;

  mailbox_actor::pointer self = nullptr;
  deadlines limits;
  std::optional<sql::mailbox_repository> mail;
  std::int64_t account_id = 0;
  const live<mailbox_rules>* rules = nullptr;
  mailbox_shard_actor shard;
  herald_actor messenger; ///< told of what comes; invalid: nobody is

  /// Who holds the maildrop (RFC 1939 §4): the connection that opened it.
  caf::actor_addr holder;
  bool updating = false; ///< then the lock ends with the UPDATE, even if the holder dies
  std::optional<clock::time_point> last_session;
  clock::time_point last_use;
  std::uint64_t handled = 0; ///< messages that its shard has passed on

  // One collect() runs at a time; those who ask meanwhile share the next one.
  bool collecting = false;
  std::vector<owed<mail::v1::Delivered>> running, waiting;
  /// Reports of what OpenMaildrop collected: they go out with the next Delivered.
  mail::v1::Delivered unreported;
  mail::v1::Arrived fresh; ///< of the running one

  caf::result<mail::v1::Delivered> deliver();
  caf::result<mail::v1::Maildrop> open();
  caf::result<mail::v1::Part> read(const mail::v1::ReadPart& msg);
  caf::result<mail::v1::Updated> update(const mail::v1::Update& msg);
  void close();
  void on_down(const caf::actor_addr& who);
  void tick();
  void count();

private:
  using opened = owed<mail::v1::Maildrop>;
  using step = std::function<void(result<mail::v1::Delivered>)>;

  void collect(mail::v1::Delivered so_far, step done);
  void start_delivery();
  void list(opened promise, const caf::actor_addr& who);
  void unlock(const caf::actor_addr& who);
  bool is_holder() const;
  clock::time_point now() const;
};

/// @param mail Where mail lives; what is behind it must outlive the actor.
/// @param shard Told when the actor is idle; it alone knows whether a message is on its way.
/// @param messenger Told of mail that has come, but not of what a maildrop collects as it opens.
mailbox_actor::behavior_type mailbox(mailbox_actor::stateful_pointer<mailbox_state> self,
                                     sql::mailbox_repository mail, std::int64_t account_id,
                                     const live<mailbox_rules>* rules, mailbox_shard_actor shard,
                                     herald_actor messenger);

} // namespace hamlet
