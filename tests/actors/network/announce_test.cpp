// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/network/network_fixture.hpp"

namespace hamlet {

class AnnounceTest : public NetworkTest {
protected:
  Request message(const std::string& server_mask, const std::string& host_mask) {
    auto x = from(root);
    auto& event = *x.mutable_announce()->mutable_event();
    *event.mutable_source() = root;
    event.set_target("$$*");
    event.mutable_message()->set_text("hello");
    x.mutable_announce()->set_server_mask(server_mask);
    x.mutable_announce()->set_host_mask(host_mask);
    return x;
  }

  /// Whom the message reached, by nick.
  std::vector<std::string> heard(const Request& x) {
    events.clear();
    say(x);
    std::vector<std::string> out;
    for (auto& event : events)
      for (auto id : event.sessions())
        out.push_back(people.find(id)->who.nick());
    std::ranges::sort(out);
    return out;
  }
  using strings = std::vector<std::string>;
};

// RFC 2812 §4.7
TEST_F(AnnounceTest, SendsWallopsToThoseWhoWantThem) {
  auto x = from(root);
  *x.mutable_announce()->mutable_event()->mutable_source() = root;
  x.mutable_announce()->mutable_event()->mutable_wallops()->set_text("hello");
  say(x);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].to_operators(), "w");
  EXPECT_EQ(events[0].wallops().text(), "hello");
  EXPECT_NE(events[0].id(), 0);
  EXPECT_EQ(events[0].time_ms(), wall_ms);
}

// RFC 2812 §3.3.1
TEST_F(AnnounceTest, SendsToAllWhomAMaskFits) {
  come("ann", "10.0.0.1"), come("bob", "10.0.0.2");
  EXPECT_EQ(heard(message("$$*", "")), (strings{"ann", "bob", "root"}));
  EXPECT_EQ(heard(message("$$*.example.org", "")), (strings{"ann", "bob", "root"}));
  EXPECT_EQ(heard(message("$$*.example.net", "")), strings{});
  EXPECT_EQ(heard(message("", "$#ann.*")), strings{"ann"});
  EXPECT_EQ(heard(message("", "$#10.0.*")), (strings{"ann", "bob"}));
}

TEST_F(AnnounceTest, SendsToManyInPieces) {
  for (int i = 0; i < 2500; ++i)
    come("user" + std::to_string(i), "10.0.0.1");
  EXPECT_EQ(heard(message("$$*", "")).size(), 2501u);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].id(), events[2].id()) << "it is one message";
}

TEST_F(AnnounceTest, ListensToOperatorsAlone) {
  auto x = message("$$*", "");
  auto bob = come("bob", "10.0.0.1");
  *x.mutable_who() = bob;
  EXPECT_EQ(heard(x), strings{});
  EXPECT_TRUE(events.empty());
}

} // namespace hamlet
