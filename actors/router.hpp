// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/homes.hpp"
#include "actors/interfaces.hpp"

#include <array>
#include <cstdint>
#include <functional>
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
    fanout_actor fanout; ///< of this node; in a cluster its RELAY
    // -- in a cluster alone --
    std::shared_ptr<const hamlet::homes> homes; ///< nullptr: all sessions are here
    /// To the SESSIONS of another node; never without a handle, whatever the number.
    std::function<chat_actor(std::uint16_t node)> node_sessions;
    std::array<chat_actor, shard_count> local_channels; ///< '&': each node has its own
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
  /// At its home.
  chat_actor session_of(std::int64_t session_id) const {
    if (owners_->homes)
      if (auto node = owners_->homes->node_of(session_id); node != owners_->homes->here())
        return owners_->node_sessions(node);
    return session_here(session_id);
  }
  /// The one of this node, wherever the session is at home.
  const chat_actor& session_here(std::int64_t session_id) const {
    return owners_->sessions[shard_of(session_id)];
  }
  /// @param folded irc::fold() of the name.
  const chat_actor& channel_of(std::string_view folded) const {
    auto number = shard_of(folded);
    if (owners_->homes && folded.starts_with('&'))
      return owners_->local_channels[number];
    return owners_->channels[number];
  }
  const chat_actor& network() const { return owners_->network; }
  /// nullptr: this node is alone.
  const std::shared_ptr<const hamlet::homes>& homes() const { return owners_->homes; }
  const fanout_actor& fanout() const { return owners_->fanout; }

private:
  std::shared_ptr<const tables> owners_;
};

} // namespace hamlet
