// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/channel/channel_fixture.hpp"

namespace hamlet {

using namespace chat::v1;

class MembershipTest : public ChannelTest {};

// -- JOIN ---------------------------------------------------------------------

// RFC 2812 §3.2.1, RFC 1459 §1.3.1
TEST_F(MembershipTest, WhoMakesAChannelIsItsOperator) {
  EXPECT_EQ(join(1), NONE);
  EXPECT_TRUE(reply.was_created());
  EXPECT_EQ(prefixes(1), "@");
  EXPECT_EQ(reply.status(), "@");
  EXPECT_EQ(reply.modes(), "+nt");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].joined().prefixes(), "@");
  EXPECT_EQ(events[0].source().nick(), "ann");
  EXPECT_EQ(came, std::vector<std::int64_t>{1});
  EXPECT_EQ(join(2), NONE);
  EXPECT_FALSE(reply.was_created());
  EXPECT_EQ(prefixes(2), "");
  EXPECT_EQ(listed(), "ann,bob");
}

TEST_F(MembershipTest, JoiningAgainChangesNothing) {
  join_all({1});
  EXPECT_EQ(join(1), ALREADY_ON_CHANNEL);
  EXPECT_TRUE(events.empty());
  EXPECT_EQ(prefixes(1), "@");
}

TEST_F(MembershipTest, CountsTheChannelsOfASession) { // 405
  auto fill = [](Request& r) {
    r.mutable_join()->set_channels_now(10);
    r.mutable_join()->set_channels_at_most(10);
  };
  EXPECT_EQ(run(1, fill, &channel::join).refusal(), TOO_MANY_CHANNELS);
}

struct barrier_case {
  std::string mode;
  Refusal why;
  std::string opened_by; ///< a mode that lets session 3 in, or "" for none
};

// RFC 2811 §4.2, §4.3: each of these keeps out who does not fit.
TEST_F(MembershipTest, EachBarrierKeepsOut) {
  const barrier_case cases[] = {
    {"+b cyd!*@*", BANNED, "+e *!u3@*"},
    {"+b *!*@192.0.2.0/24", BANNED, "+e cyd"},
    {"+b ~U:*", BANNED, ""},
    {"+i", INVITE_ONLY, "+I *!*@host3.example"},
    {"+k sesame", WRONG_KEY, ""},
    {"+l 2", CHANNEL_FULL, ""},
    {"+R", NEEDS_ACCOUNT, ""},
  };
  for (auto& c : cases) {
    room = channel{"#Room", 6, now};
    is_new = true;
    join_all({1, 2});
    ASSERT_EQ(mode(1, c.mode), NONE) << c.mode;
    EXPECT_EQ(join(3), c.why) << c.mode;
    EXPECT_TRUE(events.empty());
    EXPECT_EQ(prefixes(3), "gone");
    if (!c.opened_by.empty()) {
      ASSERT_EQ(mode(1, c.opened_by), NONE);
      EXPECT_EQ(join(3), NONE) << c.opened_by;
    }
    part(3);
    EXPECT_EQ(join(3, {}, true), NONE) << "forced, " << c.mode;
  }
}

TEST_F(MembershipTest, AMuteLetsIn) {
  join_all({1});
  mode(1, "+b ~m:cyd!*@*");
  EXPECT_EQ(join(3), NONE);
  EXPECT_EQ(say(3, "hi"), CANNOT_SEND);
}

TEST_F(MembershipTest, TheKeyOpens) { // RFC 2812 §3.2.1, 475
  join_all({1});
  mode(1, "+k sesame");
  EXPECT_EQ(join(2, "Sesame"), WRONG_KEY);
  EXPECT_EQ(join(2, "sesame"), NONE);
  EXPECT_EQ(reply.mode_params(0), "sesame");
}

