// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/membership.hpp"
#include "tests/support/store_actor_test.hpp"

#include <deque>

namespace hamlet {
namespace {

using namespace cluster;

/// Several nodes in one process, over one store; the test is their network and their time.
class membership_test : public StoreActorTest {
protected:
  struct machine : landlord, wire {
    explicit machine(membership_test& x, std::int64_t id) : all{x}, node_id{id} {}

    // landlord
    void publish(view_ptr seen, incarnation own) override {
      view = std::move(seen);
      me = own;
      if (me == 0)
        ++lives;
    }
    void open(const reign& of) override { EXPECT_TRUE(owned.emplace(of.shard, of.epoch).second); }
    void seal(const reign& of, std::function<void()> finished) override {
      EXPECT_EQ(owned.at(of.shard), of.epoch);
      sealed.push_back(std::move(finished));
      if (ends_at_once)
        sealed.back()();
    }
    void end(const reign& of, incarnation to, std::int64_t) override {
      EXPECT_EQ(owned.erase(of.shard), 1U);
      if (to != 0)
        ++moved;
    }
    void stopped() override { is_stopped = true; }

    // wire
    void set_peers(std::vector<link_peer> x) override { peers = std::move(x); }
    void tell_view(std::int64_t version) override {
      for (auto& x : all.machines)
        if (x.me != 0 && x.me != me)
          x.hears(view_hint{me, version});
    }
    void probe(incarnation peer) override { hears(probe_answered{peer, all.look(peer), 0}); }
    void ask_probe(incarnation via, incarnation peer) override {
      for (auto& x : all.machines)
        if (x.me == via)
          x.hears(probe_wanted{peer, me});
    }
    void tell_probe(incarnation to, incarnation peer, reach found) override {
      for (auto& x : all.machines)
        if (x.me == to)
          x.hears(probe_answered{peer, found, me});
    }

    void hears(const link_event& x) {
      if (is_running)
        listener_of(actor)(x);
    }

    membership_test& all;
    const std::int64_t node_id;
    caf::actor actor;
    std::shared_ptr<read_permit> reads = std::make_shared<read_permit>();
    view_ptr view = std::make_shared<cluster::view>();
    incarnation me = 0;
    std::vector<link_peer> peers;
    std::map<shard_id, std::int64_t> owned;
    std::vector<std::function<void()>> sealed;
    bool ends_at_once = true;
    bool is_running = false;
    bool is_stopped = false;
    int lives = 0; ///< how often it was in no cluster
    int moved = 0;
  };

  ~membership_test() override {
    for (auto& x : machines)
      kill(x);
  }

  machine& boot(std::int64_t node_id) { return boot(machines.emplace_back(*this, node_id)); }
  machine& boot(machine& x, const settings& rules = {}) {
    membership_parts parts{sql::cluster_repository{program->changes, program->views},
                           {x.node_id, "node" + std::to_string(x.node_id), "127.0.0.1:1", 1, 1},
                           rules,
                           &x,
                           &x,
                           x.reads};
    x.owned.clear();
    x.actor = sys.spawn(membership, std::move(parts));
    x.is_running = true;
    cluster::start(x.actor);
    run();
    return x;
  }
  /// As a process that is killed.
  void kill(machine& x) {
    if (!std::exchange(x.is_running, false))
      return;
    caf::anon_send_exit(x.actor, caf::exit_reason::kill);
    x.actor = nullptr;
    run();
  }
  reach look(incarnation peer) const {
    for (const auto& x : machines)
      if (x.me == peer)
        return x.is_running ? reach::reached : reach::refused;
    return reach::refused;
  }
  /// Time goes on for the nodes and for the store.
  void live(int seconds) {
    for (int i = 0; i < 2 * seconds; ++i) {
      change("UPDATE node SET heartbeat_at = heartbeat_at - 500");
      pass(std::chrono::milliseconds{500});
    }
  }
  std::size_t owned() const {
    std::size_t n = 0;
    for (const auto& x : machines)
      n += x.is_running ? x.owned.size() : 0;
    return n;
  }

