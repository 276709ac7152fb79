// SPDX-License-Identifier: Apache-2.0
#include "actors/mailbox/mailbox.hpp"

#include "actors/resume.hpp"
#include "lib/base/clock.hpp"

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto store_timeout = 20s;       // shorter than any that waits for us
constexpr std::size_t collect_step = 256; // messages in one transaction

} // namespace

// -- from the queue into the mailbox ------------------------------------------

/// Takes all that is queued, one transaction after the other.
void mailbox_state::collect(mail::v1::Delivered so_far, step done) {
  auto then = [this, so_far = std::move(so_far), done](result<sql::collected> got) mutable {
    if (!got)
      return done(tl::unexpected{got.error()});
    so_far.set_messages(so_far.messages() + got->messages);
    if (got->messages > 0)
      fresh.set_last_uid(got->last_uid);
    for (auto& x : got->notices) {
      auto* notice = so_far.add_notices();
      notice->set_queue_id(x.queue_id);
      notice->set_reverse_path(x.from);
      notice->set_recipient(x.recipient);
      notice->set_original(x.original);
      notice->set_envid(x.envid);
    }
    if (got->more)
      return collect(std::move(so_far), done);
    done(std::move(so_far));
  };
  mail->collect(account_id, collect_step, unix_seconds(),
                resume<sql::collected>(self, limits, store_timeout, std::move(then)));
}

caf::result<mail::v1::Delivered> mailbox_state::deliver() {
  waiting.push_back(owe<mail::v1::Delivered>(self));
  auto answer = waiting.back();
  start_delivery();
  return answer;
}

// What was queued after a running collect() began may not be in it: those who
// asked meanwhile wait for the next, which serves them all.
void mailbox_state::start_delivery() {
  if (collecting || waiting.empty())
    return;
  collecting = true;
  running.swap(waiting);
  collect(std::exchange(unreported, {}), [this](result<mail::v1::Delivered> outcome) {
    collecting = false;
    auto notices_due = true; // to one of those who asked: each report is written once
    for (auto& promise : running) {
      settle(promise, outcome);
      if (outcome && std::exchange(notices_due, false))
        outcome->clear_notices();
    }
    running.clear();
    if (messenger && outcome && outcome->messages() > 0) {
      fresh.set_account_id(account_id);
      fresh.set_messages(outcome->messages());
      self->send(messenger, std::exchange(fresh, {}));
    }
    start_delivery();
  });
}

// -- the maildrop of POP3 -----------------------------------------------------

bool mailbox_state::is_holder() const {
  return holder && holder == caf::actor_cast<caf::actor_addr>(self->current_sender());
}

caf::result<mail::v1::Maildrop> mailbox_state::open() {
  mail::v1::Maildrop refusal;
  if (holder) {
    refusal.set_status(mail::v1::Maildrop::IN_USE);
    return refusal;
  }
  if (last_session && now() - *last_session < rules->get()->login_delay) {
    refusal.set_status(mail::v1::Maildrop::TOO_SOON);
    return refusal;
  }
  holder = caf::actor_cast<caf::actor_addr>(self->current_sender());
  self->monitor(holder); // a connection that dies gives its lock back
  auto promise = owe<mail::v1::Maildrop>(self);
  // What was acknowledged is readable: whoever looks sees all mail that is in the queue for it.
  collect({}, [this, promise, who = holder](result<mail::v1::Delivered> outcome) mutable {
    if (outcome)
      unreported.MergeFrom(*outcome);
    if (outcome && holder == who)
      return list(promise, who);
    unlock(who);
    promise.deliver(to_caf(outcome ? error{errc::timed_out, "the client left"} : outcome.error()));
  });
  return promise;
}

void mailbox_state::list(opened promise, const caf::actor_addr& who) {
  auto then = [this, promise, who](result<sql::folder_listing> found) mutable {
    if (!found)
      unlock(who);
    else if (holder == who)
      last_session = now(); // one that failed may be tried again at once
    settle(promise, found.map([](const sql::folder_listing& folder) {
      mail::v1::Maildrop drop;
      drop.set_status(mail::v1::Maildrop::OPEN);
      drop.set_uid_validity(folder.uid_validity);
      drop.mutable_uid()->Reserve(static_cast<int>(folder.messages.size()));
      drop.mutable_size()->Reserve(static_cast<int>(folder.messages.size()));
      for (auto& x : folder.messages) {
        drop.add_uid(x.uid);
        drop.add_size(x.size);
        if (x.utf8)
          drop.add_utf8_uid(x.uid);
      }
      return drop;
    }));
  };
  mail->list(account_id, sql::inbox_folder,
             resume<sql::folder_listing>(self, limits, store_timeout, std::move(then)));
}

