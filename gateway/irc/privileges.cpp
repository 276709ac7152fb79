// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/privileges.hpp"

namespace hamlet::irc {

std::string_view name_of(config::privilege x) {
  for (auto& [word, value] : config::words<config::privilege>::all)
    if (value == x)
      return word;
  return {};
}

bool needs(machine& m, config::privilege what) {
  if (m.may(what))
    return true;
  if (!m.is_operator())
    m.reply(numeric::err_noprivileges, {"Permission Denied- You're not an IRC operator"});
  else
    m.reply(numeric::err_noprivs, {std::string{name_of(what)}, "Insufficient oper privileges"});
  return false;
}

void audit(machine& m, std::string_view action, std::string_view arguments,
           std::string_view outcome) {
  auto wish = m.request();
  auto& entry = *wish.mutable_audit()->mutable_entry();
  entry.set_time_ms(m.now().wall_ms);
  entry.set_operator_name(m.me().operator_class());
  entry.set_nick(m.me().nick());
  entry.set_address(m.from().address);
  entry.set_action(std::string{action});
  entry.set_arguments(std::string{arguments});
  entry.set_outcome(std::string{outcome});
  m.tell(std::move(wish), ask::owner::network);
}

void audit_aloud(machine& m, std::string_view action, std::string_view arguments) {
  audit(m, action, arguments);
  m.report(m.me().nick() + ": " + std::string{action} + " " + std::string{arguments});
}

bool audit_reply(machine& m, const chat::v1::Reply& r, std::string_view action,
                 std::string_view arguments, std::string_view target) {
  if (r.refusal() == chat::v1::NONE) {
    audit(m, action, arguments);
    return true;
  }
  audit(m, action, arguments, "refused: " + chat::v1::Refusal_Name(r.refusal()));
  m.refuse(r, target);
  return false;
}

} // namespace hamlet::irc
