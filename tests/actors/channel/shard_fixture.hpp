// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/channel/channel_shard.hpp"
#include "lib/irc/casemap.hpp"
#include "tests/support/store_actor_test.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace hamlet {

/// What FANOUT and the SESSIONS were told, in order.
struct heard {
  std::vector<chat::v1::Event> events;
  std::vector<chat::v1::Request> notes;
};

/// What other nodes would be told. Presence hears it, as from the RELAY.
struct fake_mirror : chat_mirror {
  void member(const chat::v1::Place& x) override {
    told.push_back("member " + std::to_string(x.session_id()) + " " + x.channel() + " "
                   + x.prefixes());
    places[{x.channel(), x.session_id()}] = x;
    people->set_member(x.session_id(), {x.channel(), x.prefixes(), x.is_hidden()});
  }
  void member_gone(std::string_view channel, std::int64_t session) override {
    told.push_back("gone " + std::to_string(session) + " " + std::string{channel});
    places.erase({std::string{channel}, session});
    people->remove_member(session, channel);
  }
  void state(const chat::v1::ChannelState& x) override {
    told.push_back("state " + x.name());
    EXPECT_EQ(x.members_size(), 0);
    states[x.name()] = x;
  }
  void members(const chat::v1::Members& all) override {
    told.push_back("members " + all.channel() + " " + std::to_string(all.members_size()));
    for (auto x : all.members()) {
      x.set_channel(all.channel());
      places[{all.channel(), x.session_id()}] = x;
      people->set_member(x.session_id(), {all.channel(), x.prefixes(), x.is_hidden()});
    }
  }
  void ended(std::string_view channel) override {
    told.push_back("ended " + std::string{channel});
    states.erase(std::string{channel});
    people->remove_channel(channel);
  }

  presence* people = nullptr;
  std::vector<std::string> told;
  std::map<std::string, chat::v1::ChannelState> states;
  std::map<std::pair<std::string, std::int64_t>, chat::v1::Place> places;
};

inline fanout_actor::behavior_type fake_fanout(fanout_actor::pointer, heard* log) {
  return {[log](const chat::v1::Publish& x) {
    for (auto& e : x.events())
      log->events.push_back(e);
    return x.reply();
  }};
}

inline chat_actor::behavior_type fake_sessions(chat_actor::pointer, heard* log) {
  return {
    [log](const chat::v1::Request& x) {
      log->notes.push_back(x);
      return chat::v1::Reply{};
    },
    [](caf::tick_atom) {},
  };
}

/// Two shards of channels over a real store, a FANOUT that writes down what it hears, and no
/// sessions.
class ChannelShardTest : public StoreActorTest {
protected:
  using Event = chat::v1::Event;
  using Refusal = chat::v1::Refusal;
  using Reply = chat::v1::Reply;
  using Request = chat::v1::Request;

  ChannelShardTest() { make_shards(); }
  ~ChannelShardTest() override { end_shards(); }

  void make_shards() {
    auto tables = std::make_shared<router::tables>();
    fanout = sys.spawn(fake_fanout, &log);
    sessions = sys.spawn(fake_sessions, &log);
    for (auto& shard : shards)
      shard = sys.spawn(channel_shard, parts());
    for (std::size_t i = 0; i < shard_count; ++i) {
      tables->channels[i] = shards[i % 2];
      tables->sessions[i] = sessions;
    }
    tables->fanout = fanout;
    if (where) {
      tables->homes = where;
      tables->node_sessions = [this](std::uint16_t) { return sessions; };
    }
    owners = router{std::move(tables)};
  }
  void end_shards() {
    for (auto& shard : shards)
      end(shard);
    end(fanout);
    end(sessions);
    owners = {};
  }
  /// All is forgotten but the store.
  void begin_again() {
    end_shards();
    log = {};
    make_shards();
  }

  channel_parts parts() {
    return {[this]() -> const router& { return owners; },
            {program->changes, program->views},
            {program->changes, program->views},
            {program->changes, program->views},
            &people,
            [this] { return ++last_id; },
            &rules,
            {},
            mirror,
            where.get(),
            known};
  }

  Request request_of(std::int64_t session, const std::string& channel) {
    Request r;
    r.set_session_id(session);
    r.set_channel(channel);
    r.set_now_ms(now);
    auto& who = *r.mutable_who();
    who.set_session_id(session);
    who.set_nick("user" + std::to_string(session));
    who.set_user("u");
    who.set_host("host" + std::to_string(session));
    who.set_address("192.0.2.1");
    if (auto found = accounts.find(session); found != accounts.end()) {
      who.set_account_id(found->second);
      who.set_account("account" + std::to_string(found->second));
    }
    return r;
  }

  template <class F>
  Reply ask_channel(std::int64_t session, const std::string& channel, F fill) {
    auto r = request_of(session, channel);
    fill(r);
    auto answer = ask<Reply>(owners.channel_of(irc::fold(channel)), r);
    EXPECT_TRUE(answer.has_value());
    return answer ? *answer : Reply{};
  }

  Reply join(std::int64_t session, const std::string& channel = "#Room") {
    return ask_channel(session, channel, [](Request& r) { r.mutable_join(); });
  }
  Reply part(std::int64_t session, const std::string& channel = "#Room") {
    return ask_channel(session, channel, [](Request& r) { r.mutable_part(); });
  }
  Reply say(std::int64_t session, const std::string& text, const std::string& channel = "#Room") {
    return ask_channel(session, channel,
                       [&](Request& r) { r.mutable_say()->mutable_message()->set_text(text); });
  }
  Reply mode(std::int64_t session, bool add, const std::string& letter,
             const std::string& param = {}, const std::string& channel = "#Room") {
    return ask_channel(session, channel, [&](Request& r) {
      auto* c = r.mutable_set_modes()->add_changes();
      c->set_add(add);
      c->set_letter(letter);
      c->set_param(param);
    });
  }
  Reply register_channel(std::int64_t session, const std::string& channel = "#Room") {
    return ask_channel(session, channel, [](Request& r) { r.mutable_register_channel(); });
  }
  Reply history(std::int64_t session, std::uint32_t limit = 100, bool messages_only = true,
                const std::string& channel = "#Room") {
    return ask_channel(session, channel, [&](Request& r) {
      r.mutable_get_history()->set_limit(limit);
      r.mutable_get_history()->set_messages_only(messages_only);
    });
  }
  static std::string texts(const Reply& r) {
    std::string out;
    for (auto& e : r.events())
      out += (out.empty() ? "" : ",") + (e.is_redacted() ? "(gone)" : e.message().text());
    return out;
  }

  std::int64_t now = 1'700'000'000'000;
  std::int64_t last_id = 1000;
  std::map<std::int64_t, std::int64_t> accounts; ///< by session
  heard log;
  presence people;
  live<channel_rules> rules{channel_rules{.server_name = "irc.example.org"}};
  // In a cluster.
  chat_mirror* mirror = nullptr;
  std::shared_ptr<homes> where;
  std::vector<chat::v1::ChannelState> known; ///< by each of the shards
  router owners;
  fanout_actor fanout;
  chat_actor sessions;
  std::array<chat_actor, 2> shards;
};

} // namespace hamlet
