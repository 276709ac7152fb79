// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/inbox.hpp"
#include "actors/relay/relay.hpp"
#include "lib/irc/casemap.hpp"
#include "tests/support/actor_test.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>

// Nodes with RELAY and INBOX in one process, and links between them that a test breaks.

namespace hamlet {

/// What came to an actor that stands for others, in order.
struct stub_state {
  std::vector<std::string> log;
  std::vector<chat::v1::Request> asked;
};

inline fanout_actor::behavior_type stub_fanout(fanout_actor::stateful_pointer<stub_state> self,
                                               int) {
  return {[self](chat::v1::Publish& x) {
    for (auto& e : x.events())
      self->state.log.push_back(e.has_quit()      ? "quit " + e.source().nick()
                                : e.has_offline() ? "offline " + e.offline().nick()
                                : e.has_ended()   ? "ended " + e.source().nick()
                                                  : e.message().text());
    if (!x.reply().detail().empty())
      self->state.log.push_back("reply " + x.reply().detail());
    return std::move(*x.mutable_reply());
  }};
}

inline chat_actor::behavior_type stub_shard(chat_actor::stateful_pointer<stub_state> self, int) {
  return {[self](chat::v1::Request& x) {
            self->state.asked.push_back(std::move(x));
            chat::v1::Reply done;
            done.set_detail("done");
            return done;
          },
          [](caf::tick_atom) {}};
}

class RelayTest : public ActorTest {
protected:
  using incarnation = cluster::incarnation;

  struct node;
  /// Its end of all links.
  class wire final : public cluster::carrier {
  public:
    wire(RelayTest& test, incarnation me) : test_{test}, me_{me} {}
    void send(std::int64_t to, cluster::command x, cluster::on_reply done) override {
      ++sent;
      auto found = test_.doors.find(to);
      if (!is_up(to) || found == test_.doors.end())
        return done({cluster::delivery::unreachable, 0, 0, {}, errc::none, {}});
      if (swallows.contains(to))
        return;
      auto chance = [this] { return test_.loss > 0 && test_.rng() % 100 < test_.loss; };
      if (chance())
        return done({cluster::delivery::lost, 0, 0, {}, errc::none, {}});
      if (chance())
        done = [done](const cluster::reply&) {
          done({cluster::delivery::lost, 0, 0, {}, errc::none, {}});
        };
      found->second(me_, std::move(x), std::move(done));
    }
    bool is_up(std::int64_t to) const override { return !cut.contains(to); }

    std::set<incarnation> cut;      ///< there is no link
    std::set<incarnation> swallows; ///< there is, and no answer comes
    std::size_t sent = 0;

  private:
    RelayTest& test_;
    incarnation me_;
  };

  struct node {
    /// @param stub In the place of all its shards.
    node(RelayTest& test, std::uint16_t n, fanout_actor clients, chat_actor stub)
        : number{n}, me{10 * n}, out{test, me}, fanout{std::move(clients)}, shards{
                                                                              std::move(stub)} {
      where = std::make_shared<cluster::places>();
      in =
        test.sys.spawn(cluster::inbox, std::shared_ptr<const cluster::places>{where}, parts->heard);
      test.doors[me] = cluster::into(in);
      parts->where = where;
      parts->out = &out;
      auto all = std::make_shared<router::tables>();
      all->homes = homes;
      all->nicks.fill(shards);
      all->channels.fill(shards);
      owners = router{all};
      running = relay::spawn(test.sys, {.nodes = parts,
                                        .homes = homes,
                                        .people = &people,
                                        .claims = &claims,
                                        .fanout = fanout,
                                        .owners = [this]() -> const router& { return owners; },
                                        .session_here = [this](std::int64_t) { return shards; },
                                        .next_id = [this] { return ++last_id; },
                                        .rules = &rules,
                                        .bus = test.bus_of ? test.bus_of(number) : nullptr,
                                        .on_node_gone = [this](auto x) { gone.push_back(x); }});
    }

    std::uint16_t number;
    incarnation me;
    wire out;
    fanout_actor fanout;
    chat_actor shards;
    std::int64_t last_id = 0;
    presence people;
    claim_book claims;
    live<relay_rules> rules{relay_rules{}};
    std::vector<std::uint16_t> gone;
    std::shared_ptr<hamlet::homes> homes = std::make_shared<hamlet::homes>(number);
    std::shared_ptr<cluster::places> where;
    std::shared_ptr<cluster::proxy_parts> parts = std::make_shared<cluster::proxy_parts>();
    caf::actor in;
    router owners;
    std::shared_ptr<relay> running;
  };

