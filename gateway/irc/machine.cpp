// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/machine.hpp"

#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/metadata.hpp"
#include "gateway/irc/multiline.hpp"
#include "gateway/irc/registering.hpp"
#include "gateway/irc/registration.hpp"
#include "gateway/irc/running.hpp"
#include "gateway/irc/verbs.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>

namespace hamlet::irc {

machine::machine(std::shared_ptr<const policy> p, origin from, channel c, std::string nonce)
    : entry{std::make_unique<registering>()}, policy_{std::move(p)}, from_{std::move(from)},
      channel_{std::move(c)}, nonce_{std::move(nonce)},
      input_{client_limits, policy_->settings.chat_limits.receive_queue.value}, lag_{policy_->lag,
                                                                                     {}} {
  chat::v1::Who who;
  who.set_address(from_.address);
  who.set_is_secure(channel_.is_tls);
  who.set_certificate(channel_.certificate);
  set_me(std::move(who));
}

machine::~machine() = default;

running& machine::now_running() {
  if (!running_)
    running_ = std::make_unique<running>();
  return *running_;
}

template <class F>
void machine::aside(F say_it) {
  auto waits = std::exchange(running_, nullptr);
  say_it();
  finish();
  running_ = std::move(waits);
}

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
    m_.rest();
    m_.out_ = nullptr;
  }

private:
  machine& m_;
};

void machine::open(moment now, effects& out) {
  turn t{*this, out, now};
  heard_at_ = now.at;
  if (!from_.is_told || take_place())
    begin_registration(*this);
}

void machine::feed(std::string_view bytes, moment now, effects& out) {
  if (is_closed_ || bytes.empty())
    return;
  turn t{*this, out, now};
  heard_at_ = now.at;
  ping_sent_ = false;
  moved_.bytes_in += bytes.size();
  if (policy_->numbers)
    policy_->numbers->bytes_in += bytes.size();
  // It reads nothing of what it causes, and was not to send more.
  if (is_waiting() && input_.buffered() > limits().receive_queue.value)
    return entry ? hang_up_flooder("RecvQ exceeded") : hang_up("RecvQ exceeded");
  if (entry && moved_.bytes_in == bytes.size() && is_foreign_octet(bytes.front()))
    return hang_up("This is a chat server");
  input_.feed(bytes);
  advance();
  if (entry && !is_closed_)
    may_receive(*this, moved_.bytes_in - (is_waiting() ? input_.buffered() : 0));
}

template <class Then, class Answer>
void machine::answered(Then running::*then, const Answer& answer) {
  running_->waits_for = running::question::none;
  std::exchange(*running_.*then, {})(*this, answer);
  if (running_->waits_for == running::question::none)
    finish();
  advance();
}

void machine::on_reply(const chat::v1::Reply& r, moment now, effects& out) {
  if (is_closed_ || !running_ || running_->waits_for != running::question::reply)
    return;
  turn t{*this, out, now};
  if (r.refusal() == chat::v1::NO_SUCH_SESSION && running_->is_of_own_session) {
    session_id_ = 0; // nobody is to be told of the end
    return hang_up("Your session is over");
  }
  answered(&running::then_reply, r);
}

void machine::on_auth(const auth::answer& a, moment now, effects& out) {
  if (is_closed_ || !running_ || running_->waits_for != running::question::auth)
    return;
  turn t{*this, out, now};
  answered(&running::then_auth, a);
}

void machine::on_account(const account_reply& r, moment now, effects& out) {
  if (is_closed_ || !running_ || running_->waits_for != running::question::account)
    return;
  turn t{*this, out, now};
  answered(&running::then_account, r);
}

void machine::on_room(moment now, effects& out) {
  if (is_closed_ || !running_ || running_->waits_for != running::question::room)
    return;
  turn t{*this, out, now};
  running_->waits_for = running::question::none;
  std::exchange(running_->then_room, {})(*this);
  if (running_->waits_for == running::question::none)
    finish();
  advance();
}

