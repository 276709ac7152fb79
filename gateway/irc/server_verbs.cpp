// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/server_verbs.hpp"

#include "gateway/irc/lookups.hpp"
#include "gateway/irc/registration.hpp"
#include "gateway/irc/verbs.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>
#include <array>

namespace hamlet::irc {

namespace {

/// RFC 2812 §4.6: a server that does not have it MUST answer so.
void verb_users(machine& m, const message& x) {
  if (is_for_us(m, x.param(0)))
    m.reply(numeric::err_usersdisabled, {"USERS has been disabled"});
}

/// RFC 2812 §4.5: likewise.
void verb_summon(machine& m, const message&) {
  m.reply(numeric::err_summondisabled, {"SUMMON has been disabled"});
}

/// Not in any RFC. A network that has rules writes them into its message of the day.
void verb_rules(machine& m, const message&) {
  m.reply(numeric::err_norules, {"The rules are in the message of the day: MOTD"});
}

constexpr std::array table{
  verb{"MOTD", verb_motd, 0, phase::after, "MOTD [<server>]: the message of the day"},
  verb{"LUSERS", verb_lusers, 0, phase::after, "LUSERS: how many users there are"},
  verb{"VERSION", verb_version, 0, phase::after, "VERSION [<server>]"},
  verb{"STATS", verb_stats, 0, phase::after, "STATS <letter>: c d h i k l m n o p q t u y"},
  verb{"LINKS", verb_links, 0, phase::after, "LINKS [[<server>] <mask>]: the servers"},
  verb{"TIME", verb_time, 0, phase::after, "TIME [<server>]"},
  verb{"TRACE", verb_trace, 0, phase::after, "TRACE [<server|nick>]"},
  verb{"ADMIN", verb_admin, 0, phase::after, "ADMIN [<server>]: who runs it"},
  verb{"INFO", verb_info, 0, phase::after, "INFO [<server>]: about the program"},
  verb{"SERVLIST", verb_servlist, 0, phase::after, "SERVLIST [<mask> [<type>]]: the services"},
  verb{"USERS", verb_users, 0, phase::after, ""},
  verb{"SUMMON", verb_summon, 0, phase::after, ""},
  verb{"MAP", verb_map, 0, phase::after, "MAP: the servers"},
  verb{"HELP", verb_help, 0, phase::after, "HELP [<command>]"},
  verb{"RULES", verb_rules, 0, phase::after, ""},
  verb{"ISUPPORT", verb_isupport, 0, phase::always, "ISUPPORT: what the server can do"},
};

} // namespace

/// RFC 2812 §3.4.1.
void verb_motd(machine& m, const message& x) {
  if (is_for_us(m, x.param(0)))
    send_motd(m);
}

/// RFC 2812 §3.4.2. The mask of servers is one of one server.
void verb_lusers(machine& m, const message& x) {
  if (is_for_us(m, x.param(1)))
    send_lusers(m);
}

/// RFC 2812 §3.4.3, and 005 as all servers do it.
void verb_version(machine& m, const message& x) {
  if (!is_for_us(m, x.param(0)))
    return;
  auto name = m.rules().server_name;
  if (m.rules().nodes) // each node may be asked under its own
    for (auto& node : m.rules().nodes())
      if (ascii::same_word(node, x.param(0)))
        name = node;
  m.reply(numeric::rpl_version, {m.rules().version, name, m.chat().description.value});
  send_isupport(m);
}

/// RFC 2812 §3.4.6.
void verb_time(machine& m, const message& x) {
  if (is_for_us(m, x.param(0)))
    m.reply(numeric::rpl_time, {m.rules().server_name, long_date(m.now().wall_ms)});
}

/// RFC 2812 §3.4.9.
void verb_admin(machine& m, const message& x) {
  if (!is_for_us(m, x.param(0)))
    return;
  auto lines = m.chat().admin.value;
  if (lines.empty())
    lines.push_back(m.rules().network_name);
  m.reply(numeric::rpl_adminme, {m.rules().server_name, "Administrative info"});
  constexpr std::array places{numeric::rpl_adminloc1, numeric::rpl_adminloc2,
                              numeric::rpl_adminemail};
  for (std::size_t i = 0; i < lines.size(); ++i)
    m.reply(places[std::min(i, places.size() - 1)], {lines[i]});
}

/// RFC 2812 §3.4.10.
void verb_info(machine& m, const message& x) {
  if (!is_for_us(m, x.param(0)))
    return;
  m.reply(numeric::rpl_info, {"Hamlet: mail, chat and web for a community"});
  m.reply(numeric::rpl_info, {"Version " + m.rules().version});
  m.reply(numeric::rpl_info, {"Started " + long_date(m.rules().created_ms)});
  m.reply(numeric::rpl_endofinfo, {"End of INFO list"});
}

/// draft/extended-isupport.
void verb_isupport(machine& m, const message&) {
  if (m.entry && !m.has(cap::extended_isupport))
    return m.reply(numeric::err_notregistered, {"You have not registered"});
  send_isupport(m);
}

std::span<const verb> server_verbs() {
  return table;
}

} // namespace hamlet::irc
