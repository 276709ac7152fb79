// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/channel/ranks.hpp"
#include "hamlet/chat/v1/event.pb.h"

#include <bit>
#include <string>
#include <string_view>

// Small things that the files of a channel share.

namespace hamlet {

/// Its highest rank is higher than the highest of the other.
constexpr bool is_higher(ranks a, ranks b) {
  return std::bit_width(a) > std::bit_width(b);
}

/// "nick!user@host", who has set a topic or a ban.
inline std::string mask_of(const chat::v1::Who& who) {
  return who.nick() + "!" + who.user() + "@" + who.host();
}

inline chat::v1::ModeChange rank_change(bool add, char letter, std::string_view nick,
                                        std::int64_t session) {
  chat::v1::ModeChange c;
  c.set_add(add);
  c.set_letter(std::string{letter});
  c.set_param(std::string{nick});
  c.set_session_id(session);
  return c;
}

} // namespace hamlet
