// SPDX-License-Identifier: Apache-2.0
#include "actors/mail_clients.hpp"
#include "gateway/net/io_pool.hpp"
#include "gateway/pop3/connection.hpp"
#include "tests/actors/cluster/proxy_fixture.hpp"
#include "tests/support/net_client.hpp"

#include <csignal>
#include <future>

namespace hamlet::cluster {

namespace {

constexpr auto good_bye = "+OK good bye\r\n";

caf::behavior trusting(caf::event_based_actor*, int) {
  return {[](const account::v1::CheckPassword&) {
    account::v1::LoginResult x;
    x.set_verdict(account::v1::LoginResult::RIGHT);
    x.set_account_id(7);
    return x;
  }};
}

/// A client of POP3 at one node; the other one owns its mailbox.
class OverNodes : public Proxy {
protected:
  OverNodes() {
    std::signal(SIGPIPE, SIG_IGN);
    auto owners = std::make_shared<router::tables>();
    owners->accounts.fill(caf::actor_cast<account_actor>(account));
    owners->mailboxes.fill(a.door);
    auto parts = std::make_shared<pop3::connection_parts>();
    parts->rules.needs_tls_for_login = false;
    parts->owners = router{owners};
    parts->seen_in = &clients;
    std::promise<net::stream> accepted;
    door.start([&](net::stream x) { accepted.set_value(std::move(x)); });
    phone.emplace(door.port());
    connection = sys.spawn(pop3::connection, accepted.get_future().get(),
                           std::shared_ptr<const pop3::connection_parts>{parts}, 1u);
    connection->attach_functor([this] { is_gone = true; });
    two_owns();
    say("USER ann\r\nPASS secret\r\n");
  }
  ~OverNodes() override {
    caf::anon_send_exit(connection, caf::exit_reason::kill);
    caf::anon_send_exit(account, caf::exit_reason::user_shutdown);
    sched.run();
  }

  void say(std::string bytes) {
    caf::anon_send(connection, net::received{std::move(bytes)});
    sched.run();
  }

  /// The last line that the client has heard, after which the node has hung up.
  std::string last_line() {
    auto all = phone->receive_all();
    auto begin = all.rfind('\n', all.size() - 2);
    return begin == all.npos ? all : all.substr(begin + 1);
  }

  mail_clients clients;
  net::io_pool pool{1};
  net::listener door = net::listener::open(pool, {}).value();
  caf::actor account = sys.spawn(trusting, argument);
  std::optional<net_client> phone;
  net::connection_actor connection;
  bool is_gone = false;
};

// RFC 1939 §6: with +OK the lock is released, whoever has it.
TEST_F(OverNodes, QuitIsAnsweredWhenTheOwnerHasUnlocked) {
  ASSERT_TRUE(state().holder);
  a.out.is_slow = true;
  say("QUIT\r\n");
  EXPECT_FALSE(is_gone); // nor has it said a word
  a.out.arrive();
  sched.run();
  EXPECT_FALSE(state().holder);
  EXPECT_TRUE(is_gone);
  EXPECT_EQ(last_line(), good_bye);
}

TEST_F(OverNodes, QuitIsAnsweredThoughTheOwnerIsSilent) {
  a.out.is_slow = true;
  say("QUIT\r\n");
  pass(4s);
  EXPECT_FALSE(is_gone);
  pass(2s);
  EXPECT_TRUE(is_gone);
  EXPECT_EQ(last_line(), good_bye);
  a.out.arrive();
  sched.run();
  EXPECT_FALSE(state().holder);
}

TEST_F(OverNodes, WhoLeavesWithoutQuitIsUnlocked) {
  caf::anon_send(connection, net::closed{net::close_reason::by_peer});
  sched.run();
  EXPECT_TRUE(is_gone);
  EXPECT_FALSE(state().holder);
}

} // namespace

} // namespace hamlet::cluster
