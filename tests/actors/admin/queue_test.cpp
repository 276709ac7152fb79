// SPDX-License-Identifier: Apache-2.0
#include "lib/base/ids.hpp"
#include "tests/actors/admin/admin_fixture.hpp"

namespace hamlet::admin {

namespace {

class AdminQueue : public AdminTest {
protected:
  void enqueue(std::int64_t id, const std::string& to) {
    sql::new_mail m;
    m.queue_id = id;
    m.from = "friend@elsewhere.test";
    m.trace = "Received: from x\r\n";
    m.what = {"Subject: tea\r\n\r\nhello\r\n", {}, 23};
    m.to = {{0, to, {}, 0}};
    m.accepted_at = 100;
    ASSERT_TRUE(wait<sql::enqueued>([&](auto f) { program->queue.enqueue(m, 0, f); }).has_value());
  }
  static v1::DropQueuedRequest drop(std::int64_t id) {
    v1::DropQueuedRequest x;
    x.set_queue_id(id_text(id));
    return x;
  }
};

} // namespace

TEST_F(AdminQueue, ListsPageByPageAndShowsOne) {
  for (std::int64_t id : {1, 2, 3})
    enqueue(id, "bob" + std::to_string(id) + "@far.test");
  v1::ListQueueRequest x;
  x.set_page_size(2);
  auto page = done<v1::ListQueueResponse>("Queue/List", x);
  ASSERT_EQ(page.messages_size(), 2);
  EXPECT_EQ(page.messages(0).queue_id(), id_text(1));
  EXPECT_EQ(page.messages(0).recipients(0), "bob1@far.test");
  EXPECT_EQ(page.messages(0).trace(), "");
  x.set_page_token(page.next_page_token());
  page = done<v1::ListQueueResponse>("Queue/List", x);
  ASSERT_EQ(page.messages_size(), 1);
  EXPECT_EQ(page.next_page_token(), "");
  v1::GetQueuedRequest get;
  get.set_queue_id(id_text(2));
  auto one = done<v1::QueuedMessage>("Queue/Get", get);
  EXPECT_EQ(one.sender(), "friend@elsewhere.test");
  EXPECT_EQ(one.size_bytes(), 23);
  EXPECT_EQ(one.trace(), "Received: from x\r\n");
  get.set_queue_id(id_text(9));
  EXPECT_EQ(refused("Queue/Get", get), status::not_found);
  get.set_queue_id("x");
  EXPECT_EQ(refused("Queue/Get", get), status::invalid_argument);
}

TEST_F(AdminQueue, DropsAMessageWithItsText) {
  enqueue(1, "bob@far.test");
  auto x = drop(1);
  x.set_validate_only(true);
  EXPECT_EQ(refused("Queue/Drop", x), status::ok);
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 1);
  EXPECT_EQ(done<v1::QueuedMessage>("Queue/Drop", drop(1)).recipients(0), "bob@far.test");
  EXPECT_EQ(number("SELECT count(*) FROM queue"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM body"), 0);
  EXPECT_EQ(refused("Queue/Drop", drop(1)), status::not_found);
}

TEST_F(AdminQueue, HoldsAMessageAndReleasesIt) {
  enqueue(1, "bob@far.test");
  v1::HoldQueuedRequest hold;
  hold.set_queue_id(id_text(1));
  hold.set_validate_only(true);
  EXPECT_EQ(done<v1::QueuedMessage>("Queue/Hold", hold).held_s(), now_ms / 1000);
  auto listed = [&] { return done<v1::ListQueueResponse>("Queue/List", v1::ListQueueRequest{}); };
  EXPECT_FALSE(listed().messages(0).has_held_s());
  hold.set_validate_only(false);
  hold.set_request_id("once");
  EXPECT_EQ(done<v1::QueuedMessage>("Queue/Hold", hold).held_s(), now_ms / 1000);
  EXPECT_EQ(listed().messages(0).held_s(), now_ms / 1000);
  EXPECT_EQ(woken, 0);
  v1::ReleaseQueuedRequest release;
  release.set_queue_id(id_text(1));
  release.set_validate_only(true);
  EXPECT_FALSE(done<v1::QueuedMessage>("Queue/Release", release).has_held_s());
  EXPECT_TRUE(listed().messages(0).has_held_s());
  EXPECT_EQ(woken, 0);
  release.set_validate_only(false);
  EXPECT_FALSE(done<v1::QueuedMessage>("Queue/Release", release).has_held_s());
  EXPECT_FALSE(listed().messages(0).has_held_s());
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(done<v1::QueuedMessage>("Queue/Hold", hold).has_held_s()); // the same request again:
  EXPECT_FALSE(listed().messages(0).has_held_s());                       // the same reply, no more
  auto written = audit();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(written[0].method, "Queue/Release");
  EXPECT_EQ(written[1].method, "Queue/Hold");
  EXPECT_EQ(written[1].target, id_text(1));
  hold.clear_request_id();
  hold.set_queue_id(id_text(2));
  EXPECT_EQ(refused("Queue/Hold", hold), status::not_found);
  release.set_queue_id("x");
  EXPECT_EQ(refused("Queue/Release", release), status::invalid_argument);
}

TEST_F(AdminQueue, IsForOperators) {
  EXPECT_EQ(refused("Queue/List", v1::ListQueueRequest{}, certified("ann", "moderator")),
            status::permission_denied);
  EXPECT_EQ(refused("Queue/List", v1::ListQueueRequest{}, certified("ann", "operator")),
            status::ok);
  EXPECT_EQ(refused("Queue/Hold", v1::HoldQueuedRequest{}, certified("ann", "moderator")),
            status::permission_denied);
  EXPECT_EQ(refused("Queue/Release", v1::ReleaseQueuedRequest{}, certified("ann", "moderator")),
            status::permission_denied);
  EXPECT_EQ(refused("Shards/Drain", v1::DrainShardsRequest{}, certified("ann", "moderator")),
            status::permission_denied);
}

// -- the nodes ----------------------------------------------------------------

TEST_F(AdminQueue, ANodeAloneIsTheOnlyOne) {
  auto all = done<v1::ListNodesResponse>("Nodes/List", v1::ListNodesRequest{});
  ASSERT_EQ(all.nodes_size(), 1);
  EXPECT_EQ(all.nodes(0).name(), "alpha");
  EXPECT_EQ(all.nodes(0).state(), "alone");
  EXPECT_EQ(refused("Shards/List", v1::ListShardsRequest{}), status::failed_precondition);
  v1::MoveShardRequest move;
  move.set_kind("kitchen");
  EXPECT_EQ(refused("Shards/Move", move), status::invalid_argument);
  move.set_kind("mailbox");
  EXPECT_EQ(refused("Shards/Move", move), status::failed_precondition);
  v1::DrainShardsRequest drain;
  drain.set_node("alpha");
  EXPECT_EQ(refused("Shards/Drain", drain), status::failed_precondition);
  drain.add_numbers(7); // of which kind?
  EXPECT_EQ(refused("Shards/Drain", drain), status::invalid_argument);
  drain.set_kind("kitchen");
  EXPECT_EQ(refused("Shards/Drain", drain), status::invalid_argument);
}

TEST_F(AdminQueue, DrainsTheNodeThatIsNamedAndOnlyWhenThatIsWrittenDown) {
  v1::DrainNodeRequest x;
  x.set_node("beta");
  EXPECT_EQ(refused("Nodes/Drain", x), status::failed_precondition);
  x.set_node("alpha");
  x.set_validate_only(true);
  EXPECT_EQ(refused("Nodes/Drain", x), status::ok);
  EXPECT_EQ(drained, 0);
  x.set_validate_only(false);
  EXPECT_EQ(done<v1::Node>("Nodes/Drain", x).state(), "draining");
  EXPECT_EQ(drained, 1);
  EXPECT_EQ(audit()[0].outcome, "OK");
}

} // namespace hamlet::admin
