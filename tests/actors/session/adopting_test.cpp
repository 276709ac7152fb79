// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/session/session_fixture.hpp"

namespace hamlet {

using strings = std::vector<std::string>;

/// Node 1 of a cluster; the sessions of node 7 are known by presence alone.
class AdoptingTest : public SessionTest {
protected:
  struct news_list : chat_news, presence_listener {
    void adopted(std::int64_t) override { all.push_back("adopted"); }
    void books_changed() override { all.push_back("books"); }
    void user_put(const packed_ref& x) override { all.push_back("put " + std::string{x->nick()}); }
    void user_removed(std::int64_t, std::int64_t) override { all.push_back("removed"); }
    void channel_put(const channel_ref&) override {}
    void channel_removed(std::string_view) override {}
    strings all;
  };

  AdoptingTest() {
    stop();
    where = std::make_shared<homes>(std::uint16_t{1});
    news = &told;
    claims = &book;
    begin();
    people->set_listener(&told);
  }

  /// A member at node 7, with a client there, in #a and #b.
  std::int64_t see(const std::string& nick, std::int64_t account, const std::string& away = {}) {
    user_card card;
    auto& who = card.who;
    who.set_session_id(seventh.next());
    who.set_nick(nick);
    who.set_user("~" + nick);
    who.set_host("cloak." + nick);
    who.set_account_id(account);
    who.set_account(account != 0 ? "acc-" + nick : "");
    who.set_user_modes("i");
    who.set_is_away(!away.empty());
    card.away = away;
    card.clients = 1;
    card.signon_ms = 77;
    people->learn(std::make_shared<const packed_user>(card));
    people->set_member(who.session_id(), {"#a", "@", false});
    people->set_member(who.session_id(), {"#b", "", false});
    return who.session_id();
  }
  std::int64_t lose(std::int64_t session) {
    where->lose(session);
    return session;
  }
  void save(std::int64_t account, const std::string& nick) {
    sql::chat_session row;
    row.account_id = account;
    row.nick = nick;
    chat::v1::SavedSession kept;
    kept.add_silence("bad!*@*");
    kept.add_accept("friend");
    row.channels = kept.SerializeAsString();
    sql::chat_account_repository store{program->changes, program->views};
    ASSERT_TRUE(wait<void_t>([&](auto done) { store.save_session(row, done); }));
  }
  Reply keep(std::int64_t session, bool is_here) {
    auto x = request(session);
    x.mutable_keep_session()->set_is_here(is_here);
    return ask_here(std::move(x));
  }
  Reply ask_here(Request x) {
    auto here = owners.session_here(x.session_id());
    auto got = StoreActorTest::ask<Reply>(here, std::move(x));
    EXPECT_TRUE(got.has_value());
    return got ? *got : Reply{};
  }
  void node_gone(std::uint16_t node) {
    for (auto& shard : shards) {
      auto x = request(0);
      x.mutable_node_gone()->set_node(node);
      caf::anon_send(shard, std::move(x));
    }
    run();
  }