TEST_F(MembershipTest, AccountAndTlsOpen) {
  join_all({1});
  mode(1, "+R");
  mode(1, "+z");
  log_in(2, 20, "bob");
  EXPECT_EQ(join(2), NONE);
  log_in(3, 30, "cyd");
  who(3).set_is_secure(false);
  EXPECT_EQ(join(3), NEEDS_TLS);
  who(4).set_is_operator(true);
  mode(4, "+O", true);
  EXPECT_EQ(join(3), OPERS_ONLY);
}

TEST_F(MembershipTest, BoundsHowManyJoinAtOnce) { // mode j
  join_all({1});
  mode(1, "+j 2:10");
  EXPECT_EQ(join(2), NONE);
  EXPECT_EQ(join(3), NONE);
  EXPECT_EQ(join(4), JOINED_TOO_FAST);
  EXPECT_EQ(join(4, {}, true), NONE); // of a session that is restored
  now += 10'000;
  EXPECT_EQ(join(5), NONE);
}

TEST_F(MembershipTest, SendsOthersElsewhere) { // mode L, 470
  join_all({1});
  elsewhere.insert({"#other", 1});
  ASSERT_EQ(mode(1, "+L #other"), NONE);
  mode(1, "+i");
  EXPECT_EQ(join(2), REDIRECTED);
  EXPECT_EQ(reply.channel(), "#other");
}

TEST_F(MembershipTest, InvitesOpen) { // RFC 2812 §3.2.7
  join_all({1});
  mode(1, "+i");
  mode(1, "+l 1");
  mode(1, "+b bob");
  EXPECT_EQ(join(2), BANNED);
  EXPECT_EQ(invite(1, 2), NONE);
  EXPECT_EQ(join(2), NONE);
  part(2);
  EXPECT_EQ(join(2), BANNED); // once
}

TEST_F(MembershipTest, AnInviteOfAnybodyDoesNotOpenABan) {
  join_all({1, 3});
  mode(1, "+b bob");
  mode(1, "+i");
  mode(1, "+g");
  EXPECT_EQ(invite(3, 2), NONE);
  EXPECT_EQ(join(2), BANNED);
  mode(1, "-b bob");
  EXPECT_EQ(join(2), NONE);
}

TEST_F(MembershipTest, ABanOfACloakOutlivesItsKey) { // chat.cloak_old_keys
  join_all({1});
  mode(1, "+b *!*@former.cloak");
  who(2).add_former_hosts("former.cloak");
  EXPECT_EQ(join(2), BANNED);
  mode(1, "+e *!*@oldest.cloak");
  who(2).add_former_hosts("oldest.cloak");
  EXPECT_EQ(join(2), NONE);
}

TEST_F(MembershipTest, InvitesExpire) {
  join_all({1});
  mode(1, "+i");
  invite(1, 2);
  now += 3'600'000;
  EXPECT_EQ(join(2), INVITE_ONLY);
}

TEST_F(MembershipTest, KeepsFewInvites) {
  rules.invites = 2;
  join_all({1});
  mode(1, "+i");
  for (auto s : {2, 3, 4})
    invite(1, s);
  EXPECT_EQ(join(2), INVITE_ONLY);
  EXPECT_EQ(join(4), NONE);
}

// -- PART, KICK ---------------------------------------------------------------

TEST_F(MembershipTest, PartsWithAReason) { // RFC 2812 §3.2.2
  join_all({1, 2});
  EXPECT_EQ(part(2, "bye"), NONE);
  EXPECT_EQ(events.at(0).parted().reason(), "bye");
  EXPECT_EQ(gone, std::vector<std::int64_t>{2});
  EXPECT_EQ(part(2), NOT_ON_CHANNEL); // 442
  EXPECT_FALSE(room.may_end());
  part(1);
  EXPECT_TRUE(room.may_end());
}

TEST_F(MembershipTest, WhoMayNotSpeakPartsWithoutAWord) {
  join_all({1, 2});
  mode(1, "+m");
  part(2, "listen!");
  EXPECT_EQ(events.at(0).parted().reason(), "");
}