void machine::on_note(const note& x, moment now, effects& out) {
  if (is_closed_)
    return;
  turn t{*this, out, now};
  switch (x.kind) {
  case note::what::who_changed: return set_me(x.who);
  case note::what::ended:
    session_id_ = 0; // nobody is to be told of the end
    return aside([&] { hang_up(x.text); });
  case note::what::appeared:
    if (followed_keys.empty())
      return;
    [[fallthrough]];
  case note::what::entered: now_running().entered.push_back(x.text); return advance();
  case note::what::reloaded: {
    auto before = std::exchange(policy_, x.rules);
    return aside([&] { on_reload(*this, *before); });
  }
  }
}

void machine::on_time(moment now, effects& out) {
  if (is_closed_)
    return;
  turn t{*this, out, now};
  wake_at_ = {};
  if (entry && now.at >= entry->give_up_at)
    return aside([&] { hang_up("Registration timed out", true); });
  if (batch && !batch->was_told && now.at >= batch->give_up_at)
    aside([&] { expire_batch(*this); });
  if (running_ && running_->delayed && now.at >= running_->resume_at)
    advance();
  if (!is_closed_ && !entry)
    ping();
}

void machine::shut_down(effects& out) {
  if (is_closed_)
    return;
  turn t{*this, out};
  aside([&] { hang_up("Server is going down", true); });
}

void machine::on_closed(std::string_view why, effects& out) {
  turn t{*this, out};
  if (is_closed_)
    return;
  detach(std::string{why}, true);
  is_closed_ = true;
}

bool machine::is_waiting() const {
  return running_ && running_->is_waiting();
}

// -- lines --------------------------------------------------------------------------------------

bool machine::belongs_to_batch(const message& m) const {
  return batch && m.tag_value("batch") == batch->ref;
}

void machine::advance() {
  while (!is_closed_ && now_running().waits_for == running::question::none)
    if (!next_line())
      return;
}

/// False: there is none, or it has to wait.
bool machine::next_line() {
  auto& r = now_running();
  if (!r.entered.empty()) {
    auto name = std::move(r.entered.front());
    r.entered.erase(r.entered.begin());
    if (is_channel_name(name))
      show_entered(*this, name);
    else
      show_metadata_of(*this, {name});
    return true;
  }
  if (r.delayed) {
    if (now_.at < r.resume_at)
      return false;
    run(*std::exchange(r.delayed, {}));
    return true;
  }
  auto next = input_.next();
  if (!next)
    return false;
  if (entry && !may_receive(*this, moved_.bytes_in - input_.buffered()))
    return true;
  switch (next->what) {
  case input_line::kind::line:
    ++moved_.lines_in;
    run(std::string{next->text});
    break;
  case input_line::kind::too_long:
    if (batch) // it was a part of the message
      batch->is_refused = true;
    reply(numeric::err_inputtoolong, {"Input line was too long"});
    finish();
    break;
  case input_line::kind::overflow:
    return entry ? hang_up_flooder("RecvQ exceeded") : hang_up("RecvQ exceeded"), true;
  }
  return true;
}

void machine::run(const std::string& line) {
  auto m = parse(line);
  if (must_wait(m ? *m : message{}, line))
    return;
  if (!m) {
    if (m.error() == parse_error::tags_too_long || m.error() == parse_error::too_long)
      reply(numeric::err_inputtoolong, {"Input line was too long"});
    return finish();
  }
  auto* v = find_verb(m->command);
  if (has(cap::labeled_response)) // its value is of 64 octets at most
    if (auto label = m->tag_value("label"); label && !label->empty() && label->size() <= 64)
      now_running().label = std::string{*label};
  if (entry && is_foreign_protocol(*m)) // whoever it is, it does not speak IRC
    return hang_up("This is a chat server");
  if (policy_->settings.chat.utf8_only.value && !utf8::is_valid(line)) {
    if (belongs_to_batch(*m))
      batch->is_refused = true;
    fail(v ? v->name : "*", "INVALID_UTF8", {}, "Message rejected, it is not valid UTF-8");
    return finish();
  }
  if (!v) {
    if (is_registered())
      reply(numeric::err_unknowncommand, {m->command.substr(0, 64), "Unknown command"});
    else
      reply(numeric::err_notregistered, {"You have not registered"});
    return finish();
  }
  call(*v, *m, line.size());
}

