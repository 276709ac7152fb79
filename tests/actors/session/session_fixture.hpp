// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/nick/nick.hpp"
#include "actors/session/session.hpp"
#include "lib/irc/casemap.hpp"
#include "storage/chat/keys.hpp"
#include "tests/support/store_actor_test.hpp"

#include <algorithm>
#include <set>

namespace hamlet {

/// Two shards of SESSIONS, the NICK directory and a store; FANOUT and the CHANNELS only note what
/// they hear, in one list.
class SessionTest : public StoreActorTest {
protected:
  using Event = chat::v1::Event;
  using Reply = chat::v1::Reply;
  using Request = chat::v1::Request;

  /// What left the SESSIONS, in its order: an event for FANOUT, or a request for somebody else.
  struct seen {
    Event event;
    Request request;
    bool is_event = false;
  };
  using answers = std::function<std::optional<Reply>(const Request&)>; ///< none: silence

  static fanout_actor::behavior_type fake_fanout(fanout_actor::pointer, std::vector<seen>* log,
                                                 std::size_t* replies) {
    return {[=](const chat::v1::Publish& x) {
      for (auto& event : x.events())
        log->push_back({event, {}, true});
      if (x.has_reply())
        ++*replies;
      return x.reply();
    }};
  }
  static chat_actor::behavior_type fake_owner(chat_actor::pointer self, std::vector<seen>* log,
                                              answers* reply) {
    return {[=](const Request& x) -> caf::result<Reply> {
              log->push_back({{}, x, false});
              auto got = *reply ? (*reply)(x) : std::optional<Reply>{Reply{}};
              if (!got)
                return self->make_response_promise<Reply>();
              return *got;
            },
            [](caf::tick_atom) {}};
  }

  /// The way to the NICK directory, for the order in which things leave.
  static chat_actor::behavior_type tap(chat_actor::pointer self, std::vector<seen>* log,
                                       const bool* loses_releases, chat_actor behind) {
    return {[=](Request& x) -> caf::result<Reply> {
              log->push_back({{}, x, false});
              if (*loses_releases && x.has_release_nick())
                return self->make_response_promise<Reply>();
              return self->delegate(behind, std::move(x));
            },
            [](caf::tick_atom) {}};
  }

  SessionTest() { begin(); }
  ~SessionTest() override { stop(); }

  void begin() {
    auto tables = std::make_shared<router::tables>();
    tables->fanout = sys.spawn(fake_fanout, &log, &replies);
    channels = sys.spawn(fake_owner, &log, &channel_answers);
    tables->channels.fill(channels);
    nick_parts directory;
    directory.owners = &owners;
    directory.rules = &nicks;
    directory.find_owner = owner_of;
    directory_shard = sys.spawn(nick_shard, std::move(directory));
    nick_tap = sys.spawn(tap, &log, &loses_releases, directory_shard);
    tables->nicks.fill(nick_tap);
    people.emplace();
    ids.emplace(std::uint16_t{1}, 0);
    if (where) {
      far = sys.spawn(fake_owner, &log, &far_answers);
      tables->homes = where;
      tables->node_sessions = [this](std::uint16_t) { return far; };
      tables->local_channels.fill(channels);
    }
    session_parts parts{&owners,
                        &*people,
                        &*ids,
                        &rules,
                        {program->changes, program->views},
                        {program->changes, program->views},
                        owner_of,
                        where.get(),
                        claims,
                        news};
    for (auto& shard : shards)
      shard = sys.spawn(session_shard, parts);
    for (std::size_t i = 0; i < shard_count; ++i)
      tables->sessions[i] = shards[i % 2];
    fanout = tables->fanout;
    owners = router{std::move(tables)};
    run();
  }

  void stop() {
    auto end_of = [](const auto& x) { caf::anon_send_exit(x, caf::exit_reason::user_shutdown); };
    for (auto& shard : shards)
      end_of(shard);
    end_of(nick_tap);
    end_of(directory_shard);
    end_of(channels);
    end_of(fanout);
    if (far)
      end_of(std::exchange(far, {}));
    run();
    owners = router{};
  }

  /// The program is started anew; the store stays.
  void restart_all() {
    run();
    stop();
    restart();
    log.clear();
    begin();
    restored = fail(errc::none);
    restore_sessions(owners, {program->changes, program->views}, *ids,
                     [this](result<std::size_t> x) { restored = x; });
    run();
  }

  Request request(std::int64_t session) {
    Request x;
    x.set_session_id(session);
    x.set_now_ms(now_ms);
    return x;
  }

  Reply ask(Request x) {
    auto owner = owners.session_of(x.session_id());
    auto got = StoreActorTest::ask<Reply>(owner, std::move(x));
    EXPECT_TRUE(got.has_value());
    return got ? *got : refusal(chat::v1::FAILED);
  }
  void note(Request x) {
    caf::anon_send(owners.session_of(x.session_id()), std::move(x));
    run();
  }