  static constexpr std::size_t all_shards = 6 * 256;
  std::deque<machine> machines;
};

TEST_F(membership_test, ANodeAloneOwnsEverythingAtOnce) {
  auto& one = machines.emplace_back(*this, 1);
  boot(one, settings::alone());
  EXPECT_EQ(one.owned.size(), all_shards);
  EXPECT_EQ(one.view->shards.front().owner, one.me);
  EXPECT_TRUE(one.reads->holds(sched.clock().now()));
}

TEST_F(membership_test, NodesThatStartTogetherShareTheShards) {
  for (int id = 1; id <= 3; ++id)
    boot(id);
  live(4);
  EXPECT_EQ(owned(), all_shards);
  for (const auto& x : machines) {
    EXPECT_GT(x.owned.size(), all_shards / 5);
    EXPECT_EQ(x.peers.size(), 2U);
    EXPECT_EQ(x.view->version, machines[0].view->version);
  }
}

TEST_F(membership_test, TheOthersTakeOverFourSecondsAfterAKill) {
  for (int id = 1; id <= 3; ++id)
    boot(id);
  live(15);
  auto dead = machines[1].me;
  kill(machines[1]);
  for (auto* x : {&machines[0], &machines[2]})
    x->hears(link_down{2, dead, "closed"});
  run();
  EXPECT_LT(owned(), all_shards); // nobody is dead because a link is
  live(4);
  EXPECT_EQ(owned(), all_shards);
  EXPECT_FALSE(machines[0].view->alive(dead));
}

TEST_F(membership_test, ANodeThatIsCalledDeadComesBackAsSomebodyElse) {
  boot(1);
  boot(2);
  live(4);
  auto before = machines[0].me;
  change("UPDATE node SET state = 'dead' WHERE incarnation = " + std::to_string(before));
  live(3);
  EXPECT_GT(machines[0].me, before);
  EXPECT_EQ(machines[0].lives, 2); // before the first life, and after it
  live(3);
  EXPECT_EQ(owned(), all_shards);
}

TEST_F(membership_test, ADrainGivesAwayEverything) {
  boot(1);
  boot(2);
  live(4);
  auto had = machines[0].owned.size();
  ASSERT_GT(had, 0U);
  drain(machines[0].actor);
  live(4);
  EXPECT_TRUE(machines[0].is_stopped);
  EXPECT_EQ(machines[0].moved, static_cast<int>(had));
  EXPECT_EQ(machines[1].owned.size(), all_shards);
}

TEST_F(membership_test, AStopWaitsForWhatHasBegun) {
  boot(1);
  live(4);
  machines[0].ends_at_once = false;
  stop(machines[0].actor);
  run();
  ASSERT_EQ(machines[0].sealed.size(), all_shards);
  EXPECT_FALSE(machines[0].is_stopped);
  for (auto& finished : machines[0].sealed)
    finished();
  run();
  EXPECT_TRUE(machines[0].is_stopped);
  EXPECT_EQ(machines[0].me, 0);
}

TEST_F(membership_test, ReadsEndWhenTheStoreDoesNotAnswer) {
  boot(1);
  live(4);
  auto now = [&] { return sched.clock().now(); };
  EXPECT_TRUE(machines[0].reads->holds(now() + std::chrono::seconds{6}));
  EXPECT_FALSE(machines[0].reads->holds(now() + std::chrono::seconds{9}));
}

TEST_F(membership_test, ANewNodeIsGivenItsPart) {
  boot(1);
  live(4);
  boot(2);
  live(60);
  EXPECT_EQ(owned(), all_shards);
  EXPECT_GT(machines[1].owned.size(), all_shards / 3);
}

TEST_F(membership_test, LooksIntoTheStoreWhenSomebodyUnknownComes) {
  boot(1);
  live(4);
  change("UPDATE cluster_view SET version = version + 1"); // as if somebody had joined
  auto before = machines[0].view->version;
  machines[0].hears(link_refused{"node2", link_refused::reason::name, false, {}});
  run();
  EXPECT_GT(machines[0].view->version, before);
}

} // namespace
} // namespace hamlet
