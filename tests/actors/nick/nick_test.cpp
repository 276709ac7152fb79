// SPDX-License-Identifier: Apache-2.0
#include "actors/nick/nick.hpp"
#include "lib/base/ids.hpp"
#include "tests/support/actor_test.hpp"

namespace hamlet {

using chat::v1::Reply;
using chat::v1::Request;

namespace {

/// A SESSION that notes what it is asked, and answers what it is told to.
chat_actor::behavior_type fake_session(chat_actor::pointer self, std::vector<Request>* asked,
                                       Reply* reply, bool* mute) {
  return {
    [=](const Request& x) -> caf::result<Reply> {
      asked->push_back(x);
      if (*mute)
        return self->make_response_promise<Reply>();
      return *reply;
    },
    [](caf::tick_atom) {},
  };
}

} // namespace

class NickTest : public ActorTest {
protected:
  NickTest() {
    fake = sys.spawn(fake_session, &asked, &session_reply, &session_is_mute);
    begin();
  }
  /// @param here Of a cluster; nullptr: alone.
  void begin(std::shared_ptr<homes> here = {}, std::vector<nick_held> known = {}) {
    if (directory)
      caf::anon_send_exit(directory, caf::exit_reason::user_shutdown);
    auto tables = std::make_shared<router::tables>();
    tables->sessions.fill(fake);
    tables->homes = here;
    tables->node_sessions = [this](std::uint16_t) { return fake; };
    owners = router{tables};
    nick_parts parts;
    where = here;
    parts.where = where.get();
    parts.people = here ? &people : nullptr;
    parts.known = std::move(known);
    parts.owners = &owners;
    parts.rules = &rules;
    parts.network = &network;
    parts.find_owner = [this](const std::string& nick, std::int64_t,
                              std::function<void(result<nick_owner>)> done) {
      if (owner_is_mute)
        waiting.push_back(std::move(done));
      else
        done(nick == "owned" ? nick_owner{7, "Owner"} : nick_owner{});
    };
    directory = sys.spawn(nick_shard, std::move(parts));
    sched.run();
  }
  ~NickTest() override {
    waiting.clear();
    caf::anon_send_exit(directory, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(fake, caf::exit_reason::user_shutdown);
    sched.run();
    owners = router{};
  }

  static Request claim(std::int64_t session, const std::string& nick, std::int64_t account = 0,
                       bool forced = false) {
    Request x;
    x.set_session_id(session);
    x.mutable_claim_nick()->set_nick(nick);
    x.mutable_claim_nick()->set_account_id(account);
    x.mutable_claim_nick()->set_forced(forced);
    return x;
  }

  Reply ask(const Request& x) {
    caf::scoped_actor me{sys};
    auto pending = me->request(directory, std::chrono::seconds{1000}, x);
    sched.run();
    Reply got;
    pending.receive([&](Reply& r) { got = r; },
                    [&](caf::error& e) { ADD_FAILURE() << sys.render(e); });
    return got;
  }
  chat::v1::Refusal refusal(const Request& x) { return ask(x).refusal(); }

  void release(std::int64_t session, const std::string& nick) {
    Request x;
    x.set_session_id(session);
    x.mutable_release_nick()->set_nick(nick);
    caf::anon_send(directory, x);
    sched.run();
  }

  std::vector<Request> asked;
  Reply session_reply;
  bool session_is_mute = false;
  bool owner_is_mute = false;
  std::vector<std::function<void(result<nick_owner>)>> waiting;
  router owners;
  network_rules network;
  std::shared_ptr<homes> where;
  presence people;
  live<nick_rules> rules{nick_rules{}};
  chat_actor fake;
  chat_actor directory;
};

TEST_F(NickTest, GivesANickToTheFirst) {
  EXPECT_EQ(refusal(claim(1, "ann")), chat::v1::NONE);
  EXPECT_EQ(refusal(claim(2, "ANN")), chat::v1::NICK_IN_USE);
  EXPECT_EQ(refusal(claim(1, "Ann")), chat::v1::NONE); // another case of its own
  release(2, "ann");
  EXPECT_EQ(refusal(claim(2, "ann")), chat::v1::NICK_IN_USE);
  release(1, "ann");
  EXPECT_EQ(refusal(claim(2, "ann")), chat::v1::NONE);
}

TEST_F(NickTest, HoldsWhatLooksLikeANickOfAnother) {
  EXPECT_EQ(refusal(claim(1, "paul")), chat::v1::NONE);
  auto reply = ask(claim(2, "\xd1\x80"
                            "aul"));
  EXPECT_EQ(reply.refusal(), chat::v1::NICK_HELD);
  EXPECT_NE(reply.detail().find("paul"), std::string::npos);
  EXPECT_EQ(refusal(claim(1, "\xd1\x80"
                             "aul")),
            chat::v1::NONE);
}

TEST_F(NickTest, HoldsTheNickOfAnAccountForItsOwner) {
  auto reply = ask(claim(1, "owned"));
  EXPECT_EQ(reply.refusal(), chat::v1::NICK_HELD);
  EXPECT_NE(reply.detail().find("Owner"), std::string::npos);
  EXPECT_EQ(refusal(claim(2, "owned", 8)), chat::v1::NICK_HELD);
  EXPECT_EQ(refusal(claim(2, "owned", 7)), chat::v1::NONE); // nobody has it now
}

TEST_F(NickTest, LetsTheAdministratorLeaveNicksToAll) {
  rules.set({.protects_owners = false});
  EXPECT_EQ(refusal(claim(1, "owned")), chat::v1::NONE);
}

TEST_F(NickTest, GivesNobodyElseANickWhileTheAccountIsAsked) {
  owner_is_mute = true;
  caf::scoped_actor me{sys};
  auto first = me->request(directory, std::chrono::seconds{1000}, claim(1, "ann"));
  sched.run();
  EXPECT_EQ(refusal(claim(2, "ann")), chat::v1::NICK_IN_USE);
  ASSERT_EQ(waiting.size(), 1u);
  waiting[0](nick_owner{});
  sched.run();
  first.receive([](Reply& x) { EXPECT_EQ(x.refusal(), chat::v1::NONE); },
                [](caf::error&) { FAIL(); });
}

TEST_F(NickTest, GivesNoNickWhenTheAccountDoesNotAnswer) {
  owner_is_mute = true;
  caf::scoped_actor me{sys};
  auto first = me->request(directory, std::chrono::seconds{1000}, claim(1, "ann"));
  sched.run();
  sched.clock().advance_time(std::chrono::seconds{60});
  sched.run();
  first.receive([](Reply& x) { EXPECT_EQ(x.refusal(), chat::v1::FAILED); },
                [](caf::error&) { FAIL(); });
  owner_is_mute = false;
  EXPECT_EQ(refusal(claim(2, "ann")), chat::v1::NONE);
}

TEST_F(NickTest, KnowsReservedNicks) {
  chat::v1::NetworkBan ban;
  ban.set_kind("resv");
  ban.set_mask("NickServ");
  network.set_bans({&ban, 1});
  EXPECT_EQ(refusal(claim(1, "nickserv")), chat::v1::NICK_FORBIDDEN);
  auto by_operator = claim(1, "nickserv");
  by_operator.mutable_who()->set_is_operator(true);
  EXPECT_EQ(refusal(by_operator), chat::v1::NONE);
}

TEST_F(NickTest, RenamesTheHolderBeforeAForcedClaimIsGranted) {
  EXPECT_EQ(refusal(claim(1, "ann")), chat::v1::NONE);
  session_is_mute = true;
  caf::scoped_actor me{sys};
  auto forced = me->request(directory, std::chrono::seconds{1000}, claim(2, "ann", 0, true));
  sched.run();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].session_id(), 1);
  EXPECT_EQ(asked[0].force_nick().from(), "ann");
  EXPECT_EQ(asked[0].force_nick().nick(), "");
  EXPECT_TRUE(me->mailbox().empty()); // not before it is done
  EXPECT_EQ(refusal(claim(3, "ann")), chat::v1::NICK_IN_USE);
  sched.clock().advance_time(std::chrono::seconds{60});
  sched.run();
  forced.receive([](Reply& x) { EXPECT_EQ(x.refusal(), chat::v1::FAILED); },
                 [](caf::error&) { FAIL(); });

