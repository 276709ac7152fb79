// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/machine.hpp"
#include "gateway/irc/registering.hpp"
#include "gateway/irc/running.hpp"

#include <algorithm>
#include <cassert>

// What a session asks, and who it is.

namespace hamlet::irc {

void machine::give(effect x) {
  if (!is_closed_)
    out_->push_back(std::move(x));
}

// -- questions ----------------------------------------------------------------------------------

chat::v1::Request machine::request(std::string_view channel) const {
  chat::v1::Request x;
  x.set_session_id(session_id_);
  x.set_channel(std::string{channel});
  x.set_now_ms(now_.wall_ms);
  *x.mutable_who() = me();
  x.mutable_origin()->set_connection_id(from_.connection_id);
  return x;
}

void machine::ask(chat::v1::Request what, then_reply then, irc::ask::owner of) {
  if (is_closed_)
    return;
  auto& r = now_running();
  assert(r.waits_for == running::question::none);
  if (fanout_is_behind_) { // its events may come before the answer
    open_reply();
    tell_fanout();
  }
  r.waits_for = running::question::reply;
  r.is_of_own_session =
    of == irc::ask::owner::session && session_id_ != 0 && what.session_id() == session_id_;
  r.then_reply = std::move(then);
  give(irc::ask{of, std::move(what)});
}

void machine::tell(chat::v1::Request what, irc::ask::owner of) {
  if (running_ && !running_->label)
    flush_lines(); // what is told may cause events: they come after what was said before
  give(irc::tell{of, std::move(what)});
}

void machine::ask(auth::question what, then_auth then) {
  if (is_closed_)
    return;
  assert(now_running().waits_for == running::question::none);
  now_running().waits_for = running::question::auth;
  now_running().then_auth = std::move(then);
  give(ask_auth{std::move(what), from_.address});
}

void machine::ask(account_request what, then_account then) {
  if (is_closed_)
    return;
  assert(now_running().waits_for == running::question::none);
  now_running().waits_for = running::question::account;
  now_running().then_account = std::move(then);
  give(ask_account{std::move(what)});
}

void machine::go_on_later(std::function<void(machine&)> then) {
  if (is_closed_)
    return;
  open_reply();
  assert(now_running().waits_for == running::question::none);
  now_running().waits_for = running::question::room;
  now_running().then_room = std::move(then);
  give(await_room{});
}

// -- the end ------------------------------------------------------------------------------------

void machine::leave(std::string why) {
  auto wish = request();
  wish.mutable_quit()->set_reason(why);
  ask(std::move(wish), [why = std::move(why)](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::NONE)
      me.session_id_ = 0; // it has heard of the end
    me.hang_up(why);
  });
}

/// A SESSION that is only about to begin hears of it, too: then it has no number yet, and whoever
/// gave it one knows.
void machine::detach(const std::string& why, bool was_lost) {
  if (session_id_ == 0 && !(entry && entry->is_starting))
    return;
  chat::v1::Request gone;
  gone.set_session_id(session_id_);
  gone.set_now_ms(now_.wall_ms);
  gone.mutable_detach()->set_connection_id(from_.connection_id);
  gone.mutable_detach()->set_reason(why);
  gone.mutable_detach()->set_was_lost(was_lost);
  tell(std::move(gone));
}

// -- who this is --------------------------------------------------------------------------------

const chat::v1::Who& machine::me() const {
  if (!me_) {
    me_ = std::make_unique<chat::v1::Who>();
    me_->ParseFromString(packed_me_);
  }
  return *me_;
}

void machine::set_me(chat::v1::Who who) {
  if (!me_)
    me_ = std::make_unique<chat::v1::Who>();
  *me_ = std::move(who);
  packed_me_.clear();
}

std::string machine::nick_or_star() const {
  if (entry)
    return entry->nick.empty() ? "*" : entry->nick;
  return me().nick();
}

bool machine::may(config::privilege x) const {
  return !privileges_.empty() && me().is_operator()
         && std::ranges::find(privileges_, x) != privileges_.end();
}

void machine::set_session(std::int64_t id) {
  session_id_ = id;
  entry.reset();
  fanout_is_behind_ = true;
}

void machine::set_caps(cap_set x) {
  caps_ = x;
  usable_ = irc::usable(x);
  fanout_is_behind_ = session_id_ != 0;
}

void machine::tell_fanout() {
  if (std::exchange(fanout_is_behind_, false))
    give(subscribe{session_id_, caps_, me()});
}

} // namespace hamlet::irc
