// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/inbox.hpp"
#include "actors/cluster/proxy.hpp"
#include "actors/failure.hpp"
#include "tests/gateway/link/support.hpp"
#include "tests/support/actor_test.hpp"

#include <caf/typed_event_based_actor.hpp>

// From a proxy over TLS to an owner on another node and back: two actor systems in one process.

namespace hamlet::cluster {

namespace {

constexpr shard_id shard{shard_kind::account, 3};

account_actor::behavior_type account(account_actor::pointer, int) {
  auto nobody = [](auto&) { return to_caf({errc::not_found, "nobody"}); };
  using namespace account::v1;
  return {[=](const CheckPassword& x) -> caf::result<LoginResult> { return nobody(x); },
          [=](const SaltOf& x) -> caf::result<LoginResult> { return nobody(x); },
          [=](const CheckProof& x) -> caf::result<LoginResult> { return nobody(x); },
          [=](const CheckApop& x) -> caf::result<LoginResult> { return nobody(x); },
          [=](const CheckCertificate& x) -> caf::result<LoginResult> { return nobody(x); },
          [](const Resolve& x) -> caf::result<Resolved> {
            Resolved found;
            found.add_remote(x.local() + "@far.test");
            return found;
          },
          [=](const FindNames& x) -> caf::result<NamesFound> { return nobody(x); },
          [=](const Register& x) -> caf::result<Registered> { return nobody(x); },
          [=](const SetPassword& x) -> caf::result<Changed> { return nobody(x); },
          [=](const AddCertificate& x) -> caf::result<Changed> { return nobody(x); },
          [=](const RemoveCertificate& x) -> caf::result<Changed> { return nobody(x); },
          [=](const ListCertificates& x) -> caf::result<Certificates> { return nobody(x); },
          [=](const GroupNick& x) -> caf::result<Changed> { return nobody(x); },
          [=](const UngroupNick& x) -> caf::result<Changed> { return nobody(x); },
          [=](const ListNicks& x) -> caf::result<Nicks> { return nobody(x); },
          [=](const OwnerOfNick& x) -> caf::result<NickOwner> { return nobody(x); },
          [=](const FindAccount& x) -> caf::result<AccountFound> { return nobody(x); },
          [=](const SetChatSetting& x) -> caf::result<Changed> { return nobody(x); },
          [=](const GetChatSettings& x) -> caf::result<ChatSettings> { return nobody(x); },
          [=](const ManageAccount& x) -> caf::result<AccountManaged> { return nobody(x); },
          [](caf::tick_atom) {}};
}

/// What a node is made of, as far as commands pass through it.
struct small_node {
  small_node(const pki::authority& ca, std::int64_t id)
      : where{std::make_shared<places>()}, in{sys.spawn(inbox, std::shared_ptr<const places>{where},
                                                        std::make_shared<heard_news>())},
        net{id, 10 * id, link::identity_of(ca, "node" + std::to_string(id)), link::quick_rules(),
            into(in)},
        parts{std::make_shared<proxy_parts>()} {
    parts->where = where;
    parts->out = net.on.get();
    door = spawn_account_proxy(sys, shard.number, parts);
    where->watch(shard, caf::actor_cast<caf::actor>(door));
  }
  ~small_node() {
    where->forget_watchers();
    where->end({shard, 99}, 0, 0);
    net.on->close();
    caf::anon_send_exit(door, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(in, caf::exit_reason::user_shutdown);
    sys.await_all_actors_done(); // they know the link
  }

  node_config cfg;
  caf::actor_system sys{cfg};
  std::shared_ptr<places> where;
  caf::actor in;
  link::test_node net;
  std::shared_ptr<proxy_parts> parts;
  account_actor door;
};

view_ptr owned_by(incarnation owner, std::int64_t epoch) {
  auto x = std::make_shared<view>();
  for (std::int64_t id : {1, 2}) {
    auto& n = x->nodes.emplace_back();
    n.node_id = id;
    n.born = 10 * id;
    n.state = node_state::up;
  }
  x->shards.push_back({shard, owner, epoch});
  return x;
}

TEST(WholeWay, ARequestIsAnsweredFromTheOtherNode) {
  auto ca = *pki::authority::make("tea", unix_seconds());
  small_node a{ca, 1}, b{ca, 2};
  link::introduce({&a.net, &b.net});
  ASSERT_TRUE(a.net.waits_for_link(b.net));
  for (auto* x : {&a, &b})
    x->where->publish(owned_by(20, 4), x->net.incarnation);
  auto owner = b.sys.spawn(account, 0);
  b.where->open({shard, 4}, caf::actor_cast<caf::actor>(owner));
  caf::scoped_actor self{a.sys};
  account::v1::Resolve question;
  question.set_local("alice");
  std::string answer;
  self->request(a.door, link::long_enough, question)
    .receive([&](const account::v1::Resolved& x) { answer = x.remote(0); },
             [](const caf::error& why) { FAIL() << static_cast<int>(code_of(why)); });
  EXPECT_EQ(answer, "alice@far.test");
  auto code = errc::none;
  account::v1::SaltOf odd;
  odd.set_name("\xe9ve"); // clients write what they like: no UTF-8
  self->request(a.door, link::long_enough, odd)
    .receive([](const account::v1::LoginResult&) {},
             [&](const caf::error& why) { code = code_of(why); });
  EXPECT_EQ(code, errc::not_found);
  caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
}

} // namespace

} // namespace hamlet::cluster
