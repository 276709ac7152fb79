// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace hamlet::irc {

irc_world::irc_world(setup s) : wire_{s.wire} {
  terms = std::make_shared<policy>();
  terms->settings = std::move(s.settings);
  terms->server_name = host;
  terms->network_name = "Example";
  terms->motd = std::move(s.motd);
  terms->cloaks = std::move(s.cloaks);
  terms->lag = s.lag;
  terms->needs_password = s.needs_password;
  terms->created_ms = now.wall_ms - 93'784'000; // a day, two hours, three minutes, four seconds
  terms->people = &people;
  terms->rules = &rules;
  terms->numbers = &numbers;
  numbers.started_ms = terms->created_ms;
  for (auto verb : {"JOIN", "PRIVMSG", "WHO"})
    numbers.commands[verb];
  origin from;
  from.connection_id = 7;
  from.address = std::move(s.address);
  from.is_exempt = s.is_exempt;
  from.wire = s.wire;
  session_.emplace(terms, from, s.line, "nonce");
  act([&](effects& out) { session_->open(now, out); });
}

void irc_world::send(std::string_view lines) {
  std::string bytes;
  for (auto c : lines)
    bytes += c == '\n' ? std::string{"\r\n"} : std::string(1, c);
  feed(bytes + "\r\n");
}

void irc_world::feed(std::string_view bytes, std::size_t piece) {
  if (piece == 0)
    piece = bytes.size();
  for (; !bytes.empty() && !is_closed; bytes.remove_prefix(std::min(piece, bytes.size())))
    act([&](effects& out) { session_->feed(bytes.substr(0, piece), now, out); });
}

void irc_world::pass(std::chrono::milliseconds time) {
  auto end = now.at + time;
  auto go_to = [&](std::chrono::steady_clock::time_point when) {
    now.wall_ms += std::chrono::duration_cast<std::chrono::milliseconds>(when - now.at).count();
    now.at = when;
  };
  for (int i = 0; i < 10'000 && wake_at_ && *wake_at_ <= end && !is_closed; ++i) {
    go_to(std::max(now.at, *wake_at_));
    wake_at_.reset();
    act([&](effects& out) { session_->on_time(now, out); });
  }
  go_to(end);
}

void irc_world::close(std::string_view why) {
  act([&](effects& out) { session_->on_closed(why, out); });
  is_closed = true;
}

void irc_world::shut_down() {
  act([&](effects& out) { session_->shut_down(out); });
}

void irc_world::tell(note::what kind, const std::string& text, std::shared_ptr<const policy> p) {
  act([&](effects& out) {
    session_->on_note({.kind = kind, .who = {}, .text = text, .rules = std::move(p)}, now, out);
  });
}

void irc_world::answer_held() {
  for (auto& x : std::exchange(held_, {}))
    give_answer(std::move(x));
}

