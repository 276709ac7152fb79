// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/lookups.hpp"
#include "gateway/irc/query_verbs.hpp"

#include <algorithm>
#include <charconv>

// WHOWAS: RFC 2812 §3.6.3.

namespace hamlet::irc {

namespace {

constexpr std::size_t most_entries = 100; ///< of one nick

/// "If count is zero or less a full search is done": RFC 2812 §3.6.3.
std::size_t count_of(std::string_view text) {
  int count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count <= 0 ? most_entries
                    : std::min<std::size_t>(static_cast<std::size_t>(count), most_entries);
}

void show_entry(machine& m, const former_user& x) {
  auto& who = x.who;
  m.reply(numeric::rpl_whowasuser, {who.nick(), who.user(), who.host(), "*", who.real_name()});
  if (!who.account().empty())
    m.reply(numeric::rpl_whoisaccount, {who.nick(), who.account(), "was logged in as"});
  if (sees_all(m) && !who.address().empty())
    m.reply(numeric::rpl_whoisactually, {who.nick(), who.user() + "@" + who.address(),
                                         who.address(), "Actual user@host, actual IP"});
  m.reply(numeric::rpl_whoisserver, {who.nick(), m.rules().server_name, long_date(x.until_ms)});
}

} // namespace

void verb_whowas(machine& m, const message& x) {
  if (x.param(0).empty())
    return m.reply(numeric::err_nonicknamegiven, {"No nickname given"});
  if (!is_for_us(m, x.param(2)))
    return;
  auto nicks = list_of(x.params[0]);
  nicks.resize(std::min<std::size_t>(nicks.size(), m.sizes().targets.value)); // TARGMAX of 005
  for (auto& nick : nicks) {
    auto found = m.rules().people->former(nick, count_of(x.param(1)));
    for (auto& entry : found)
      show_entry(m, entry);
    if (found.empty())
      m.reply(numeric::err_wasnosuchnick, {nick, "There was no such nickname"});
    m.reply(numeric::rpl_endofwhowas, {nick, "End of WHOWAS"});
  }
}

} // namespace hamlet::irc
