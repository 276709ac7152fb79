// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/history.hpp"
#include "actors/chat/origin.hpp"
#include "actors/session/reception.hpp"
#include "actors/session/session.hpp"
#include "actors/session/user_modes.hpp"
#include "lib/irc/casemap.hpp"
#include "storage/chat/keys.hpp"

#include <algorithm>

namespace hamlet {

/// To the one who has the nick now. Its own SESSION decides (RFC 2812 §3.3.1).
session_state::answered session_state::tell(Request& x, user& u) {
  auto target = parts->people->find_packed(x.tell().nick());
  if (!target)
    return refusal(chat::v1::NO_SUCH_NICK, x.tell().nick());
  if (is_lost(target->session_id())) // nobody is there to decide
    return refusal(chat::v1::FAILED, std::string{target->nick()});
  auto who = u.card->who();
  if (x.tell().message().kind() != chat::v1::TAGMSG)
    u.card->active_ms()->store(now_of(x), std::memory_order_relaxed);
  // Whom it writes to may answer.
  if (auto modes = modes_of(who); modes.has('g') || modes.has('G') || modes.has('C')) {
    auto& list = u.more().accept;
    auto is_it = [&](const std::string& nick) { return irc::same_name(nick, target->nick()); };
    if (std::ranges::none_of(list, is_it) && list.size() < rules()->accept)
      list.emplace_back(target->nick());
  }
  Request note;
  note.set_session_id(target->session_id());
  note.set_now_ms(x.now_ms());
  *note.mutable_origin() = x.origin();
  auto& received = *note.mutable_receive();
  received.set_sender_is_operator(who.is_operator());
  received.set_is_not_kept(u.rare && u.rare->history == user::choice::off);
  auto& event = *received.mutable_event();
  event = event_of(x, who);
  event.set_target(std::string{target->nick()});
  *event.mutable_message() = std::move(*x.mutable_tell()->mutable_message());
  *note.mutable_who() = std::move(who);
  return self->delegate(parts->owners->session_of(target->session_id()), std::move(note));
}

/// What the server says; with an author who has an account, it passes on what that one wrote
/// elsewhere.
chat::v1::Refusal session_state::judge_notice(const user& u, const Who& author,
                                              const chat::v1::Message& what) const {
  if (author.account_id() == 0)
    return chat::v1::NONE;
  auto theirs = parts->people->of_account(author.account_id());
  auto shares = std::ranges::any_of(theirs, [&](const packed_ref& x) {
    return x->session_id() == u.card->session_id()
           || parts->people->share_channel(x->session_id(), u.card->session_id());
  });
  return judge_message(u, author, what, false, shares);
}

session_state::answered session_state::receive(Request& x, user& u) {
  auto& what = *x.mutable_receive();
  auto& event = *what.mutable_event();
  auto& sender = event.source();
  auto id = u.card->session_id();
  if (event.id() == 0)
    event.set_id(parts->ids->next());
  if (event.time_ms() == 0)
    event.set_time_ms(now_of(x));
  auto shares = sender.session_id() != 0 && parts->people->share_channel(sender.session_id(), id);
  auto verdict = sender.session_id() == 0
                   ? judge_notice(u, x.who(), event.message())
                   : judge_message(u, sender, event.message(), what.sender_is_operator(), shares);
  if (sender.session_id() == 0 && verdict != chat::v1::NONE)
    return refusal(verdict);
  event.clear_sessions();
  if (sender.session_id() != 0 && sender.session_id() != id)
    event.add_sessions(sender.session_id());
  Reply reply;
  reply.set_event_id(event.id());
  events all;
  switch (verdict) {
  case chat::v1::NONE: break;
  case chat::v1::IS_SILENT: // its sender sees what it would see otherwise
    all.push_back(std::move(event));
    return publish(std::move(all), std::move(reply));
  case chat::v1::IGNORES_STRANGERS:
    reply = refusal(verdict, std::string{u.card->nick()});
    if (should_tell_of(u.more(), sender.session_id(), now_of(x))) {
      auto told = event_of(x, sender);
      of_no_connection(*told.mutable_origin());
      told.add_sessions(id);
      told.mutable_caller_ignored();
      all.push_back(std::move(told));
      reply.set_was_told(true);
    }
    return publish(std::move(all), std::move(reply));
  default: return publish(std::move(all), refusal(verdict, std::string{u.card->nick()}));
  }
  event.add_sessions(id);
  event.set_target(std::string{u.card->nick()});
  reply.set_away(std::string{u.card->away()});
  reply.mutable_who()->set_nick(std::string{u.card->nick()});
  auto mine = u.card->account_id();
  auto theirs = sender.account_id();
  auto wants_none = what.is_not_kept() || (u.rare && u.rare->history == user::choice::off);
  if (mine != 0 && theirs != 0 && !wants_none && rules()->keeps_direct && is_kept(event)) {
    auto row = to_row(event, sql::direct_target(mine, theirs));
    row.between = {mine, theirs};
    writer->append(std::move(row));
  }
  all.push_back(std::move(event));
  return publish(std::move(all), std::move(reply));
}

/// Something that is not a message and not of a channel: an invitation, a knock, a notice.
session_state::answered session_state::ring(Request& x, user& u) {
  auto& event = *x.mutable_ring()->mutable_event();
  if (event.source().session_id() != 0 && is_silenced(u, event.source()))
    return publish({}, Reply{});
  if (event.id() == 0)
    event.set_id(parts->ids->next());
  if (event.time_ms() == 0)
    event.set_time_ms(now_of(x));
  event.clear_sessions();
  event.add_sessions(u.card->session_id());
  Reply reply;
  reply.set_away(std::string{u.card->away()});
  events all;
  all.push_back(std::move(event));
  return publish(std::move(all), std::move(reply));
}

// -- SILENCE, ACCEPT ------------------------------------------------------------------------------

session_state::answered session_state::change_list(Request& x, user& u) {
  auto& what = x.change_list();
  auto& more = u.more();
  Reply reply;
  if (what.list() == "silence") {
    auto find = [&](const irc::hostmask& mask) {
      return std::ranges::find_if(more.silence, [&](const irc::hostmask& y) {
        return irc::same_name(y.text(), mask.text());
      });
    };
    for (auto& text : what.remove())
      if (auto mask = irc::hostmask::of(text))
        if (auto at = find(*mask); at != more.silence.end())
          more.silence.erase(at);
    for (auto& text : what.add()) {
      auto mask = irc::hostmask::of(text);
      if (!mask)
        return refusal(chat::v1::BAD_REQUEST, text);
      if (find(*mask) != more.silence.end())
        continue;
      if (more.silence.size() >= rules()->silence)
        return refusal(chat::v1::LIST_FULL, text);
      more.silence.push_back(std::move(*mask));
    }
    for (auto& mask : more.silence)
      reply.add_names(mask.text());
  } else if (what.list() == "accept") {
    auto find = [&](const std::string& nick) {
      return std::ranges::find_if(more.accept,
                                  [&](const std::string& y) { return irc::same_name(y, nick); });
    };
    for (auto& nick : what.remove()) {
      auto at = find(nick);
      if (at == more.accept.end())
        return refusal(chat::v1::NO_SUCH_NICK, nick); // 458
      more.accept.erase(at);
    }
    for (auto& nick : what.add()) {
      if (nick.empty() || nick.size() > rules()->nick_length)
        return refusal(chat::v1::NO_SUCH_NICK, nick);
      if (find(nick) != more.accept.end())
        continue;
      if (more.accept.size() >= rules()->accept)
        return refusal(chat::v1::LIST_FULL, nick);
      more.accept.push_back(nick);
    }
    for (auto& nick : more.accept)
      reply.add_names(nick);
  } else {
    return refusal(chat::v1::BAD_REQUEST);
  }
  save_soon(u);
  return publish({}, std::move(reply));
}

} // namespace hamlet
