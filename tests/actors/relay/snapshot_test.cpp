// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/relay/core_fixture.hpp"

namespace hamlet {

namespace {

struct SnapshotTest : RelayCoreTest {
  void cut(std::size_t a, std::size_t b) { cuts.insert({at(a).me, at(b).me}); }
  void mend() { cuts.clear(); }
};

constexpr news_log::bounds few{.items = 4, .octets = 1u << 20};

std::vector<std::string> kinds(const std::vector<Event>& all) {
  std::vector<std::string> names;
  for (auto& e : all)
    names.push_back(e.has_joined()   ? "join"
                    : e.has_parted() ? "part"
                    : e.has_quit()   ? "quit"
                    : e.has_modes()  ? "mode"
                                     : "other");
  return names;
}

TEST_F(SnapshotTest, ShowsWhatWasMissed) {
  start(2, few);
  auto alice = at(0).come("alice");
  auto bob = at(0).come("bob");
  auto carol = at(0).come("carol");
  own(cluster::shard_kind::channel, "#c", at(0));
  own(cluster::shard_kind::channel, "#gone", at(0));
  for (auto id : {alice, bob})
    at(0).join(at(0).who(id), "#c");
  at(0).join(at(0).who(alice), "#gone");
  at(0).state("#gone", 1);
  drain();
  cut(0, 1);
  at(1).heard.clear();
  at(0).join(at(0).who(carol), "#c");
  at(0).part(at(0).who(alice), "#c");
  at(0).part(at(0).who(alice), "#gone");
  NewsItem ended;
  ended.mutable_channel_gone()->set_name("#gone");
  at(0).note(ended);
  at(0).place(at(0).who(bob), "#c", "@");
  auto late_one = at(0).come("dave");
  at(0).leave_network(alice);
  pump();
  EXPECT_TRUE(at(1).heard.empty());
  mend();
  drain();

  auto what = kinds(at(1).heard);
  std::ranges::sort(what);
  EXPECT_EQ(what, (std::vector<std::string>{"join", "mode", "other", "quit"}))
    << "who has quit does not part";
  EXPECT_FALSE(at(1).people.find("alice"));
  EXPECT_TRUE(at(1).people.find(late_one));
  EXPECT_TRUE(at(1).people.is_member(carol, "#c"));
  EXPECT_EQ(at(1).people.channels_of(bob).at(0).prefixes, "@");
  EXPECT_EQ(at(1).core.channels().find("#gone"), nullptr);
}

TEST_F(SnapshotTest, ComesInPartsOverABadLink) {
  start(2, few);
  cut(0, 1);
  for (auto i = 0; i < 3'000; ++i) {
    auto id = ++at(0).last_id << 22 | 1 << 12;
    user_card card;
    card.who.set_session_id(id);
    card.who.set_nick("user" + std::to_string(i));
    card.who.set_real_name(std::string(300, 'x'));
    auto user = std::make_shared<const packed_user>(card);
    at(0).people.put(user);
    at(0).turn([&](auto& out) { at(0).core.note(user, out); });
    if (i % 100 == 0)
      at(0).join(user->who(), "#c");
  }
  mend();
  loss = 40;
  auto parts = 0;
  for (auto i = 0; i < 60; ++i)
    parts += pump();
  drain();
  EXPECT_GT(parts, 3);
  EXPECT_EQ(at(1).people.count().users, 3'000u);
  EXPECT_EQ(at(1).books(), at(0).books());
  at(0).say("after");
  drain();
  EXPECT_EQ(at(1).texts(), std::vector<std::string>{"after"});
}

TEST_F(SnapshotTest, ANodeThatStartsLaterKnowsAllOfIt) {
  start(3);
  kill(at(2)); // it has not started
  auto alice = at(0).come("alice");
  auto bob = at(1).come("bob");
  drain();
  at(1).join(at(0).who(alice), "#c");
  at(1).join(at(1).who(bob), "#c");
  at(1).say("before");
  drain();
  view.nodes[2].state = cluster::node_state::up;
  ++view.version;
  tell_view();
  drain();
  EXPECT_EQ(at(2).books(), at(1).books());
  EXPECT_EQ(at(2).books().size(), 2u);
  EXPECT_TRUE(at(2).texts().empty()) << "it was not there when that was said";
  EXPECT_TRUE(at(2).people.share_channel(alice, bob));
}

/// Users come and go, join and part, while links lose, repeat, break, and so little is kept that
/// snapshots are needed. In the end every FANOUT, and presence everywhere, knows the same.
TEST_F(SnapshotTest, AllNodesAgreeWhateverTheLinksDo) {
  for (auto seed = 1u; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    nodes.clear();
    late.clear();
    cuts.clear();
    view = {};
    rng.seed(seed);
    start(3, {.items = 3 + rng() % 40, .octets = 1u << 20});
    std::vector<std::string> channels{"#0", "#1", "#2"}; // each of the node with that number
    for (std::size_t i = 0; i < 3; ++i)
      own(cluster::shard_kind::channel, channels[i], at(i));
    std::map<std::int64_t, std::size_t> users;
    std::set<std::pair<std::string, std::int64_t>> truth;
    for (auto i = 0; i < 200; ++i) {
      loss = 25;
      auto n = rng() % 3;
      auto some = [&] { return std::next(users.begin(), static_cast<int>(rng() % users.size())); };
      switch (rng() % 8) {
      case 0:
      case 1: users[at(n).come("user" + std::to_string(i))] = n; break;
      case 2:
      case 3:
        if (!users.empty()) {
          auto [id, home] = *some();
          if (truth.emplace(channels[n], id).second)
            at(n).join(at(home).who(id), channels[n]);
        }
        break;
      case 4:
        if (!truth.empty()) {
          auto [channel, id] = *std::next(truth.begin(), static_cast<int>(rng() % truth.size()));
          truth.erase({channel, id});
          at(static_cast<std::size_t>(channel[1] - '0')).part(at(users.at(id)).who(id), channel);
        }
        break;
      case 5:
        if (!users.empty() && rng() % 2 == 0) {
          auto [id, home] = *some();
          at(home).leave_network(id);
          for (std::size_t c = 0; c < 3; ++c)
            if (truth.erase({channels[c], id}) > 0)
              at(c).unplace(id, channels[c]);
          users.erase(id);
        }
        break;
      case 6:
        if (rng() % 4 == 0)
          cut(n, (n + 1) % 3);
        else if (rng() % 3 == 0)
          mend();
        break;
      default: pump(); at(n).turn([&](auto& out) { at(n).core.tick(now, out); });
      }
    }
    mend();
    drain();
    for (auto i = 0; i < 3; ++i)
      for (auto& node : nodes)
        node->turn([&](auto& out) { node->core.tick(now, out); });
    for (auto& node : nodes) {
      EXPECT_FALSE(node->core.waits());
      SCOPED_TRACE("node " + std::to_string(node->number));
      EXPECT_EQ(node->books(), truth);
      EXPECT_EQ(node->people.count().users, users.size());
      for (auto& [id, home] : users)
        for (auto& channel : channels)
          EXPECT_EQ(node->people.is_member(id, channel), truth.contains({channel, id}));
    }
    if (HasFailure())
      return;
  }
}

} // namespace

} // namespace hamlet
