// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/login.hpp"
#include "gateway/irc/registering.hpp"
#include "gateway/irc/registration.hpp"
#include "lib/text/ascii.hpp"

namespace hamlet::irc {

namespace {

constexpr std::size_t room = 400; ///< of 510, for ":server CAP nick LS * :"

void send_caps(machine& m, std::string_view kind, const std::vector<std::string>& pieces,
               bool may_be_many) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::vector<std::string> params{m.nick_or_star(), std::string{kind}};
    if (may_be_many && i + 1 < pieces.size())
      params.emplace_back("*");
    params.push_back(pieces[i]);
    m.say({.tags = {},
           .source = m.rules().server_name,
           .command = "CAP",
           .params = std::move(params),
           .colon = true});
  }
}

/// IRCv3 capability-negotiation: all or nothing.
void request(machine& m, std::string_view wanted) {
  auto change = parse_cap_req(wanted, offered_caps(m.rules(), m), m.cap_version >= 302);
  m.say({.tags = {},
         .source = m.rules().server_name,
         .command = "CAP",
         .params = {m.nick_or_star(), change ? "ACK" : "NAK", std::string{wanted}},
         .colon = true});
  if (change)
    m.set_caps((m.caps() | change->add) - change->remove);
}

std::vector<cap_value> values_of(const machine& m) {
  auto& s = m.rules().settings;
  auto n = [](const auto& setting) { return std::to_string(setting.value); };
  auto metadata = "max-subs=" + n(s.chat_sizes.metadata_subscriptions)
                  + ",max-keys=" + n(s.chat_sizes.metadata_keys)
                  + ",max-value-bytes=" + n(s.chat_sizes.metadata_value);
  std::string mechanisms;
  for (auto& name : usable_mechanisms(m))
    mechanisms += (mechanisms.empty() ? "" : ",") + name;
  std::vector<cap_value> all{
    {cap::sasl, mechanisms},
    {cap::multiline, "max-bytes=" + n(s.chat_sizes.multiline_octets)
                       + ",max-lines=" + n(s.chat_sizes.multiline_lines)},
    {cap::metadata_2, metadata},
    {cap::metadata_3, metadata},
  };
  if (s.chat.registers_before_connect.value)
    all.push_back({cap::account_registration, "before-connect"});
  // IRCv3 sts: a plain connection learns the port, a secure one for how long it counts.
  auto duration =
    std::chrono::duration_cast<std::chrono::seconds>(s.chat.sts_duration.value).count();
  all.push_back({cap::sts, m.security().is_tls ? "duration=" + std::to_string(duration)
                                                   + (s.chat.sts_preload.value ? ",preload" : "")
                                               : "port=" + std::to_string(m.rules().tls_port)});
  return all;
}

void announce(machine& m, std::string_view kind, cap_set caps) {
  if (caps.empty())
    return;
  auto values = values_of(m);
  send_caps(m, kind, format_caps(caps, room, values, kind == "NEW" && m.cap_version >= 302, true),
            false);
}

} // namespace

void verb_cap(machine& m, const message& x) {
  auto what = ascii::raised(x.params[0]);
  if (what == "LS") {
    if (m.entry)
      m.entry->is_negotiating = true;
    int version = x.param(1).size() == 3 && x.param(1) >= "302" && x.param(1) <= "999" ? 302 : 301;
    m.cap_version = std::max(m.cap_version, version);
    if (version >= 302) { // asked for by this version already: capability-negotiation 302
      auto caps = m.caps();
      caps.add(cap::cap_notify);
      m.set_caps(caps);
    }
    return send_caps(
      m, "LS", format_caps(offered_caps(m.rules(), m), room, values_of(m), version >= 302, true),
      version >= 302);
  }
  if (what == "LIST")
    return send_caps(m, "LIST", format_caps(m.caps(), room), m.cap_version >= 302);
  if (what == "REQ") {
    if (m.entry)
      m.entry->is_negotiating = true;
    return request(m, x.param(1));
  }
  if (what == "END") {
    if (!m.entry)
      return;
    m.entry->is_negotiating = false;
    if (std::exchange(m.login, nullptr)) // an exchange that was left is over: sasl-3.1
      m.reply(numeric::err_saslaborted, {"SASL authentication aborted"});
    return try_to_register(m);
  }
  m.reply(numeric::err_invalidcapcmd, {x.params[0].substr(0, 64), "Invalid CAP command"});
}

cap_set offered_caps(const policy& rules, const machine& m) {
  auto& s = rules.settings;
  auto all = cap_set::all();
  auto without = [&](bool is_off, std::initializer_list<cap> what) {
    if (is_off)
      all = all - cap_set{what};
  };
  without(usable_mechanisms(m).empty(), {cap::sasl});
  without(s.accounts.registration.value == config::registration::closed,
          {cap::account_registration});
  without(!s.chat_history.is_on.value,
          {cap::chathistory, cap::event_playback, cap::message_redaction});
  without(s.chat.persistence.value == config::persistence::off, {cap::persistence});
  without(!s.chat.sts.value || !rules.offers_tls || m.cap_version < 302, {cap::sts});
  return all;
}

void on_reload(machine& m, const policy& before) {
  auto now = offered_caps(m.rules(), m), then = offered_caps(before, m);
  m.set_caps(m.caps() & now);
  if (m.has(cap::cap_notify)) {
    announce(m, "NEW", now - then);
    announce(m, "DEL", then - now);
  }
  if (m.is_registered() && m.has(cap::extended_isupport)
      && isupport_tokens(m.rules()) != isupport_tokens(before))
    send_isupport(m);
}

} // namespace hamlet::irc
