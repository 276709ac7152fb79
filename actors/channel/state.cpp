// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel.hpp"
#include "lib/irc/casemap.hpp"
#include "storage/chat/keys.hpp"

#include <algorithm>

// What a channel is, and how it is told.

namespace hamlet {

using namespace chat::v1;

channel::channel(std::string name, std::int64_t epoch, std::int64_t now_ms)
    : name_{std::move(name)}, folded_{irc::fold(name_)},
      target_{sql::channel_target(folded_, epoch)}, created_ms_{now_ms}, epoch_{epoch} {
}

/// Presence may be behind who asks, where that is told by another node; nobody would say so again.
packed_ref channel_turn::user() const {
  user_card card;
  card.who = ask.who();
  card.who.set_session_id(asker());
  if (auto known = find_user ? find_user(asker()) : nullptr)
    if (known->who().SerializeAsString() == card.who.SerializeAsString())
      return known;
  return std::make_shared<const packed_user>(card);
}

channel::member* channel::find(std::int64_t session) {
  auto found = members_.find(session);
  return found == members_.end() ? nullptr : &found->second;
}

const channel::member* channel::find(std::int64_t session) const {
  auto found = members_.find(session);
  return found == members_.end() ? nullptr : &found->second;
}

channel::member* channel::find_nick(std::string_view nick) {
  auto found = nicks_.find(irc::fold(nick));
  return found == nicks_.end() ? nullptr : find(found->second);
}

ranks channel::rights_of(std::int64_t session) const {
  auto* m = find(session);
  return m == nullptr ? rank::none : m->rights;
}

// -- events -------------------------------------------------------------------

Event& channel::publish(channel_turn& x) {
  auto& e = x.events.emplace_back();
  e.set_id(x.next_id());
  e.set_time_ms(std::max(x.now_ms, not_before_ms_));
  e.set_epoch(epoch_);
  e.set_seq(++seq_);
  e.set_channel(name_);
  *e.mutable_source() = x.ask.who();
  *e.mutable_origin() = x.ask.origin();
  x.reply.set_event_id(e.id());
  return e;
}

Event& channel::publish_of_server(channel_turn& x) {
  auto& e = publish(x);
  e.clear_source();
  e.mutable_source()->set_nick(x.rules.server_name);
  return e;
}

Event& channel::keep(channel_turn& x) {
  auto& e = x.rows.emplace_back();
  e.set_id(x.next_id());
  e.set_time_ms(x.now_ms);
  e.set_epoch(epoch_);
  e.set_channel(name_);
  *e.mutable_source() = x.ask.who();
  return e;
}

// -- how it is told -----------------------------------------------------------

std::string channel::param(char letter) const {
  auto found = params_.find(letter);
  return found == params_.end() ? std::string{} : found->second;
}

void channel::set_param(char letter, std::string value) {
  if (value.empty())
    params_.erase(letter);
  else
    params_[letter] = std::move(value);
}

/// "+klnt", without the parameters.
std::string channel::mode_text() const {
  std::string out = "+";
  for (auto& [letter, value] : params_)
    out += letter;
  return out + flags_.text();
}

/// The parameters stand in the order of their letters, which come first.
void channel::describe(channel_turn& x, bool with_key) const {
  auto& r = x.reply;
  r.set_channel(name_);
  r.set_modes(mode_text());
  for (auto& [letter, value] : params_)
    r.add_mode_params(letter == 'k' && !with_key ? "*" : value);
  r.set_created_ms(created_ms_);
  r.set_epoch(epoch_);
  r.set_seq(seq_);
  r.set_status(prefixes_of(rights_of(x.asker())));
  if (topic_.set_ms() != 0)
    *r.mutable_topic() = topic_;
}

bool channel::is_hidden_from(const channel_turn& x) const {
  return flags_.has('s') && find(x.asker()) == nullptr && !x.ask.who().is_operator();
}

bool channel::is_seen(const member& m) const {
  return !flags_.has('u') || m.rights >= rank::halfop;
}

channel_card channel::card() const {
  channel_card c;
  c.name = name_;
  c.topic = topic_.text();
  c.topic_setter = topic_.setter();
  c.topic_ms = topic_.set_ms();
  c.created_ms = created_ms_;
  c.members = static_cast<std::uint32_t>(members_.size());
  c.is_secret = flags_.has('s');
  c.is_private = flags_.has('p');
  c.is_registered = is_registered();
  c.modes = mode_text();
  return c;
}

membership channel::place_of(const member& m) const {
  return {name_, prefixes_of(m.rights), flags_.has('s') || flags_.has('p') || !is_seen(m)};
}

Place channel::full_place_of(const member& m) const {
  auto shown = place_of(m);
  Place x;
  x.set_session_id(m.session());
  x.set_channel(shown.channel);
  x.set_prefixes(shown.prefixes);
  x.set_is_hidden(shown.is_hidden);
  x.set_rights(m.rights);
  x.set_joined_ms(m.joined_ms);
  x.set_reads_from_ms(m.reads_from_ms);
  return x;
}

// -- to and from what keeps it ------------------------------------------------

void channel::restore_entry(char kind, std::string mask, std::string setter, std::int64_t set_ms) {
  list_of(kind).add(mask, std::move(setter), set_ms, SIZE_MAX);
  lists_changed();
}

void channel::restore(registration x, std::string target, std::int64_t created_ms) {
  registered_ = std::move(x);
  target_ = std::move(target);
  created_ms_ = created_ms;
  flags_.set('r');
}

ChannelState channel::state(with what) const {
  ChannelState s;
  s.set_name(name_);
  s.set_target(target_);
  s.set_created_ms(created_ms_);
  s.set_epoch(epoch_);
  s.set_seq(seq_);
  s.set_flags(flags_.bits());
  for (auto& [letter, value] : params_)
    (*s.mutable_params())[std::string{letter}] = value;
  s.set_topic(topic_.text());
  s.set_topic_setter(topic_.setter());
  s.set_topic_ms(topic_.set_ms());
  if (what == with::members)
    for (auto& [id, m] : members_) {
      auto* to = s.add_members();
      m.user->read(*to->mutable_who());
      to->set_rights(m.rights);
      to->set_joined_ms(m.joined_ms);
      to->set_reads_from_ms(m.reads_from_ms);
    }
  for (auto kind : {'b', 'e', 'I'})
    for (auto& x : list(kind).entries()) {
      auto* to = s.add_lists();
      to->set_kind(std::string{kind});
      to->set_mask(x.what.text());
      to->set_setter(x.setter);
      to->set_set_ms(x.set_ms);
    }
  for (auto& [key, value] : metadata)
    (*s.mutable_metadata())[key] = value;
  tell_past(s);
  if (!registered_)
    return s;
  s.set_channel_id(registered_->id);
  s.set_founder(registered_->founder);
  s.set_founder_name(registered_->founder_name);
  for (auto& [account, a] : registered_->list) {
    auto* to = s.add_access();
    to->set_account_id(account);
    to->set_account(a.account);
    to->set_flags(a.flags);
    to->set_setter(a.setter);
    to->set_set_ms(a.set_ms);
  }
  s.set_description(registered_->description);
  s.set_retention_days(registered_->retention_days);
  s.set_registered_ms(registered_->registered_ms);
  s.set_used_ms(registered_->used_ms);
  return s;
}

/// Who was invited, and who was kept out.
void channel::tell_past(ChannelState& s) const {
  for (auto& x : invites_) {
    auto* to = s.add_invites();
    to->set_session_id(x.session);
    to->set_until_ms(x.until_ms);
    to->set_by_operator(x.by_operator);
  }
  for (auto& x : absences_) {
    auto* to = s.add_absences();
    to->set_session_id(x.session);
    to->set_account_id(x.account);
    to->set_user_host(x.user_host);
    to->set_until_ms(x.until_ms);
  }
  for (auto& x : lifted_) {
    auto* to = s.add_lifted();
    to->set_mask(x.what.text());
    to->set_set_ms(x.lifted_ms);
  }
}

void channel::take_past(const ChannelState& s) {
  for (auto& x : s.invites())
    invites_.push_back({x.session_id(), x.until_ms(), x.by_operator()});
  for (auto& x : s.absences())
    absences_.push_back({x.session_id(), x.account_id(), x.user_host(), x.until_ms()});
  for (auto& x : s.lifted())
    if (auto what = irc::ban::of(x.mask()))
      lifted_.push_back({std::move(*what), x.set_ms()});
}

channel channel::from_state(const ChannelState& s, std::string name) {
  channel c{std::move(name), s.epoch(), s.created_ms()};
  c.target_ = s.target();
  c.seq_ = s.seq();
  c.flags_ = irc::mode_letters{s.flags()};
  for (auto& [letter, value] : s.params())
    c.params_[letter.at(0)] = value;
  c.topic_.set_text(s.topic());
  c.topic_.set_setter(s.topic_setter());
  c.topic_.set_set_ms(s.topic_ms());
  for (auto& m : s.members()) {
    auto& to = c.members_[m.who().session_id()];
    user_card card;
    card.who = m.who();
    to.user = std::make_shared<const packed_user>(card);
    to.rights = static_cast<ranks>(m.rights());
    to.joined_ms = m.joined_ms();
    to.reads_from_ms = m.reads_from_ms();
    c.nicks_[irc::fold(m.who().nick())] = m.who().session_id();
  }
  for (auto& x : s.lists())
    c.restore_entry(x.kind().at(0), x.mask(), x.setter(), x.set_ms());
  for (auto& [key, value] : s.metadata())
    c.metadata[key] = value;
  c.take_past(s);
  if (s.channel_id() == 0)
    return c;
  registration r;
  r.id = s.channel_id();
  r.founder = s.founder();
  r.founder_name = s.founder_name();
  for (auto& a : s.access())
    r.list[a.account_id()] = {a.account(), a.flags(), a.setter(), a.set_ms()};
  r.description = s.description();
  r.retention_days = s.retention_days();
  r.registered_ms = s.registered_ms();
  r.used_ms = s.used_ms();
  c.registered_ = std::move(r);
  return c;
}

channel channel::recovered(const ChannelState& x, std::int64_t epoch,
                           const std::function<packed_ref(std::int64_t)>& find_user) {
  auto c = from_state(x, x.name());
  c.epoch_ = std::max(epoch, x.epoch() + 1);
  std::vector<std::int64_t> unknown;
  c.nicks_.clear();
  for (auto& [session, m] : c.members_) {
    if (auto known = find_user(session))
      m.user = std::move(known); // what it is now, and shared
    else if (m.nick().empty())
      unknown.push_back(session);
    if (!m.nick().empty())
      c.nicks_[irc::fold(m.nick())] = session;
  }
  for (auto session : unknown)
    c.members_.erase(session);
  return c;
}

} // namespace hamlet
