// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/account_verbs.hpp"
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/login.hpp"
#include "gateway/irc/registering.hpp"
#include "gateway/irc/registration.hpp"
#include "lib/irc/glob.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace hamlet::irc {

namespace {

std::vector<cap_value> values_of(const machine& m, const policy& rules);

/// What fits behind ":server CAP nick KIND * :".
std::size_t room(const machine& m, std::string_view kind) {
  return 510 - (m.rules().server_name.size() + m.nick_or_star().size() + kind.size() + 11);
}

/// @param has_more What IRCv3 capability-negotiation 302 puts before all pieces but the last.
void send_caps(machine& m, std::string_view kind, const std::vector<std::string>& pieces,
               bool has_more) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::vector<std::string> params{m.nick_or_star(), std::string{kind}};
    if (has_more && i + 1 < pieces.size())
      params.emplace_back("*");
    params.push_back(pieces[i]);
    m.say({.tags = {},
           .source = m.rules().server_name,
           .command = "CAP",
           .params = std::move(params),
           .colon = true});
  }
}

/// The words of a REQ, in as many pieces as it takes to say all of them again.
std::vector<std::string> pieces_of(std::string_view words, std::size_t at_most) {
  std::vector<std::string> all{""};
  for (auto& word : list_of(words, ' ')) {
    if (!all.back().empty() && all.back().size() + 1 + word.size() > at_most)
      all.emplace_back();
    if (!all.back().empty())
      all.back() += ' ';
    all.back() += word;
  }
  return all;
}

/// IRCv3 capability-negotiation: all or nothing.
void request(machine& m, std::string_view wanted) {
  auto change = parse_cap_req(wanted, offered_caps(m.rules(), m), m.cap_version >= 302);
  auto kind = change ? "ACK" : "NAK";
  send_caps(m, kind, pieces_of(wanted, room(m, kind)), false);
  if (change)
    m.set_caps((m.caps() | change->add) - change->remove);
}

/// One line is all that clients of version 301 read: they hear of what is ratified.
cap_set old_caps() {
  auto all = cap_set::all();
  for (auto& row : cap_table)
    if (row.name.starts_with("draft/"))
      all.remove(row.what);
  all.remove(cap::sts); // means nothing without its value
  return all;
}

void list(machine& m, std::string_view said_version) {
  unsigned version = 301;
  std::from_chars(said_version.data(), said_version.data() + said_version.size(), version);
  bool is_302 = version >= 302;
  if (is_302) {
    m.cap_version = 302;
    auto caps = m.caps();
    caps.add(cap::cap_notify); // asked for by this version already: capability-negotiation 302
    m.set_caps(caps);
  }
  auto caps = offered_caps(m.rules(), m);
  if (!is_302)
    caps = caps & old_caps();
  send_caps(m, "LS", format_caps(caps, room(m, "LS"), values_of(m, m.rules()), is_302, is_302),
            is_302);
}

std::vector<cap_value> values_of(const machine& m, const policy& rules) {
  auto& s = rules.settings;
  auto n = [](const auto& setting) { return std::to_string(setting.value); };
  auto metadata = "max-subs=" + n(s.chat_sizes.metadata_subscriptions)
                  + ",max-keys=" + n(s.chat_sizes.metadata_keys)
                  + ",max-value-bytes=" + n(s.chat_sizes.metadata_value);
  std::string mechanisms;
  for (auto& name : usable_mechanisms(m, rules))
    mechanisms += (mechanisms.empty() ? "" : ",") + name;
  std::vector<cap_value> all{
    {cap::sasl, mechanisms},
    {cap::multiline, "max-bytes=" + n(s.chat_sizes.multiline_octets)
                       + ",max-lines=" + n(s.chat_sizes.multiline_lines)},
    {cap::metadata_2, metadata},
    {cap::metadata_3, metadata},
  };
  all.push_back({cap::account_registration, registers_early(rules)
                                              ? "before-connect,custom-account-name"
                                              : "custom-account-name"});
  // IRCv3 sts: a plain connection learns the port, a secure one for how long it counts.
  auto duration =
    std::chrono::duration_cast<std::chrono::seconds>(s.chat.sts_duration.value).count();
  all.push_back({cap::sts, m.security().is_tls ? "duration=" + std::to_string(duration)
                                                   + (s.chat.sts_preload.value ? ",preload" : "")
                                               : "port=" + std::to_string(rules.tls_port)});
  return all;
}

/// IRCv3 sts, Server Name Indication: a name for which it was not meant gets no policy that stays.
/// Whoever is not secure is sent to the other port whatever the name, which it has not told.
bool is_for_sts(const policy& rules, const machine& m) {
  if (!m.security().is_tls)
    return true;
  auto& said = m.security().server_name;
  auto& names = rules.settings.chat.sts_hosts.value;
  if (said.empty() || names.empty())
    return !said.empty() && ascii::same_word(said, rules.server_name);
  return std::ranges::any_of(names, [&](auto& x) { return glob{x}.matches(said); });
}

void announce(machine& m, std::string_view kind, cap_set caps) {
  if (caps.empty())
    return;
  auto values = values_of(m, m.rules());
  send_caps(m, kind,
            format_caps(caps, room(m, kind), values, kind == "NEW" && m.cap_version >= 302, true),
            false);
}

/// Of what was offered before and still is, what has another value now.
cap_set with_other_value(const machine& m, const policy& before, cap_set both) {
  cap_set out;
  auto then = values_of(m, before);
  for (auto& x : values_of(m, m.rules())) {
    auto old = std::ranges::find(then, x.what, &cap_value::what);
    if (both.has(x.what) && old != then.end() && old->value != x.value)
      out.add(x.what);
  }
  return out;
}

} // namespace

void verb_cap(machine& m, const message& x) {
  auto what = ascii::raised(x.params[0]);
  if (what == "LS") {
    if (m.entry)
      m.entry->is_negotiating = true;
    return list(m, x.param(1));
  }
  if (what == "LIST")
    return send_caps(m, "LIST", format_caps(m.caps(), room(m, "LIST")), m.cap_version >= 302);
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
  without(usable_mechanisms(m, rules).empty(), {cap::sasl});
  without(s.accounts.registration.value == config::registration::closed,
          {cap::account_registration});
  without(!s.chat_history.is_on.value,
          {cap::chathistory, cap::event_playback, cap::message_redaction});
  without(s.chat.persistence.value == config::persistence::off, {cap::persistence});
  without(!s.chat.sts.value || !rules.offers_tls || m.cap_version < 302 || !is_for_sts(rules, m),
          {cap::sts});
  return all;
}

void on_reload(machine& m, const policy& before) {
  auto now = offered_caps(m.rules(), m), then = offered_caps(before, m);
  if (m.has(cap::cap_notify)) {
    // IRCv3 capability-negotiation: "NEW … can also update the value of an existing capability".
    auto changed = m.cap_version >= 302 ? with_other_value(m, before, now & then) : cap_set{};
    announce(m, "NEW", (now - then) | changed);
    announce(m, "DEL", (then - now) - cap_set{cap::sts}); // sts is never taken back: IRCv3 sts
  }
  if (auto left = m.caps() & now; left != m.caps())
    m.set_caps(left);
  if (m.is_registered() && m.has(cap::extended_isupport))
    send_isupport(m, changed_tokens(isupport_tokens(before), isupport_tokens(m.rules())));
}

} // namespace hamlet::irc
