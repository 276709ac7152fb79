// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/lookups.hpp"
#include "gateway/irc/operator_verbs.hpp"
#include "gateway/irc/privileges.hpp"
#include "lib/text/ascii.hpp"

#include <charconv>

// FILTER and AUDIT: what the NETWORK keeps, in notices.

namespace hamlet::irc {

namespace {

constexpr std::uint32_t entries_usual = 20, entries_most = 200;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void list_filters(machine& m) {
  auto wish = m.request();
  wish.mutable_list_filters();
  m.ask(
    std::move(wish),
    [](machine& me, const chat::v1::Reply& r) {
      if (r.refusal() != chat::v1::NONE)
        return me.refuse(r, "FILTER");
      for (auto& x : r.filters())
        me.notice("Filter " + std::to_string(x.id()) + " [" + x.targets() + "] " + x.action() + " "
                  + x.pattern() + " :" + x.reason() + " (by " + x.setter() + ")");
      me.notice("End of filters: " + std::to_string(r.filters_size()));
    },
    ask::owner::network);
}

/// FILTER ADD <places> <action> <pattern> :<reason>
void add_filter(machine& m, const message& x) {
  if (x.params.size() < 4)
    return m.reply(numeric::err_needmoreparams, {"FILTER", "Not enough parameters"});
  auto wish = m.request();
  auto& filter = *wish.mutable_add_filter()->mutable_filter();
  filter.set_targets(x.params[1] == "*" ? "" : x.params[1]);
  filter.set_action(ascii::lowered(x.params[2]));
  filter.set_pattern(x.params[3]);
  filter.set_reason(text_from(x, 4));
  m.ask(
    std::move(wish),
    [args = text_from(x, 0)](machine& me, const chat::v1::Reply& r) {
      if (!audit_reply(me, r, "FILTER", args, "FILTER"))
        return;
      me.notice("Filter " + (r.filters_size() != 0 ? std::to_string(r.filters(0).id()) : "")
                + " is set");
    },
    ask::owner::network);
}

void remove_filter(machine& m, const message& x) {
  auto id = number(x.param(1));
  auto wish = m.request();
  wish.mutable_remove_filter()->set_id(static_cast<std::int64_t>(id));
  m.ask(
    std::move(wish),
    [id, args = text_from(x, 0)](machine& me, const chat::v1::Reply& r) {
      if (audit_reply(me, r, "FILTER", args, "FILTER"))
        me.notice("Filter " + std::to_string(id) + " is gone");
    },
    ask::owner::network);
}

} // namespace

void verb_filter(machine& m, const message& x) {
  if (!needs(m, config::privilege::ban))
    return;
  auto what = ascii::raised(x.param(0));
  if (what.empty() || what == "LIST")
    return list_filters(m);
  if (what == "ADD")
    return add_filter(m, x);
  if (what == "DEL" && x.params.size() > 1)
    return remove_filter(m, x);
  m.reply(numeric::err_needmoreparams, {"FILTER", "Use LIST, ADD or DEL"});
}

void verb_audit(machine& m, const message& x) {
  if (!needs(m, config::privilege::see))
    return;
  auto wanted =
    static_cast<std::uint32_t>(std::min<std::uint64_t>(number(x.param(0)), entries_most));
  auto wish = m.request();
  wish.mutable_list_audit()->set_limit(wanted == 0 ? entries_usual : wanted);
  m.ask(
    std::move(wish),
    [](machine& me, const chat::v1::Reply& r) {
      if (r.refusal() != chat::v1::NONE)
        return me.refuse(r, "AUDIT");
      for (auto& e : r.audit())
        me.notice(long_date(e.time_ms()) + ": " + e.operator_name() + " [" + e.address() + "] "
                  + e.action() + " " + e.arguments() + ": " + e.outcome());
      me.notice("End of the audit: " + std::to_string(r.audit_size()));
    },
    ask::owner::network);
}

} // namespace hamlet::irc
