// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/channel/shard_fixture.hpp"

namespace hamlet {

using namespace chat::v1;

class ShardTest : public ChannelShardTest {};

TEST_F(ShardTest, AnswersByWayOfFanout) {
  auto r = join(1);
  EXPECT_EQ(r.refusal(), NONE);
  EXPECT_TRUE(r.was_created());
  ASSERT_EQ(log.events.size(), 1u);
  EXPECT_TRUE(log.events[0].has_joined());
  end(fanout); // then nobody answers
  caf::scoped_actor me{sys};
  auto wish = request_of(1, "#Room");
  wish.mutable_get_members();
  EXPECT_FALSE(ask<Reply>(owners.channel_of("#room"), wish).has_value());
}

TEST_F(ShardTest, KnowsChannelsInAnyCase) {
  join(1, "#Room");
  EXPECT_EQ(join(2, "#rOOM").channel(), "#Room");
}

TEST_F(ShardTest, TellsSessionsWhereTheyAre) {
  join(1);
  part(1);
  ASSERT_EQ(log.notes.size(), 2u);
  EXPECT_EQ(log.notes[0].joined().channel(), "#Room");
  EXPECT_EQ(log.notes[1].removed().channel(), "#Room");
}

TEST_F(ShardTest, ASessionThatEndedMeanwhileDoesNotStay) {
  join(1), join(2);
  Request leave;
  leave.set_session_id(2);
  leave.mutable_who()->set_session_id(2);
  leave.set_channel("#Room");
  leave.mutable_leave();
  caf::anon_send(owners.channel_of("#room"), leave);
  run();
  EXPECT_TRUE(log.events.back().has_parted());
  EXPECT_EQ(log.events.back().source().nick(), "user2");
  EXPECT_EQ(people.find_channel("#room")->members, 1u);
}

// What another node tells of its users may come later than what they ask.
TEST_F(ShardTest, KnowsWhoAsksBetterThanPresence) {
  user_card card;
  card.who = request_of(2, "#Room").who();
  card.who.set_user_modes("i");
  people.put(std::make_shared<const user_card>(card));
  join(1), join(2);
  auto seen = ask_channel(3, "#Room", [](Request& r) { r.mutable_get_members(); });
  EXPECT_EQ(seen.members_size(), 2);
}

TEST_F(ShardTest, ThereIsNothingToDoInAChannelThatIsNot) { // 403
  EXPECT_EQ(part(1).refusal(), NO_SUCH_CHANNEL);
  EXPECT_EQ(say(1, "hi").refusal(), NO_SUCH_CHANNEL);
  EXPECT_EQ(join(1, "room").refusal(), BAD_CHANNEL_NAME);
  EXPECT_EQ(join(1, "#a b").refusal(), BAD_CHANNEL_NAME);
}

TEST_F(ShardTest, RefusesReservedNames) {
  end(shards[0]), end(shards[1]);
  auto tables = std::make_shared<router::tables>();
  auto with_reserved = parts();
  with_reserved.is_forbidden = [](std::string_view name) { return name == "#staff"; };
  auto shard = sys.spawn(channel_shard, with_reserved);
  auto wish = request_of(1, "#Staff");
  wish.mutable_join();
  EXPECT_EQ(ask<Reply>(shard, wish)->refusal(), CHANNEL_FORBIDDEN);
  wish.mutable_who()->set_is_operator(true);
  EXPECT_EQ(ask<Reply>(shard, wish)->refusal(), NONE);
  end(shard);
}

TEST_F(ShardTest, AChannelEndsWithItsLastMember) { // RFC 1459 §1.3
  join(1);
  say(1, "first");
  part(1);
  EXPECT_FALSE(people.find_channel("#Room"));
  EXPECT_EQ(number("SELECT count(*) FROM chat_event"), 0);
  EXPECT_TRUE(join(2).was_created());
  EXPECT_EQ(texts(history(2)), "");
}

TEST_F(ShardTest, KeepsPresence) {
  join(1), join(2);
  auto card = people.find_channel("#room");
  ASSERT_TRUE(card);
  EXPECT_EQ(card->members, 2u);
  EXPECT_EQ(card->modes, "+nt");
  EXPECT_EQ(people.channels_of(1).at(0).prefixes, "@");
  EXPECT_TRUE(people.share_channel(1, 2));
  mode(1, true, "o", "user2");
  EXPECT_EQ(people.channels_of(2).at(0).prefixes, "@");
  EXPECT_FALSE(people.channels_of(2).at(0).is_hidden);
  mode(1, true, "s");
  EXPECT_TRUE(people.channels_of(2).at(0).is_hidden);
  EXPECT_TRUE(people.find_channel("#room")->is_secret);
  part(2);
  EXPECT_TRUE(people.channels_of(2).empty());
}

TEST_F(ShardTest, ALocalChannelIsNowhereKept) { // RFC 2811 §2.2
  accounts[1] = 100;
  join(1, "&here");
  say(1, "hi", "&here");
  EXPECT_EQ(register_channel(1, "&here").refusal(), BAD_CHANNEL_NAME);
  EXPECT_EQ(number("SELECT count(*) FROM chat_event"), 0);
}

/// I9: (epoch, seq) rises by one with each event; a channel that comes again has a higher epoch.
TEST_F(ShardTest, EventsOfAChannelAreInOneOrderWithoutGap) {
  join(1), join(2);
  for (int i = 0; i < 50; ++i) {
    auto wish = request_of(1 + i % 2, "#Room");
    wish.mutable_say()->mutable_message()->set_text(std::to_string(i));
    caf::anon_send(owners.channel_of("#room"), wish);
  }
  run();
  part(1), part(2), join(1);
  ASSERT_EQ(log.events.size(), 2u + 50 + 2 + 1);
  for (std::size_t i = 1; i + 1 < log.events.size(); ++i) {
    EXPECT_EQ(log.events[i].epoch(), log.events[0].epoch());
    EXPECT_EQ(log.events[i].seq(), i + 1);
  }
  EXPECT_GT(log.events.back().epoch(), log.events[0].epoch());
  EXPECT_EQ(log.events.back().seq(), 1u);
}

TEST_F(ShardTest, AMessageDoesNotNameItsHearers) {
  for (int i = 1; i <= 2000; ++i) {
    auto wish = request_of(i, "#Room");
    wish.mutable_join();
    caf::anon_send(owners.channel_of("#room"), wish);
  }
  run();
  log.events.clear();
  EXPECT_EQ(say(7, "hi").refusal(), NONE);
  ASSERT_EQ(log.events.size(), 1u);
  EXPECT_EQ(log.events[0].sessions_size(), 0); // nobody is listed
}

TEST_F(ShardTest, AnInvitationComesAfterWhatItsAuthorWasAnsweredAndAnswersNobody) {
  join(1);
  log.notes.clear();
  ask_channel(1, "#Room", [&](Request& r) {
    *r.mutable_invite()->mutable_target() = request_of(2, "#Room").who();
    r.mutable_origin()->set_connection_id(9);
    r.mutable_origin()->set_tag("label=x");
    r.mutable_origin()->add_after()->set_number(5);
  });
  ASSERT_EQ(log.notes.size(), 1u);
  for (auto& origin : {log.notes[0].origin(), log.notes[0].ring().event().origin()}) {
    ASSERT_EQ(origin.after_size(), 1);
    EXPECT_EQ(origin.after(0).number(), 5u);
    EXPECT_EQ(origin.connection_id(), 0);
    EXPECT_EQ(origin.tag(), "");
  }
}

} // namespace hamlet
