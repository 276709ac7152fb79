// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/mask_list.hpp"

#include "lib/irc/casemap.hpp"

#include <algorithm>

namespace hamlet {

mask_list::outcome mask_list::add(std::string& mask, std::string setter, std::int64_t now_ms,
                                  std::size_t at_most) {
  auto fresh = irc::ban::of(mask);
  if (!fresh)
    return outcome::bad_mask;
  mask = fresh->text();
  auto same = [&](auto& x) { return irc::same_name(x.what.text(), mask); };
  if (std::ranges::any_of(entries_, same))
    return outcome::no_change;
  if (entries_.size() >= at_most)
    return outcome::full;
  entries_.push_back({std::move(*fresh), std::move(setter), now_ms});
  return outcome::done;
}

mask_list::outcome mask_list::remove(std::string& mask) {
  if (auto form = irc::ban::of(mask))
    mask = form->text();
  auto same = [&](auto& x) { return irc::same_name(x.what.text(), mask); };
  auto found = std::ranges::find_if(entries_, same);
  if (found == entries_.end())
    return outcome::no_change;
  mask = found->what.text();
  entries_.erase(found);
  return outcome::done;
}

const mask_list::entry* mask_list::find(const irc::ban_target& who, irc::ban_scope scope) const {
  auto fits = [&](auto& x) {
    return (scope == irc::ban_scope::speak || !x.what.is_mute()) && x.what.matches(who);
  };
  auto found = std::ranges::find_if(entries_, fits);
  return found == entries_.end() ? nullptr : &*found;
}

bool mask_list::looks_elsewhere() const {
  return std::ranges::any_of(entries_,
                             [](auto& x) { return x.what.what() == irc::extban::channel; });
}

irc::identity identity_of(const chat::v1::Who& who) {
  irc::identity x;
  x.nick = who.nick();
  x.user = who.user();
  x.host = who.host();
  x.ip = who.address();
  x.cloaks = {who.former_hosts().begin(), who.former_hosts().end()};
  x.account = who.account();
  x.realname = who.real_name();
  x.certfp = who.certificate();
  return x;
}

} // namespace hamlet