struct kick_case {
  std::string by, whom; ///< prefix letters
  Refusal outcome;
};

TEST_F(MembershipTest, KicksByRank) { // RFC 2812 §3.2.8
  const kick_case cases[] = {
    {"", "", NEEDS_OPERATOR}, {"v", "", NEEDS_OPERATOR}, {"h", "", NONE},  {"h", "v", NONE},
    {"h", "h", NO_KICK},      {"h", "o", NO_KICK},       {"o", "o", NONE}, {"o", "h", NONE},
    {"o", "a", NO_KICK},      {"a", "q", NO_KICK},       {"q", "a", NONE}, {"a", "o", NONE},
  };
  for (auto& c : cases) {
    room = channel{"#Room", 6, now};
    is_new = true;
    join_all({1, 2, 3});
    if (!c.by.empty())
      mode(1, "+" + c.by + " bob", true);
    if (!c.whom.empty())
      mode(1, "+" + c.whom + " cyd", true);
    EXPECT_EQ(kick(2, "CYD"), c.outcome) << c.by << " kicks " << c.whom;
    EXPECT_EQ(prefixes(3) == "gone", c.outcome == NONE);
  }
}

TEST_F(MembershipTest, KickNamesWhoAndWhy) {
  join_all({1, 2});
  EXPECT_EQ(kick(1, "bob", false, std::string(500, 'x')), NONE);
  auto& e = events.at(0);
  EXPECT_EQ(e.kicked().target().nick(), "bob");
  EXPECT_EQ(e.kicked().reason().size(), rules.kick_length);
  EXPECT_EQ(gone, std::vector<std::int64_t>{2});
  EXPECT_EQ(kick(1, "bob"), TARGET_NOT_ON_CHANNEL); // 441
  EXPECT_EQ(kick(2, "ann"), NOT_ON_CHANNEL);        // 442
}

TEST_F(MembershipTest, ModeQStopsKicksButNotThoseOfTheServer) {
  join_all({1, 2});
  mode(1, "+Q");
  EXPECT_EQ(kick(1, "bob"), NO_KICK);
  EXPECT_EQ(kick(5, "bob", true), NONE);
}

// -- notes of SESSIONS --------------------------------------------------------

TEST_F(MembershipTest, AQuitIsARowOfHistoryAndNoEvent) {
  join_all({1, 2});
  run(
    2, [](Request& r) { r.mutable_leave()->set_reason("bye"); }, &channel::leave);
  EXPECT_TRUE(events.empty());
  EXPECT_EQ(rows.at(0).quit().reason(), "bye");
  EXPECT_EQ(prefixes(2), "gone");
}

TEST_F(MembershipTest, KnowsMembersByTheirNewNick) {
  join_all({1, 2});
  who(2).set_nick("Robert");
  changed(2);
  EXPECT_EQ(rows.at(0).nick().nick(), "Robert");
  EXPECT_EQ(rows.at(0).source().nick(), "bob");
  EXPECT_EQ(kick(1, "bob"), TARGET_NOT_ON_CHANNEL);
  EXPECT_EQ(kick(1, "robert"), NONE);
}

TEST_F(MembershipTest, ANickThatSomebodyElseHasTakenStaysTheirs) {
  join_all({1, 2, 3});
  who(2).set_nick("x");
  changed(2);
  who(3).set_nick("bob");
  changed(3);
  part(2);
  EXPECT_EQ(kick(1, "bob"), NONE);
  EXPECT_EQ(prefixes(3), "gone");
}

TEST_F(MembershipTest, SaysWhetherANickMayChange) { // 435, 447
  join_all({1, 2});
  EXPECT_EQ(status(2, "nick"), NONE);
  mode(1, "+N");
  EXPECT_EQ(status(2, "nick"), NO_NICK_CHANGE);
  EXPECT_EQ(status(1, "nick"), NONE);
  mode(1, "-N");
  mode(1, "+b bob!*@*");
  EXPECT_EQ(status(2, "nick"), BANNED_NICK_CHANGE);
  mode(1, "+v bob");
  EXPECT_EQ(status(2, "nick"), NONE);
}

