// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/history_writer.hpp"
#include "tests/support/store_actor_test.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace hamlet {

namespace {

struct host_state {
  deadlines limits;
  std::optional<history_writer> writer;
};

chat_actor::behavior_type host(chat_actor::stateful_pointer<host_state> self,
                               sql::history_repository store, history_writer::bounds most) {
  self->state.writer.emplace(self, self->state.limits, store, most);
  return {[](const chat::v1::Request&) { return chat::v1::Reply{}; }, [](caf::tick_atom) {}};
}

sql::chat_event row(std::int64_t id, std::string text = "hi") {
  sql::chat_event x;
  x.target = "#a 1";
  x.time_ms = id;
  x.event_id = id;
  x.sender = "ann!a@b";
  x.text = std::move(text);
  x.event = "e";
  return x;
}

} // namespace

class HistoryWriterTest : public StoreActorTest {
protected:
  ~HistoryWriterTest() override { end(actor); }

  void begin(history_writer::bounds most = {}) {
    actor = sys.spawn(host, store(), most);
    run();
  }
  sql::history_repository store() { return {program->changes, program->views}; }
  history_writer& writer() { return *deref<host_state>(actor).writer; }

  std::vector<std::int64_t> stored() {
    auto found = wait<std::vector<sql::chat_event>>(
      [&](auto done) { store().latest("#a 1", std::nullopt, 1000, sql::history_view::all, done); });
    std::vector<std::int64_t> ids;
    for (auto& x : found.value())
      ids.push_back(x.event_id);
    return ids;
  }

  chat_actor actor;
};

TEST_F(HistoryWriterTest, GathersRowsWhileAnAppendIsUnderWay) {
  begin();
  turn(with::store); // the store answers when the test says so
  for (int i = 1; i <= 5; ++i)
    writer().append(row(i));
  EXPECT_EQ(writer().pending(), 5u);
  run(with::store);
  EXPECT_EQ(writer().pending(), 0u);
  EXPECT_EQ(stored(), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
}

TEST_F(HistoryWriterTest, LetsAQuestionWaitForWhatWasSaidBefore) {
  begin();
  std::vector<std::string> order;
  writer().when_written([&] { order.emplace_back("at once"); });
  EXPECT_EQ(order.size(), 1u);
  turn(with::store);
  writer().append(row(1));
  writer().append(row(2));
  std::vector<std::int64_t> seen;
  writer().when_written([&] { order.push_back(std::to_string(writer().pending())); });
  EXPECT_EQ(order.size(), 1u);
  writer().append(row(3)); // said later: nobody waits for that
  run(with::store);
  ASSERT_EQ(order.size(), 2u);
  EXPECT_LE(std::stoi(order[1]), 1);
}

TEST_F(HistoryWriterTest, LosesTheRowThatTheStoreRefusesAndNoOther) {
  begin();
  turn(with::store);
  writer().append(row(1));
  writer().append(row(2, std::string("a\0b", 3)));
  writer().append(row(3));
  bool asked = false;
  writer().when_written([&] { asked = true; });
  run(with::store);
  EXPECT_EQ(stored(), (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(writer().lost(), 1u);
  EXPECT_TRUE(asked);
}

TEST_F(HistoryWriterTest, LosesTheOldestRowsOfAStoreThatIsTooSlow) {
  begin({.waiting = 2, .batch = 500});
  turn(with::store);
  for (int i = 1; i <= 5; ++i)
    writer().append(row(i)); // the first is on its way, two may wait
  EXPECT_EQ(writer().lost(), 2u);
  run(with::store);
  EXPECT_EQ(stored(), (std::vector<std::int64_t>{1, 4, 5}));
}

TEST_F(HistoryWriterTest, TriesAgainWhatWasNotAnswered) {
  begin();
  turn(with::store);
  writer().append(row(1));
  bool asked = false;
  writer().when_written([&] { asked = true; });
  sched.clock().advance_time(std::chrono::seconds{21}); // nothing came in time
  sched.run();
  EXPECT_TRUE(asked); // it shall not hang
  EXPECT_EQ(writer().pending(), 1u);
  writer().append(row(2));
  pass(std::chrono::seconds{2});
  EXPECT_EQ(writer().pending(), 0u);
  EXPECT_EQ(stored(), (std::vector<std::int64_t>{1, 2}));
}

TEST_F(HistoryWriterTest, LosesNothingWhenItsActorEnds) {
  begin({.batch = 2});
  turn(with::store);
  for (int i = 1; i <= 5; ++i)
    writer().append(row(i)); // the first is on its way
  end(actor);
  EXPECT_EQ(stored(), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
}

} // namespace hamlet