/// Too fast: this line and all behind it wait. Before registration another limit counts.
bool machine::must_wait(const message& m, const std::string& line) {
  if (entry || from_.is_exempt || may(config::privilege::exempt))
    return false;
  auto dear = cost_of(m.command);
  // Clients ask who is on each channel that they join: that is no search.
  if (m.command == "WHO" && is_channel_name(m.param(0)))
    dear = command_cost::usual;
  auto cost = static_cast<std::uint32_t>(dear);
  if (cost == static_cast<std::uint32_t>(command_cost::dearest))
    cost = static_cast<std::uint32_t>(limits().heavy_cost.value);
  if (belongs_to_batch(m) && batch->received < sizes().multiline_lines.value
      && (m.command == "PRIVMSG" || m.command == "NOTICE"))
    cost = 0; // the end of the batch pays
  auto wait = lag_.allow(now_.at, cost);
  if (!wait)
    return false;
  now_running().delayed = line;
  now_running().resume_at = now_.at + *wait;
  return true;
}

void machine::pay(std::size_t commands) {
  if (!entry && !from_.is_exempt && !may(config::privilege::exempt))
    lag_.charge(now_.at, commands);
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

void machine::call(const verb& v, const message& m, std::size_t size) {
  if (policy_->numbers)
    if (auto at = policy_->numbers->commands.find(v.name); at != policy_->numbers->commands.end()) {
      ++at->second.count;
      at->second.bytes += size;
    }
  if (may_go_on(v)) {
    if (m.params.size() < v.min_params)
      reply(numeric::err_needmoreparams, {std::string{v.name}, "Not enough parameters"});
    else
      v.run(*this, m);
  }
  if (now_running().waits_for == running::question::none)
    finish();
}

// -- time, memory, the end ------------------------------------------------------------------------

void machine::keep_time() {
  if (is_closed_)
    return;
  auto next = entry ? entry->give_up_at : heard_at_ + limits().ping_interval.value;
  if (!entry && ping_sent_)
    next += limits().ping_timeout.value;
  if (running_ && running_->delayed)
    next = std::min(next, running_->resume_at);
  if (batch && !batch->was_told)
    next = std::min(next, batch->give_up_at);
  if (wake_at_ != std::chrono::steady_clock::time_point{} && wake_at_ <= next)
    return;
  wake_at_ = next;
  give(wake{next});
}

void machine::rest() {
  if (!running_ || running_->is_idle() || is_closed_)
    running_.reset();
  if (entry || running_)
    return;
  input_.shrink();
  if (!me_ || !utf8::is_valid(me_->real_name())) // it could not be read again
    return;
  if (packed_me_.empty())
    packed_me_ = me_->SerializeAsString();
  me_.reset();
}

void machine::ping() {
  auto silent = now_.at - heard_at_;
  auto interval = limits().ping_interval.value;
  if (ping_sent_ && silent >= interval + limits().ping_timeout.value) {
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silent).count();
    return aside([&] { hang_up("Ping timeout: " + std::to_string(seconds) + " seconds", true); });
  }
  if (!ping_sent_ && silent >= interval) {
    ping_sent_ = true;
    put({.tags = {}, .source = {}, .command = "PING", .params = {rules().server_name}});
  }
}

void machine::hang_up(std::string why, bool was_lost) {
  if (is_closed_)
    return;
  say({.tags = {},
       .source = {},
       .command = "ERROR",
       .params = {"Closing link: (" + from_.address + ") [" + why + "]"},
       .colon = true});
  finish();
  detach(why, was_lost);
  give(irc::hang_up{std::move(why)});
  is_closed_ = true;
  place_.reset();
}

} // namespace hamlet::irc
