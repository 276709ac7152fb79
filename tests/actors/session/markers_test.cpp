// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/session/session_fixture.hpp"

namespace hamlet {

/// draft/read-marker.
class MarkersTest : public SessionTest {
protected:
  void SetUp() override {
    account = create("ann").value();
    ann = come("ann", account, 11);
    ASSERT_NE(ann, 0);
  }

  Reply mark(std::int64_t session, const std::string& target, std::int64_t ms) {
    log.clear();
    auto x = request(session);
    x.mutable_origin()->set_connection_id(11);
    x.mutable_set_marker()->set_target(target);
    x.mutable_set_marker()->set_time_ms(ms);
    return ask(std::move(x));
  }
  std::int64_t marker(std::int64_t session, const std::string& target) {
    auto x = request(session);
    x.mutable_get_marker()->set_target(target);
    auto got = ask(std::move(x));
    EXPECT_EQ(got.refusal(), chat::v1::NONE);
    return got.marker_ms();
  }

  std::int64_t account = 0;
  std::int64_t ann = 0;
};

TEST_F(MarkersTest, GoForwardOnly) {
  EXPECT_EQ(marker(ann, "#a"), 0);
  EXPECT_EQ(mark(ann, "#a", 500).marker_ms(), 500);
  EXPECT_EQ(mark(ann, "#a", 700).marker_ms(), 700);
  EXPECT_EQ(mark(ann, "#a", 600).marker_ms(), 700); // what holds
  EXPECT_TRUE(events(Event::kMarker).empty());      // nothing has moved
  EXPECT_EQ(marker(ann, "#a"), 700);
}

TEST_F(MarkersTest, AreOfOneConversation) {
  mark(ann, "#A", 500);
  EXPECT_EQ(marker(ann, "#a"), 500);
  EXPECT_EQ(marker(ann, "#b"), 0);
  EXPECT_EQ(marker(ann, "a"), 0);
}

TEST_F(MarkersTest, AreHeardByAllClientsOfTheAccount) {
  auto x = start("ann2", account, 12);
  x.mutable_start_session()->set_may_resume(false);
  auto other = ask(x).session_id();
  ASSERT_NE(other, 0);
  ASSERT_NE(come("bob", 0, 13), 0);
  EXPECT_EQ(mark(ann, "#a", 500).refusal(), chat::v1::NONE);
  auto moved = events(Event::kMarker);
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].marker().target(), "#a");
  EXPECT_EQ(moved[0].marker().time_ms(), 500);
  EXPECT_EQ(moved[0].origin().connection_id(), 11); // it has the reply
  std::vector<std::int64_t> heard{moved[0].sessions().begin(), moved[0].sessions().end()};
  std::ranges::sort(heard);
  std::vector<std::int64_t> wanted{ann};
  if (other != ann)
    wanted.push_back(other);
  std::ranges::sort(wanted);
  EXPECT_EQ(heard, wanted);
  EXPECT_EQ(marker(other, "#a"), 500);
}

TEST_F(MarkersTest, FollowAMemberToAnotherNick) {
  auto bob = come("bob", 77, 13);
  ASSERT_NE(bob, 0);
  mark(ann, "Bob", 500);
  ASSERT_EQ(change_nick(bob, "robert").refusal(), chat::v1::NONE);
  EXPECT_EQ(marker(ann, "robert"), 500);
  EXPECT_EQ(marker(ann, "bob"), 0); // whoever that may be
  leave(bob, false, 13);
  owned_nick = "bob";
  owned_by = 77;
  EXPECT_EQ(marker(ann, "BOB"), 500); // not here, but it is theirs
}

TEST_F(MarkersTest, OfWhoHasNoAccountGoByTheNick) {
  ASSERT_NE(come("Guest", 0, 13), 0);
  mark(ann, "guest", 500);
  EXPECT_EQ(marker(ann, "GUEST"), 500);
}

TEST_F(MarkersTest, NeedAnAccount) {
  auto guest = come("guest", 0, 13);
  EXPECT_EQ(mark(guest, "#a", 500).refusal(), chat::v1::NEEDS_ACCOUNT);
  auto x = request(guest);
  x.mutable_get_marker()->set_target("#a");
  EXPECT_EQ(ask(x).refusal(), chat::v1::NEEDS_ACCOUNT);
}

TEST_F(MarkersTest, AreBounded) {
  auto bounds = session_rules{};
  bounds.markers = 2;
  rules.set(bounds);
  mark(ann, "#a", 500);
  mark(ann, "#b", 500);
  EXPECT_EQ(mark(ann, "#c", 500).refusal(), chat::v1::LIMIT_REACHED);
  EXPECT_EQ(mark(ann, "#b", 600).marker_ms(), 600);
}

TEST_F(MarkersTest, OutliveTheProgram) {
  mark(ann, "#a", 500);
  restart_all();
  EXPECT_EQ(marker(come("ann", account, 12), "#a"), 500);
}

} // namespace hamlet
