// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/presence.hpp"
#include "hamlet/chat/v1/nodes.pb.h"
#include "lib/cluster/view.hpp"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hamlet {

/// All channels of all nodes, as their owners tell of them, and what the FANOUT of this node takes
/// for true, which it learns from events alone. Where the two have parted (news were missed), the
/// events that bring them together are made here.
///
/// Channels of one node alone ('&') are none of its business.
class mirror {
public:
  /// The owner of a channel: a node's start.
  using owner = cluster::incarnation;
  static constexpr owner here = 0;

  struct seat {
    std::array<char, 7> prefixes{};
    std::uint8_t rights = 0;
    bool is_hidden = false;
    bool is_member = false;   ///< its channel says so
    bool is_shown = false;    ///< FANOUT has heard it come
    bool is_owed = false;     ///< FANOUT is to hear of it when it is known who that is
    bool is_doubtful = false; ///< its QUIT may have been missed
    std::int64_t joined_ms = 0;
    std::int64_t reads_from_ms = 0;

    std::string_view prefix_text() const {
      return std::string_view{prefixes.data(), prefixes.size()}.substr(
        0, std::string_view{prefixes.data(), prefixes.size()}.find('\0'));
    }
  };
  struct room {
    std::string name;
    std::uint8_t shard = 0;
    owner from = here;
    bool is_known = false; ///< its owner has told of it; else it is in the books of FANOUT alone
    std::unique_ptr<chat::v1::ChannelState> state; ///< nullptr: not told
    std::unordered_map<std::int64_t, seat> seats;  ///< by session
  };

  /// @param make An event of the server itself, with id and time.
  mirror(presence& people, std::function<chat::v1::Event()> make)
      : people_{people}, make_{std::move(make)} {}

  // -- what owners say. Presence follows, unless the owner is here: it has told presence itself --
  void place(const chat::v1::Place& x, owner from);
  void unplace(std::string_view channel, std::int64_t session_id, owner from);
  void set_state(chat::v1::ChannelState x, owner from);
  void show(const chat::v1::ChannelShown& x, owner from);
  /// @param out What FANOUT has to hear so that it knows the same members.
  void set_members(const chat::v1::Members& x, owner from, std::vector<chat::v1::Event>& out);
  void end(std::string_view channel, owner from);
  /// As end(), and those whom FANOUT still takes for members part.
  void end_unseen(const std::string& folded, std::vector<chat::v1::Event>& out);

  // -- what FANOUT hears --
  /// @return False: FANOUT knows that already, and must not hear it again.
  bool hear(const chat::v1::Event& x);
  /// It is known who that is now.
  void met(const packed_user& x, std::vector<chat::v1::Event>& out);

  /// Its home does not know it: too early, or too late.
  void doubt(std::int64_t session_id);
  /// Those in doubt who are members no more, and of whom no event has said so since the last call
  /// but one, go.
  void settle(std::vector<chat::v1::Event>& out);
  bool is_settled() const { return leaving_.empty() && left_.empty(); }

  // -- to look at --
  const std::unordered_map<std::string, room>& rooms() const { return rooms_; }
  const room* find(std::string_view channel) const;
  /// Where it is a member.
  std::vector<std::string> channels_of(std::int64_t session_id) const;
  std::vector<std::int64_t> sessions() const;
  /// It is in no channel any more, for nobody.
  void drop_session(std::int64_t session_id);
  /// All that is told of a channel, as items.
  void tell(const room& x, const std::function<void(const chat::v1::NewsItem&)>& to) const;

private:
  room& open(std::string_view channel);
  seat& sit(room& where, std::int64_t session_id);
  void tidy(room& where, std::int64_t session_id);
  void close_if_empty(room& where);
  void take(seat& to, const chat::v1::Place& x);
  void come(room& where, std::int64_t session_id, seat& s, std::vector<chat::v1::Event>& out);
  void go(room& where, std::int64_t session_id, std::vector<chat::v1::Event>& out);
  void rank(room& where, std::int64_t session_id, std::string_view before, std::string_view now,
            std::vector<chat::v1::Event>& out);
  void hear_rename(const chat::v1::Event& x);

  presence& people_;
  std::function<chat::v1::Event()> make_;
  std::unordered_map<std::string, room> rooms_;                      ///< by folded name
  std::unordered_map<std::int64_t, std::vector<room*>> of_session_;  ///< where it has a seat
  std::vector<std::pair<std::string, std::int64_t>> leaving_, left_; ///< in doubt; folded name
};

/// As places and cards are told.
chat::v1::ChannelShown shown_of(const channel_card& x);
channel_ref card_of(const chat::v1::ChannelShown& x);
bool is_local_channel(std::string_view name);

} // namespace hamlet
