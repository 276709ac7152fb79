// SPDX-License-Identifier: Apache-2.0
#include "actors/account/account.hpp"

#include "lib/crypto/random.hpp"

namespace hamlet {

namespace {

constexpr std::size_t remembered_passwords = 10'000; // of one shard

} // namespace

account_actor::behavior_type account_shard(account_actor::stateful_pointer<account_state> self,
                                           account_parts parts) {
  auto& state = self->state;
  state.self = self;
  state.parts.emplace(std::move(parts));
  state.verified.emplace(remembered_passwords);
  state.guess_key = crypto::random_bytes(32);
  return {
    [self](const account::v1::CheckPassword& msg) { return self->state.check_password(msg); },
    [self](const account::v1::SaltOf& msg) { return self->state.salt_of(msg); },
    [self](const account::v1::CheckProof& msg) { return self->state.check_proof(msg); },
    [self](const account::v1::CheckApop& msg) { return self->state.check_apop(msg); },
    [self](const account::v1::CheckCertificate& msg) { return self->state.check_certificate(msg); },
    [self](const account::v1::Register& msg) { return self->state.register_stranger(msg); },
    [self](const account::v1::SetPassword& msg) { return self->state.set_password(msg); },
    [self](const account::v1::AddCertificate& msg) { return self->state.add_certificate(msg); },
    [self](const account::v1::RemoveCertificate& msg) {
      return self->state.remove_certificate(msg);
    },
    [self](const account::v1::ListCertificates& msg) { return self->state.list_certificates(msg); },
    [self](const account::v1::GroupNick& msg) { return self->state.group_nick(msg); },
    [self](const account::v1::UngroupNick& msg) { return self->state.ungroup_nick(msg); },
    [self](const account::v1::ListNicks& msg) { return self->state.list_nicks(msg); },
    [self](const account::v1::OwnerOfNick& msg) { return self->state.owner_of_nick(msg); },
    [self](const account::v1::FindAccount& msg) { return self->state.find_account(msg); },
    [self](const account::v1::SetChatSetting& msg) { return self->state.set_chat_setting(msg); },
    [self](const account::v1::GetChatSettings& msg) { return self->state.chat_settings(msg); },
    [self](const account::v1::Resolve& msg) { return self->state.resolve(msg); },
    [self](const account::v1::FindNames& msg) { return self->state.find_names(msg); },
    [self](const account::v1::ManageAccount& msg) { return self->state.manage(msg); },
    [self](caf::tick_atom) { self->state.answer_late(); },
  };
}

} // namespace hamlet
