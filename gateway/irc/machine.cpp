// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/machine.hpp"

#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/multiline.hpp"
#include "gateway/irc/registering.hpp"
#include "gateway/irc/registration.hpp"
#include "gateway/irc/render.hpp"
#include "gateway/irc/verbs.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

std::string quoted_command(const message& m) {
  return m.command.substr(0, 64);
}

} // namespace

bool machine::belongs_to_batch(const message& m) const {
  return batch && m.tag_value("batch") == batch->ref;
}

machine::machine(std::shared_ptr<const policy> p, origin from, channel c, std::string nonce)
    : entry{std::make_unique<registering>()}, policy_{std::move(p)}, from_{std::move(from)},
      channel_{std::move(c)}, nonce_{std::move(nonce)},
      input_{client_limits, policy_->settings.chat_limits.receive_queue.value}, lag_{policy_->lag,
                                                                                     {}} {
  me_.set_address(from_.address);
  me_.set_is_secure(channel_.is_tls);
  me_.set_certificate(channel_.certificate);
}

machine::~machine() = default;

// -- from the world -----------------------------------------------------------------------------

/// Every call from outside is one of these: it lends the effects and the time to what it calls.
class machine::turn {
public:
  turn(machine& m, effects& out, std::optional<moment> now = {}) : m_{m} {
    m_.out_ = &out;
    if (now)
      m_.now_ = *now;
  }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;
  ~turn() {
    m_.keep_time();
    m_.out_ = nullptr;
  }

private:
  machine& m_;
};

void machine::open(moment now, effects& out) {
  turn t{*this, out, now};
  heard_at_ = now.at;
  begin_registration(*this);
}

void machine::feed(std::string_view bytes, moment now, effects& out) {
  if (is_closed_)
    return;
  turn t{*this, out, now};
  heard_at_ = now.at;
  ping_sent_ = false;
  moved_.bytes_in += bytes.size();
  if (policy_->numbers)
    policy_->numbers->bytes_in += bytes.size();
  if (entry && !may_receive(*this, bytes.size()))
    return;
  input_.feed(bytes);
  advance();
}

void machine::on_reply(const chat::v1::Reply& r, moment now, effects& out) {
  if (is_closed_ || waits_for_ != question::reply)
    return;
  turn t{*this, out, now};
  waits_for_ = question::none;
  auto then = std::exchange(then_reply_, {});
  then(*this, r);
  if (waits_for_ == question::none)
    finish();
  advance();
}

void machine::on_auth(const auth::answer& a, moment now, effects& out) {
  if (is_closed_ || waits_for_ != question::auth)
    return;
  turn t{*this, out, now};
  waits_for_ = question::none;
  auto then = std::exchange(then_auth_, {});
  then(*this, a);
  if (waits_for_ == question::none)
    finish();
  advance();
}

void machine::on_account(const account_reply& r, moment now, effects& out) {
  if (is_closed_ || waits_for_ != question::account)
    return;
  turn t{*this, out, now};
  waits_for_ = question::none;
  auto then = std::exchange(then_account_, {});
  then(*this, r);
  if (waits_for_ == question::none)
    finish();
  advance();
}

void machine::on_note(const note& x, moment now, effects& out) {
  if (is_closed_)
    return;
  turn t{*this, out, now};
  switch (x.kind) {
  case note::what::who_changed: me_ = x.who; return;
  case note::what::ended:
    session_id_ = 0; // nobody is to be told of the end
    return hang_up(x.text);
  case note::what::entered: entered_.push_back(x.text); return advance();
  case note::what::reloaded: {
    auto before = std::exchange(policy_, x.rules);
    return on_reload(*this, *before);
  }
  }
}

void machine::on_time(moment now, effects& out) {
  if (is_closed_)
    return;
  turn t{*this, out, now};
  wake_at_ = {};
  if (entry && now.at >= entry->give_up_at)
    return hang_up("Registration timed out");
  if (delayed_ && now.at >= resume_at_)
    advance();
  if (!is_closed_ && !entry)
    ping();
}

void machine::shut_down(effects& out) {
  if (is_closed_)
    return;
  turn t{*this, out};
  hang_up("Server is going down");
}

void machine::on_closed(std::string_view why, effects& out) {
  turn t{*this, out};
  if (is_closed_)
    return;
  is_closed_ = true;
  if (session_id_ == 0)
    return;
  auto gone = request();
  gone.mutable_detach()->set_connection_id(from_.connection_id);
  gone.mutable_detach()->set_reason(std::string{why});
  gone.mutable_detach()->set_was_lost(true);
  tell(std::move(gone));
}

bool machine::is_waiting() const {
  return waits_for_ != question::none || delayed_.has_value();
}

// -- lines --------------------------------------------------------------------------------------

void machine::advance() {
  while (!is_closed_ && waits_for_ == question::none) {
    if (!entered_.empty()) {
      auto name = std::move(entered_.front());
      entered_.pop_front();
      label_.reset();
      show_entered(*this, name);
      continue;
    }
    if (delayed_) {
      if (now_.at < resume_at_)
        return;
      run(*std::exchange(delayed_, {}));
      continue;
    }
    auto next = input_.next();
    if (!next)
      return;
    switch (next->what) {
    case input_line::kind::line: run(std::string{next->text}); break;
    case input_line::kind::too_long:
      reply(numeric::err_inputtoolong, {"Input line was too long"});
      flush_lines();
      break;
    case input_line::kind::overflow: return hang_up("RecvQ exceeded");
    }
  }
}