// -- who sees whom ------------------------------------------------------------

TEST_F(MembershipTest, StrangersSeeNobodyInSecretAndPrivateChannels) { // RFC 2812 §3.2.5
  auto names = [&](std::int64_t session) {
    return run(
             session, [](Request& r) { r.mutable_get_members(); }, &channel::get_members)
      .refusal();
  };
  join_all({1, 2});
  EXPECT_EQ(names(3), NONE);
  EXPECT_EQ(listed(), "ann,bob");
  who(2).set_user_modes("i");
  changed(2);
  names(3);
  EXPECT_EQ(listed(), "ann");
  names(1);
  EXPECT_EQ(listed(), "ann,bob");
  mode(1, "+p");
  EXPECT_EQ(names(3), NONE);
  EXPECT_EQ(listed(), "");
  mode(1, "+s");
  EXPECT_EQ(names(3), NO_SUCH_CHANNEL);
  who(3).set_is_operator(true);
  EXPECT_EQ(names(3), NONE);
  EXPECT_EQ(listed(), "ann,bob");
}

// What JOIN tells is kept for the next JOIN: whatever changes it has to be seen.
TEST_F(MembershipTest, WhoJoinsIsToldOfAllAsTheyAreNow) { // RFC 2812 §3.2.1
  using names = std::vector<std::string>;
  join_all({1, 2, 3});
  EXPECT_EQ(told_names(),
            (names{"@ann!u1@host1.example", "bob!u2@host2.example", "cyd!u3@host3.example"}));
  mode(1, "+v bob");
  part(3);
  join(3);
  EXPECT_EQ(told_names(),
            (names{"@ann!u1@host1.example", "+bob!u2@host2.example", "cyd!u3@host3.example"}));
  mode(1, "+o bob");
  join(4);
  EXPECT_EQ(told_names().at(1), "@+bob!u2@host2.example");
  mode(1, "-o bob");
  mode(1, "-v bob");
  join(5);
  EXPECT_EQ(told_names().at(1), "bob!u2@host2.example");
  who(2).set_nick("abe");
  who(2).set_host("elsewhere.example");
  changed(2);
  part(4);
  join(4);
  EXPECT_EQ(told_names().at(0), "abe!u2@elsewhere.example");
  EXPECT_EQ(told_names().size(), 5u);
  mode(1, "+u");
  part(4);
  join(4);
  EXPECT_EQ(listed(), "ann,dan");
}

TEST_F(MembershipTest, InAnAuditoriumMembersSeeOperatorsAlone) { // mode u
  join_all({1, 2});
  mode(1, "+u");
  EXPECT_EQ(join(3), NONE);
  EXPECT_EQ(listed(), "ann,cyd");
  EXPECT_EQ(events.at(0).only_status(), "%");
  run(
    1, [](Request& r) { r.mutable_get_members(); }, &channel::get_members);
  EXPECT_EQ(listed(), "ann,bob,cyd");
  part(3);
  EXPECT_EQ(events.at(0).only_status(), "%");
  EXPECT_TRUE(room.place_of(room.members().at(2)).is_hidden);
}

// -- order --------------------------------------------------------------------

TEST_F(MembershipTest, EventsAreNumberedWithoutGap) {
  join_all({1, 2, 3});
  say(2, "a");
  mode(1, "+m");
  say(2, "not heard");
  kick(1, "cyd");
  part(2);
  ASSERT_EQ(seen.size(), 7u);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].epoch(), 5);
    EXPECT_EQ(seen[i].seq(), i + 1);
    EXPECT_TRUE(i == 0 || seen[i].id() > seen[i - 1].id());
  }
}

} // namespace hamlet
