// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/message_verbs.hpp"

#include "actors/chat/network_rules.hpp"
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/services.hpp"
#include "gateway/irc/verbs.hpp"
#include "lib/base/ids.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/format.hpp"
#include "lib/irc/mode_table.hpp"

#include <array>

namespace hamlet::irc {

namespace {

char filter_place(chat::v1::MessageKind x) {
  return x == chat::v1::NOTICE ? 'n' : 'p';
}

/// True: the message may go on.
bool passes_filters(machine& m, const std::string& target, const chat::v1::Message& what) {
  if (m.is_operator())
    return true;
  auto hit = m.rules().rules->filter(what.text(), filter_place(what.kind()));
  if (!hit)
    return true;
  m.report("filter " + std::to_string(hit->id) + " fits a message of " + m.me().nick() + " to "
           + target);
  switch (hit->action) {
  case filter_action::report: return true;
  case filter_action::warn:
    m.notice("Your message to " + target + " fits a filter: " + hit->reason);
    return true;
  case filter_action::block:
    m.reply(numeric::err_cannotsendtochan, {target, "Message was refused: " + hit->reason});
    return false;
  case filter_action::shun: return false;
  case filter_action::kill: m.hang_up("Filtered: " + hit->reason); return false;
  }
  return true;
}

/// "@#channel": the prefixes in front of a channel's name, the lowest of them; STATUSMSG.
std::string take_status(std::string& target) {
  std::string lowest;
  std::size_t n = 0;
  while (n < target.size() && find_prefix(target[n]) != nullptr)
    lowest = target[n++];
  if (n == 0 || n == target.size() || !is_channel_name(std::string_view{target}.substr(n)))
    return {};
  target.erase(0, n);
  return lowest;
}

using next_step = std::function<void(machine&)>;

void after(machine& m, const chat::v1::Reply& r, const std::string& target, bool is_notice,
           const next_step& next) {
  if (r.refusal() == chat::v1::IS_SILENT) {
    // The target does not want the sender to know.
  } else if (r.refusal() != chat::v1::NONE) {
    m.refuse(r, target);
  } else {
    if (m.has(cap::echo_message))
      m.answered_by_event();
    if (!r.away().empty() && !is_notice) // RFC 2812 §3.3.2: nothing automatic for a NOTICE
      m.reply(numeric::rpl_away, {r.who().nick(), r.away()});
  }
  next(m);
}

void speak_to(machine& m, std::string target, const chat::v1::Message& what, const std::string& tag,
              const next_step& next) {
  if (auto which = service_named(target); which && what.kind() != chat::v1::TAGMSG) {
    if (what.kind() == chat::v1::PRIVMSG)
      serve(m, *which, what.text());
    return next(m);
  }
  if (!passes_filters(m, target, what))
    return next(m);
  auto shown = target;
  auto status = take_status(target);
  bool is_notice = what.kind() != chat::v1::PRIVMSG;
  auto wish = m.request();
  wish.mutable_origin()->set_tag(tag);
  if (is_channel_name(target)) {
    wish.set_channel(target);
    *wish.mutable_say()->mutable_message() = what;
    wish.mutable_say()->set_to_status(status);
  } else {
    auto other = m.rules().people->find(target);
    if (!other) {
      m.reply(numeric::err_nosuchnick, {target, "No such nick/channel"});
      return next(m);
    }
    if (other->who.session_id() != m.session_id()
        && !m.rules().people->share_channel(m.session_id(), other->who.session_id())
        && !m.allow_stranger(fold(target))) {
      m.reply(numeric::err_targettoofast,
              {target, "You speak to too many people. Please wait a while"});
      return next(m);
    }
    wish.mutable_tell()->set_nick(target);
    *wish.mutable_tell()->mutable_message() = what;
  }
  m.ask(std::move(wish), [shown, is_notice, next](machine& me, const chat::v1::Reply& r) {
    after(me, r, shown, is_notice, next);
  });
}

/// "$$*.example.org", "$#*.example.org", "$*": to all on servers or hosts like that, by operators.
void speak_to_mask(machine& m, const std::string& target, const chat::v1::Message& what) {
  if (!m.may(config::privilege::notices))
    return m.reply(numeric::err_noprivileges, {"Permission Denied- You're not an IRC operator"});
  auto mask = target.substr(target.starts_with("$$") ? 2 : target.starts_with("$#") ? 2 : 1);
  if (mask.empty()) // RFC 2812 §3.3.1 wants a dot in the mask; "$$*" is what operators write
    return m.reply(numeric::err_wildtoplevel, {target, "Wildcard in toplevel domain"});
  auto wish = m.request();
  auto& announce = *wish.mutable_announce();
  (target.starts_with("$#") ? announce.mutable_host_mask() : announce.mutable_server_mask())
    ->assign(mask);
  *announce.mutable_event()->mutable_source() = m.me();
  *announce.mutable_event()->mutable_message() = what;
  announce.mutable_event()->set_target(target);
  m.tell(std::move(wish), ask::owner::network);
}

void verb_speak(machine& m, const message& x) {
  if (add_to_batch(m, x))
    return;
  auto kind = kind_of(x.command);
  if (x.params.empty())
    return m.reply(numeric::err_norecipient, {"No recipient given (" + x.command + ")"});
  if (kind != chat::v1::TAGMSG && x.param(1).empty())
    return m.reply(numeric::err_notexttosend, {"No text to send"});
  if (kind == chat::v1::TAGMSG && !m.has(cap::message_tags))
    return m.reply(numeric::err_unknowncommand, {"TAGMSG", "Ask for message-tags first"});
  chat::v1::Message what;
  what.set_kind(kind);
  if (kind != chat::v1::TAGMSG)
    what.set_text(x.params[1]);
  copy_client_tags(m, x, what);
  if (kind == chat::v1::TAGMSG && what.tags().empty())
    return; // it would say nothing
  speak(m, x.params[0], std::move(what));
}

void verb_squery(machine& m, const message& x) {
  // RFC 2812 §3.5.2.
  if (x.params.empty())
    return m.reply(numeric::err_norecipient, {"No recipient given (SQUERY)"});
  if (x.param(1).empty())
    return m.reply(numeric::err_notexttosend, {"No text to send"});
  auto which = service_named(x.params[0]);
  if (!which)
    return m.reply(numeric::err_nosuchservice, {x.params[0], "No such service"});
  serve(m, *which, x.params[1]);
}

/// draft/message-redaction.
void verb_redact(machine& m, const message& x) {
  auto target = x.params[0], text = x.params[1];
  auto id = id_of(text);
  if (!id)
    return m.fail("REDACT", "UNKNOWN_MSGID", {target, text}, "There is no such message");
  auto wish = m.request(is_channel_name(target) ? target : std::string{});
  wish.mutable_origin()->set_tag(m.label_tag());
  wish.mutable_redact()->set_event_id(*id);
  wish.mutable_redact()->set_nick(is_channel_name(target) ? "" : target);
  wish.mutable_redact()->set_reason(std::string{fitting(x.param(2), m.sizes().kick_length.value)});
  m.ask(std::move(wish), [target, text](machine& me, const chat::v1::Reply& r) {
    switch (r.refusal()) {
    case chat::v1::NONE: return me.answered_by_event();
    case chat::v1::NO_SUCH_MESSAGE:
      return me.fail("REDACT", "UNKNOWN_MSGID", {target, text}, "There is no such message");
    case chat::v1::TOO_LATE:
      return me.fail("REDACT", "REDACT_WINDOW_EXPIRED", {target, text},
                     "It is too late to take it back");
    case chat::v1::NEEDS_OPERATOR:
    case chat::v1::NO_ACCESS:
      return me.fail("REDACT", "REDACT_FORBIDDEN", {target, text},
                     "You may not take this message back");
    default:
      return me.fail("REDACT", "INVALID_TARGET", {target, text},
                     "You cannot take back messages there");
    }
  });
}

constexpr std::array table{
  verb{"PRIVMSG", verb_speak, 0, phase::after, "PRIVMSG <target>{,<target>} :<text>"},
  verb{"NOTICE", verb_speak, 0, phase::after, "NOTICE <target>{,<target>} :<text>"},
  verb{"TAGMSG", verb_speak, 0, phase::after, "TAGMSG <target>: a message of tags alone"},
  verb{"SQUERY", verb_squery, 0, phase::after, "SQUERY <service> :<text>"},
  verb{"BATCH", verb_batch, 1, phase::after, "BATCH +<ref> draft/multiline <target>"},
  verb{"REDACT", verb_redact, 2, phase::after, "REDACT <target> <msgid> [:<reason>]"},
};

} // namespace

std::span<const verb> message_verbs() {
  return table;
}

chat::v1::MessageKind kind_of(std::string_view command) {
  return command == "NOTICE"   ? chat::v1::NOTICE
         : command == "TAGMSG" ? chat::v1::TAGMSG
                               : chat::v1::PRIVMSG;
}

void copy_client_tags(const machine& m, const message& from, chat::v1::Message& to) {
  if (!m.has(cap::message_tags))
    return;
  for (auto& x : from.tags)
    if (x.is_client_only()) {
      auto& fresh = *to.add_tags();
      fresh.set_key(x.key);
      fresh.set_value(x.value);
    }
}

void speak(machine& m, const std::string& targets, chat::v1::Message what) {
  auto all = list_of(targets);
  if (all.size() > m.sizes().targets.value) {
    m.reply(numeric::err_toomanytargets,
            {all[m.sizes().targets.value], "Too many targets: " + std::to_string(all.size())});
    all.resize(m.sizes().targets.value);
  }
  auto tag = all.size() > 1 ? m.open_reply() : m.label_tag();
  one_by_one(m, std::move(all),
             [what = std::move(what), tag](machine& me, const std::string& target, std::size_t,
                                           const next_step& next) {
               if (target.starts_with('$')) {
                 speak_to_mask(me, target, what);
                 return next(me);
               }
               speak_to(me, target, what, tag, next);
             });
}

} // namespace hamlet::irc