  /// A client comes in; its connection has the number of the session, or `connection`.
  Request start(const std::string& name, std::int64_t account = 0, std::int64_t connection = 0,
                const std::string& modes = "") {
    auto x = request(ids->next());
    auto& who = *x.mutable_who();
    who.set_nick(name);
    who.set_user("~" + name);
    who.set_host("cloak." + name);
    who.set_address("10.0.0.1");
    who.set_real_name("Real " + name);
    who.set_account_id(account);
    who.set_account(account != 0 ? "acc-" + name : "");
    x.mutable_start_session()->set_connection_id(connection != 0 ? connection : x.session_id());
    x.mutable_start_session()->set_user_modes(modes);
    x.mutable_start_session()->set_may_resume(account != 0);
    return x;
  }
  /// @return Its session; 0: refused.
  std::int64_t come(const std::string& name, std::int64_t account = 0, std::int64_t connection = 0,
                    const std::string& modes = "") {
    last = ask(start(name, account, connection, modes));
    return last.refusal() == chat::v1::NONE ? last.session_id() : 0;
  }
  void join(std::int64_t session, const std::string& channel) {
    auto x = request(session);
    x.mutable_joined()->set_channel(channel);
    note(std::move(x));
    people->set_member(session, {channel, "", false});
  }
  Reply say_to(std::int64_t from, const std::string& to, const std::string& text = "hello") {
    auto x = request(from);
    x.mutable_origin()->set_connection_id(from);
    x.mutable_tell()->set_nick(to);
    x.mutable_tell()->mutable_message()->set_text(text);
    return ask(std::move(x));
  }
  void leave(std::int64_t session, bool was_lost, std::int64_t connection = 0) {
    auto x = request(session);
    x.mutable_detach()->set_connection_id(connection != 0 ? connection : session);
    x.mutable_detach()->set_reason("gone");
    x.mutable_detach()->set_was_lost(was_lost);
    note(std::move(x));
  }
  Reply change_nick(std::int64_t session, const std::string& to, bool forced = false) {
    auto x = request(session);
    x.mutable_set_nick()->set_nick(to);
    x.mutable_set_nick()->set_forced(forced);
    return ask(std::move(x));
  }
  Reply set_modes(std::int64_t session, const std::string& text, bool by_server = false) {
    auto x = request(session);
    auto add = true;
    for (auto letter : text)
      if (letter == '+' || letter == '-') {
        add = letter == '+';
      } else {
        auto& change = *x.mutable_set_user_modes()->add_changes();
        change.set_add(add);
        change.set_letter(std::string(1, letter));
      }
    x.mutable_set_user_modes()->set_by_server(by_server);
    return ask(std::move(x));
  }
  Reply set_list(std::int64_t session, const std::string& list, const std::string& entry) {
    auto x = request(session);
    x.mutable_change_list()->set_list(list);
    x.mutable_change_list()->add_add(entry);
    return ask(std::move(x));
  }
  Reply choose(std::int64_t session, const std::string& name, const std::string& value) {
    auto x = request(session);
    x.mutable_set_option()->set_name(name);
    x.mutable_set_option()->set_value(value);
    return ask(std::move(x));
  }

  /// Events of this kind since the last clear().
  std::vector<Event> events(Event::KindCase kind) const {
    std::vector<Event> found;
    for (auto& x : log)
      if (x.is_event && x.event.kind_case() == kind)
        found.push_back(x.event);
    return found;
  }
  std::vector<Request> asked(Request::VerbCase verb) const {
    std::vector<Request> found;
    for (auto& x : log)
      if (!x.is_event && x.request.verb_case() == verb)
        found.push_back(x.request);
    return found;
  }
  /// Has the event gone before the request? Both have.
  bool precedes(Event::KindCase first, Request::VerbCase second) const {
    auto event = std::ranges::find_if(
      log, [&](const seen& x) { return x.is_event && x.event.kind_case() == first; });
    auto asked = std::ranges::find_if(
      log, [&](const seen& x) { return !x.is_event && x.request.verb_case() == second; });
    return event != log.end() && asked != log.end() && event < asked;
  }
  bool is_here(const std::string& name) const { return people->find(name) != nullptr; }

  std::vector<seen> log;
  std::size_t replies = 0; ///< that went by way of FANOUT
  bool loses_releases = false;
  answers channel_answers;
  std::function<void()> while_claiming;
  std::string owned_nick; ///< belongs to owned_by
  std::int64_t owned_by = 0;
  find_nick_owner owner_of = [this](const std::string& name, std::int64_t,
                                    std::function<void(result<nick_owner>)> done) {
    if (while_claiming)
      while_claiming();
    done(irc::same_name(name, owned_nick) ? nick_owner{owned_by, "Owner"} : nick_owner{});
  };
  live<session_rules> rules{session_rules{}};
  live<nick_rules> nicks{nick_rules{}};
  // In a cluster: this is node 1, and all others are one SESSION that notes what it is asked.
  std::shared_ptr<homes> where;
  claim_book* claims = nullptr;
  chat_news* news = nullptr;
  chat_actor far;
  answers far_answers;
  router owners;
  std::optional<presence> people;
  std::optional<id_source> ids;
  std::array<chat_actor, 2> shards;
  chat_actor directory_shard;
  chat_actor nick_tap;
  chat_actor channels;
  fanout_actor fanout;
  std::int64_t now_ms = 1'800'000'000'000;
  Reply last;
  result<std::size_t> restored = fail(errc::none);
};

} // namespace hamlet
