// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include "lib/base/overload.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace hamlet::irc {

irc_world::irc_world(setup s) {
  terms = std::make_shared<policy>();
  terms->settings = std::move(s.settings);
  terms->server_name = host;
  terms->network_name = "Example";
  terms->motd = std::move(s.motd);
  terms->cloaks = std::move(s.cloaks);
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
  session_.emplace(terms, from, s.line, "nonce");
  act([&](effects& out) { session_->open(now, out); });
}

void irc_world::send(std::string_view lines) {
  std::string bytes;
  for (auto c : lines)
    bytes += c == '\n' ? std::string{"\r\n"} : std::string(1, c);
  bytes += "\r\n";
  act([&](effects& out) { session_->feed(bytes, now, out); });
}

std::vector<std::string> irc_world::heard() {
  std::vector<std::string> lines;
  auto all = std::exchange(said_, {});
  for (std::string_view rest = all; !rest.empty();) {
    auto end = rest.find("\r\n");
    EXPECT_NE(end, rest.npos) << "a line without CR LF: " << rest;
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
    return given.value_or(chat::v1::Reply{});
  }
  chat::v1::Reply r;
  *r.mutable_who() = what.who();
  r.mutable_who()->set_session_id(1);
  r.mutable_who()->set_user_modes("i");
  r.set_session_id(1);
  put(r.who(), {}, what.start_session().signon_ms());
  return r;
}

void irc_world::handle(effects out) {
  for (auto& x : out)
    std::visit(overload{
                 [&](const write& w) { said_ += w.bytes; },
                 [&](const irc::ask& a) {
                   auto r = answer(a);
                   act([&](effects& more) { session_->on_reply(r, now, more); });
                 },
                 [&](const irc::tell& t) {
                   told.push_back(t.what);
                   log.emplace_back(t);
                 },
                 [&](const ask_auth& a) {
                   log.emplace_back(a);
                   auto r = auth_script ? auth_script(a.what) : auth::answer{};
                   act([&](effects& more) { session_->on_auth(r, now, more); });
                 },
                 [&](const ask_account& a) {
                   log.emplace_back(a);
                   act([&](effects& more) { session_->on_account({}, now, more); });
                 },
                 [&](const irc::hang_up& h) {
                   is_closed = true;
                   log.emplace_back(h);
                 },
                 [&](const wake&) {},
                 [&](const auto& other) { log.emplace_back(other); },
               },
               x);
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
