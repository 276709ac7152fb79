// SPDX-License-Identifier: Apache-2.0
#include "actors/mailbox/shard.hpp"

namespace hamlet {

const mailbox_actor& mailbox_shard_state::owner_of(std::int64_t account_id) {
  auto& entry = mailboxes[account_id];
  if (!entry.owner) {
    entry.owner = self->spawn<caf::monitored>(
      mailbox, *mail, account_id, rules, caf::actor_cast<mailbox_shard_actor>(self), messenger);
    entry.passed_on = 0;
  }
  ++entry.passed_on;
  return entry.owner;
}

// A message may be on its way to a MAILBOX that believes itself idle: then the
// counts differ, and it stays. Two MAILBOXes of one account would be two locks.
void mailbox_shard_state::on_idle(std::int64_t account_id, std::uint64_t handled) {
  auto found = mailboxes.find(account_id);
  if (found == mailboxes.end() || found->second.passed_on != handled)
    return;
  self->demonitor(caf::actor_cast<caf::actor_addr>(found->second.owner));
  self->send_exit(found->second.owner, caf::exit_reason::user_shutdown);
  mailboxes.erase(found);
}

// A MAILBOX that died of a bug: its state was soft, the next message starts a new one.
void mailbox_shard_state::on_down(const caf::actor_addr& who) {
  std::erase_if(mailboxes, [&](auto& entry) { return entry.second.owner == who; });
}

mailbox_shard_actor::behavior_type
mailbox_shard(mailbox_shard_actor::stateful_pointer<mailbox_shard_state> self,
              sql::mailbox_repository mail, const live<mailbox_rules>* rules,
              herald_actor messenger) {
  self->state.self = self;
  self->state.mail = mail;
  self->state.rules = rules;
  self->state.messenger = std::move(messenger);
  self->set_down_handler([self](const caf::down_msg& msg) { self->state.on_down(msg.source); });
  self->set_exit_handler([self](const caf::exit_msg& msg) {
    for (auto& [id, entry] : self->state.mailboxes)
      self->send_exit(entry.owner, msg.reason);
    self->quit(msg.reason);
  });
  auto pass_on = [self](auto& msg) {
    return self->delegate(self->state.owner_of(msg.account_id()), std::move(msg));
  };
  return {
    [=](mail::v1::Deliver& msg) { return pass_on(msg); },
    [=](mail::v1::OpenMaildrop& msg) { return pass_on(msg); },
    [=](mail::v1::ReadPart& msg) { return pass_on(msg); },
    [=](mail::v1::Update& msg) { return pass_on(msg); },
    [=](mail::v1::CloseMaildrop& msg) { pass_on(msg); },
    [](caf::tick_atom) {},
    [self](caf::flush_atom, std::int64_t account_id, std::uint64_t handled) {
      self->state.on_idle(account_id, handled);
    },
  };
}

} // namespace hamlet