  session_is_mute = false; // it was asked in vain; now it does so
  EXPECT_EQ(refusal(claim(2, "ann", 0, true)), chat::v1::NONE);
  release(1, "ann");
  EXPECT_EQ(refusal(claim(1, "ann")), chat::v1::NICK_IN_USE);
  session_reply.set_refusal(chat::v1::NO_SUCH_SESSION); // the holder is long gone
  EXPECT_EQ(refusal(claim(3, "ann", 0, true)), chat::v1::NONE);
}

TEST_F(NickTest, IsBounded) {
  rules.set({.nicks_at_most = 2});
  EXPECT_EQ(refusal(claim(1, "a")), chat::v1::NONE);
  EXPECT_EQ(refusal(claim(2, "b")), chat::v1::NONE);
  EXPECT_EQ(refusal(claim(3, "c")), chat::v1::FAILED);
}

TEST_F(NickTest, KnowsItsVerbsAlone) {
  Request x;
  x.mutable_join();
  EXPECT_EQ(refusal(x), chat::v1::BAD_REQUEST);
}

// -- in a cluster ---------------------------------------------------------------------------------

class NickOfNodesTest : public NickTest {
protected:
  void show(std::int64_t session, const std::string& nick) {
    user_card card;
    card.who.set_session_id(session);
    card.who.set_nick(nick);
    people.put(std::make_shared<const user_card>(card));
  }
  std::shared_ptr<homes> nodes = std::make_shared<homes>(std::uint16_t{1});
};

