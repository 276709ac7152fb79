// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/lookups.hpp"
#include "gateway/irc/query_verbs.hpp"
#include "gateway/irc/services.hpp"
#include "gateway/irc/verbs.hpp"

#include <algorithm>
#include <array>

// WHOIS: RFC 2812 §3.6.2, modern (WHOIS message).

namespace hamlet::irc {

namespace {

/// 319. RFC 2812 §5.1.
void show_channels(machine& m, const chat::v1::Who& who) {
  bool is_shy = who.user_modes().find('I') != std::string::npos;
  if (is_shy && who.session_id() != m.session_id() && !sees_all(m))
    return;
  std::vector<std::string> all;
  for (auto& x : m.rules().people->channels_of(who.session_id()))
    if (sees_channel(m, x, who.session_id()))
      all.push_back((m.has(cap::multi_prefix) ? x.prefixes : x.prefixes.substr(0, 1)) + x.channel);
  std::ranges::sort(all);
  m.reply_list(numeric::rpl_whoischannels, {who.nick()}, all);
}

std::string title_of(const machine& m, const chat::v1::Who& who) {
  auto& all = m.chat().operators.value;
  auto at = std::ranges::find(all, who.operator_class(), &config::chat_operator::name);
  return at == all.end() || at->title.empty() ? "is an IRC operator" : at->title;
}

/// What only the user itself and operators hear.
void show_private_parts(machine& m, const chat::v1::Who& who) {
  m.reply(numeric::rpl_whoisactually, {who.nick(), who.user() + "@" + who.address(), who.address(),
                                       "Actual user@host, actual IP"});
  if (!who.certificate().empty())
    m.reply(numeric::rpl_whoiscertfp,
            {who.nick(), "has client certificate fingerprint " + who.certificate()});
  m.reply(numeric::rpl_whoismodes, {who.nick(), "is using modes +" + who.user_modes()});
}

void show_user(machine& m, const user_card& user) {
  auto& who = user.who;
  auto& nick = who.nick();
  m.reply(numeric::rpl_whoisuser, {nick, who.user(), who.host(), "*", who.real_name()});
  show_channels(m, who);
  m.reply(numeric::rpl_whoisserver, {nick, server_of(m, who), m.chat().description.value});
  if (who.is_operator())
    m.reply(numeric::rpl_whoisoperator, {nick, title_of(m, who)});
  if (who.is_bot())
    m.reply(numeric::rpl_whoisbot, {nick, "is a bot on " + m.rules().network_name});
  if (who.is_secure())
    m.reply(numeric::rpl_whoissecure, {nick, "is using a secure connection"});
  if (!who.account().empty())
    m.reply(numeric::rpl_whoisaccount, {nick, who.account(), "is logged in as"});
  if (sees_address(m, who))
    show_private_parts(m, who);
  if (who.is_away())
    m.reply(numeric::rpl_away, {nick, user.away});
  m.reply(numeric::rpl_whoisidle,
          {nick, std::to_string(idle_seconds(m, user)), std::to_string(user.signon_ms / 1000),
           "seconds idle, signon time"});
}

void show_service(machine& m, service which) {
  std::string name{name_of(which)};
  m.reply(numeric::rpl_whoisuser,
          {name, name, m.rules().server_name, "*", "Service of " + m.rules().network_name});
  m.reply(numeric::rpl_whoisserver, {name, m.rules().server_name, m.chat().description.value});
}

void whois_one(machine& m, const std::string& nick) {
  if (auto user = m.rules().people->find(nick))
    show_user(m, *user);
  else if (auto which = service_named(nick))
    show_service(m, *which);
  else
    m.reply(numeric::err_nosuchnick, {nick, "No such nick/channel"});
  m.reply(numeric::rpl_endofwhois, {nick, "End of /WHOIS list"});
}

constexpr std::array table{
  verb{"WHO", verb_who, 0, phase::after, "WHO [<mask> [o|%<fields>[,<token>]]]"},
  verb{"WHOIS", verb_whois, 0, phase::after, "WHOIS [<server>] <nick>{,<nick>}"},
  verb{"WHOWAS", verb_whowas, 0, phase::after, "WHOWAS <nick>{,<nick>} [<count> [<server>]]"},
};

} // namespace

void verb_whois(machine& m, const message& x) {
  if (x.param(0).empty())
    return m.reply(numeric::err_nonicknamegiven, {"No nickname given"});
  if (x.params.size() > 1 && !is_for_us(m, x.params[0]))
    return;
  auto nicks = list_of(x.params.size() > 1 ? x.params[1] : x.params[0]);
  nicks.resize(std::min<std::size_t>(nicks.size(), m.sizes().targets.value)); // TARGMAX of 005
  for (auto& nick : nicks)
    whois_one(m, nick);
}

std::span<const verb> query_verbs() {
  return table;
}

} // namespace hamlet::irc
