// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/relay/relay_core.hpp"
#include "actors/router.hpp"
#include "lib/irc/casemap.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

// RELAYs of several nodes without actors, and a link between them that loses, repeats and delays.

namespace hamlet {

using chat::v1::Event;
using chat::v1::News;
using chat::v1::NewsItem;
using chat::v1::NewsTaken;

struct test_node {
  test_node(std::uint16_t n, news_log::bounds kept)
      : number{n}, me{100 + n}, where{n}, core{{&people, &where, &claims,
                                                [this] { return ++last_id << 22 | number << 12; },
                                                [] { return std::int64_t{1'000}; }, kept},
                                               {std::chrono::milliseconds{10'000}, "Node lost",
                                                "node" + std::to_string(n)}} {}

  std::uint16_t number;
  cluster::incarnation me;
  std::int64_t last_id = 0;
  presence people;
  homes where;
  claim_book claims;
  relay_core core;
  std::vector<Event> heard; ///< what its FANOUT got
  relay_effects last;       ///< but for the events

  void follow(relay_effects out) {
    for (auto& e : out.events)
      heard.push_back(std::move(e));
    out.events.clear();
    last = std::move(out);
  }
  template <class F>
  void turn(F f) {
    relay_effects out;
    f(out);
    follow(std::move(out));
  }

  // -- what its actors do --
  std::int64_t come(const std::string& nick, std::int64_t account = 0) {
    auto id = ++last_id << 22 | number << 12;
    put(id, nick, account);
    return id;
  }
  void put(std::int64_t id, const std::string& nick, std::int64_t account = 0) {
    user_card card;
    card.who.set_session_id(id);
    card.who.set_nick(nick);
    card.who.set_user("u");
    card.who.set_host("host");
    card.who.set_account_id(account);
    auto user = std::make_shared<const packed_user>(card);
    people.put(user);
    turn([&](auto& out) { core.note(user, out); });
  }
  void leave_network(std::int64_t id) {
    auto e = event();
    if (auto who = people.find_packed(id))
      who->read(*e.mutable_source());
    e.mutable_quit()->set_reason("bye");
    publish(std::move(e));
    people.remove(id, 1);
    NewsItem x;
    x.mutable_user_gone()->set_session_id(id);
    note(std::move(x));
  }
  Event event() {
    Event e;
    e.set_id(++last_id << 22 | number << 12);
    return e;
  }
  void publish(Event e) {
    turn([&](auto& out) { core.publish(e, out); });
    heard.push_back(std::move(e));
  }
  void note(NewsItem x) {
    turn([&](auto& out) { core.note(std::move(x), out); });
  }
  /// As the CHANNEL that is owned here.
  void place(const chat::v1::Who& who, const std::string& channel,
             const std::string& prefixes = "") {
    people.set_member(who.session_id(), {channel, prefixes, false});
    NewsItem x;
    x.mutable_place()->set_session_id(who.session_id());
    x.mutable_place()->set_channel(channel);
    x.mutable_place()->set_prefixes(prefixes);
    note(std::move(x));
  }
  void join(const chat::v1::Who& who, const std::string& channel) {
    place(who, channel);
    auto e = event();
    e.set_channel(channel);
    *e.mutable_source() = who;
    e.mutable_joined();
    publish(std::move(e));
  }
  void unplace(std::int64_t id, const std::string& channel) {
    people.remove_member(id, channel);
    NewsItem x;
    x.mutable_place_gone()->set_session_id(id);
    x.mutable_place_gone()->set_channel(channel);
    note(std::move(x));
  }
  void part(const chat::v1::Who& who, const std::string& channel) {
    unplace(who.session_id(), channel);
    auto e = event();
    e.set_channel(channel);
    *e.mutable_source() = who;
    e.mutable_parted();
    publish(std::move(e));
  }
  void state(const std::string& channel, std::int64_t epoch) {
    NewsItem x;
    x.mutable_state()->set_name(channel);
    x.mutable_state()->set_epoch(epoch);
    note(std::move(x));
  }
  void say(const std::string& text, const std::string& channel = "#c") {
    auto e = event();
    e.set_channel(channel);
    e.mutable_message()->set_text(text);
    publish(std::move(e));
  }
  chat::v1::Who who(std::int64_t id) const {
    auto x = people.find_packed(id);
    return x ? x->who() : chat::v1::Who{};
  }

  // -- what its clients see --
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (auto& e : heard)
      if (e.has_message())
        all.push_back(e.message().text());
    return all;
  }
  /// Who is where, for FANOUT; fails the test where it would have to believe something twice.
  std::set<std::pair<std::string, std::int64_t>> books() const {
    std::set<std::pair<std::string, std::int64_t>> all;
    for (auto& e : heard) {
      auto id = e.source().session_id();
      if (e.has_joined())
        EXPECT_TRUE(all.emplace(e.channel(), id).second) << "joins twice, at node " << number;
      else if (e.has_parted())
        EXPECT_EQ(all.erase({e.channel(), id}), 1u) << "parts twice, at node " << number;
      else if (e.has_quit())
        std::erase_if(all, [&](auto& x) { return x.second == id; });
    }
    return all;
  }
};

class RelayCoreTest : public ::testing::Test {
protected:
  void start(std::size_t count, news_log::bounds kept = {}) {
    for (std::size_t i = 0; i < count; ++i)
      nodes.push_back(std::make_unique<test_node>(static_cast<std::uint16_t>(i + 1), kept));
    view.version = 1;
    for (auto& x : nodes)
      view.nodes.push_back({x->number, x->me, "", "", 1, 1, cluster::node_state::up});
    tell_view();
  }
  void tell_view() {
    for (auto& x : nodes)
      if (view.alive(x->me))
        x->turn([&](auto& out) { x->core.set_view(view, x->me, now, out); });
  }
  void kill(test_node& x) {
    ++view.version;
    for (auto& row : view.nodes)
      if (row.born == x.me)
        row.state = cluster::node_state::dead;
    tell_view();
  }
  void own(cluster::shard_kind kind, std::string_view folded, const test_node& by) {
    cluster::shard s;
    s.id = {kind, static_cast<std::int32_t>(shard_of(folded))};
    s.owner = by.me;
    view.shards.push_back(s);
    std::ranges::sort(view.shards, {}, &cluster::shard::id);
    ++view.version;
    tell_view();
  }
  bool is_cut(const test_node& a, const test_node& b) const {
    return cuts.contains({a.me, b.me}) || cuts.contains({b.me, a.me});
  }
  test_node& at(std::size_t i) { return *nodes[i]; }

  /// One try of each node to tell each other. True: something went.
  bool pump() {
    auto went = false;
    for (auto& from : nodes)
      for (auto& to : nodes)
        if (from != to && view.alive(from->me) && view.alive(to->me))
          went = send(*from, *to) || went;
    return went;
  }
  void drain() {
    loss = 0;
    for (auto i = 0; i < 10'000 && pump(); ++i) {
    }
  }

  bool send(test_node& from, test_node& to) {
    auto bytes = from.core.news_for(to.me);
    if (!bytes)
      return false;
    if (is_cut(from, to)) {
      from.core.failed(to.me);
      return false;
    }
    auto chance = [this] { return loss > 0 && rng() % 100 < loss; };
    if (chance()) { // it may come later all the same
      late.emplace_back(&to, *bytes);
      from.core.failed(to.me);
      return true;
    }
    auto answer = give(to, *bytes);
    if (chance())
      give(to, *bytes);
    while (!late.empty() && chance()) {
      auto at = rng() % late.size();
      give(*late[at].first, late[at].second);
      late.erase(late.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (chance())
      from.core.failed(to.me);
    else
      from.core.taken(to.me, answer);
    return true;
  }
  NewsTaken give(test_node& to, const std::string& bytes) {
    News news;
    EXPECT_TRUE(news.ParseFromString(bytes));
    NewsTaken answer;
    to.turn([&](auto& out) { answer = to.core.take(news, out); });
    return answer;
  }

  std::vector<std::unique_ptr<test_node>> nodes;
  cluster::view view;
  cluster::instant now{1'000};
  std::mt19937 rng{1};
  unsigned loss = 0; ///< percent
  std::vector<std::pair<test_node*, std::string>> late;
  std::set<std::pair<cluster::incarnation, cluster::incarnation>> cuts;
};

} // namespace hamlet
