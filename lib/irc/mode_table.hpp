// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// The modes: the one table from which 004, 005 and the parser are made. Where servers differ, a
// letter means what it does in most of InspIRCd, UnrealIRCd, Solanum, Ergo and ngIRCd.

namespace hamlet::irc {

/// Modern, CHANMODES Parameter (A to D) and PREFIX Parameter.
enum class mode_kind : std::uint8_t {
  list,       ///< A: adds to a list or takes from it; without a parameter it asks for the list
  always,     ///< B: a parameter when set and when unset
  when_set,   ///< C: a parameter when set
  flag,       ///< D: none
  membership, ///< a nick: what a member may do
};

/// Who may change a mode of a channel, in order: each may do what those before it may.
enum class mode_right : std::uint8_t { halfop, op, admin, founder, server_oper, server };

struct channel_mode {
  char letter;
  mode_kind kind;
  mode_right who;
  char prefix; ///< of a member; else 0
  std::string_view meaning;
};

/// Memberships first, the highest before the others.
inline constexpr auto channel_modes = std::to_array<channel_mode>({
  {'q', mode_kind::membership, mode_right::founder, '~', "founder"},
  {'a', mode_kind::membership, mode_right::founder, '&', "protected admin"},
  {'o', mode_kind::membership, mode_right::op, '@', "operator (RFC 2811 §4.1.2)"},
  {'h', mode_kind::membership, mode_right::op, '%', "half-operator"},
  {'v', mode_kind::membership, mode_right::halfop, '+', "voice (RFC 2811 §4.1.3)"},

  {'b', mode_kind::list, mode_right::halfop, 0, "bans (RFC 2811 §4.3.1)"},
  {'e', mode_kind::list, mode_right::halfop, 0, "exceptions to bans (RFC 2811 §4.3.1)"},
  {'I', mode_kind::list, mode_right::halfop, 0, "who needs no invitation (RFC 2811 §4.3.2)"},

  {'k', mode_kind::always, mode_right::halfop, 0, "key needed to join (RFC 2811 §4.2.10)"},

  {'H', mode_kind::when_set, mode_right::op, 0, "history for who joins: lines:seconds"},
  {'L', mode_kind::when_set, mode_right::op, 0, "who may not join goes to this channel"},
  {'f', mode_kind::when_set, mode_right::op, 0, "flood: messages:seconds of one member"},
  {'j', mode_kind::when_set, mode_right::op, 0, "join throttle: joins:seconds of all"},
  {'l', mode_kind::when_set, mode_right::halfop, 0, "limit of members (RFC 2811 §4.2.9)"},

  {'C', mode_kind::flag, mode_right::op, 0, "no CTCP but ACTION"},
  {'M', mode_kind::flag, mode_right::op, 0, "without an account one does not speak"},
  {'N', mode_kind::flag, mode_right::op, 0, "members do not change their nicks"},
  {'O', mode_kind::flag, mode_right::server_oper, 0, "only operators of the server join"},
  {'P', mode_kind::flag, mode_right::server_oper, 0, "stays when it is empty"},
  {'Q', mode_kind::flag, mode_right::op, 0, "no kicks"},
  {'R', mode_kind::flag, mode_right::op, 0, "without an account one does not join"},
  {'S', mode_kind::flag, mode_right::op, 0, "formatting is taken out of messages"},
  {'T', mode_kind::flag, mode_right::op, 0, "no notices"},
  {'U', mode_kind::flag, mode_right::op, 0, "what +m would refuse goes to the operators"},
  {'V', mode_kind::flag, mode_right::op, 0, "no invitations"},
  {'c', mode_kind::flag, mode_right::op, 0, "messages with formatting are refused"},
  {'g', mode_kind::flag, mode_right::op, 0, "all members may invite"},
  {'i', mode_kind::flag, mode_right::halfop, 0, "only who is invited joins (RFC 2811 §4.2.2)"},
  {'m', mode_kind::flag, mode_right::halfop, 0, "moderated: needs +v (RFC 2811 §4.2.3)"},
  {'n', mode_kind::flag, mode_right::halfop, 0, "only members speak (RFC 2811 §4.2.4)"},
  {'p', mode_kind::flag, mode_right::op, 0, "private: no knocking (RFC 2811 §4.2.6)"},
  {'r', mode_kind::flag, mode_right::server, 0, "registered to a founder"},
  {'s', mode_kind::flag, mode_right::op, 0, "secret (RFC 2811 §4.2.6)"},
  {'t', mode_kind::flag, mode_right::halfop, 0, "the topic is the operators' (RFC 2811 §4.2.8)"},
  {'u', mode_kind::flag, mode_right::op, 0, "auditorium: members see operators alone"},
  {'z', mode_kind::flag, mode_right::op, 0, "only over TLS"},
});

/// Who changes a mode of a user.
enum class user_mode_right : std::uint8_t {
  self,
  oper,      ///< the user, who is an operator of the server
  only_off,  ///< the user may give it up, the server gives it
  by_server, ///< what a user asks for is passed over in silence
};

struct user_mode {
  char letter;
  user_mode_right who;
  bool takes_param; ///< when set
  std::string_view meaning;
};

inline constexpr auto user_modes = std::to_array<user_mode>({
  {'B', user_mode_right::self, false, "bot (IRCv3 bot mode)"},
  {'C', user_mode_right::self, false, "messages only from who shares a channel"},
  {'D', user_mode_right::self, false, "deaf to all private messages"},
  {'G', user_mode_right::self, false, "as +g, but who shares a channel is heard"},
  {'I', user_mode_right::self, false, "WHOIS shows no channels"},
  {'R', user_mode_right::self, false, "messages only from who has an account"},
  {'T', user_mode_right::self, false, "no CTCP but ACTION"},
  {'Z', user_mode_right::by_server, false, "is here over TLS"},
  {'a', user_mode_right::by_server, false, "away, by AWAY (RFC 2812 §3.1.5)"},
  {'g', user_mode_right::self, false, "caller id: messages only from who is on the ACCEPT list"},
  {'i', user_mode_right::self, false, "invisible (RFC 2812 §3.1.5)"},
  {'o', user_mode_right::only_off, false, "operator of the server, by OPER (RFC 2812 §3.1.5)"},
  {'r', user_mode_right::by_server, false, "has an account (modern, Registered User Mode)"},
  {'s', user_mode_right::oper, true, "notices of the server; the parameter says which"},
  {'w', user_mode_right::self, false, "hears WALLOPS (RFC 2812 §3.1.5)"},
  {'x', user_mode_right::self, false, "shows a cloak for an address"},
});

/// nullptr: there is no such mode (472, 501).
constexpr const channel_mode* find_channel_mode(char letter) {
  auto found = std::ranges::find(channel_modes, letter, &channel_mode::letter);
  return found == channel_modes.end() ? nullptr : &*found;
}
constexpr const user_mode* find_user_mode(char letter) {
  auto found = std::ranges::find(user_modes, letter, &user_mode::letter);
  return found == user_modes.end() ? nullptr : &*found;
}
/// The membership with this prefix; nullptr: none.
constexpr const channel_mode* find_prefix(char prefix) {
  auto is_it = [&](auto& x) { return prefix != 0 && x.prefix == prefix; };
  auto found = std::ranges::find_if(channel_modes, is_it);
  return found == channel_modes.end() ? nullptr : &*found;
}

std::string chanmodes_token();          ///< "beI,k,HLfjl,CMN…", of 005
std::string prefix_token();             ///< "(qaohv)~&@%+", of 005
std::string statusmsg_token();          ///< "~&@%+", of 005
std::string user_mode_letters();        ///< of 004
std::string channel_mode_letters();     ///< of 004
std::string channel_modes_with_param(); ///< of 004

/// A set of mode letters in 64 bits, as cheap to copy as to store.
class mode_letters {
public:
  constexpr mode_letters() = default;
  constexpr explicit mode_letters(std::uint64_t bits) : bits_{bits} {}

  constexpr bool has(char x) const { return (bits_ & bit(x)) != 0; }
  constexpr void set(char x, bool on = true) { bits_ = on ? bits_ | bit(x) : bits_ & ~bit(x); }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint64_t bits() const { return bits_; }
  std::string text() const; ///< upper case first: "Pnt"

  constexpr bool operator==(const mode_letters&) const = default;

private:
  static constexpr std::uint64_t bit(char x) {
    if (x >= 'A' && x <= 'Z')
      return std::uint64_t{1} << (x - 'A');
    return x >= 'a' && x <= 'z' ? std::uint64_t{1} << (26 + x - 'a') : 0;
  }

  std::uint64_t bits_ = 0;
};

} // namespace hamlet::irc