std::vector<std::string> irc_world::heard() {
  checked_ = said_at_pause_ = 0;
  std::vector<std::string> lines;
  auto all = std::exchange(said_, {});
  for (std::string_view rest = all; !rest.empty();) {
    auto end = std::min(rest.find("\r\n"), rest.size());
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return lines;
}

std::string irc_world::said(std::string_view lines) {
  auto all = ask(lines);
  auto prefix = ":" + host + " ";
  for (auto& line : all)
    if (line.starts_with(prefix))
      line.erase(0, prefix.size());
  return joined(all);
}

void irc_world::enter(const std::string& nick, const std::string& caps) {
  if (!caps.empty())
    send("CAP REQ :" + caps);
  send("NICK " + nick + "\nUSER " + nick + " 0 * :Real " + nick);
  if (!caps.empty())
    send("CAP END");
  heard();
  log.clear();
  asked.clear();
  told.clear();
}

void irc_world::become_operator(std::vector<std::string> privileges) {
  auto before = std::exchange(script, [&](const irc::ask& x) -> std::optional<chat::v1::Reply> {
    chat::v1::Reply r;
    if (x.what.has_check_operator()) {
      r.set_detail("boss");
      for (auto& word : privileges)
        r.add_privileges(word);
    }
    if (x.what.has_set_identity()) {
      *r.mutable_who() = x.what.who();
      r.mutable_who()->set_is_operator(true);
      r.mutable_who()->set_operator_class("boss");
      put(r.who());
    }
    return r;
  });
  send("OPER boss secret");
  script = before;
  heard();
  log.clear();
  asked.clear();
  told.clear();
}

void irc_world::note_who(const chat::v1::Who& who) {
  act([&](effects& out) {
    session_->on_note({.kind = note::what::who_changed, .who = who, .text = {}, .rules = {}}, now,
                      out);
  });
}

chat::v1::Who irc_world::person(std::int64_t id, const std::string& nick) {
  chat::v1::Who who;
  who.set_session_id(id);
  who.set_nick(nick);
  who.set_user("~" + nick);
  who.set_host(nick + ".example");
  who.set_address("198.51.100." + std::to_string(id));
  who.set_real_name("Real " + nick);
  return who;
}

void irc_world::put(const chat::v1::Who& who, const std::string& away, std::int64_t signon_ms,
                    std::int64_t active_ms) {
  auto card = std::make_shared<user_card>();
  card->who = who;
  card->away = away;
  card->who.set_is_away(!away.empty());
  card->signon_ms = signon_ms;
  card->active_ms = std::make_shared<std::atomic<std::int64_t>>(active_ms);
  card->clients = 1;
  people.put(std::shared_ptr<const user_card>{card});
}

void irc_world::put_channel(const std::string& name,
                            const std::vector<std::pair<std::int64_t, std::string>>& members,
                            const std::string& modes) {
  auto card = std::make_shared<channel_card>();
  card->name = name;
  card->modes = modes;
  card->members = static_cast<std::uint32_t>(members.size());
  card->is_secret = modes.find('s') != std::string::npos;
  card->is_private = modes.find('p') != std::string::npos;
  people.put(channel_ref{card});
  for (auto& [session, prefixes] : members)
    people.set_member(session, {name, prefixes, card->is_secret || card->is_private});
}

chat::v1::Reply irc_world::answer(const irc::ask& question) {
  auto& what = question.what;
  if (!what.has_start_session()) {
    asked.push_back(what);
    auto given = script ? script(question) : std::nullopt;
    if (given)
      return *given;
    chat::v1::Reply empty;
    empty.set_channel(what.channel());
    if (what.set_identity().change_account()) {
      *empty.mutable_who() = what.who();
      empty.mutable_who()->set_account_id(what.set_identity().account_id());
      empty.mutable_who()->set_account(what.set_identity().account());
    }
    return empty;
  }
  chat::v1::Reply r;
  *r.mutable_who() = what.who();
  r.mutable_who()->set_session_id(1);
  r.mutable_who()->set_user_modes("i");
  r.set_session_id(1);
  if (start_script)
    start_script(what, r);
  if (r.refusal() == chat::v1::NONE)
    put(r.who(), {}, what.start_session().signon_ms());
  return r;
}

void irc_world::give_answer(effect question) {
  is_asked_ = false;
  if (auto* a = std::get_if<irc::ask>(&question)) {
    auto r = answer(*a);
    act([&](effects& out) { session_->on_reply(r, now, out); });
  } else if (auto* x = std::get_if<ask_auth>(&question)) {
    asked_auth.push_back(x->what);
    auto r = auth_script ? auth_script(x->what) : auth::answer{};
    act([&](effects& out) { session_->on_auth(r, now, out); });
  } else if (auto* y = std::get_if<ask_account>(&question)) {
    asked_account.push_back(y->what);
    auto r = account_script ? account_script(y->what) : account_reply{};
    act([&](effects& out) { session_->on_account(r, now, out); });
  } else if (std::holds_alternative<await_room>(question)) {
    ++pauses;
    act([&](effects& out) { session_->on_room(now, out); });
  }
}

namespace {

[[noreturn]] void broken(std::string_view what, std::string_view line = {}) {
  std::fprintf(stderr, "broken: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(line.size()), line.data());
  std::abort();
}

/// RFC 2812 §2.3, IRCv3 message-tags.
void check_line(std::string_view line) {
  if (line.empty())
    broken("an empty line");
  if (line.find_first_of(std::string_view{"\r\n\0", 3}) != line.npos)
    broken("CR, LF or NUL within a line", line);
  auto tags = line.starts_with('@') ? line.find(' ') + 1 : 0;
  if (tags > 8191 || line.size() - tags > 510)
    broken("a line that is too long", line);
}

} // namespace

void irc_world::read_lines() {
  if (wire_ != framing::lines)
    return;
  for (std::size_t end; (end = said_.find("\r\n", checked_)) != said_.npos; checked_ = end + 2)
    check_line(std::string_view{said_}.substr(checked_, end - checked_));
  if (checked_ != said_.size())
    broken("a write without CR LF at its end", said_.substr(checked_));
}

void irc_world::take(effect x) {
  if (is_closed)
    broken("something comes after the end");
  bool is_question = std::holds_alternative<irc::ask>(x) || std::holds_alternative<ask_auth>(x)
                     || std::holds_alternative<ask_account>(x)
                     || std::holds_alternative<await_room>(x);
  if (is_question && std::exchange(is_asked_, true))
    broken("two questions at once");
  if (auto* w = std::get_if<write>(&x)) {
    said_ += w->bytes;
    return read_lines();
  }
  if (std::holds_alternative<await_room>(x)) {
    most_at_once = std::max(most_at_once, said_.size() - said_at_pause_);
    said_at_pause_ = said_.size();
  }
  if (auto* w = std::get_if<wake>(&x)) {
    wake_at_ = wake_at_ ? std::min(*wake_at_, w->when) : w->when;
    return;
  }
  if (auto* s = std::get_if<subscribe>(&x))
    subscribed.push_back(*s), before_events = said_;
  if (auto* t = std::get_if<irc::tell>(&x))
    told.push_back(t->what), before_told = said_;
  if (std::holds_alternative<irc::hang_up>(x))
    is_closed = true;
  if (!std::holds_alternative<irc::ask>(x))
    log.push_back(x);
  if (is_question)
    held_.push_back(std::move(x));
}

void irc_world::handle(effects out) {
  for (auto& x : out)
    take(std::move(x));
  if (!holds)
    answer_held();
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (auto& line : lines)
    all += (all.empty() ? "" : "\n") + line;
  return all;
}

chat::v1::Reply refusal(chat::v1::Refusal why, const std::string& detail) {
  chat::v1::Reply r;
  r.set_refusal(why);
  r.set_detail(detail);
  return r;
}

} // namespace hamlet::irc
