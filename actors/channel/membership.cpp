// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel.hpp"
#include "actors/channel/texts.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/format.hpp"

// JOIN, PART, KICK, and what happens to members: RFC 2812 §3.2.1, §3.2.2, §3.2.8.

namespace hamlet {

using namespace chat::v1;

namespace {

/// "@+nick!user@host", and a space before the next.
void append_name(std::string& to, const channel::member& m) {
  if (!to.empty())
    to += ' ';
  to.append(prefixes_of(m.rights)).append(m.user->mask());
}

} // namespace

// -- coming -------------------------------------------------------------------

/// What keeps the asker out. An invitation by an operator opens all but +O, +z and +R; one by
/// somebody else, and a place on the access list, all but these and a ban.
std::optional<Refusal> channel::barrier(channel_turn& x) {
  auto& who = x.ask.who();
  if (flags_.has('O') && !who.is_operator())
    return OPERS_ONLY;
  if (flags_.has('z') && !who.is_secure())
    return NEEDS_TLS;
  if (flags_.has('R') && who.account().empty())
    return NEEDS_ACCOUNT;
  auto rights = rights_by_access(who);
  auto* ticket = invitation(x.asker(), x.now_ms);
  auto is_trusted = rights >= rank::halfop || (ticket != nullptr && ticket->by_operator);
  if (!is_trusted && is_barred(x, who, irc::ban_scope::join)) {
    note_absence(who);
    return BANNED;
  }
  if (is_trusted || rights != 0 || ticket != nullptr)
    return std::nullopt;
  if (flags_.has('i') && welcome_.find(target_of(x, who), irc::ban_scope::speak) == nullptr)
    return INVITE_ONLY;
  if (auto key = param('k'); !key.empty() && key != x.ask.join().key())
    return WRONG_KEY;
  if (auto limit = param('l'); !limit.empty() && members_.size() >= std::stoul(limit))
    return CHANNEL_FULL;
  if (is_throttled(x.now_ms))
    return JOINED_TOO_FAST;
  return std::nullopt;
}

bool channel::is_throttled(std::int64_t now_ms) {
  auto rate = irc::parse_rate(param('j'));
  if (!rate)
    return false;
  if (now_ms - joins_since_ms_ >= std::int64_t{rate->seconds} * 1000) {
    joins_since_ms_ = now_ms;
    joins_ = 0;
  }
  return joins_++ >= rate->count;
}

void channel::join(channel_turn& x) {
  auto& ask = x.ask.join();
  x.reply.set_channel(name_);
  if (find(x.asker()) != nullptr)
    return x.refuse(ALREADY_ON_CHANNEL);
  if (x.is_new && ask.must_exist())
    return x.refuse(NO_SUCH_CHANNEL);
  if (!ask.forced()) {
    if (ask.channels_at_most() != 0 && ask.channels_now() >= ask.channels_at_most())
      return x.refuse(TOO_MANY_CHANNELS);
    if (auto why = barrier(x)) {
      auto elsewhere = param('L');
      if (elsewhere.empty() || *why == WRONG_KEY)
        return x.refuse(*why);
      x.reply.set_channel(elsewhere);
      return x.refuse(REDIRECTED, name_);
    }
  }
  auto is_maker = x.is_new && !registered_;
  if (is_maker)
    for (auto letter : x.rules.default_modes)
      if (auto* row = irc::find_channel_mode(letter);
          row != nullptr && row->kind == irc::mode_kind::flag && rank_for(row->who) != 0xff)
        flags_.set(letter);
  std::erase_if(invites_, [&](auto& i) { return i.session == x.asker(); });
  add(x, is_maker ? rank::op : rights_by_access(x.ask.who()));
  x.reply.set_was_created(is_maker);
  describe(x, true);
  if (ask.wants_members())
    list_names(x);
  if (auto entry = metadata.find("!entrymsg"); entry != metadata.end()) {
    auto* option = x.reply.add_options();
    option->set_name("entrymsg");
    option->set_value(entry->second);
  }
}

void channel::add(channel_turn& x, ranks rights) {
  auto& who = x.ask.who();
  auto since = reads_from(x, who);
  auto& m = members_[x.asker()];
  m.user = x.user();
  m.rights = rights;
  m.joined_ms = x.now_ms;
  m.reads_from_ms = since;
  nicks_[irc::fold(who.nick())] = x.asker();
  if (!names_.empty())
    append_name(names_, m);
  auto& e = publish(x);
  e.mutable_joined()->set_prefixes(prefixes_of(rights));
  if (!is_seen(m))
    e.set_only_status("%");
  x.came.push_back(x.asker());
  x.prefixed.push_back(x.asker());
  x.card_changed = true;
  if (registered_)
    x.saves.use = true;
}

// -- going --------------------------------------------------------------------

void channel::remove(channel_turn& x, std::int64_t session) {
  auto found = members_.find(session);
  if (found == members_.end())
    return;
  auto nick = nicks_.find(irc::fold(found->second.nick()));
  if (nick != nicks_.end() && nick->second == session)
    nicks_.erase(nick);
  members_.erase(found);
  names_.clear();
  x.card_changed = true;
}

/// Its reason is speech, too: who may not speak here leaves without one.
void channel::part(channel_turn& x) {
  x.reply.set_channel(name_);
  auto* m = find(x.asker());
  if (m == nullptr)
    return x.refuse(NOT_ON_CHANNEL);
  judge(x, *m);
  auto may_speak = !silenced(x, m);
  auto& e = publish(x);
  if (!is_seen(*m))
    e.set_only_status("%");
  auto* out = e.mutable_parted();
  if (may_speak)
    out->set_reason(std::string{irc::fitting(x.ask.part().reason(), x.rules.kick_length)});
  remove(x, x.asker());
  x.gone.push_back(x.asker());
}

void channel::expel(channel_turn& x, member& whom, const std::string& reason, bool by_server) {
  auto& e = by_server ? publish_of_server(x) : publish(x);
  whom.user->read(*e.mutable_kicked()->mutable_target());
  e.mutable_kicked()->set_reason(std::string{irc::fitting(reason, x.rules.kick_length)});
  if (!is_seen(whom))
    e.set_only_status("%");
  note_absence(e.kicked().target());
  auto session = whom.session();
  remove(x, session);
  x.gone.push_back(session);
}

/// Half-operators may kick who is below them, operators also their like.
void channel::kick(channel_turn& x) {
  auto& ask = x.ask.kick();
  x.reply.set_channel(name_);
  auto* me = find(x.asker());
  if (!ask.forced()) {
    if (me == nullptr)
      return x.refuse(NOT_ON_CHANNEL);
    if (me->rights < rank::halfop)
      return x.refuse(NEEDS_OPERATOR);
  }
  auto* whom = find_nick(ask.nick());
  if (whom == nullptr)
    return x.refuse(TARGET_NOT_ON_CHANNEL);
  if (!ask.forced()) {
    auto is_above = me->rights >= rank::op ? !is_higher(whom->rights, me->rights)
                                           : is_higher(me->rights, whom->rights);
    if (flags_.has('Q') || (!is_above && whom != me))
      return x.refuse(NO_KICK, ask.nick());
  }
  expel(x, *whom, ask.reason().empty() ? x.ask.who().nick() : ask.reason(), false);
}

/// The SESSION has told everybody. But one without a nick was gone before it heard of this channel:
/// then nobody knows yet.
void channel::leave(channel_turn& x) {
  auto* m = find(x.asker());
  if (m == nullptr)
    return;
  if (x.ask.who().nick().empty()) {
    m->user->read(*x.ask.mutable_who());
    publish(x).mutable_parted();
  } else if (is_seen(*m)) {
    auto& row = keep(x);
    row.mutable_quit()->set_reason(x.ask.leave().reason());
    if (auto id = x.ask.leave().event_id(); id != 0)
      row.set_id(id);
  }
  remove(x, x.asker());
  x.quit.push_back(x.asker());
}

void channel::change_member(channel_turn& x) {
  auto* m = find(x.asker());
  if (m == nullptr)
    return;
  auto& now = x.ask.who();
  auto before = std::exchange(m->user, x.user());
  m->judged = 0;
  if (before->mask() != m->user->mask())
    names_.clear();
  if (before->nick() == now.nick())
    return;
  auto old = nicks_.find(irc::fold(before->nick()));
  if (old != nicks_.end() && old->second == x.asker())
    nicks_.erase(old);
  nicks_[irc::fold(now.nick())] = x.asker();
  if (!is_seen(*m))
    return;
  auto& row = keep(x);
  before->read(*row.mutable_source());
  row.mutable_nick()->set_nick(now.nick());
  if (auto id = x.ask.member_changed().event_id(); id != 0)
    row.set_id(id);
}

// -- who is here --------------------------------------------------------------

/// RFC 2812 §3.2.5: strangers see nobody in private and secret channels, and nobody of mode +i.
void channel::list_members(channel_turn& x) const {
  auto* me = find(x.asker());
  auto sees_all = x.ask.who().is_operator();
  if (me == nullptr && !sees_all && (flags_.has('s') || flags_.has('p')))
    return;
  auto sees_hidden = sees_all || (me != nullptr && me->rights >= rank::halfop);
  Who all;
  for (auto& [id, m] : members_) {
    if (id != x.asker() && !sees_hidden && !is_seen(m))
      continue;
    if (me == nullptr && !sees_all && m.user->is_invisible())
      continue;
    m.user->read(all);
    auto* out = x.reply.add_members();
    auto* who = out->mutable_who(); // what NAMES and WHO show: not all that there is
    who->set_session_id(id);
    who->set_nick(all.nick());
    who->set_user(all.user());
    who->set_host(all.host());
    out->set_prefixes(prefixes_of(m.rights));
    out->set_joined_ms(m.joined_ms);
  }
}

/// The same for who has just come, in one string: thousands may come at once, and each of them is
/// told of thousands.
void channel::list_names(channel_turn& x) {
  if (flags_.has('u')) // it depends on who asks
    return list_members(x);
  if (names_.empty())
    for (auto& [_, m] : members_)
      append_name(names_, m);
  x.reply.add_names(names_);
}

void channel::get_members(channel_turn& x) {
  x.reply.set_channel(name_);
  if (is_hidden_from(x))
    return x.refuse(NO_SUCH_CHANNEL);
  describe(x, find(x.asker()) != nullptr);
  list_members(x);
}

// -- ranks --------------------------------------------------------------------

void channel::give(channel_turn& x, member& whom, ranks wanted) {
  auto missing = static_cast<ranks>(wanted & ~whom.rights);
  if (missing == 0)
    return;
  auto& e = publish_of_server(x);
  for (auto& row : rank_table)
    if ((missing & row.bit) != 0)
      *e.mutable_modes()->add_changes() =
        rank_change(true, row.letter, whom.nick(), whom.session());
  whom.rights |= missing;
  names_.clear();
  x.prefixed.push_back(whom.session());
}

void channel::take(channel_turn& x, member& whom, ranks unwanted) {
  auto present = static_cast<ranks>(whom.rights & unwanted);
  if (present == 0)
    return;
  auto& e = publish_of_server(x);
  for (auto& row : rank_table)
    if ((present & row.bit) != 0)
      *e.mutable_modes()->add_changes() =
        rank_change(false, row.letter, whom.nick(), whom.session());
  whom.rights = static_cast<ranks>(whom.rights & ~present);
  names_.clear();
  x.prefixed.push_back(whom.session());
}

bool channel::may_change_nick(channel_turn& x, member& m) {
  if (m.rights >= rank::halfop)
    return true;
  if (flags_.has('N')) {
    x.refuse(NO_NICK_CHANGE, name_);
    return false;
  }
  judge(x, m);
  if (m.rights == 0 && (m.is_banned || m.is_muted)) { // else its bans would look for another nick
    x.refuse(BANNED_NICK_CHANGE, name_);
    return false;
  }
  return true;
}

void channel::get_status(channel_turn& x) {
  x.reply.set_channel(name_);
  auto* m = find(x.asker());
  if (m == nullptr)
    return x.refuse(NOT_ON_CHANNEL);
  auto& action = x.ask.get_status().action();
  if (action == "nick" && !may_change_nick(x, *m))
    return;
  if (action == "up") {
    auto rights = rights_by_access(x.ask.who());
    if (rights == 0)
      return x.refuse(NO_ACCESS);
    give(x, *m, rights);
  } else if (action == "down") {
    take(x, *m, 0xff);
  }
  x.reply.set_status(prefixes_of(m->rights));
}

} // namespace hamlet
