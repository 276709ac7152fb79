// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/user_verbs.hpp"

#include "gateway/irc/lookups.hpp"
#include "gateway/irc/verbs.hpp"

#include <algorithm>
#include <array>

namespace hamlet::irc {

namespace {

constexpr std::size_t most_nicks = 5; ///< of USERHOST: RFC 2812 §4.8
constexpr std::string_view no_address = "255.255.255.255";

/// "nick*=-~user@host": operator, away. RFC 2812 §5.1, RPL_USERHOST.
std::string userhost_of(const chat::v1::Who& who, std::string_view host) {
  return who.nick() + (who.is_operator() ? "*=" : "=") + (who.is_away() ? "-" : "+") + who.user()
         + "@" + std::string{host};
}

std::vector<std::string> each_found(machine& m, std::vector<std::string> nicks,
                                    const std::function<std::string(const chat::v1::Who&)>& text) {
  std::vector<std::string> all;
  for (auto& nick : nicks)
    if (auto user = m.rules().people->find(nick))
      all.push_back(text(user->who));
  return all;
}

/// One line at least: the client counts the answers.
void reply_found(machine& m, numeric what, const std::vector<std::string>& all) {
  if (all.empty())
    return m.reply(what, {""});
  m.reply_list(what, {}, all);
}

std::vector<std::string> first_nicks(const message& x) {
  auto nicks = words_of(x);
  nicks.resize(std::min(nicks.size(), most_nicks));
  return nicks;
}

constexpr std::array table{
  verb{"AWAY", verb_away, 0, phase::always, "AWAY [:<text>]: you are away, or here again"},
  verb{"SETNAME", verb_setname, 1, phase::after, "SETNAME :<real name>"},
  verb{"USERHOST", verb_userhost, 1, phase::after, "USERHOST <nick> …: up to five"},
  verb{"USERIP", verb_userip, 1, phase::after, "USERIP <nick> …: up to five"},
  verb{"ISON", verb_ison, 1, phase::after, "ISON <nick> …: who of them is here"},
  verb{"MONITOR", verb_monitor, 1, phase::after, "MONITOR +|- <nick>{,<nick>}, or C, L, S"},
  verb{"SILENCE", verb_silence, 0, phase::after, "SILENCE [+|-<mask>]: whom you do not hear"},
  verb{"ACCEPT", verb_accept, 0, phase::after, "ACCEPT <nick>|-<nick>|*: whom you hear with +g"},
};

} // namespace

/// RFC 2812 §4.8.
void verb_userhost(machine& m, const message& x) {
  reply_found(m, numeric::rpl_userhost, each_found(m, first_nicks(x), [](auto& who) {
                return userhost_of(who, who.host());
              }));
}

void verb_userip(machine& m, const message& x) {
  reply_found(m, numeric::rpl_userip, each_found(m, first_nicks(x), [&](auto& who) {
                return userhost_of(who, sees_address(m, who) ? who.address() : no_address);
              }));
}

/// RFC 2812 §4.9.
void verb_ison(machine& m, const message& x) {
  reply_found(m, numeric::rpl_ison,
              each_found(m, words_of(x), [](auto& who) { return who.nick(); }));
}

std::span<const verb> user_verbs() {
  return table;
}

} // namespace hamlet::irc