  id_source seventh{7};
  news_list told;
  claim_book book;
};

TEST_F(AdoptingTest, AMemberComesBackToTheSessionThatItsNodeHasLeft) {
  auto account = create("ann").value();
  auto id = lose(see("ann", account));
  log.clear();
  EXPECT_EQ(come("ann", account, 11), id);
  EXPECT_TRUE(last.is_resumed());
  EXPECT_EQ(last.channels_size(), 2);
  EXPECT_EQ(last.user_modes().find('i'), 1u);
  EXPECT_TRUE(where->is_here(id));
  EXPECT_FALSE(where->is_lost(id));
  EXPECT_EQ(people->find(id)->clients, 1u);
  EXPECT_EQ(people->find(id)->signon_ms, 77);
  // Nobody sees it go or come; others are told whose it is before they hear of it.
  EXPECT_TRUE(events(Event::kQuit).empty());
  EXPECT_TRUE(events(Event::kOnline).empty());
  EXPECT_TRUE(asked(Request::kJoin).empty());
  EXPECT_TRUE(asked(Request::kClaimNick).empty()); // it has it
  ASSERT_GE(told.all.size(), 2u);
  EXPECT_EQ(told.all[0], "adopted");
  EXPECT_EQ(told.all[1], "put ann");
  // From now on it is a session as any other.
  log.clear();
  leave(id, false, 11);
  EXPECT_EQ(events(Event::kQuit).size(), 1u);
  EXPECT_EQ(asked(Request::kLeave).size(), 2u);
}

TEST_F(AdoptingTest, ItsListsAreThoseOfTheStore) {
  auto account = create("ann").value();
  save(account, "ann");
  auto id = lose(see("ann", account));
  ASSERT_EQ(come("ann", account, 11), id);
  auto got = set_list(id, "silence", "worse!*@*");
  ASSERT_EQ(got.names_size(), 2);
  EXPECT_EQ(got.names(0), "bad!*@*");
  EXPECT_EQ(set_list(id, "accept", "other").names_size(), 2);
}

TEST_F(AdoptingTest, IsHereAgainForOthersWhenItWasAway) {
  auto account = create("ann").value();
  auto id = lose(see("ann", account, "lunch"));
  log.clear();
  ASSERT_EQ(come("ann", account, 11), id);
  ASSERT_EQ(events(Event::kAway).size(), 1u);
  EXPECT_EQ(events(Event::kAway)[0].away().text(), "");
}

TEST_F(AdoptingTest, AsksTheHomeThatLives) {
  auto account = create("ann").value();
  auto id = see("ann", account);
  far_answers = [&](const Request&) {
    Reply x;
    x.set_session_id(id);
    x.set_is_resumed(true);
    return x;
  };
  log.clear();
  EXPECT_EQ(come("ann", account, 11), id);
  ASSERT_EQ(asked(Request::kAttach).size(), 1u);
  EXPECT_FALSE(asked(Request::kAttach)[0].attach().may_adopt());
  EXPECT_FALSE(where->is_here(id));
  EXPECT_TRUE(told.all.empty());
}

TEST_F(AdoptingTest, KeepsMembersApart) {
  auto id = lose(see("ann", create("ann").value()));
  EXPECT_NE(come("other", create("bob").value(), 12), id);
  auto attach = request(id);
  attach.mutable_who()->set_account_id(4711);
  attach.mutable_attach()->set_connection_id(99);
  attach.mutable_attach()->set_may_adopt(true);
  EXPECT_EQ(ask_here(attach).refusal(), chat::v1::NO_SUCH_SESSION);
  auto guest = lose(see("guest", 0));
  attach.set_session_id(guest);
  EXPECT_EQ(ask_here(attach).refusal(), chat::v1::NO_SUCH_SESSION);
  EXPECT_TRUE(where->is_lost(guest));
}

TEST_F(AdoptingTest, DoesNotTakeWhatAnotherNodeHasTakenMeanwhile) {
  auto account = create("ann").value();
  auto id = lose(see("ann", account));
  auto x = start("ann", account, 11);
  caf::anon_send(owners.session_of(x.session_id()), x);
  turn(); // the store is being asked
  where->adopt(id, 9);
  run();
  EXPECT_EQ(where->node_of(id), 9);
  EXPECT_EQ(std::ranges::count(told.all, "adopted"), 0);
}

TEST_F(AdoptingTest, TwoClientsAtOnceAdoptItOnce) {
  auto account = create("ann").value();
  auto id = lose(see("ann", account));
  auto one = start("ann", account, 11), two = start("ann", account, 12);
  caf::anon_send(owners.session_of(one.session_id()), one);
  caf::anon_send(owners.session_of(two.session_id()), two);
  run();
  EXPECT_EQ(people->find(id)->clients, 2u);
  EXPECT_EQ(std::ranges::count(told.all, "adopted"), 1);
}

// Whoever adopts, and does not come: it waits as long as for any client.
TEST_F(AdoptingTest, EndsWhenNobodyComes) {
  auto account = create("ann").value();
  auto id = lose(see("ann", account));
  auto bounds = session_rules{};
  bounds.clients = 0;
  rules.set(bounds);
  auto x = start("ann", account);
  x.set_session_id(id);
  x.mutable_attach()->set_may_adopt(true);
  EXPECT_EQ(ask_here(x).refusal(), chat::v1::LIMIT_REACHED);
  ASSERT_TRUE(where->is_here(id));
  log.clear();
  pass(std::chrono::seconds{100});
  ASSERT_EQ(events(Event::kQuit).size(), 1u);
  EXPECT_EQ(events(Event::kQuit)[0].quit().reason(), "Node lost");
  EXPECT_EQ(asked(Request::kReleaseNick).size(), 1u);
}

// -- two adopters ---------------------------------------------------------------------------------

TEST_F(AdoptingTest, TheCopyThatLosesEndsWithoutAWord) {
  auto account = create("ann").value();
  auto id = lose(see("ann", account));
  ASSERT_EQ(come("ann", account, 11), id);
  log.clear();
  told.all.clear();
  keep(id, false);
  pass(std::chrono::seconds{200});
  EXPECT_TRUE(log.empty()); // no QUIT, no Leave, the nick is not free
  EXPECT_TRUE(told.all.empty());
  EXPECT_TRUE(people->find(id));
  EXPECT_EQ(ask_here(request(id)).refusal(), chat::v1::NO_SUCH_SESSION);
}

TEST_F(AdoptingTest, TheOneThatIsKeptSaysAgainWhatItIs) {
  auto account = create("ann").value();
  auto id = lose(see("ann", account));
  ASSERT_EQ(come("ann", account, 11), id);
  told.all.clear();
  keep(id, true);
  EXPECT_EQ(told.all, strings{"put ann"});
  EXPECT_EQ(people->find(id)->clients, 1u);
}

// -- those who stay -------------------------------------------------------------------------------

TEST_F(AdoptingTest, TakesOverThoseWhoStayWithoutAClient) {
  session_rules x;
  x.persistence = hamlet::config::persistence::opt_out;
  rules.set(x);
  auto account = create("ann").value();
  save(account, "ann");
  auto id = lose(see("ann", account));
  auto other = see("bob", create("bob").value()); // its node lives
  save(people->find(other)->who.account_id(), "bob");
  log.clear();
  result<std::size_t> count = fail(errc::none);
  adopt_saved_sessions(owners, *people, {program->changes, program->views},
                       [&](result<std::size_t> n) { count = n; });
  run();
  ASSERT_TRUE(count.has_value());
  EXPECT_EQ(*count, 1u);
  EXPECT_TRUE(where->is_here(id));
  EXPECT_FALSE(where->is_here(other));
  EXPECT_EQ(people->find(id)->clients, 0u);
  ASSERT_EQ(events(Event::kAway).size(), 1u); // nobody is there
  pass(std::chrono::hours{1});
  EXPECT_TRUE(events(Event::kQuit).empty());
  EXPECT_EQ(come("ann", account, 11), id);
}

TEST_F(AdoptingTest, LeavesThoseWhoDoNotStayToTheirGrace) {
  auto account = create("ann").value();
  save(account, "ann"); // but the member has decided otherwise since
  auto id = lose(see("ann", account));
  auto x = request(id);
  x.mutable_adopt_session();
  EXPECT_EQ(ask_here(x).refusal(), chat::v1::NO_SUCH_SESSION);
  EXPECT_TRUE(where->is_lost(id));
  EXPECT_TRUE(told.all.empty());
}

// -- clients of a dead node -----------------------------------------------------------------------

TEST_F(AdoptingTest, ClientsOfADeadNodeAreDetached) {
  auto far_away = seventh.next(), near = ids->next();
  auto guest = come("guest");
  auto id = come("ann", create("ann").value(), near);
  ASSERT_EQ(come("ann", people->find(id)->who.account_id(), far_away), id);
  ASSERT_EQ(people->find(id)->clients, 2u);
  log.clear();
  node_gone(9);
  EXPECT_EQ(people->find(id)->clients, 2u);
  node_gone(7);
  EXPECT_EQ(people->find(id)->clients, 1u);
  EXPECT_TRUE(is_here("guest"));
  EXPECT_TRUE(events(Event::kQuit).empty());
  EXPECT_NE(guest, 0);
}

TEST_F(AdoptingTest, LetsNoClientOfADeadNodeIn) {
  auto account = create("ann").value();
  auto id = come("ann", account, ids->next());
  where->set_dead(7, true);
  EXPECT_NE(come("ann", account, id_source{7}.next()), id);
  EXPECT_EQ(people->find(id)->clients, 1u);
}

TEST_F(AdoptingTest, WaitsForTheMemberWhoseLastClientWasAtADeadNode) {
  auto account = create("ann").value();
  auto id = come("ann", account, id_source{7}.next());
  log.clear();
  node_gone(7);
  EXPECT_EQ(people->find(id)->clients, 0u);
  EXPECT_TRUE(events(Event::kQuit).empty());
  EXPECT_EQ(come("ann", account, ids->next()), id);
  pass(std::chrono::seconds{200});
  EXPECT_TRUE(is_here("ann"));
}

// The others have told its users' QUITs already.
TEST_F(AdoptingTest, ANodeThatWasTakenForDeadForgetsItsSessions) {
  auto id = come("ann", create("ann").value(), 11);
  come("guest");
  log.clear();
  told.all.clear();
  node_gone(1);
  EXPECT_TRUE(log.empty());
  EXPECT_TRUE(told.all.empty());
  EXPECT_EQ(ask(request(id)).refusal(), chat::v1::NO_SUCH_SESSION);
}

// -- nicks ----------------------------------------------------------------------------------------

TEST_F(AdoptingTest, WritesDownANickFromTheClaimUntilAllSeeIt) {
  std::vector<claim_book::claimed> seen_by_owner;
  while_claiming = [&] { seen_by_owner = book.all(); };
  auto id = come("ann");
  ASSERT_EQ(seen_by_owner.size(), 1u);
  EXPECT_EQ(seen_by_owner[0].nick, "ann");
  EXPECT_EQ(seen_by_owner[0].session_id, id);
  EXPECT_TRUE(book.all().empty());
  EXPECT_EQ(come("ANN"), 0); // refused
  EXPECT_TRUE(book.all().empty());
  change_nick(id, "anna");
  ASSERT_EQ(seen_by_owner.size(), 1u);
  EXPECT_EQ(seen_by_owner[0].nick, "anna");
  EXPECT_TRUE(book.all().empty());
}

TEST_F(AdoptingTest, TellsTheDirectoryWhichNickASessionHas) {
  auto id = come("ann");
  auto ask_about = [&](std::int64_t session, const std::string& nick) {
    auto x = request(session);
    x.mutable_has_nick()->set_nick(nick);
    return ask_here(x).refusal();
  };
  EXPECT_EQ(ask_about(id, "ANN"), chat::v1::NONE);
  EXPECT_EQ(ask_about(id, "bob"), chat::v1::NO_SUCH_NICK);
  EXPECT_EQ(ask_about(ids->next(), "ann"), chat::v1::NO_SUCH_SESSION);
}

// -- what is said to those who wait ---------------------------------------------------------------

TEST_F(AdoptingTest, SaysThatAMessageDidNotReachWhoHasNoHome) {
  auto bob = come("bob");
  lose(see("ann", create("ann").value()));
  EXPECT_EQ(say_to(bob, "ann").refusal(), chat::v1::FAILED);
  EXPECT_TRUE(events(Event::kMessage).empty());
}

// A client that leaves in the middle of its JOIN.
TEST_F(AdoptingTest, ASessionThatHasEndedTellsTheChannelThatItIsGone) {
  auto id = come("ann");
  leave(id, false);
  log.clear();
  auto x = request(id);
  x.mutable_joined()->set_channel("#a");
  note(x);
  ASSERT_EQ(asked(Request::kLeave).size(), 1u);
  EXPECT_EQ(asked(Request::kLeave)[0].channel(), "#a");
  EXPECT_EQ(asked(Request::kLeave)[0].session_id(), id);
}

// By that the channel knows that nobody has to be told of it.
TEST_F(AdoptingTest, ASessionThatHasEndedIsCalledWhatAChannelThatHasMovedCallsIt) {
  auto id = come("ann");
  leave(id, false);
  log.clear();
  auto x = request(id);
  x.mutable_who()->set_nick("ann");
  x.mutable_joined()->set_channel("#a");
  note(x);
  ASSERT_EQ(asked(Request::kLeave).size(), 1u);
  EXPECT_EQ(asked(Request::kLeave)[0].who().nick(), "ann");
}

} // namespace hamlet
