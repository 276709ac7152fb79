// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace hamlet {

/// How many shards each kind of actor has: fixed for the life of a community.
constexpr std::size_t shard_count = 256;

/// Which shard a name or an account belongs to: the same on every node and for ever (FNV-1a and
/// a finaliser, so that ids which follow one another are spread).
std::size_t shard_of(std::string_view canonical_name);
std::size_t shard_of(std::int64_t account_id);

/// Finds the owner of a thing: a typed handle that one asks like any actor. Copied freely; the
/// tables behind it never change while the node runs.
class router {
public:
  struct tables {
    std::array<account_actor, shard_count> accounts;
    std::array<mailbox_shard_actor, shard_count> mailboxes;
    queue_actor queue; ///< of this node: mail is accepted where it arrives
    std::array<chat_actor, shard_count> nicks;
    std::array<chat_actor, shard_count> sessions;
    std::array<chat_actor, shard_count> channels;
    chat_actor network;  ///< bans, filters, operators
    fanout_actor fanout; ///< of this node
  };

  router() = default;
  explicit router(std::shared_ptr<const tables> owners) : owners_{std::move(owners)} {}

  /// Any name in any case goes to the same ACCOUNT each time.
  const account_actor& account_of(std::string_view name) const;
  const account_actor& account_of(std::int64_t account_id) const {
    return owners_->accounts[shard_of(account_id)];
  }
  const mailbox_shard_actor& mailbox_of(std::int64_t account_id) const {
    return owners_->mailboxes[shard_of(account_id)];
  }
  const queue_actor& queue() const { return owners_->queue; }

  /// @param key irc::confusable_key() of the nick: names that look alike have one owner.
  const chat_actor& nick_of(std::string_view key) const { return owners_->nicks[shard_of(key)]; }
  const chat_actor& session_of(std::int64_t session_id) const {
    return owners_->sessions[shard_of(session_id)];
  }
  /// @param folded irc::fold() of the name.
  const chat_actor& channel_of(std::string_view folded) const {
    return owners_->channels[shard_of(folded)];
  }
  const chat_actor& network() const { return owners_->network; }
  const fanout_actor& fanout() const { return owners_->fanout; }

private:
  std::shared_ptr<const tables> owners_;
};

} // namespace hamlet
