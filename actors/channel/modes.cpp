// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel.hpp"
#include "actors/channel/texts.hpp"
#include "lib/irc/casemap.hpp"

// MODE of a channel: RFC 2812 §3.2.3, RFC 2811 §4. Which mode is what kind, and whose right, is in
// lib/irc/mode_table.hpp.

namespace hamlet {

using namespace chat::v1;

/// One MODE: many changes, one event with those that were made.
struct channel::mode_turn {
  channel_turn& x;
  member* me;     ///< nullptr: not in the channel
  bool is_forced; ///< by an operator of the server, or a service
  std::vector<ModeChange> done = {};
  bool said_no = false; ///< 482 is said once, not for each mode

  void refuse(Refusal why, const ModeChange& c) {
    if (why == NEEDS_OPERATOR && std::exchange(said_no, true))
      return;
    auto* r = x.reply.add_refused_modes();
    r->set_refusal(why);
    r->set_letter(c.letter());
    r->set_param(c.param());
  }
  void made(ModeChange c) { done.push_back(std::move(c)); }
};

void channel::get_modes(channel_turn& x) {
  x.reply.set_channel(name_);
  if (is_hidden_from(x))
    return x.refuse(NO_SUCH_CHANNEL);
  describe(x, find(x.asker()) != nullptr || x.ask.who().is_operator());
}

void channel::set_modes(channel_turn& x) {
  auto& ask = x.ask.set_modes();
  x.reply.set_channel(name_);
  mode_turn m{x, find(x.asker()), ask.forced()};
  if (m.me == nullptr && !m.is_forced)
    return x.refuse(is_hidden_from(x) ? NO_SUCH_CHANNEL : NOT_ON_CHANNEL);
  auto at_most = static_cast<int>(x.rules.changes_per_request);
  for (int i = 0; i < std::min(ask.changes_size(), at_most); ++i)
    change(m, ask.changes(i));
  if (m.done.empty())
    return;
  auto& e = publish(x);
  for (auto& c : m.done)
    *e.mutable_modes()->add_changes() = std::move(c);
  x.reply.set_modes(mode_text());
  x.reply.set_status(prefixes_of(rights_of(x.asker())));
}

void channel::change(mode_turn& m, const ModeChange& c) {
  auto* row = c.letter().size() == 1 ? irc::find_channel_mode(c.letter()[0]) : nullptr;
  if (row == nullptr)
    return m.refuse(UNKNOWN_MODE, c);
  if (row->kind == irc::mode_kind::membership)
    return change_rank(m, c, *row);
  auto mine = m.me == nullptr ? rank::none : m.me->rights;
  auto is_open = row->who == irc::mode_right::server_oper && m.x.ask.who().is_operator();
  if (row->who == irc::mode_right::server
      || (!m.is_forced && !is_open && mine < rank_for(row->who)))
    return m.refuse(NEEDS_OPERATOR, c);
  switch (row->kind) {
  case irc::mode_kind::list: return change_list(m, c);
  case irc::mode_kind::always:
  case irc::mode_kind::when_set: return change_param(m, c);
  case irc::mode_kind::flag: return change_flag(m, c);
  case irc::mode_kind::membership: break;
  }
}

/// Giving needs the right to the letter; taking also that the other is not higher. What one has
/// oneself one may give up.
void channel::change_rank(mode_turn& m, const ModeChange& c, const irc::channel_mode& row) {
  auto* whom = find_nick(c.param());
  auto mine = m.me == nullptr ? rank::none : m.me->rights;
  auto gives_up = !c.add() && whom != nullptr && whom == m.me;
  if (!m.is_forced && !gives_up && mine < rank_for(row.who))
    return m.refuse(NEEDS_OPERATOR, c);
  if (whom == nullptr)
    return m.refuse(TARGET_NOT_ON_CHANNEL, c);
  if (!m.is_forced && !c.add() && is_higher(whom->rights, mine))
    return m.refuse(NEEDS_OPERATOR, c);
  auto bit = rank_of_letter(row.letter);
  if (((whom->rights & bit) != 0) == c.add())
    return;
  whom->rights = static_cast<ranks>(whom->rights ^ bit);
  names_.clear();
  m.x.prefixed.push_back(whom->session());
  m.made(rank_change(c.add(), row.letter, whom->nick(), whom->session()));
}

void channel::change_list(mode_turn& m, const ModeChange& c) {
  auto kind = c.letter()[0];
  auto mask = c.param();
  auto setter = mask_of(m.x.ask.who());
  auto how = c.add() ? list_of(kind).add(mask, setter, m.x.now_ms, m.x.rules.list_entries)
                     : list_of(kind).remove(mask);
  switch (how) {
  case mask_list::outcome::no_change: return;
  case mask_list::outcome::full: return m.refuse(BAN_LIST_FULL, c);
  case mask_list::outcome::bad_mask: return m.refuse(BAD_MODE_PARAMETER, c);
  case mask_list::outcome::done: break;
  }
  lists_changed();
  if (kind == 'b' && !c.add())
    note_lifted(mask, m.x.now_ms);
  m.x.saves.lists.push_back({c.add(), kind, mask, std::move(setter), m.x.now_ms});
  auto made = c;
  made.set_param(mask);
  m.made(std::move(made));
}

/// k, l, f, j, L, H. A key that is set must be taken away before another is set (RFC 2812, 467).
void channel::change_param(mode_turn& m, const ModeChange& c) {
  auto letter = c.letter()[0];
  auto before = param(letter);
  auto made = c;
  if (!c.add()) {
    if (before.empty())
      return;
    set_param(letter, {});
    made.set_param(letter == 'k' ? "*" : "");
  } else {
    auto value = irc::mode_param(letter, c.param());
    if (!value)
      return m.refuse(BAD_MODE_PARAMETER, c);
    if (*value == before)
      return;
    if (letter == 'k' && !before.empty())
      return m.refuse(KEY_IS_SET, c);
    // Only to a channel of one's own: else people are sent where nobody wants them.
    auto is_mine = m.is_forced || !m.x.is_in || m.x.is_in(m.x.asker(), *value, '@');
    if (letter == 'L' && (irc::same_name(*value, name_) || !is_mine))
      return m.refuse(BAD_MODE_PARAMETER, c);
    set_param(letter, *value);
    made.set_param(*value);
  }
  m.x.saves.settings = true;
  m.x.card_changed = true;
  m.made(std::move(made));
}

void channel::change_flag(mode_turn& m, const ModeChange& c) {
  auto letter = c.letter()[0];
  if (flags_.has(letter) == c.add() || (letter == 'p' && c.add() && flags_.has('s')))
    return; // RFC 2811 §4.2.6: p and s are never set together
  flags_.set(letter, c.add());
  auto made = c;
  made.clear_param();
  m.made(std::move(made));
  if (letter == 's' && c.add() && flags_.has('p')) {
    flags_.set('p', false);
    ModeChange off;
    off.set_letter("p");
    m.made(std::move(off));
  }
  if (letter == 's' || letter == 'p' || letter == 'u')
    m.x.all_prefixed = true;
  m.x.saves.settings = true;
  m.x.card_changed = true;
}

/// CLEAR of ChanServ: users, bans, modes, ops, voices.
void channel::clear(channel_turn& x) {
  auto& ask = std::as_const(x.ask).clear_channel(); // else it clears the field "channel"
  x.reply.set_channel(name_);
  auto rights = std::max(rights_by_access(x.ask.who()), rights_of(x.asker()));
  if (!x.ask.who().is_operator() && rights < rank::admin)
    return x.refuse(NO_ACCESS);
  std::vector<ModeChange> done;
  auto off = [&](char letter, std::string param) {
    auto& c = done.emplace_back();
    c.set_letter(std::string{letter});
    c.set_param(std::move(param));
  };
  if (ask.what() == "users") {
    std::vector<std::int64_t> all;
    for (auto& [id, m] : members_)
      if (id != x.asker() && !is_higher(m.rights, rights))
        all.push_back(id);
    for (auto id : all)
      expel(x, *find(id), ask.reason(), true);
  } else if (ask.what() == "bans") {
    for (auto& entry : bans_.entries()) {
      off('b', entry.what.text());
      note_lifted(entry.what.text(), x.now_ms);
      x.saves.lists.push_back({false, 'b', entry.what.text(), {}, 0});
    }
    bans_.clear();
    lists_changed();
  } else if (ask.what() == "modes") {
    for (auto& [letter, value] : params_)
      off(letter, letter == 'k' ? "*" : "");
    params_.clear();
    for (auto& row : irc::channel_modes)
      if (row.kind == irc::mode_kind::flag && flags_.has(row.letter) && rank_for(row.who) != 0xff) {
        off(row.letter, {});
        flags_.set(row.letter, false);
      }
    x.saves.settings = x.all_prefixed = x.card_changed = true;
  } else if (ask.what() == "ops" || ask.what() == "voices") {
    auto unwanted = ask.what() == "ops" ? ranks{rank::op | rank::halfop} : rank::voice;
    for (auto& [id, m] : members_)
      if (id != x.asker() && !is_higher(m.rights, rights))
        take(x, m, unwanted);
  } else {
    return x.refuse(BAD_REQUEST, ask.what());
  }
  if (done.empty())
    return;
  auto& e = publish_of_server(x);
  for (auto& c : done)
    *e.mutable_modes()->add_changes() = std::move(c);
}

} // namespace hamlet
