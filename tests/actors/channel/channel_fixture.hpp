// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/channel/channel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace hamlet {

/// A channel without actor and store, and people who ask it things.
class ChannelTest : public ::testing::Test {
protected:
  using Event = chat::v1::Event;
  using Refusal = chat::v1::Refusal;
  using Reply = chat::v1::Reply;
  using Request = chat::v1::Request;
  using Who = chat::v1::Who;

  /// Session 1 is "ann", 2 "bob", 3 "cyd" …; they are not logged in.
  static Who person(std::int64_t session) {
    static const std::vector<std::string> nicks{"nobody", "ann", "bob", "cyd", "dan", "eve"};
    Who who;
    who.set_session_id(session);
    auto i = static_cast<std::size_t>(session);
    who.set_nick(i < nicks.size() ? nicks[i] : "user" + std::to_string(session));
    who.set_user("u" + std::to_string(session));
    who.set_host("host" + std::to_string(session) + ".example");
    who.set_address("192.0.2." + std::to_string(session % 250));
    who.set_is_secure(true);
    return who;
  }

  Who& who(std::int64_t session) {
    return people.try_emplace(session, person(session)).first->second;
  }
  /// From now on.
  void log_in(std::int64_t session, std::int64_t account, const std::string& name) {
    who(session).set_account_id(account);
    who(session).set_account(name);
  }

  /// Runs one decision, and keeps what came of it.
  template <class F>
  const Reply& run(std::int64_t session, F fill, void (channel::*decide)(channel_turn&)) {
    ask = {};
    ask.set_session_id(session);
    *ask.mutable_who() = who(session);
    fill(ask);
    channel_turn x{ask, rules, now, next_id, is_in, find_user};
    x.is_new = is_new;
    (room.*decide)(x);
    is_new = is_new && room.is_empty();
    events = std::move(x.events);
    rows = std::move(x.rows);
    saves = std::move(x.saves);
    came = std::move(x.came);
    gone = std::move(x.gone);
    for (auto& e : events)
      seen.push_back(e);
    return reply = std::move(x.reply);
  }

  Refusal join(std::int64_t session, const std::string& key = {}, bool forced = false) {
    auto fill = [&](Request& r) {
      r.mutable_join()->set_key(key);
      r.mutable_join()->set_forced(forced);
      r.mutable_join()->set_wants_members(true);
    };
    return run(session, fill, &channel::join).refusal();
  }
  void join_all(std::vector<std::int64_t> sessions) {
    for (auto s : sessions)
      ASSERT_EQ(join(s), chat::v1::NONE) << s;
  }
  Refusal part(std::int64_t session, const std::string& reason = {}) {
    return run(
             session, [&](Request& r) { r.mutable_part()->set_reason(reason); }, &channel::part)
      .refusal();
  }
  Refusal say(std::int64_t session, const std::string& text,
              chat::v1::MessageKind kind = chat::v1::PRIVMSG, const std::string& to_status = {}) {
    auto fill = [&](Request& r) {
      r.mutable_say()->mutable_message()->set_text(text);
      r.mutable_say()->mutable_message()->set_kind(kind);
      r.mutable_say()->set_to_status(to_status);
    };
    return run(session, fill, &channel::say).refusal();
  }
  Refusal kick(std::int64_t session, const std::string& nick, bool forced = false,
               const std::string& reason = "out") {
    auto fill = [&](Request& r) {
      r.mutable_kick()->set_nick(nick);
      r.mutable_kick()->set_reason(reason);
      r.mutable_kick()->set_forced(forced);
    };
    return run(session, fill, &channel::kick).refusal();
  }
  Refusal set_topic(std::int64_t session, const std::string& text) {
    return run(
             session, [&](Request& r) { r.mutable_set_topic()->set_text(text); },
             &channel::set_topic)
      .refusal();
  }
  /// "+o bob", "-k", "+b *!*@x": one change. The first refusal, of the mode or of all.
  Refusal mode(std::int64_t session, const std::string& text, bool forced = false) {
    auto fill = [&](Request& r) {
      auto* c = r.mutable_set_modes()->add_changes();
      c->set_add(text[0] == '+');
      c->set_letter(text.substr(1, 1));
      c->set_param(text.size() > 3 ? text.substr(3) : "");
      r.mutable_set_modes()->set_forced(forced);
    };
    auto& r = run(session, fill, &channel::set_modes);
    return r.refused_modes_size() != 0 ? r.refused_modes(0).refusal() : r.refusal();
  }
  Refusal invite(std::int64_t session, std::int64_t target) {
    return run(
             session, [&](Request& r) { *r.mutable_invite()->mutable_target() = who(target); },
             &channel::invite)
      .refusal();
  }
  Refusal status(std::int64_t session, const std::string& action) {
    return run(
             session, [&](Request& r) { r.mutable_get_status()->set_action(action); },
             &channel::get_status)
      .refusal();
  }
  Refusal changed(std::int64_t session) {
    return run(
             session, [](Request& r) { r.mutable_member_changed(); }, &channel::change_member)
      .refusal();
  }

  /// A channel that belongs to account 100, and in which nobody is.
  void make_registered(std::map<std::int64_t, std::string> access = {}) {
    channel::registration r;
    r.id = 7;
    r.founder = 100;
    r.registered_ms = now - 1000;
    for (auto& [account, flags] : access)
      r.list[account] = {"account" + std::to_string(account), flags, "ann", now};
    room.restore(r, "target", now - 1000);
    is_new = false;
  }

  std::string prefixes(std::int64_t session) const {
    auto m = room.members().find(session);
    return m == room.members().end() ? "gone" : prefixes_of(m->second.rights);
  }
  /// "@ann!u1@host1.example" and so on: what the last JOIN was told, in the order of nicks.
  std::vector<std::string> told_names() const {
    std::istringstream all{reply.names().empty() ? "" : reply.names(0)};
    std::vector<std::string> out{std::istream_iterator<std::string>{all}, {}};
    std::ranges::sort(out, {}, [](auto& x) { return x.substr(x.find_first_not_of("~&@%+")); });
    return out;
  }
  /// "ann,bob": who is in the last reply, by name.
  std::string listed() const {
    std::set<std::string> names;
    for (auto& m : reply.members())
      names.insert(m.who().nick());
    for (auto& name : told_names())
      names.insert(name.substr(0, name.find('!')).substr(name.find_first_not_of("~&@%+")));
    std::string out;
    for (auto& n : names)
      out += (out.empty() ? "" : ",") + n;
    return out;
  }
  std::string changes() const {
    std::string out;
    for (auto& e : events)
      for (auto& c : e.modes().changes())
        out +=
          (c.add() ? "+" : "-") + c.letter() + (c.param().empty() ? "" : " " + c.param()) + ";";
    return out;
  }

  channel_rules rules{.server_name = "irc.example.org"};
  std::int64_t now = 1'700'000'000'000;
  std::int64_t last_id = 0;
  std::function<std::int64_t()> next_id = [this] { return ++last_id; };
  std::set<std::pair<std::string, std::int64_t>> elsewhere; ///< channel, operator there
  std::function<bool(std::int64_t, std::string_view, char)> is_in =
    [this](std::int64_t session, std::string_view where, char) {
      return elsewhere.contains({std::string{where}, session});
    };
  std::function<packed_ref(std::int64_t)> find_user;
  std::map<std::int64_t, Who> people;
  channel room{"#Room", 5, now};
  bool is_new = true;
  Request ask;
  Reply reply;
  std::vector<Event> events, rows, seen;
  channel_saves saves;
  std::vector<std::int64_t> came, gone;
};

} // namespace hamlet
