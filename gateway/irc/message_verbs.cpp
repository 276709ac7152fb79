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

/// Why a message does not arrive. RFC 2812 §3.3.2: nothing is ever said about a NOTICE.
void say_why(machine& m, const chat::v1::Message& what, numeric why,
             std::vector<std::string> params) {
  if (what.kind() != chat::v1::NOTICE)
    m.reply(why, std::move(params));
}

/// "@#channel": the prefixes in front of a channel's name, the lowest of them; STATUSMSG. '&' is
/// one of them and begins a channel as well.
std::string take_status(std::string& target) {
  std::size_t n = 0;
  while (n < target.size() && find_prefix(target[n]) != nullptr)
    ++n;
  if (n < target.size() && target[n] != '#') // the last '&' is the channel's own
    n = n > 0 && target[n - 1] == '&' ? n - 1 : 0;
  if (n == 0 || n == target.size())
    return {};
  std::string lowest(1, target[n - 1]);
  target.erase(0, n);
  return lowest;
}

using next_step = std::function<void(machine&)>;

void after(machine& m, const chat::v1::Reply& r, const std::string& target,
           const chat::v1::Message& what, const next_step& next) {
  if (r.refusal() == chat::v1::IS_SILENT) {
    // The target does not want the sender to know.
  } else if (r.refusal() != chat::v1::NONE) {
    if (what.kind() != chat::v1::NOTICE)
      m.refuse(r, target);
    if (r.was_told() && what.kind() != chat::v1::NOTICE)
      m.reply(numeric::rpl_targnotify, {target, "has been told that you want to speak to them"});
  } else {
    if (m.has(cap::echo_message))
      m.answered_by_event();
    if (!r.away().empty() && what.kind() == chat::v1::PRIVMSG)
      m.reply(numeric::rpl_away, {r.who().nick().empty() ? target : r.who().nick(), r.away()});
  }
  next(m);
}

/// False: it is not to be sent; why was said.
bool address_to(machine& m, std::string& target, const chat::v1::Message& what,
                chat::v1::Request& wish) {
  auto shown = target;
  auto status = take_status(target);
  if (is_channel_name(target)) {
    wish.set_channel(target);
    *wish.mutable_say()->mutable_message() = what;
    wish.mutable_say()->set_to_status(status);
    target = shown;
    return true;
  }
  auto other = m.rules().people->find(target);
  if (!other) {
    say_why(m, what, numeric::err_nosuchnick, {target, "No such nick/channel"});
    return false;
  }
  target = other->who.nick();
  if (other->who.session_id() != m.session_id()
      && !m.rules().people->share_channel(m.session_id(), other->who.session_id())
      && !m.allow_stranger(fold(target))) {
    say_why(m, what, numeric::err_targettoofast,
            {target, "You speak to too many people. Please wait a while"});
    return false;
  }
  // The echo and the away text are two answers: a batch has both (IRCv3 labeled-response).
  if (other->who.is_away() && what.kind() == chat::v1::PRIVMSG && m.has(cap::echo_message))
    wish.mutable_origin()->set_tag(m.open_reply());
  wish.mutable_tell()->set_nick(target);
  *wish.mutable_tell()->mutable_message() = what;
  return true;
}

void speak_to(machine& m, std::string target, const chat::v1::Message& what, const std::string& tag,
              const next_step& next) {
  if (!passes_filters(m, filter_place(what.kind()), target, what.text()))
    return next(m);
  auto wish = m.request();
  wish.mutable_origin()->set_tag(tag);
  if (!address_to(m, target, what, wish))
    return next(m);
  m.ask(std::move(wish), [target, what, next](machine& me, const chat::v1::Reply& r) {
    after(me, r, target, what, next);
  });
}

