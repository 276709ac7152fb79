// SPDX-License-Identifier: Apache-2.0
#include "actors/session/user_modes.hpp"

namespace hamlet {

using chat::v1::ModeChange;
using chat::v1::Who;

namespace {

ModeChange change_of(char letter, bool add, const std::string& param = {}) {
  ModeChange x;
  x.set_add(add);
  x.set_letter(std::string(1, letter));
  x.set_param(param);
  return x;
}

void refuse(mode_outcome& x, chat::v1::Refusal why, const ModeChange& wanted) {
  auto& refused = x.refused.emplace_back();
  refused.set_refusal(why);
  refused.set_letter(wanted.letter());
  refused.set_param(wanted.param());
}

void set_operator(Who& who, bool on) {
  who.set_is_operator(on);
  if (!on)
    who.clear_operator_class();
}

} // namespace

irc::mode_letters modes_of(const Who& who) {
  irc::mode_letters all;
  for (auto letter : who.user_modes())
    all.set(letter);
  return all;
}

std::string shown_modes(const Who& who) {
  auto all = modes_of(who);
  all.set('a', who.is_away());
  return "+" + all.text();
}

std::vector<ModeChange> renew_modes(Who& who) {
  std::vector<ModeChange> changed;
  auto all = modes_of(who);
  auto follow = [&](char letter, bool on) {
    if (all.has(letter) == on)
      return;
    all.set(letter, on);
    changed.push_back(change_of(letter, on));
  };
  follow('B', who.is_bot());
  follow('Z', who.is_secure());
  follow('o', who.is_operator());
  follow('r', who.account_id() != 0);
  if (!who.is_operator())
    follow('s', false); // notices of the server are for operators
  who.set_user_modes(all.text());
  return changed;
}

mode_outcome change_modes(Who& who, const std::vector<ModeChange>& wanted, bool by_server,
                          bool can_cloak) {
  using right = irc::user_mode_right;
  mode_outcome out;
  for (auto& x : wanted) {
    auto letter = x.letter().empty() ? '\0' : x.letter()[0];
    auto* mode = irc::find_user_mode(letter);
    if (!mode) {
      refuse(out, chat::v1::UNKNOWN_USER_MODE, x);
      continue;
    }
    if (!by_server && (mode->who == right::by_server || (mode->who == right::only_off && x.add())))
      continue;
    if (!by_server && mode->who == right::oper && x.add() && !who.is_operator()) {
      refuse(out, chat::v1::NOT_OPERATOR, x);
      continue;
    }
    auto all = modes_of(who);
    if ((letter == 'x' && !can_cloak)
        || (all.has(letter) == x.add() && !(mode->takes_param && x.add())))
      continue;
    all.set(letter, x.add());
    who.set_user_modes(all.text());
    out.applied.push_back(change_of(letter, x.add(), x.add() ? x.param() : std::string{}));
    if (letter == 'B')
      who.set_is_bot(x.add());
    if (letter == 'o') {
      set_operator(who, x.add());
      if (!x.add())
        for (auto& follows : renew_modes(who))
          out.applied.push_back(std::move(follows));
    }
  }
  return out;
}

} // namespace hamlet
