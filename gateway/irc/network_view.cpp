// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/lookups.hpp"
#include "gateway/irc/server_verbs.hpp"
#include "gateway/irc/services.hpp"
#include "lib/irc/glob.hpp"

#include <map>
#include <span>

// One server, two services, and who is connected.

namespace hamlet::irc {

namespace {

constexpr std::size_t most_traced = 1000;
constexpr std::string_view service_type = "service";

/// 204 and 205. RFC 2812 §5.1; the host behind the nick is what other servers add.
void trace_one(machine& m, const chat::v1::Who& who) {
  auto host = sees_address(m, who) ? who.address() : who.host();
  auto name = who.nick() + "[" + who.user() + "@" + host + "]";
  if (who.is_operator())
    return m.reply(
      numeric::rpl_traceoperator,
      {"Oper", who.operator_class().empty() ? "operator" : who.operator_class(), name});
  m.reply(numeric::rpl_traceuser, {"User", "users", name});
}

/// The own first.
std::vector<std::string> servers(const machine& m) {
  return m.rules().nodes ? m.rules().nodes() : std::vector{m.rules().server_name};
}

void trace_all(machine& m) {
  std::size_t shown = 0;
  m.rules().people->each_user([&](const user_ref& user) {
    trace_one(m, user->who);
    return ++shown < most_traced;
  });
  auto all = servers(m);
  for (auto& name : std::span{all}.subspan(1))
    m.reply(numeric::rpl_traceserver, {"Serv", "servers", name});
}

} // namespace

/// RFC 2812 §3.4.5.
void verb_links(machine& m, const message& x) {
  if (x.params.size() > 1 && !is_for_us(m, x.params[0]))
    return;
  auto mask = std::string{x.params.size() > 1 ? x.params[1] : x.param(0)};
  if (mask.empty())
    mask = "*";
  auto all = servers(m);
  for (auto& name : all) // each is linked to each
    if (glob{mask}.matches(name))
      m.reply(numeric::rpl_links,
              {name, all[0], (name == all[0] ? "0 " : "1 ") + m.chat().description.value});
  m.reply(numeric::rpl_endoflinks, {mask, "End of LINKS list"});
}

void verb_map(machine& m, const message&) {
  auto all = servers(m);
  std::map<std::string, std::size_t> users;
  if (all.size() == 1) {
    auto n = m.rules().people->count();
    users[all[0]] = n.users + n.invisible;
  } else {
    m.rules().people->each_user([&](const user_ref& user) {
      ++users[server_of(m, user->who)];
      return true;
    });
  }
  for (auto& name : all)
    m.reply(numeric::rpl_map, {(name == all[0] ? "" : "`- ") + name + " ("
                               + std::to_string(users[name]) + " users)"});
  m.reply(numeric::rpl_mapend, {"End of MAP"});
}

/// RFC 2812 §3.5.1.
void verb_servlist(machine& m, const message& x) {
  std::string mask{x.param(0).empty() ? "*" : x.param(0)};
  std::string type{x.param(1).empty() ? "*" : x.param(1)};
  for (auto which : {service::nick, service::channel}) {
    std::string name{name_of(which)};
    if (glob{mask}.matches(name) && glob{type}.matches(service_type))
      m.reply(numeric::rpl_servlist, {name, m.rules().server_name, "*", std::string{service_type},
                                      "0", "Is part of the server"});
  }
  m.reply(numeric::rpl_servlistend, {mask, type, "End of service listing"});
}

/// RFC 2812 §3.4.8. All users are operators' to see; others see themselves, and whom they name.
void verb_trace(machine& m, const message& x) {
  auto target = std::string{x.param(0)};
  if (auto user = m.rules().people->find(target); user && !target.empty()) {
    trace_one(m, user->who);
  } else if (!is_for_us(m, target)) {
    return;
  } else if (sees_all(m)) {
    trace_all(m);
  } else {
    trace_one(m, m.me());
  }
  m.reply(numeric::rpl_traceend, {m.rules().server_name, m.rules().version, "End of TRACE"});
}

} // namespace hamlet::irc