/// "$$*.example.org", "$#*.example.org", "$*": to all on servers or hosts like that, by operators.
void speak_to_mask(machine& m, const std::string& target, const chat::v1::Message& what) {
  if (!m.may(config::privilege::notices))
    return say_why(m, what, numeric::err_noprivileges,
                   {"Permission Denied- You're not an IRC operator"});
  auto mask = target.substr(target.starts_with("$$") ? 2 : target.starts_with("$#") ? 2 : 1);
  if (mask.empty()) // RFC 2812 §3.3.1 wants a dot in the mask; "$$*" is what operators write
    return say_why(m, what, numeric::err_wildtoplevel, {target, "Wildcard in toplevel domain"});
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
  chat::v1::Message what;
  what.set_kind(kind_of(x.command));
  if (x.params.empty() || x.params[0].empty())
    return say_why(m, what, numeric::err_norecipient, {"No recipient given (" + x.command + ")"});
  if (what.kind() == chat::v1::TAGMSG) {
    if (!m.has(cap::message_tags))
      return m.reply(numeric::err_unknowncommand, {"TAGMSG", "Ask for message-tags first"});
  } else {
    if (x.param(1).empty())
      return say_why(m, what, numeric::err_notexttosend, {"No text to send"});
    what.set_text(x.params[1]);
  }
  copy_client_tags(m, x, what); // a TAGMSG goes out without any, too: IRCv3 message-tags, Examples
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

std::string redaction_window(const machine& m) {
  auto window = m.history().redaction_window.value;
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(window).count());
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
    case chat::v1::NONE:
      if (me.has(cap::message_redaction)) // else it is told of none
        me.answered_by_event();
      return;
    case chat::v1::NO_SUCH_MESSAGE:
      return me.fail("REDACT", "UNKNOWN_MSGID", {target, text}, "There is no such message");
    case chat::v1::TOO_LATE:
      return me.fail("REDACT", "REDACT_WINDOW_EXPIRED", {target, text, redaction_window(me)},
                     "It is too late to take it back");
    case chat::v1::NEEDS_OPERATOR:
    case chat::v1::NO_ACCESS:
      return me.fail("REDACT", "REDACT_FORBIDDEN", {target, text},
                     "You may not take this message back");
    default:
      return me.fail("REDACT", "INVALID_TARGET", {target}, "You cannot take back messages there");
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

bool passes_filters(machine& m, char place, const std::string& target, const std::string& text) {
  if (m.is_operator() || text.empty())
    return true;
  if (m.is_shunned) // and is not told
    return false;
  auto hit = m.rules().rules->filter(text, place);
  if (!hit)
    return true;
  m.report("filter " + std::to_string(hit->id) + " fits what " + m.nick_or_star() + " says to "
           + target);
  // Nothing is said about a NOTICE, nor to whoever goes.
  bool may_answer = place != 'n' && place != 'P' && place != 'q';
  switch (hit->action) {
  case filter_action::report: return true;
  case filter_action::warn:
    if (may_answer)
      m.notice("What you said to " + target + " fits a filter: " + hit->reason);
    return true;
  case filter_action::block:
    if (place == 'a')
      m.fail("AWAY", "MESSAGE_REFUSED", {}, "The text was refused: " + hit->reason);
    else if (may_answer)
      m.reply(place == 'c' ? numeric::err_badchanname : numeric::err_cannotsendtochan,
              {target, "Message was refused: " + hit->reason});
    return false;
  case filter_action::shun: m.is_shunned = true; return false;
  case filter_action::kill: m.hang_up("Filtered: " + hit->reason); return false;
  }
  return true;
}

/// To a service, which is asked for itself: what it answers must not mix with other answers.
void speak_to_service(machine& m, service which, const chat::v1::Message& what) {
  if (what.kind() == chat::v1::PRIVMSG)
    serve(m, which, what.text());
}

void speak(machine& m, const std::string& targets, chat::v1::Message what) {
  auto all = list_of(targets);
  std::vector<std::string> seen; // RFC 2812 §5.2, 407: each is told once
  std::erase_if(all, [&](const std::string& target) {
    auto folded = fold(target);
    if (std::ranges::find(seen, folded) != seen.end())
      return true;
    seen.push_back(std::move(folded));
    return false;
  });
  if (all.size() == 1)
    if (auto which = service_named(all[0]))
      return speak_to_service(m, *which, what);
  if (all.size() > m.sizes().targets.value) {
    say_why(m, what, numeric::err_toomanytargets,
            {all[m.sizes().targets.value], "Too many targets: " + std::to_string(all.size())});
    all.resize(m.sizes().targets.value);
  }
  if (all.size() > 1)
    m.pay(all.size() - 1);
  auto tag = all.size() > 1 ? m.open_reply() : m.label_tag();
  one_by_one(
    m, std::move(all),
    [what = std::move(what), tag](machine& me, const std::string& target, std::size_t,
                                  const next_step& next) {
      if (target.starts_with('$')) {
        speak_to_mask(me, target, what);
        return next(me);
      }
      if (service_named(target)) {
        say_why(me, what, numeric::err_toomanytargets, {target, "Speak to a service alone"});
        return next(me);
      }
      speak_to(me, target, what, tag, next);
    });
}

} // namespace hamlet::irc
