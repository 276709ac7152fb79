// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session.hpp"
#include "actors/session/user_modes.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>

namespace hamlet {

using chat::v1::ModeChange;

namespace {

constexpr std::string_view absent_text = "Not here at the moment"; // who said only AWAY *

std::string cut(const std::string& text, std::size_t at_most) {
  auto end = std::min(text.size(), at_most);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end; // whole characters
  return text.substr(0, end);
}

} // namespace

session_state::Event session_state::modes_event(const user& u, const Request& cause,
                                                const std::vector<ModeChange>& changes) const {
  auto x = event_of(cause, u.card->who());
  x.add_sessions(u.card->session_id());
  for (auto& change : changes)
    *x.mutable_user_modes()->add_changes() = change;
  return x;
}

session_state::answered session_state::set_user_modes(Request& x, user& u) {
  auto& wanted = x.set_user_modes().changes();
  return apply_modes(u, x, {wanted.begin(), wanted.end()}, x.set_user_modes().by_server());
}

session_state::answered session_state::set_bot_mark(Request& x, user& u) {
  ModeChange bot;
  bot.set_letter("B");
  bot.set_add(x.set_bot_mark().on());
  return apply_modes(u, x, {bot}, false);
}

session_state::answered session_state::apply_modes(user& u, const Request& x,
                                                   const std::vector<ModeChange>& wanted,
                                                   bool by_server) {
  auto before = u.card->who();
  auto cloak = u.rare ? u.rare->cloak : std::string{};
  auto is_cloaked = modes_of(before).has('x');
  mode_outcome out;
  events all;
  auto after = before;
  out = change_modes(after, wanted, by_server, is_cloaked || !cloak.empty());
  if (!out.applied.empty()) {
    if (auto on = modes_of(after).has('x'); on != is_cloaked) {
      auto shown = on ? cloak : before.address();
      u.more().cloak = on ? std::string{} : before.host();
      auto moved = event_of(x, before);
      moved.mutable_host()->set_user(before.user());
      moved.mutable_host()->set_host(shown);
      all.push_back(std::move(moved));
      after.set_host(shown);
    }
    for (auto& change : out.applied)
      if (change.letter() == "s")
        u.more().notices = change.param();
    change(u, [&](user_card& card) { card.who = after; });
    all.push_back(modes_event(u, x, out.applied));
    tell_of_change(u, x, before.nick(), all);
  }
  auto reply = describe(u);
  for (auto& refused : out.refused)
    *reply.add_refused_modes() = std::move(refused);
  return publish(std::move(all), std::move(reply));
}

// -- away -----------------------------------------------------------------------------------------

session_state::answered session_state::set_away(Request& x, user& u) {
  auto& what = x.set_away();
  auto is_away = !what.text().empty();
  auto is_absent = what.is_pre_away() && what.text() == "*"; // draft/pre-away: nobody knows why
  auto connection = x.origin().connection_id();
  auto at = std::ranges::find(u.clients, connection, &user::client::connection_id);
  for (auto& client : u.clients)
    if (at == u.clients.end() || client.connection_id == connection)
      client.is_away = is_away;
  if (is_away && !is_absent)
    u.more().away_text = cut(what.text(), rules()->away_length);
  else if (!is_away && u.rare)
    u.rare->away_text.clear();
  events all;
  renew_away(u, x, all);
  return publish(std::move(all), describe(u));
}

/// Others see it away when all of its clients are (draft/pre-away), or none is there.
void session_state::renew_away(user& u, const Request& cause, events& out) {
  auto is_away = std::ranges::all_of(u.clients, &user::client::is_away);
  if (u.clients.empty() && !rules()->auto_away)
    return; // as it was when the last one left
  auto text = !is_away                               ? std::string{}
              : u.rare && !u.rare->away_text.empty() ? u.rare->away_text
              : !u.card->away().empty()              ? std::string{u.card->away()}
                                                     : std::string{absent_text};
  if (text == u.card->away())
    return;
  change(u, [&](user_card& card) {
    card.away = text;
    card.who.set_is_away(is_away);
  });
  auto x = event_of(cause, u.card->who());
  x.mutable_away()->set_text(text);
  out.push_back(std::move(x));
  tell_of_change(u, cause, std::string{u.card->nick()}, out);
}

// -- who it is ------------------------------------------------------------------------------------

session_state::answered session_state::set_real_name(Request& x, user& u) {
  change(u, [&](user_card& card) { card.who.set_real_name(x.set_real_name().text()); });
  events all;
  auto changed = event_of(x, u.card->who());
  changed.mutable_real_name()->set_text(x.set_real_name().text());
  all.push_back(std::move(changed));
  tell_of_change(u, x, std::string{u.card->nick()}, all);
  return publish(std::move(all), describe(u));
}

session_state::answered session_state::set_identity(Request& x, user& u) {
  auto what = x.set_identity();
  auto account_before = u.card->account_id();
  auto name_before = u.card->who().account();
  auto is_other = what.change_account() && what.account_id() != account_before;
  if (is_other)
    forget_saved(u); // it stays for the account that it was
  std::vector<ModeChange> modes;
  change(u, [&](user_card& card) {
    if (what.change_account()) {
      card.who.set_account_id(what.account_id());
      card.who.set_account(what.account());
    }
    if (what.change_operator()) {
      card.who.set_is_operator(what.is_operator());
      card.who.set_operator_class(what.is_operator() ? what.operator_class() : std::string{});
    }
    modes = renew_modes(card.who);
  });
  if (what.change_operator())
    u.more().operator_name = what.is_operator() ? what.operator_name() : std::string{};
  events all;
  if (is_other) {
    auto changed = event_of(x, u.card->who());
    changed.mutable_account()->set_before(name_before);
    all.push_back(std::move(changed));
  }
  if (!modes.empty())
    all.push_back(modes_event(u, x, modes));
  tell_of_change(u, x, std::string{u.card->nick()}, all);
  if (!is_other || what.account_id() == 0) {
    if (is_other && u.rare)
      u.rare->persistence = u.rare->history = user::choice::none;
    return publish(std::move(all), describe(u));
  }
  // What the member has chosen counts from now on, also when the client leaves at once.
  auto promise = self->make_response_promise<Reply>();
  publish(std::move(all));
  load_choices(what.account_id(), [this, promise, id = x.session_id(),
                                   account = what.account_id()](const user::extras& choices) {
    auto* who = find(id);
    if (!who)
      return give(promise, refusal(chat::v1::NO_SUCH_SESSION));
    if (who->card->account_id() == account
        && (choices.persistence != user::choice::none || choices.history != user::choice::none
            || who->rare)) {
      who->more().persistence = choices.persistence;
      who->more().history = choices.history;
    }
    save_soon(*who);
    publish(promise, {}, describe(*who));
  });
  return promise;
}

session_state::answered session_state::set_host(Request& x, user& u) {
  auto& what = x.set_host();
  auto before = u.card->who();
  auto user_name = what.user().empty() ? before.user() : what.user();
  auto host = what.host().empty() ? before.host() : what.host();
  if (user_name == before.user() && host == before.host())
    return publish({}, describe(u));
  change(u, [&](user_card& card) {
    card.who.set_user(user_name);
    card.who.set_host(host);
  });
  if (u.rare)
    u.rare->cloak.clear();
  events all;
  auto changed = event_of(x, before);
  changed.mutable_host()->set_user(user_name);
  changed.mutable_host()->set_host(host);
  all.push_back(std::move(changed));
  tell_of_change(u, x, before.nick(), all);
  return publish(std::move(all), describe(u));
}

} // namespace hamlet
