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
    [self](const account::v1::Resolve& msg) { return self->state.resolve(msg); },
    [self](const account::v1::FindNames& msg) { return self->state.find_names(msg); },
    [self](caf::tick_atom) { self->state.answer_late(); },
  };
}

} // namespace hamlet
