// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/mirror_notes.hpp"
#include "actors/chat/network_rules.hpp"
#include "actors/chat/presence.hpp"
#include "actors/network/network.hpp"
#include "lib/crypto/password.hpp"
#include "tests/support/store_actor_test.hpp"

#include <deque>

namespace hamlet {

using chat::v1::Reply;
using chat::v1::Request;

/// A NETWORK over a real store; the SESSIONS and FANOUT keep what they are told.
class NetworkTest : public StoreActorTest {
protected:
  static constexpr crypto::argon2_cost cheap{1, 8u << 10};

  NetworkTest() { run(); }
  ~NetworkTest() override {
    end(actor);
    end(sessions);
    end(fanout);
  }

  static std::string hash(const std::string& password) {
    return crypto::hash_password(password, cheap).value();
  }

  static chat_actor::behavior_type keep_requests(chat_actor::pointer, std::deque<Request>* to) {
    return {[to](const Request& x) {
              to->push_back(x);
              return Reply{};
            },
            [](caf::tick_atom) {}};
  }
  static fanout_actor::behavior_type keep_events(fanout_actor::pointer,
                                                 std::deque<chat::v1::Event>* to) {
    return {[to](const chat::v1::Publish& x) {
      for (auto& event : x.events())
        to->push_back(event);
      return x.reply();
    }};
  }

  static network_rules_settings defaults() {
    network_rules_settings x;
    x.server_name = "irc.example.org";
    return x;
  }

  sql::ban_repository store() { return {program->changes, program->views}; }

  /// What a start of the program does.
  network_books load(network_rules& into) {
    return wait<network_books>([&](auto done) { load_network(store(), into, wall_ms, done); })
      .value();
  }

  chat_actor start_network() {
    network_parts parts{store(),
                        &rules,
                        &people,
                        &workers,
                        [this](std::int64_t) { return sessions; },
                        [this] { return fanout; },
                        [this] { return ++last_id; },
                        [this] { return wall_ms; },
                        &settings,
                        dummy,
                        load(rules),
                        news,
                        tell_others,
                        speaks_for_all};
    return sys.spawn(chat_network, std::move(parts));
  }

  void restart_network() {
    end(actor);
    rules.set_bans({});
    rules.set_filters({});
    actor = start_network();
    run();
  }

  /// Both clocks.
  void pass(std::chrono::milliseconds time) {
    wall_ms += time.count();
    StoreActorTest::pass(time);
    run(); // the books are two reads, and the second begins where the first ends
  }

  chat::v1::Who come(const std::string& nick, const std::string& address,
                     const std::string& account = {}, const std::string& oper_class = {}) {
    user_card card;
    auto& who = card.who;
    who.set_session_id(++last_id);
    who.set_nick(nick);
    who.set_user("~" + nick);
    who.set_host(nick + ".hidden");
    who.set_address(address);
    who.set_account(account);
    who.set_is_operator(!oper_class.empty());
    who.set_operator_class(oper_class);
    people.put(std::make_shared<const user_card>(card));
    return who;
  }

  static Request from(const chat::v1::Who& who) {
    Request x;
    x.set_session_id(who.session_id());
    *x.mutable_who() = who;
    return x;
  }

  /// The answer of the NETWORK, whenever it comes.
  Reply say(const Request& x) {
    caf::scoped_actor me{sys};
    auto pending = me->request(actor, patience, x);
    run();
    answered_at_once = !me->mailbox().empty();
    if (!answered_at_once)
      pass(std::chrono::seconds{3});
    return answer_to<Reply>(std::move(pending)).value();
  }

  Reply add(const std::string& kind, const std::string& mask, std::int64_t duration_s = 0,
            const std::string& reason = "r") {
    auto x = from(root);
    auto& ban = *x.mutable_add_ban()->mutable_ban();
    ban.set_kind(kind);
    ban.set_mask(mask);
    ban.set_reason(reason);
    x.mutable_add_ban()->set_duration_s(duration_s);
    return say(x);
  }
  Reply remove(const std::string& kind, const std::string& mask) {
    auto x = from(root);
    x.mutable_remove_ban()->set_kind(kind);
    x.mutable_remove_ban()->set_mask(mask);
    return say(x);
  }
  std::vector<std::string> listed(const std::string& kind = {}) {
    auto x = from(root);
    x.mutable_list_bans()->set_kind(kind);
    std::vector<std::string> masks;
    auto all = say(x);
    for (auto& ban : all.bans())
      masks.push_back(ban.mask());
    return masks;
  }

  /// Who was ended since the last call, "nick: reason".
  std::vector<std::string> killed() {
    std::vector<std::string> out;
    for (auto& x : std::exchange(requests, {}))
      if (x.has_kill())
        out.push_back(people.find(x.session_id())->who.nick() + ": " + x.kill().reason());
    std::ranges::sort(out);
    return out;
  }

  /// What operators were told since the last call.
  std::vector<std::string> notices() {
    std::vector<std::string> out;
    for (auto& x : std::exchange(events, {}))
      if (x.has_server_notice() && x.to_operators() == "s")
        out.push_back(x.server_notice().text());
    return out;
  }

  std::int64_t wall_ms = 1'800'000'000'000;
  std::int64_t last_id = 1000;
  std::deque<Request> requests;
  std::deque<chat::v1::Event> events;
  chat_news* news = nullptr; ///< in a cluster, as the next
  std::function<void(std::function<void(result<void_t>)>)> tell_others;
  std::function<bool()> speaks_for_all;
  network_rules rules;
  presence people;
  live<network_rules_settings> settings{defaults()};
  std::string dummy = hash("nothing");
  bool answered_at_once = false;
  chat::v1::Who root = come("root", "127.0.0.1", "root", "staff");
  chat_actor sessions = sys.spawn(keep_requests, &requests);
  fanout_actor fanout = sys.spawn(keep_events, &events);
  chat_actor actor = start_network();
};

} // namespace hamlet
