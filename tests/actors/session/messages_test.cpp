// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/reach.hpp"
#include "tests/actors/session/session_fixture.hpp"

namespace hamlet {

class MessagesTest : public SessionTest {};

TEST_F(MessagesTest, BringsAMessageToItsReceiverAndItsSender) {
  auto ann = come("ann");
  auto bob = come("Bob");
  log.clear();
  auto reply = say_to(ann, "bob", "hi");
  EXPECT_EQ(reply.refusal(), chat::v1::NONE);
  EXPECT_EQ(reply.away(), "");
  auto said = events(Event::kMessage);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].id(), reply.event_id());
  EXPECT_EQ(said[0].message().text(), "hi");
  EXPECT_EQ(said[0].source().nick(), "ann");
  EXPECT_EQ(said[0].source().host(), "cloak.ann");
  EXPECT_EQ(said[0].target(), "Bob");
  EXPECT_EQ(said[0].origin().connection_id(), ann);
  EXPECT_EQ((std::set<std::int64_t>{said[0].sessions().begin(), said[0].sessions().end()}),
            (std::set{ann, bob}));
  EXPECT_EQ(*people->find("ann")->active_ms, now_ms);
}

TEST_F(MessagesTest, SaysWhoIsNotHere) {
  auto ann = come("ann");
  auto reply = say_to(ann, "nobody");
  EXPECT_EQ(reply.refusal(), chat::v1::NO_SUCH_NICK);
  EXPECT_EQ(reply.detail(), "nobody");
}

TEST_F(MessagesTest, BringsAMessageToOneself) {
  auto ann = come("ann", 0, 0, "gCRD");
  log.clear();
  EXPECT_EQ(say_to(ann, "ANN").refusal(), chat::v1::NONE);
  ASSERT_EQ(events(Event::kMessage).size(), 1u);
  EXPECT_EQ(events(Event::kMessage)[0].sessions_size(), 1);
}

TEST_F(MessagesTest, TellsThatTheReceiverIsAway) {
  auto ann = come("ann");
  auto bob = come("bob");
  auto x = request(bob);
  x.mutable_set_away()->set_text("lunch");
  ask(x);
  EXPECT_EQ(say_to(ann, "bob").away(), "lunch");
}

TEST_F(MessagesTest, HearsOnlyWhomItWantsToHear) {
  struct rule {
    std::string modes;
    std::string text;
    std::int64_t account;
    bool shares;
    bool is_operator;
    chat::v1::Refusal expected;
  };
  using namespace chat::v1;
  const std::string ctcp = "\x01VERSION\x01", action = "\x01"
                                                       "ACTION waves\x01";
  const std::vector<rule> all{
    {"", ctcp, 0, false, false, NONE},    {"R", "hi", 0, false, false, NEEDS_ACCOUNT_TO_TELL},
    {"R", "hi", 9, false, false, NONE},   {"R", "hi", 0, true, false, NEEDS_ACCOUNT_TO_TELL},
    {"R", "hi", 0, false, true, NONE},    {"g", "hi", 9, true, false, IGNORES_STRANGERS},
    {"g", "hi", 0, false, true, NONE},    {"G", "hi", 0, false, false, IGNORES_STRANGERS},
    {"G", "hi", 0, true, false, NONE},    {"C", "hi", 9, false, false, NO_COMMON_CHANNEL},
    {"C", "hi", 0, true, false, NONE},    {"D", "hi", 9, true, false, CANNOT_SEND},
    {"D", "hi", 9, true, true, NONE},     {"T", ctcp, 9, true, false, NO_CTCP},
    {"T", action, 0, false, false, NONE}, {"T", "hi", 0, false, false, NONE},
  };
  int n = 0;
  for (auto& x : all) {
    auto name = "u" + std::to_string(++n);
    auto from = come("from" + name, x.account);
    auto to = come(name, 0, 0, x.modes);
    if (x.shares) {
      join(from, "#" + name);
      join(to, "#" + name);
    }
    if (x.is_operator) {
      auto oper = request(from);
      oper.mutable_set_identity()->set_change_operator(true);
      oper.mutable_set_identity()->set_is_operator(true);
      ask(oper);
    }
    log.clear();
    auto got = say_to(from, name, x.text).refusal();
    EXPECT_EQ(got, x.expected) << n << " +" << x.modes;
    EXPECT_EQ(events(Event::kMessage).size(), got == NONE ? 1u : 0u) << n;
    x.account != 0 ? leave(from, false) : void();
  }
}