void machine::run(const std::string& line) {
  ++moved_.lines_in;
  auto m = parse(line);
  if (!m) {
    if (m.error() == parse_error::tags_too_long || m.error() == parse_error::too_long)
      reply(numeric::err_inputtoolong, {"Input line was too long"});
    return flush_lines();
  }
  auto* v = find_verb(m->command);
  if (!from_.is_exempt && !may(config::privilege::exempt) && !entry) {
    // Too fast: this line and all behind it wait.
    if (auto wait =
          lag_.allow(now_.at, belongs_to_batch(*m) ? command_cost::free : cost_of(m->command))) {
      delayed_ = line;
      resume_at_ = now_.at + *wait;
      return;
    }
  }
  label_.reset();
  is_answered_ = false;
  if (has(cap::labeled_response))
    if (auto label = m->tag_value("label"); label && !label->empty() && label->size() <= 64)
      label_ = std::string{*label};
  if (policy_->settings.chat.utf8_only.value && !utf8::is_valid(line)) {
    fail(quoted_command(*m), "INVALID_UTF8", {}, "Message rejected, it is not valid UTF-8");
    return finish();
  }
  if (!v) {
    if (entry && is_foreign_protocol(*m)) // HTTP, TLS: whoever it is, it does not speak IRC
      return hang_up("This is a chat server");
    reply(is_registered() ? numeric::err_unknowncommand : numeric::err_notregistered,
          is_registered() ? std::vector<std::string>{quoted_command(*m), "Unknown command"}
                          : std::vector<std::string>{"You have not registered"});
    return finish();
  }
  call(*v, std::move(*m));
}

bool machine::may_go_on(const verb& v) {
  if (entry && v.when == phase::after)
    reply(numeric::err_notregistered, {"You have not registered"});
  else if (!entry && v.when == phase::before)
    reply(numeric::err_alreadyregistred, {"You may not reregister"});
  else
    return true;
  return false;
}

void machine::call(const verb& v, message m) {
  if (policy_->numbers)
    if (auto at = policy_->numbers->commands.find(v.name); at != policy_->numbers->commands.end()) {
      ++at->second.count;
      at->second.bytes += m.command.size();
    }
  if (may_go_on(v)) {
    if (m.params.size() < v.min_params)
      reply(numeric::err_needmoreparams, {std::string{v.name}, "Not enough parameters"});
    else
      v.run(*this, m);
  }
  if (waits_for_ == question::none)
    finish();
}

void machine::keep_time() {
  if (is_closed_)
    return;
  auto next =
    entry ? entry->give_up_at
          : heard_at_ + (ping_sent_ ? limits().ping_timeout.value : limits().ping_interval.value);
  if (delayed_)
    next = std::min(next, resume_at_);
  if (wake_at_ != std::chrono::steady_clock::time_point{} && wake_at_ <= next)
    return;
  wake_at_ = next;
  give(wake{next});
}

void machine::ping() {
  auto silent = now_.at - heard_at_;
  if (ping_sent_ && silent >= limits().ping_timeout.value)
    return hang_up(
      "Ping timeout: "
      + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(silent).count())
      + " seconds");
  if (!ping_sent_ && silent >= limits().ping_interval.value) {
    ping_sent_ = true;
    put({.tags = {}, .source = {}, .command = "PING", .params = {rules().server_name}});
  }
}

// -- questions ----------------------------------------------------------------------------------

chat::v1::Request machine::request(std::string_view channel) const {
  chat::v1::Request x;
  x.set_session_id(session_id_);
  x.set_channel(std::string{channel});
  x.set_now_ms(now_.wall_ms);
  *x.mutable_who() = me_;
  x.mutable_origin()->set_connection_id(from_.connection_id);
  return x;
}

void machine::ask(chat::v1::Request what, then_reply then, irc::ask::owner of) {
  waits_for_ = question::reply;
  then_reply_ = std::move(then);
  give(irc::ask{of, std::move(what)});
}

void machine::tell(chat::v1::Request what, irc::ask::owner of) {
  give(irc::tell{of, std::move(what)});
}

void machine::ask(auth::question what, std::function<void(machine&, const auth::answer&)> then) {
  waits_for_ = question::auth;
  then_auth_ = std::move(then);
  give(ask_auth{std::move(what)});
}

void machine::ask(account_request what, std::function<void(machine&, const account_reply&)> then) {
  waits_for_ = question::account;
  then_account_ = std::move(then);
  give(ask_account{std::move(what)});
}

// -- who this is --------------------------------------------------------------------------------

std::string machine::nick_or_star() const {
  if (entry)
    return entry->nick.empty() ? "*" : entry->nick;
  return me_.nick();
}

bool machine::may(config::privilege x) const {
  return me_.is_operator() && std::ranges::find(privileges_, x) != privileges_.end();
}

void machine::set_session(std::int64_t id) {
  session_id_ = id;
  entry.reset();
  give(subscribe{id, caps_, me_});
}

void machine::set_caps(cap_set x) {
  caps_ = x;
  if (session_id_ != 0)
    give(subscribe{session_id_, caps_, me_});
}

void machine::hang_up(std::string why) {
  if (is_closed_)
    return;
  say({.tags = {},
       .source = {},
       .command = "ERROR",
       .params = {"Closing link: (" + from_.address + ") [" + why + "]"},
       .colon = true});
  finish();
  is_closed_ = true;
  if (session_id_ != 0) {
    auto gone = request();
    gone.mutable_detach()->set_connection_id(from_.connection_id);
    gone.mutable_detach()->set_reason(why);
    tell(std::move(gone));
  }
  give(irc::hang_up{std::move(why)});
}

} // namespace hamlet::irc
