// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/presence.hpp"

#include <algorithm>
#include <limits>

namespace hamlet {

namespace {

std::uint16_t size_of(std::string_view text) {
  constexpr std::size_t most = std::numeric_limits<std::uint16_t>::max();
  return static_cast<std::uint16_t>(std::min(text.size(), most));
}

} // namespace

packed_user::packed_user(const user_card& card)
    : session_id_{card.who.session_id()}, account_id_{card.who.account_id()},
      signon_ms_{card.signon_ms}, active_ms_{card.active_ms}, clients_{card.clients},
      nick_size_{size_of(card.who.nick())}, user_size_{size_of(card.who.user())},
      host_size_{size_of(card.who.host())}, away_size_{size_of(card.away)},
      is_invisible_{card.who.user_modes().find('i') != std::string::npos},
      is_operator_{card.who.is_operator()} {
  if (!active_ms_)
    active_ms_ = std::make_shared<std::atomic<std::int64_t>>(card.signon_ms);
  auto rest = card.who;
  for (auto* said : {rest.mutable_nick(), rest.mutable_user(), rest.mutable_host()})
    said->clear();
  text_.reserve(mask_size() + away_size_ + rest.ByteSizeLong());
  text_.append(card.who.nick(), 0, nick_size_).append("!").append(card.who.user(), 0, user_size_);
  text_.append("@").append(card.who.host(), 0, host_size_).append(card.away, 0, away_size_);
  rest.AppendToString(&text_);
}

void packed_user::read(chat::v1::Who& into) const {
  auto from = mask_size() + away_size_;
  into.ParseFromArray(text_.data() + from, static_cast<int>(text_.size() - from));
  auto* from_mask = text_.data();
  into.set_nick(from_mask, nick_size_);
  into.set_user(from_mask + nick_size_ + 1, user_size_);
  into.set_host(from_mask + nick_size_ + 1 + user_size_ + 1, host_size_);
}

chat::v1::Who packed_user::who() const {
  chat::v1::Who x;
  read(x);
  return x;
}

user_card packed_user::card() const {
  user_card x;
  read(x.who);
  x.away = away();
  x.signon_ms = signon_ms_;
  x.active_ms = active_ms_;
  x.clients = clients_;
  return x;
}

} // namespace hamlet