  void start(std::uint16_t count) {
    for (std::uint16_t n = 1; n <= count; ++n) {
      fanouts.push_back(sys.spawn(stub_fanout, argument));
      shards.push_back(sys.spawn(stub_shard, argument));
      nodes.push_back(std::make_unique<node>(*this, n, fanouts.back(), shards.back()));
      seen.nodes.push_back({n, 10 * n, "", "", 1, 1, cluster::node_state::up});
    }
    tell_view();
  }
  void TearDown() override {
    for (auto& x : nodes) {
      auto handle = caf::actor_cast<caf::actor>(at(x).running->handle());
      at(x).where->forget_watchers();
      at(x).where->end({place_of(at(x)), at(x).me}, 0, 0);
      at(x).running->close();
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
      caf::anon_send_exit(at(x).in, caf::exit_reason::user_shutdown);
    }
    for (auto& x : fanouts)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    for (auto& x : shards)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    doors.clear();
    pass(std::chrono::milliseconds{30'000});
  }

  static cluster::shard_id place_of(const node& x) { return {cluster::shard_kind{0}, x.number}; }
  static node& at(const std::unique_ptr<node>& x) { return *x; }
  node& at(std::size_t i) { return *nodes[i]; }
  template <class Interface>
  static stub_state& state(const Interface& x) {
    using impl = std::remove_pointer_t<typename Interface::template stateful_pointer<stub_state>>;
    return dynamic_cast<impl&>(*caf::actor_cast<caf::abstract_actor*>(x)).state;
  }
  std::vector<std::string>& heard(std::size_t i) { return state(fanouts[i]).log; }
  std::vector<chat::v1::Request>& asked(std::size_t i) { return state(shards[i]).asked; }

  void tell_view() {
    ++seen.version;
    for (auto& x : nodes)
      if (seen.alive(at(x).me)) {
        at(x).where->publish(std::make_shared<cluster::view>(seen), at(x).me);
        at(x).where->open({place_of(at(x)), at(x).me},
                          caf::actor_cast<caf::actor>(at(x).running->handle()));
      }
    sched.run();
  }
  void kill(std::size_t i) {
    doors.erase(at(i).me);
    for (auto& row : seen.nodes)
      if (row.born == at(i).me)
        row.state = cluster::node_state::dead;
    tell_view();
  }
  void cut(std::size_t i, std::size_t j) {
    at(i).out.cut.insert(at(j).me);
    at(j).out.cut.insert(at(i).me);
  }
  void mend() {
    for (auto& x : nodes) {
      at(x).out.cut.clear();
      at(x).out.swallows.clear();
      at(x).where->links_changed();
    }
    sched.run();
  }
  void pass(std::chrono::milliseconds time) {
    for (; time.count() > 0; time -= std::chrono::milliseconds{100}) {
      sched.clock().advance_time(std::min(time, std::chrono::milliseconds{100}));
      sched.run();
    }
  }

  void say(std::size_t i, const std::string& text) {
    chat::v1::Publish x;
    x.add_events()->set_channel("#c");
    x.mutable_events(0)->mutable_message()->set_text(text);
    caf::anon_send(at(i).running->handle(), std::move(x));
    sched.run();
  }
  /// A reply that another node has given, with the number of the last news before it.
  void reply(std::size_t i, const std::string& text, incarnation of, std::uint64_t number) {
    chat::v1::Publish x;
    x.mutable_reply()->set_detail(text);
    x.mutable_reply()->mutable_stamp()->set_incarnation(of);
    x.mutable_reply()->mutable_stamp()->set_number(number);
    client->request(at(i).running->handle(), caf::infinite, std::move(x));
    sched.run();
  }
  std::int64_t come(std::size_t i, const std::string& nick, std::int64_t account = 0) {
    auto id = ++at(i).last_id << 22 | at(i).number << 12;
    user_card card;
    card.who.set_session_id(id);
    card.who.set_nick(nick);
    card.who.set_account_id(account);
    at(i).people.put(std::make_shared<const user_card>(card));
    sched.run();
    return id;
  }
  void place(std::size_t owner, std::int64_t id, const std::string& channel) {
    chat::v1::Place x;
    x.set_session_id(id);
    x.set_channel(channel);
    at(owner).running->mirror().member(x);
    sched.run();
  }
  void own(cluster::shard_kind kind, std::string_view key, std::size_t owner) {
    cluster::shard s;
    s.id = {kind, static_cast<std::int32_t>(shard_of(key))};
    s.owner = at(owner).me;
    std::erase_if(seen.shards, [&](auto& x) { return x.id == s.id; });
    seen.shards.push_back(s);
    std::ranges::sort(seen.shards, {}, &cluster::shard::id);
    tell_view();
  }

  std::function<news_carrier*(std::uint16_t)> bus_of; ///< set before start()
  std::map<incarnation, cluster::on_command> doors;
  std::vector<std::unique_ptr<node>> nodes;
  std::vector<fanout_actor> fanouts;
  std::vector<chat_actor> shards; ///< of each node one, in the place of all its shards
  cluster::view seen;
  std::mt19937 rng{1};
  unsigned loss = 0; ///< percent
  caf::scoped_actor client{sys};
};

} // namespace hamlet
