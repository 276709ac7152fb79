// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/lookups.hpp"
#include "gateway/irc/metadata.hpp"
#include "gateway/irc/render.hpp"
#include "gateway/irc/user_verbs.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>

// IRCv3 monitor. What comes and goes later is told by FANOUT.

namespace hamlet::irc {

namespace {

auto place_of(machine& m, std::string_view nick) {
  return std::ranges::find_if(m.watched, [&](auto& x) { return same_name(x, nick); });
}

/// @returns Those that are there.
std::vector<std::string> show_status(machine& m, const std::vector<std::string>& nicks) {
  std::vector<std::string> here, masks, gone;
  for (auto& nick : nicks)
    if (auto user = m.rules().people->find(nick)) {
      here.push_back(nick);
      masks.push_back(source_of(user->who));
    } else {
      gone.push_back(nick);
    }
  reply_commas(m, numeric::rpl_mononline, masks);
  reply_commas(m, numeric::rpl_monoffline, gone);
  return here;
}

void add(machine& m, const std::vector<std::string>& nicks) {
  auto most = m.sizes().monitor.value;
  watch change;
  std::string refused; // as the client sent them
  for (auto& nick : nicks) {
    if (!is_valid_nick(nick, m.sizes().nick_length.value, m.chat().utf8_nicks.value)
        || place_of(m, nick) != m.watched.end())
      continue;
    if (m.watched.size() >= most) {
      refused += (refused.empty() ? "" : ",") + nick;
      continue;
    }
    m.watched.push_back(nick);
    change.add.push_back(nick);
  }
  auto fresh = change.add;
  if (!fresh.empty())
    m.give(std::move(change)); // first, so that nobody comes between the look and the watch
  auto here = show_status(m, fresh);
  if (!refused.empty())
    m.reply(numeric::err_monlistfull, {std::to_string(most), refused, "Monitor list is full."});
  show_metadata_of(m, std::move(here));
}

void remove(machine& m, const std::vector<std::string>& nicks) {
  watch change;
  for (auto& nick : nicks)
    if (auto at = place_of(m, nick); at != m.watched.end()) {
      change.remove.push_back(*at);
      m.watched.erase(at);
    }
  if (!change.remove.empty())
    m.give(std::move(change));
}

void clear(machine& m) {
  if (m.watched.empty())
    return;
  m.watched = {};
  watch change;
  change.clear = true;
  m.give(std::move(change));
}

} // namespace

void verb_monitor(machine& m, const message& x) {
  auto what = x.params[0].size() == 1 ? x.params[0][0] : '?';
  switch (what) {
  case '+':
  case '-':
    if (x.params.size() < 2)
      return m.reply(numeric::err_needmoreparams, {"MONITOR", "Not enough parameters"});
    return what == '+' ? add(m, list_of(x.params[1])) : remove(m, list_of(x.params[1]));
  case 'C':
  case 'c': return clear(m);
  case 'L':
  case 'l':
    reply_commas(m, numeric::rpl_monlist, m.watched);
    return m.reply(numeric::rpl_endofmonlist, {"End of MONITOR list"});
  case 'S':
  case 's': show_status(m, m.watched); return;
  default: return m.reply(numeric::err_needmoreparams, {"MONITOR", "Use +, -, C, L or S"});
  }
}

} // namespace hamlet::irc