TEST_F(MessagesTest, TellsOnceAMinuteWhoWasIgnored) {
  auto ann = come("ann");
  auto bob = come("bob", 0, 0, "g");
  log.clear();
  say_to(ann, "bob");
  say_to(ann, "bob");
  auto told = events(Event::kCallerIgnored);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].source().nick(), "ann");
  EXPECT_EQ(told[0].sessions(0), bob);
  now_ms += 61'000;
  say_to(ann, "bob");
  EXPECT_EQ(events(Event::kCallerIgnored).size(), 2u);
}

TEST_F(MessagesTest, HearsWhoIsOnItsList) {
  auto ann = come("ann");
  auto bob = come("bob", 0, 0, "g");
  EXPECT_EQ(set_list(bob, "accept", "ANN").names(0), "ANN");
  EXPECT_EQ(say_to(ann, "bob").refusal(), chat::v1::NONE);
  auto x = request(bob);
  x.mutable_change_list()->set_list("accept");
  x.mutable_change_list()->add_remove("ann");
  EXPECT_EQ(ask(x).names_size(), 0);
  EXPECT_EQ(say_to(ann, "bob").refusal(), chat::v1::IGNORES_STRANGERS);
  EXPECT_EQ(ask(x).refusal(), chat::v1::NO_SUCH_NICK);
  // Whom it speaks to may answer.
  say_to(bob, "ann");
  EXPECT_EQ(say_to(ann, "bob").refusal(), chat::v1::NONE);
}

TEST_F(MessagesTest, LetsNobodyKnowThatTheyAreSilenced) {
  auto ann = come("ann");
  auto bob = come("bob");
  EXPECT_EQ(set_list(bob, "silence", "ann").names(0), "ann!*@*");
  log.clear();
  auto reply = say_to(ann, "bob");
  EXPECT_EQ(reply.refusal(), chat::v1::NONE);
  EXPECT_NE(reply.event_id(), 0);
  ASSERT_EQ(events(Event::kMessage).size(), 1u); // the echo
  ASSERT_EQ(events(Event::kMessage)[0].sessions_size(), 1);
  EXPECT_EQ(events(Event::kMessage)[0].sessions(0), ann);
  auto ring = request(bob);
  ring.mutable_ring()->mutable_event()->mutable_invited();
  ring.mutable_ring()->mutable_event()->mutable_source()->set_nick("ann");
  ring.mutable_ring()->mutable_event()->mutable_source()->set_session_id(ann);
  ask(ring);
  EXPECT_TRUE(events(Event::kInvited).empty());
}

TEST_F(MessagesTest, SilencesACloakOfAFormerKey) { // chat.cloak_old_keys
  auto wish = start("ann");
  wish.mutable_who()->add_former_hosts("former.cloak");
  auto ann = ask(wish).session_id();
  auto bob = come("bob");
  set_list(bob, "silence", "*!*@former.cloak");
  log.clear();
  say_to(ann, "bob");
  ASSERT_EQ(events(Event::kMessage).size(), 1u); // the echo
  EXPECT_EQ(events(Event::kMessage)[0].sessions_size(), 1);
}

TEST_F(MessagesTest, BoundsItsLists) {
  auto bounds = session_rules{};
  bounds.silence = 2;
  bounds.accept = 1;
  rules.set(bounds);
  auto ann = come("ann");
  set_list(ann, "silence", "a");
  EXPECT_EQ(set_list(ann, "silence", "A!*@*").names_size(), 1); // the same
  set_list(ann, "silence", "b");
  EXPECT_EQ(set_list(ann, "silence", "c").refusal(), chat::v1::LIST_FULL);
  EXPECT_EQ(set_list(ann, "silence", "").refusal(), chat::v1::BAD_REQUEST);
  set_list(ann, "accept", "a");
  EXPECT_EQ(set_list(ann, "accept", "b").refusal(), chat::v1::LIST_FULL);
  EXPECT_EQ(set_list(ann, "else", "b").refusal(), chat::v1::BAD_REQUEST);
}

