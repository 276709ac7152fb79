// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/fanout_core.hpp"

#include "lib/irc/casemap.hpp"
#include "lib/metrics/metrics.hpp"

#include <algorithm>
#include <utility>

namespace hamlet::irc {

using chat::v1::Event;

namespace {

metrics::counter published{"hamlet_irc_events_total", "Events of chat that FANOUT was given."};
metrics::counter delivered{"hamlet_irc_deliveries_total",
                           "Events of chat written to a client, counted for each client."};

} // namespace

// -- event_bytes --------------------------------------------------------------

void event_bytes::begin(const Event& event) {
  event_ = &event;
  for (auto i : used_)
    slots_[i] = {};
  used_.clear();
  slots_.resize(std::max(slots_.size(), kinds_.size() * 2));
}

const net::shared_bytes& event_bytes::of(viewer_kinds::number kind, bool is_source) {
  auto i = std::size_t{kind} * 2 + (is_source ? 1 : 0);
  auto& x = slots_[i];
  if (!x.is_made) {
    x.is_made = true;
    used_.push_back(i);
    auto who = kinds_.of(kind);
    who.is_source = is_source;
    x.bytes = make(std::move(who), {});
  }
  return x.bytes;
}

net::shared_bytes event_bytes::make(viewer who, std::string_view tag) const {
  who.is_target = event_->has_invited() && event_->sessions_size() > 0;
  auto bytes = bytes_of(*event_, who, *rules_, tag);
  return bytes.empty() ? nullptr : std::make_shared<const std::string>(std::move(bytes));
}

// -- connections --------------------------------------------------------------

fanout_core::fanout_core(std::shared_ptr<const policy> rules, std::shared_ptr<postman> out,
                         notify tell)
    : rules_{std::move(rules)}, out_{std::move(out)}, tell_{std::move(tell)}, bytes_{
                                                                                rules_,
                                                                                books_.kinds()} {
}

void fanout_core::join(const joined_fanout& x) {
  auto who = x.who;
  who.set_session_id(x.session_id);
  books_.attach({x.connection_id, x.client}, x.owner, who, x.caps, x.wire);
}

void fanout_core::leave(std::int64_t connection_id) {
  books_.detach(connection_id);
}

void fanout_core::change_watch(const watch_changed& x) {
  auto* who = books_.find_client(x.connection_id);
  if (who == nullptr)
    return;
  if (x.what.clear)
    books_.unwatch_all(*who);
  for (auto& nick : x.what.remove)
    books_.unwatch_nick(*who, nick);
  for (auto& nick : x.what.add)
    books_.watch_nick(*who, nick);
  for (auto& key : x.what.unfollow)
    std::erase(who->followed, key);
  for (auto& key : x.what.follow)
    if (std::ranges::find(who->followed, key) == who->followed.end())
      who->followed.push_back(key);
}

void fanout_core::change_policy(std::shared_ptr<const policy> fresh) {
  rules_ = std::move(fresh);
  books_.each_client([this](const books::client& x) {
    tell_(x.owner, note{note::what::reloaded, {}, {}, rules_});
  });
}

// -- one event ----------------------------------------------------------------

void fanout_core::publish(const Event& event) {
  ++events_;
  ++turn_;
  event_ = &event;
  bytes_.begin(event);
  needs_nick_ = needs_nick(event);
  learn_before();
  origin_ = books_.find_client(event.origin().connection_id());
  source_ = books_.find_session(event.source().session_id());
  if (event.has_message() && origin_ != nullptr && origin_->of != source_)
    origin_ = nullptr;
  route();
  learn_after();
}

void fanout_core::flush() {
  end_split();
  out_->send();
  published.add(std::exchange(events_, 0));
  delivered.add(std::exchange(deliveries_, 0));
  if (auto n = std::exchange(octets_, 0); rules_->numbers != nullptr)
    rules_->numbers->bytes_out += n;
}

void fanout_core::learn_before() {
  auto& e = *event_;
  if (e.has_joined())
    books_.enter(e.channel(), e.source(), books::rank_of(e.joined().prefixes()),
                 books::rank_of(e.only_status()));
  if (e.has_who_changed())
    books_.know(e.source());
}

void fanout_core::learn_after() {
  auto& e = *event_;
  switch (e.kind_case()) {
  case Event::kParted: return books_.leave(e.channel(), e.source().session_id());
  case Event::kKicked: return books_.leave(e.channel(), e.kicked().target().session_id());
  case Event::kQuit: return books_.leave_all(e.source().session_id());
  case Event::kNick: return books_.rename_session(e.source().session_id(), e.nick().nick());
  case Event::kRenamed: return books_.rename_channel(e.channel(), e.renamed().new_name());
  case Event::kUserModes: return books_.change_modes(e);
  case Event::kModes:
    if (auto* where = books_.find_channel(e.channel()))
      for (auto& x : e.modes().changes()) {
        auto* mode = x.letter().empty() ? nullptr : find_channel_mode(x.letter()[0]);
        if (mode != nullptr && mode->kind == mode_kind::membership)
          books_.change_rank(*where, x.session_id(), books::rank_of({&mode->prefix, 1}), x.add());
        else if (x.letter() == "u" && !x.add()) // no auditorium any more
          books_.unhide_all(*where);
      }
    return;
  default: return;
  }
}

void fanout_core::route() {
  auto& e = *event_;
  auto kind = e.kind_case();
  if (kind == Event::kWhoChanged || kind == Event::kEnded)
    return tell_owners();
  if (kind == Event::kOnline) {
    auto& all = books_.watchers_of(e.source().nick());
    to_watchers(all, {});
    for (auto* c : all) // draft/metadata-2: what is known of who comes online
      if (!c->followed.empty())
        tell(*c, note::what::appeared, e.source().nick());
    return;
  }
  if (kind == Event::kOffline)
    return to_watchers(books_.watchers_of(e.offline().nick()), {});
  if (e.sessions_size() > 0)
    return to_sessions();
  if (!e.to_operators().empty() || kind == Event::kWallops)
    return to_operators();
  if (!e.channel().empty()) {
    to_channel();
    if (kind == Event::kJoined || kind == Event::kRenamed)
      tell_entered();
    return;
  }
  switch (kind) {
  case Event::kNick:
  case Event::kQuit: return to_all_who_know();
  case Event::kAway: to_all_who_know(); break;
  case Event::kAccount: to_all_who_know(); break;
  case Event::kRealName: to_all_who_know(); break;
  case Event::kHost: to_all_who_know(); break;
  case Event::kMetadata:
    to_all_who_know();
    return to_watchers(books_.watchers_of(e.source().nick()), {});
  case Event::kMessage: return; // for nobody
  default: return to_own(e.source().session_id());
  }
  // IRCv3 extended-monitor: each kind of change needs its own capability, too.
  auto needed = kind == Event::kAway       ? cap::away_notify
                : kind == Event::kAccount  ? cap::account_notify
                : kind == Event::kRealName ? cap::setname
                                           : cap::chghost;
  to_watchers(books_.watchers_of(e.source().nick()), {cap::extended_monitor, needed});
  if (kind == Event::kHost)
    rejoin();
}

// -- to one client ------------------------------------------------------------

bool fanout_core::is_source(const books::client& x) const {
  return source_ != nullptr && x.of == source_;
}

bool fanout_core::may_have_own() const {
  if (event_->has_message())
    return origin_->caps.has(cap::echo_message);
  return !event_->has_metadata() && !event_->has_marker(); // it is told in the reply
}

void fanout_core::reach(books::client& x) {
  if (std::exchange(x.seen, turn_) != turn_)
    give(x);
}

void fanout_core::give(books::client& x) {
  auto is_origin = &x == origin_;
  if (is_origin && !may_have_own())
    return;
  if (event_->has_metadata() && // IRCv3 draft/metadata-2: to those who follow the key
      std::ranges::find(x.followed, event_->metadata().key()) == x.followed.end())
    return;
  if (auto split = event_->quit().split_id(); split != 0 && x.caps.has(cap::batch))
    begin_split(x, split);
  auto tag = is_origin ? std::string_view{event_->origin().tag()} : std::string_view{};
  if (tag.empty() && !needs_nick_)
    return put(x, bytes_.of(event_->has_message() ? x.text_kind : x.kind, is_source(x)));
  auto who = books_.kinds().of(x.kind);
  who.is_source = is_source(x);
  who.nick = x.of->nick;
  put(x, bytes_.make(std::move(who), tag));
}

void fanout_core::put(books::client& x, const net::shared_bytes& bytes) {
  if (!bytes)
    return;
  out_->add(x.where, bytes);
  ++deliveries_;
  octets_ += bytes->size();
}

void fanout_core::begin_split(books::client& x, std::int64_t split_id) {
  if (split_ != split_id)
    end_split();
  split_ = split_id;
  if (!is_in_split_.insert(x.where.connection_id).second)
    return;
  in_split_.push_back(x.where.connection_id);
  put(x, std::make_shared<const std::string>(bytes_of(split_lines(split_id, true, *rules_),
                                                      books_.kinds().of(x.kind).wire, *rules_)));
}

void fanout_core::end_split() {
  for (auto id : in_split_)
    if (auto* x = books_.find_client(id))
      put(*x, std::make_shared<const std::string>(bytes_of(
                split_lines(split_, false, *rules_), books_.kinds().of(x->kind).wire, *rules_)));
  in_split_.clear();
  is_in_split_.clear();
  split_ = 0;
}

void fanout_core::tell(const books::client& x, note::what kind, std::string text) {
  tell_(x.owner, note{kind, event_->source(), std::move(text), nullptr});
}

} // namespace hamlet::irc
