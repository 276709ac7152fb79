// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/relay/core_fixture.hpp"

namespace hamlet {

namespace {

struct MirrorTest : RelayCoreTest {
  MirrorTest() {
    start(2);
    alice = at(0).come("alice");
    bob = at(1).come("bob");
    drain();
  }
  /// As the CHANNEL that was recovered at node 0.
  void recovered(const std::vector<std::pair<std::int64_t, std::string>>& members) {
    NewsItem x;
    x.mutable_members()->set_channel("#c");
    for (auto& [id, prefixes] : members) {
      x.mutable_members()->add_members()->set_session_id(id);
      x.mutable_members()->mutable_members()->rbegin()->set_prefixes(prefixes);
    }
    at(0).note(x);
    drain();
  }

  std::int64_t alice = 0, bob = 0;
};

TEST_F(MirrorTest, PresenceOfAllNodesShowsUsersAndPlaces) {
  at(0).join(at(1).who(bob), "#C");
  drain();
  EXPECT_EQ(at(1).people.find("ALICE")->who.session_id(), alice);
  EXPECT_TRUE(at(1).people.is_member(bob, "#c"));
  at(0).part(at(1).who(bob), "#C");
  at(0).leave_network(alice);
  drain();
  EXPECT_FALSE(at(1).people.is_member(bob, "#c"));
  EXPECT_FALSE(at(1).people.find("alice"));
}

TEST_F(MirrorTest, MembersThatNobodyHasSeenComingJoin) {
  recovered({{alice, "@"}, {bob, ""}});
  for (auto i : {0u, 1u})
    EXPECT_EQ(at(i).books(),
              (std::set<std::pair<std::string, std::int64_t>>{{"#c", alice}, {"#c", bob}}));
  EXPECT_EQ(at(1).heard.front().joined().prefixes() + at(1).heard.back().joined().prefixes(), "@");
}

TEST_F(MirrorTest, MembersThatAreNoMorePartEverywhere) {
  at(1).join(at(0).who(alice), "#c"); // at the owner that has died
  at(1).join(at(1).who(bob), "#c");
  drain();
  recovered({{alice, ""}});
  for (auto i : {0u, 1u}) {
    EXPECT_EQ(at(i).books(), (std::set<std::pair<std::string, std::int64_t>>{{"#c", alice}}));
    EXPECT_FALSE(at(i).people.is_member(bob, "#c"));
  }
}

TEST_F(MirrorTest, RanksThatNobodyHasSeenChangingAreTold) {
  at(1).join(at(0).who(alice), "#c");
  at(1).place(at(0).who(alice), "#c", "@+");
  drain();
  at(1).heard.clear();
  recovered({{alice, "%+"}});
  ASSERT_EQ(at(1).heard.size(), 1u);
  auto& modes = at(1).heard[0].modes();
  ASSERT_EQ(modes.changes_size(), 2);
  EXPECT_FALSE(modes.changes(0).add());
  EXPECT_EQ(modes.changes(0).letter(), "o");
  EXPECT_EQ(modes.changes(1).letter(), "h");
  EXPECT_EQ(modes.changes(1).param(), "alice");
}

TEST_F(MirrorTest, AMemberWhomNobodyKnowsYetIsShownWhenItIsKnown) {
  auto id = ++at(1).last_id << 22 | 2 << 12;
  recovered({{id, ""}});
  EXPECT_TRUE(at(0).books().empty());
  at(1).put(id, "carol");
  drain();
  EXPECT_EQ(at(0).books().size(), 1u);
}

TEST_F(MirrorTest, AnEventThatIsKnownIsNotHeardTwice) {
  recovered({{bob, ""}});
  at(1).heard.clear();
  auto e = at(0).event();
  e.set_channel("#c");
  *e.mutable_source() = at(1).who(bob);
  e.mutable_joined();
  at(0).publish(e);
  drain();
  EXPECT_TRUE(at(1).heard.empty());
}

TEST_F(MirrorTest, ARenamedChannelKeepsItsMembers) {
  at(0).join(at(0).who(alice), "#old");
  auto e = at(0).event();
  e.set_channel("#old");
  e.mutable_renamed()->set_new_name("#new");
  NewsItem ended;
  ended.mutable_channel_gone()->set_name("#old");
  at(0).note(ended);
  at(0).publish(e);
  at(0).place(at(0).who(alice), "#new");
  drain();
  at(1).heard.clear();
  at(0).part(at(0).who(alice), "#new");
  drain();
  EXPECT_EQ(at(1).heard.size(), 1u) << "FANOUT has it in the new one";
  EXPECT_EQ(at(1).core.channels().find("#old"), nullptr);
}

TEST_F(MirrorTest, AJoinThatComesAfterTheQuitIsNotShown) {
  auto who = at(1).who(bob);
  at(1).leave_network(bob);
  at(1).core.news_for(at(0).me); // under way, and slow
  at(1).core.failed(at(0).me);
  drain();
  at(0).heard.clear();
  at(1).join(who, "#c");
  drain();
  EXPECT_TRUE(at(0).heard.empty());
}

TEST_F(MirrorTest, ReportsTheLatestStateAndItsOwnMembers) {
  at(0).join(at(0).who(alice), "#c");
  at(0).join(at(1).who(bob), "#c");
  at(0).place(at(0).who(alice), "#c", "@");
  at(0).state("#c", 77);
  auto e = at(0).event();
  e.set_channel("#c");
  e.set_epoch(77);
  e.set_seq(9);
  at(0).publish(e);
  drain();
  auto shard = static_cast<std::int32_t>(shard_of(std::string_view{"#c"}));
  auto from = at(1).core.report(5, shard);
  ASSERT_EQ(from.channels_size(), 1);
  EXPECT_EQ(from.channels(0).epoch(), 77);
  EXPECT_EQ(from.channels(0).seq(), 9u);
  ASSERT_EQ(from.channels(0).members_size(), 1);
  EXPECT_EQ(from.channels(0).members(0).who().session_id(), bob);
  EXPECT_EQ(at(1).core.report(5, (shard + 1) % 256).channels_size(), 0);
}

TEST_F(MirrorTest, ReportsNicksOfItsOwnAndThoseClaimed) {
  auto shard = [](std::string_view nick) {
    return static_cast<std::int32_t>(shard_of(irc::confusable_key(nick)));
  };
  EXPECT_EQ(at(1).core.report(4, shard("bob")).nicks_size(), 1);
  EXPECT_EQ(at(1).core.report(4, shard("alice")).nicks_size(), 0);
  at(1).claims.add(5, "zora");
  auto said = at(1).core.report(4, shard("zora"));
  ASSERT_EQ(said.nicks_size(), 1);
  EXPECT_EQ(said.nicks(0).session_id(), 5);
  at(1).put(bob, "robert");
  EXPECT_EQ(at(1).core.report(4, shard("bob")).nicks_size(), 0);
  EXPECT_EQ(at(1).core.report(4, shard("robert")).nicks_size(), 1);
}

TEST_F(MirrorTest, ChangedBooksAreTold) {
  NewsItem x;
  x.mutable_books_changed();
  at(0).note(x);
  pump();
  EXPECT_TRUE(at(1).last.books_changed);
}

/// The home of a user, the owner of a channel, and a node that hears of one before the other.
struct ThirdNodeTest : RelayCoreTest {
  ThirdNodeTest() {
    start(3);
    alice = at(0).come("alice");
  }
  std::int64_t alice = 0;
};

TEST_F(ThirdNodeTest, WhoHasQuitDoesNotComeAnyMore) {
  drain();
  cuts.insert({at(1).me, at(2).me});
  at(1).join(at(0).who(alice), "#c");
  auto quit = at(0).event();
  *quit.mutable_source() = at(0).who(alice);
  quit.mutable_quit()->set_reason("bye");
  at(0).publish(std::move(quit));
  for (auto i = 0; i < 10; ++i)
    pump();
  cuts.clear();
  drain();
  EXPECT_EQ(at(2).books(), (std::set<std::pair<std::string, std::int64_t>>{}));
}

// Its clients would hear that the server has left.
TEST_F(ThirdNodeTest, NobodyHearsThatAStrangerHasGone) {
  auto who = at(0).who(alice);
  cuts.insert({at(0).me, at(2).me});
  at(1).join(who, "#c");
  at(1).unplace(alice, "#c");
  for (auto i = 0; i < 10; ++i)
    pump();
  for (auto i = 0; i < 3; ++i)
    at(2).turn([&](auto& out) { at(2).core.tick(now, out); });
  EXPECT_EQ(at(2).books(), (std::set<std::pair<std::string, std::int64_t>>{}));
  ASSERT_TRUE(at(2).heard.back().has_parted());
  EXPECT_TRUE(at(2).heard.back().parted().silent());
}

} // namespace

} // namespace hamlet