TEST_F(MessagesTest, RingsAtAllClients) {
  auto ann = come("ann");
  log.clear();
  auto ring = request(ann);
  ring.mutable_ring()->mutable_event()->mutable_server_notice()->set_text("You have mail");
  ring.mutable_ring()->mutable_event()->mutable_source()->set_nick("irc.example.org");
  EXPECT_EQ(ask(ring).refusal(), chat::v1::NONE);
  auto got = events(Event::kServerNotice);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].sessions(0), ann);
  EXPECT_NE(got[0].id(), 0);
  EXPECT_EQ(got[0].time_ms(), now_ms);
}

// -- what goes to channels ------------------------------------------------------------------------

TEST_F(MessagesTest, PassesOnWhatIsAChannelsWithWhoAsks) {
  auto ann = come("ann");
  join(ann, "#a");
  log.clear();
  channel_answers = [](const Request&) {
    Reply x;
    x.set_channel("#B");
    return x;
  };
  auto x = request(ann);
  x.set_channel("#b");
  x.mutable_who()->set_nick("somebody else");
  x.mutable_who()->set_is_operator(true);
  x.mutable_join()->set_key("k");
  EXPECT_EQ(ask(x).channel(), "#B");
  auto got = asked(Request::kJoin);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].who().nick(), "ann"); // whatever the connection believes
  EXPECT_FALSE(got[0].join().is_operator());
  EXPECT_EQ(got[0].join().channels_now(), 1u);
  EXPECT_EQ(got[0].join().channels_at_most(), 100u);
  x = request(ann);
  x.mutable_join();
  EXPECT_EQ(ask(x).refusal(), chat::v1::BAD_REQUEST);
}

TEST_F(MessagesTest, TellsAChannelThatItsNewMemberHasGone) {
  auto ann = come("ann");
  leave(ann, false);
  auto x = request(ann);
  x.mutable_joined()->set_channel("#a");
  EXPECT_EQ(ask(x).refusal(), chat::v1::NO_SUCH_SESSION);
}

// RFC 2812 §3.2.1
TEST_F(MessagesTest, LeavesAllChannels) {
  auto ann = come("ann");
  join(ann, "#a");
  join(ann, "#b");
  log.clear();
  auto x = request(ann);
  x.mutable_leave_all()->set_reason("bye");
  EXPECT_EQ(ask(x).refusal(), chat::v1::NONE);
  auto parts = asked(Request::kPart);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].channel(), "#a");
  EXPECT_EQ(parts[1].part().reason(), "bye");
  auto gone = request(ann);
  gone.mutable_removed()->set_channel("#A");
  note(gone);
  x = request(ann);
  x.mutable_leave_all();
  log.clear();
  ask(x);
  EXPECT_EQ(asked(Request::kPart).size(), 1u);
}

// SEND of SMTP: the server says it, a member has written it.
TEST_F(MessagesTest, JudgesANoticeByItsAuthor) {
  auto bob = come("bob", 7);
  auto tell = [&](std::int64_t author) {
    auto x = notice_to(*people->find_packed("bob"), "irc.test", "one\ntwo");
    if (author != 0) {
      x.mutable_who()->set_nick("ann");
      x.mutable_who()->set_user("ann");
      x.mutable_who()->set_host("here.test");
      x.mutable_who()->set_account("ann");
      x.mutable_who()->set_account_id(author);
    }
    log.clear();
    return ask(std::move(x)).refusal();
  };
  EXPECT_EQ(tell(8), chat::v1::NONE);
  ASSERT_EQ(events(Event::kMessage).size(), 1u);
  EXPECT_EQ(events(Event::kMessage)[0].source().nick(), "irc.test");
  EXPECT_EQ(events(Event::kMessage)[0].sessions_size(), 1);
  set_modes(bob, "+g");
  EXPECT_EQ(tell(8), chat::v1::IGNORES_STRANGERS);
  EXPECT_TRUE(log.empty()); // it knows nobody whom it could tell of
  EXPECT_EQ(tell(0), chat::v1::NONE);
  set_list(bob, "accept", "ann");
  EXPECT_EQ(tell(8), chat::v1::NONE);
  set_list(bob, "silence", "ann!*@*");
  EXPECT_EQ(tell(8), chat::v1::IS_SILENT); // and the sender's program may leave it in the mailbox
  EXPECT_TRUE(events(Event::kMessage).empty());
  EXPECT_EQ(tell(0), chat::v1::NONE);
}

} // namespace hamlet