caf::result<mail::v1::Part> mailbox_state::read(const mail::v1::ReadPart& msg) {
  auto promise = owe<mail::v1::Part>(self);
  auto then = [promise](result<std::string> bytes) mutable {
    settle(promise, bytes.map([](std::string& x) {
      mail::v1::Part part;
      part.set_data(std::move(x));
      return part;
    }));
  };
  mail->read(account_id, sql::inbox_folder, msg.uid(), msg.offset(), msg.at_most(),
             resume<std::string>(self, limits, store_timeout, std::move(then)));
  return promise;
}

// RFC 1939 §6: the lock is released whether or not the messages could be removed.
caf::result<mail::v1::Updated> mailbox_state::update(const mail::v1::Update& msg) {
  if (!is_holder())
    return to_caf({errc::bad_request, "update by one who does not hold the maildrop"});
  if (msg.uid().empty() && !updating) { // nothing for the store
    unlock(holder);
    return mail::v1::Updated{};
  }
  updating = true;
  auto promise = owe<mail::v1::Updated>(self);
  auto then = [this, promise, who = holder](result<void_t> done) mutable {
    updating = false;
    unlock(who);
    settle(promise, done.map([](void_t) { return mail::v1::Updated{}; }));
  };
  mail->remove(account_id, sql::inbox_folder, {msg.uid().begin(), msg.uid().end()},
               resume<void_t>(self, limits, store_timeout, std::move(then)));
  return promise;
}

void mailbox_state::close() {
  if (is_holder() && !updating)
    unlock(holder);
}

/// Ends the lock of `who`; one that somebody else has got meanwhile stays.
void mailbox_state::unlock(const caf::actor_addr& who) {
  if (!holder || holder != who)
    return;
  self->demonitor(holder);
  holder = nullptr;
}

// RFC 1939 §6: nothing is deleted, unless the UPDATE is on its way already; then the next session
// begins after it.
void mailbox_state::on_down(const caf::actor_addr& who) {
  if (holder == who && !updating)
    holder = nullptr;
}

// -- the end of an idle actor -------------------------------------------------

mailbox_state::clock::time_point mailbox_state::now() const {
  return self->clock().now();
}

void mailbox_state::count() {
  ++handled;
  last_use = now();
}

void mailbox_state::tick() {
  auto current = rules->get();
  auto is_idle = !holder && !collecting && unreported.notices().empty()
                 && now() - last_use >= std::max(current->idle, current->login_delay);
  if (is_idle)
    self->send(shard, caf::flush_atom_v, account_id, handled);
  self->delayed_send(self, current->idle, caf::tick_atom_v);
}

mailbox_actor::behavior_type mailbox(mailbox_actor::stateful_pointer<mailbox_state> self,
                                     sql::mailbox_repository mail, std::int64_t account_id,
                                     const live<mailbox_rules>* rules, mailbox_shard_actor shard,
                                     herald_actor messenger) {
  auto& state = self->state;
  state.self = self;
  state.mail = mail;
  state.account_id = account_id;
  state.rules = rules;
  state.shard = std::move(shard);
  state.messenger = std::move(messenger);
  state.last_use = self->clock().now();
  self->set_down_handler([self](const caf::down_msg& msg) { self->state.on_down(msg.source); });
  self->delayed_send(self, rules->get()->idle, caf::tick_atom_v);
  return {
    [self](const mail::v1::Deliver&) {
      self->state.count();
      return self->state.deliver();
    },
    [self](const mail::v1::OpenMaildrop&) {
      self->state.count();
      return self->state.open();
    },
    [self](const mail::v1::ReadPart& msg) {
      self->state.count();
      return self->state.read(msg);
    },
    [self](const mail::v1::Update& msg) {
      self->state.count();
      return self->state.update(msg);
    },
    [self](const mail::v1::CloseMaildrop&) {
      self->state.count();
      self->state.close();
    },
    [self](caf::tick_atom) { self->state.tick(); },
  };
}

} // namespace hamlet
