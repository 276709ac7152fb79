// SPDX-License-Identifier: Apache-2.0
#include "actors/system/shard_group.hpp"
#include "actors/system/supervisor.hpp"
#include "tests/support/actor_test.hpp"

using namespace std::chrono_literals;

namespace hamlet {

using names = std::vector<std::string>;

/// Ends when it is told to, or stays and only notes it.
caf::behavior part_of_node(caf::event_based_actor* self, names* log, std::string name, bool ends) {
  self->set_exit_handler([=](const caf::exit_msg& msg) {
    log->push_back("stop " + name);
    if (ends)
      self->quit(msg.reason);
  });
  self->attach_functor([=] { log->push_back("end " + name); });
  return {[](caf::unit_t) {}};
}

class SystemTest : public ActorTest {
protected:
  ~SystemTest() override {
    for (auto& x : all)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    sched.run();
  }

  caf::actor start(const std::string& name, bool ends = true) {
    all.push_back(sys.spawn(part_of_node, &log, name, ends));
    sched.run();
    return all.back();
  }

  template <class... Args>
  caf::actor spawn(Args... args) {
    all.push_back(sys.spawn(args...));
    all.back()->attach_functor([this] { log.push_back("end"); });
    sched.run();
    return all.back();
  }

  void tell(const caf::actor& x, caf::exit_reason why = caf::exit_reason::user_shutdown) {
    caf::anon_send_exit(x, why);
    sched.run();
  }

  names log;
  std::vector<caf::actor> all;
};

TEST_F(SystemTest, StopsTheLastStartedFirst) {
  auto root = spawn(
    supervisor, std::vector<part>{{"store", start("store")}, {"smtp", start("smtp")}}, 10'000ms);
  tell(root);
  EXPECT_EQ(log, (names{"stop smtp", "end smtp", "stop store", "end store", "end"}));
}

TEST_F(SystemTest, KillsWhatDoesNotStopInTime) {
  auto root =
    spawn(supervisor, std::vector<part>{{"store", start("store")}, {"smtp", start("smtp", false)}},
          10'000ms);
  tell(root);
  EXPECT_EQ(log, (names{"stop smtp"}));
  sched.clock().advance_time(10s);
  sched.run();
  EXPECT_EQ(log, (names{"stop smtp", "end smtp", "stop store", "end store", "end"}));
}

TEST_F(SystemTest, StopsAllWhenOneDies) {
  auto smtp = start("smtp");
  auto root =
    spawn(supervisor,
          std::vector<part>{{"store", start("store")}, {"smtp", smtp}, {"pop3", start("pop3")}},
          10'000ms);
  tell(smtp, caf::exit_reason::kill);
  EXPECT_EQ(log, (names{"end smtp", "stop pop3", "end pop3", "stop store", "end store", "end"}));
}

TEST_F(SystemTest, GroupStopsAllItsShards) {
  auto group = spawn(shard_group, std::vector<caf::actor>{start("one"), start("two")});
  tell(group);
  EXPECT_EQ(log, (names{"stop one", "end one", "stop two", "end two", "end"}));
}

TEST_F(SystemTest, GroupWaitsForItsSlowest) {
  auto slow = start("slow", false);
  auto group = spawn(shard_group, std::vector<caf::actor>{slow, start("quick")});
  tell(group);
  EXPECT_EQ(log, (names{"stop slow", "stop quick", "end quick"}));
  tell(slow, caf::exit_reason::kill);
  EXPECT_EQ(log.back(), "end");
}

TEST_F(SystemTest, GroupDiesWithOneOfItsShards) {
  auto one = start("one");
  auto group = spawn(shard_group, std::vector<caf::actor>{one, start("two")});
  tell(one, caf::exit_reason::kill);
  EXPECT_EQ(log, (names{"end one", "end", "end two"}));
}

TEST_F(SystemTest, GroupThatIsKilledLeavesNoShard) {
  auto group = spawn(shard_group, std::vector<caf::actor>{start("one"), start("two")});
  tell(group, caf::exit_reason::kill);
  EXPECT_EQ(log, (names{"end", "end one", "end two"}));
}

} // namespace hamlet
