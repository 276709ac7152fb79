// SPDX-License-Identifier: Apache-2.0
#include "actors/queue/queue.hpp"

#include "actors/resume.hpp"
#include "lib/base/clock.hpp"
#include "lib/base/worker_pool.hpp"

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto store_timeout = 25s;
constexpr auto mailbox_timeout = 60s;
constexpr auto beat = 500ms; // how often confirmations are written and failures tried again
constexpr std::size_t confirm_batch = 256;
constexpr std::size_t forget_every = 20; // beats

sql::new_mail mail_of(mail::v1::Enqueue& msg, std::int64_t accepted_at) {
  sql::new_mail fresh;
  fresh.queue_id = msg.queue_id();
  fresh.from = std::move(*msg.mutable_reverse_path());
  fresh.trace = std::move(*msg.mutable_trace());
  fresh.what.bytes = std::move(*msg.mutable_text());
  fresh.what.size = static_cast<std::int64_t>(fresh.what.bytes.size());
  for (auto& to : *msg.mutable_to())
    fresh.to.push_back({to.account_id(), std::move(*to.mutable_address()),
                        std::move(*to.mutable_original()), static_cast<std::uint8_t>(to.notify())});
  fresh.fingerprint = std::move(*msg.mutable_fingerprint());
  fresh.envid = std::move(*msg.mutable_envid());
  fresh.ret = std::move(*msg.mutable_ret());
  fresh.utf8 = msg.utf8();
  fresh.accepted_at = accepted_at;
  fresh.started_us = msg.started_us();
  fresh.arrived_us = msg.arrived_us();
  return fresh;
}

} // namespace

// -- taking mail in -----------------------------------------------------------

caf::result<mail::v1::Enqueued> queue_state::enqueue(mail::v1::Enqueue& msg) {
  auto fresh = mail_of(msg, unix_seconds());
  std::shared_ptr<blob_writer> file;
  if (msg.spool_id() != 0) {
    auto found = spools.find(msg.spool_id());
    if (found == spools.end() || found->second.busy)
      return to_caf({errc::bad_request, "no such spool"});
    fresh.what.size = found->second.size;
    file = std::move(found->second.file);
    spools.erase(found);
  }
  auto promise = self->make_response_promise<mail::v1::Enqueued>(); // after it, no other answer
  auto is_large = fresh.what.bytes.size() > parts->rules->get()->inline_limit;
  if (!file && !is_large && !msg.binary())
    write_down(std::move(fresh), promise);
  else
    store_text(std::move(fresh), std::move(file), msg.binary(), promise);
  return promise;
}

void queue_state::write_down(sql::new_mail fresh, accepted promise) {
  std::vector<std::int64_t> accounts;
  for (auto& to : fresh.to)
    if (to.account_id != 0)
      accounts.push_back(to.account_id);
  fresh.confirmed = confirmed; // of those flushed before, the store has heard before this
  auto rules = parts->rules->get();
  fresh.memory_us = std::chrono::microseconds{rules->confirmed_memory}.count();
  auto since = fresh.accepted_at - rules->resend_window.count();
  auto then = [this, accounts, promise](result<sql::enqueued> stored) mutable {
    settle(promise, stored.map([](sql::enqueued x) {
      mail::v1::Enqueued done;
      done.set_queue_id(x.queue_id);
      done.set_duplicate(x.duplicate);
      return done;
    }));
    if (stored)
      for (auto id : accounts) // of a resend, too: the first may have been stored unheard
        deliver_to(id);
    else if (stored.error().code == errc::timed_out)
      undelivered.insert(accounts.begin(), accounts.end()); // it may be stored after all
  };
  parts->queue.enqueue(std::move(fresh), since,
                       resume<sql::enqueued>(self, limits, store_timeout, std::move(then)));
}

void queue_state::confirm(const mail::v1::Confirm& msg) {
  confirmed.push_back({msg.queue_id(), msg.arrived_us()});
  if (confirmed.size() >= confirm_batch)
    flush_confirmed();
}

// What a crash forgets here stays "unconfirmed" for an hour and then goes: it
// only means that a resend would be recognised for longer than needed.
void queue_state::flush_confirmed() {
  if (confirmed.empty())
    return;
  parts->queue.confirm(std::exchange(confirmed, {}), [](const result<void_t>&) {});
  if (beats_to_forget == 0)
    beats_to_forget = forget_every;
}

// A minute later than a message may still come that asks for it.
void queue_state::forget_confirmed() {
  if (beats_to_forget == 0 || --beats_to_forget > 0)
    return;
  std::chrono::microseconds age = parts->rules->get()->confirmed_memory + 60s;
  parts->queue.forget_confirmed(unix_microseconds() - age.count(), [](const result<int64_t>&) {});
}

// -- handing it on ------------------------------------------------------------

void queue_state::deliver_to(std::int64_t account_id) {
  mail::v1::Deliver msg;
  msg.set_account_id(account_id);
  request<mail::v1::Delivered>(
    self, limits, mailbox_timeout, parts->mailbox_of(account_id), std::move(msg),
    [this](const mail::v1::Delivered& done) {
      for (auto& notice : done.notices())
        report(notice);
    },
    [this, account_id](const caf::error&) { undelivered.insert(account_id); });
}

/// At the start: everything that an earlier process left.
void queue_state::wake() {
  auto then = [this](result<std::vector<std::int64_t>> found) {
    woken = found.has_value();
    if (found)
      for (auto id : *found)
        deliver_to(id);
  };
  woken = true; // until we hear that it failed: one question at a time
  parts->queue.accounts_with_mail(
    resume<std::vector<std::int64_t>>(self, limits, store_timeout, std::move(then)));
}

void queue_state::tick() {
  flush_confirmed();
  forget_confirmed();
  for (auto id : std::exchange(undelivered, {}))
    deliver_to(id);
  if (!woken)
    wake();
  drop_stale_spools();
  self->delayed_send(self, beat, caf::tick_atom_v);
}

queue_actor::behavior_type queue(queue_actor::stateful_pointer<queue_state> self,
                                 queue_parts parts) {
  self->state.self = self;
  self->state.parts.emplace(std::move(parts));
  self->set_exit_handler([self](const caf::exit_msg& msg) {
    self->state.flush_confirmed();
    self->quit(msg.reason);
  });
  self->state.wake();
  self->delayed_send(self, beat, caf::tick_atom_v);
  return {
    [self](const mail::v1::SpoolAppend& msg) { return self->state.append(msg); },
    [self](const mail::v1::SpoolDiscard& msg) { self->state.discard(msg.spool_id()); },
    [self](mail::v1::Enqueue& msg) { return self->state.enqueue(msg); },
    [self](const mail::v1::Confirm& msg) { self->state.confirm(msg); },
    [self](const mail::v1::Wake&) { self->state.wake(); },
    [self](caf::tick_atom) { self->state.tick(); },
  };
}

} // namespace hamlet