TEST_F(NickOfNodesTest, HoldsWhatItsFormerOwnerHeld) {
  show(1, "Ann");
  show(2, "p\xd0\xb0ul");
  begin(nodes, {{"Ann", 1}, {"p\xd0\xb0ul", 2}});
  EXPECT_EQ(refusal(claim(3, "ann")), chat::v1::NICK_IN_USE);
  EXPECT_EQ(refusal(claim(3, "paul")), chat::v1::NICK_HELD);
  EXPECT_EQ(refusal(claim(1, "ANN")), chat::v1::NONE);
  EXPECT_TRUE(asked.empty()); // all is clear
  release(1, "ann");
  people.remove(1, 0);
  EXPECT_EQ(refusal(claim(3, "ann")), chat::v1::NONE);
}

// The note by which it was given back has been lost with the former owner.
TEST_F(NickOfNodesTest, AsksTheSessionThatNobodySees) {
  begin(nodes, {{"ann", 1}});
  EXPECT_EQ(refusal(claim(3, "ann")), chat::v1::NICK_IN_USE); // it is about to be seen
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].session_id(), 1);
  EXPECT_EQ(asked[0].has_nick().nick(), "ann");
  session_reply.set_refusal(chat::v1::NO_SUCH_SESSION);
  EXPECT_EQ(refusal(claim(3, "ann")), chat::v1::NONE);
  show(3, "ann");
  EXPECT_EQ(refusal(claim(4, "ann")), chat::v1::NICK_IN_USE);
}

TEST_F(NickOfNodesTest, AsksTheSessionThatIsCalledOtherwiseNow) {
  begin(nodes, {{"ann", 1}});
  show(1, "anna");
  session_reply.set_refusal(chat::v1::NO_SUCH_NICK);
  EXPECT_EQ(refusal(claim(3, "ann")), chat::v1::NONE);
}

// All see it, and the table has forgotten: what was granted while the owner died.
TEST_F(NickOfNodesTest, LearnsOfANickThatItHasMissed) {
  begin(nodes);
  show(1, "ann");
  EXPECT_EQ(refusal(claim(3, "ann")), chat::v1::NICK_IN_USE);
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_EQ(refusal(claim(4, "ann")), chat::v1::NICK_IN_USE);
  EXPECT_EQ(asked.size(), 1u); // it knows now
  session_reply.set_refusal(chat::v1::NO_SUCH_SESSION);
  show(5, "bob"); // has quit, and that is not known here yet
  EXPECT_EQ(refusal(claim(3, "bob")), chat::v1::NONE);
}

TEST_F(NickOfNodesTest, BelievesWhoDoesNotAnswerUnlessItsNodeIsDead) {
  auto far = id_source{7}.next();
  begin(nodes, {{"ann", far}});
  session_is_mute = true;
  auto try_it = [&] {
    caf::scoped_actor me{sys};
    auto pending = me->request(directory, std::chrono::seconds{1000}, claim(3, "ann"));
    sched.run();
    sched.clock().advance_time(std::chrono::seconds{60});
    sched.run();
    auto got = chat::v1::BAD_REQUEST;
    pending.receive([&](Reply& x) { got = x.refusal(); }, [](caf::error&) { FAIL(); });
    return got;
  };
  EXPECT_EQ(try_it(), chat::v1::NICK_IN_USE);
  nodes->set_dead(7, true);
  EXPECT_EQ(try_it(), chat::v1::NONE);
}

TEST_F(NickOfNodesTest, KeepsTheNickOfWhoWaitsForItsMember) {
  auto far = id_source{7}.next();
  begin(nodes, {{"ann", far}});
  show(far, "ann");
  nodes->set_dead(7, true);
  nodes->lose(far);
  auto reply = ask(claim(3, "ann"));
  EXPECT_EQ(reply.refusal(), chat::v1::NICK_IN_USE);
  EXPECT_EQ(reply.session_id(), far);
  EXPECT_TRUE(asked.empty());
}

TEST_F(NickOfNodesTest, GivesNothingToADeadNode) {
  begin(nodes);
  nodes->set_dead(7, true);
  EXPECT_EQ(refusal(claim(id_source{7}.next(), "ann")), chat::v1::FAILED);
  EXPECT_EQ(refusal(claim(3, "ann")), chat::v1::NONE);
}

// The next one is to be asked, not when the time of the asker is over.
TEST_F(NickOfNodesTest, AnOwnerThatEndsSaysSoToThoseWhoWait) {
  begin(nodes);
  owner_is_mute = true;
  caf::scoped_actor me{sys};
  auto first = me->request(directory, std::chrono::seconds{1000}, claim(1, "ann"));
  sched.run();
  caf::anon_send_exit(directory, caf::exit_reason::user_shutdown);
  sched.run();
  waiting.clear();
  ASSERT_FALSE(me->mailbox().empty());
  first.receive([](Reply&) { FAIL(); },
                [](caf::error& why) { EXPECT_EQ(code_of(why), errc::shutting_down); });
}

// The former owner may have been asking for it when it ended.
TEST_F(NickOfNodesTest, DecidesAnewAboutANickThatWasClaimedAndNotShown) {
  begin(nodes, {{"owned", 1}, {"ann", 2}});
  EXPECT_EQ(refusal(claim(1, "owned")), chat::v1::NICK_HELD);
  EXPECT_EQ(refusal(claim(2, "ann")), chat::v1::NONE);
}

} // namespace hamlet
