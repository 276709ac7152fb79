// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/chat/v1/event.pb.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet {

/// What everybody may ask about a user. Never changes: a change makes a new card.
struct user_card {
  chat::v1::Who who;
  std::string away; ///< text of AWAY
  std::int64_t signon_ms = 0;
  /// Time of its last message, ms: the cards of one session share it.
  std::shared_ptr<std::atomic<std::int64_t>> active_ms;
  std::uint32_t clients = 0; ///< connections; 0: it is here without one
};
using user_ref = std::shared_ptr<const user_card>;

/// A card in little memory: most users are idle, and nobody asks about them. A card takes three
/// times as much. Never changes.
class packed_user {
public:
  explicit packed_user(const user_card& card);

  std::int64_t session_id() const { return session_id_; }
  std::int64_t account_id() const { return account_id_; } ///< 0: not logged in
  std::string_view nick() const { return std::string_view{text_}.substr(0, nick_size_); }
  /// "nick!user@host"
  std::string_view mask() const { return std::string_view{text_}.substr(0, mask_size()); }
  std::string_view away() const { return std::string_view{text_}.substr(mask_size(), away_size_); }
  std::uint32_t clients() const { return clients_; }
  std::int64_t signon_ms() const { return signon_ms_; }
  bool is_invisible() const { return is_invisible_; }
  bool is_operator() const { return is_operator_; }
  const std::shared_ptr<std::atomic<std::int64_t>>& active_ms() const { return active_ms_; }

  void read(chat::v1::Who& into) const;
  chat::v1::Who who() const;
  user_card card() const;

private:
  std::size_t mask_size() const {
    return std::size_t{nick_size_} + 1 + user_size_ + 1 + host_size_;
  }

  std::int64_t session_id_;
  std::int64_t account_id_;
  std::int64_t signon_ms_;
  std::shared_ptr<std::atomic<std::int64_t>> active_ms_;
  std::uint32_t clients_;
  std::uint16_t nick_size_;
  std::uint16_t user_size_;
  std::uint16_t host_size_;
  std::uint16_t away_size_;
  bool is_invisible_;
  bool is_operator_;
  std::string text_; ///< mask, away, the rest of Who
};
using packed_ref = std::shared_ptr<const packed_user>;

/// A user who has gone, or has another nick now: WHOWAS.
struct former_user {
  chat::v1::Who who;
  std::int64_t until_ms = 0;
};

/// What LIST shows of a channel.
struct channel_card {
  std::string name;
  std::string topic;
  std::string topic_setter;
  std::int64_t topic_ms = 0;
  std::int64_t created_ms = 0;
  std::uint32_t members = 0;
  bool is_secret = false;  ///< mode s
  bool is_private = false; ///< mode p
  bool is_registered = false;
  std::string modes; ///< "+nt", without keys
};
using channel_ref = std::shared_ptr<const channel_card>;

/// Where somebody is, for WHOIS, WHO and "do they share a channel".
struct membership {
  std::string channel;  ///< as written
  std::string prefixes; ///< "@+"
  bool is_hidden;       ///< the channel is secret or private, or the member not to be seen (mode u)
};

/// Hears what the actors of this node tell presence, in their thread and after it is true; must not
/// block. What is learned from other nodes is not told, nor who is where (chat_mirror has that).
class presence_listener {
public:
  virtual ~presence_listener() = default;
  virtual void user_put(const packed_ref& user) = 0;
  virtual void user_removed(std::int64_t session_id, std::int64_t now_ms) = 0;
  virtual void channel_put(const channel_ref& channel) = 0;
  virtual void channel_removed(std::string_view name) = 0;
};

/// Who is here and what channels there are, as far as this node knows: soft state for looking up,
/// kept by the SESSIONS (users), the NICK directory (which nick is whose) and the CHANNELS
/// (channels, memberships). It grants nothing: whoever decides asks the owner. Any thread.
class presence {
public:
  struct limits {
    std::size_t former_users = 10'000;
    std::int64_t former_ms = 7 * 86'400'000LL;
  };
  explicit presence(limits bounds);
  presence();
  ~presence();

  // -- users --
  /// New, or changed; found by its nick (irc::fold) from now on, and no longer by its former one.
  /// Of one session one call at a time.
  void put(const user_ref& user);
  void put(packed_ref user);
  /// Gone, and what it was goes to WHOWAS; so does a nick that put() has replaced.
  void remove(std::int64_t session_id, std::int64_t now_ms);
  user_ref find(std::string_view nick) const;
  user_ref find(std::int64_t session_id) const;
  packed_ref find_packed(std::string_view nick) const;
  packed_ref find_packed(std::int64_t session_id) const;
  /// The sessions of an account, in no order; none for 0.
  std::vector<packed_ref> of_account(std::int64_t account_id) const;
  /// In no order; `f` returns false to stop. Runs without a lock on a list taken before.
  void each_user(const std::function<bool(const user_ref&)>& f) const;
  /// All is in so many slices: who has much to look at does so slice by slice, and lets others do
  /// something between two.
  static constexpr std::size_t slices = 64;
  void each_packed(std::size_t slice, const std::function<void(const packed_ref&)>& f) const;
  /// The latest first.
  std::vector<former_user> former(std::string_view nick, std::size_t at_most) const;

  // -- channels --
  void put(channel_ref channel);
  void remove_channel(std::string_view name);
  channel_ref find_channel(std::string_view name) const;
  void each_channel(const std::function<bool(const channel_ref&)>& f) const;
  void each_channel(std::size_t slice, const std::function<void(const channel_ref&)>& f) const;

  // -- who is where --
  void set_member(std::int64_t session_id, membership where);
  void remove_member(std::int64_t session_id, std::string_view channel);
  std::vector<membership> channels_of(std::int64_t session_id) const;
  bool is_member(std::int64_t session_id, std::string_view channel) const;
  bool share_channel(std::int64_t one, std::int64_t other) const;

  // -- of several nodes --
  /// At the start, before anybody else calls; nullptr: nobody listens.
  void set_listener(presence_listener* who) { listener_ = who; }
  // As the functions above, for what other nodes tell: nobody hears of it.
  void learn(packed_ref user);
  void forget(std::int64_t session_id, std::int64_t now_ms);
  void learn(channel_ref channel);
  void forget_channel(std::string_view name);

  // -- LUSERS --
  struct counts {
    std::size_t users = 0;     ///< not invisible
    std::size_t invisible = 0; ///< user mode i
    std::size_t operators = 0;
    std::size_t unregistered = 0; ///< connections that have not registered yet
    std::size_t clients = 0;      ///< connections
    std::size_t channels = 0;
    std::size_t most_users = 0; ///< since the start
    std::size_t most_clients = 0;
  };
  counts count() const;
  void connection_opened(); ///< not registered yet
  void connection_registered();
  void connection_closed(bool was_registered);

private:
  struct state;
  std::unique_ptr<state> state_;
  presence_listener* listener_ = nullptr;
};

} // namespace hamlet
