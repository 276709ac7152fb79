// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/session/session_fixture.hpp"

namespace hamlet {

using chat::v1::GetHistory;

class KeepingTest : public SessionTest {
protected:
  KeepingTest() {
    ann = come("ann", ann_account);
    bob = come("bob", bob_account);
    log.clear();
  }

  std::int64_t say(std::int64_t from, const std::string& to, const std::string& text) {
    now_ms += 1000;
    return say_to(from, to, text).event_id();
  }
  Reply history(std::int64_t session, const std::string& nick,
                GetHistory::Selector how = GetHistory::LATEST) {
    auto x = request(session);
    x.mutable_get_history()->set_selector(how);
    x.mutable_get_history()->set_nick(nick);
    x.mutable_get_history()->set_limit(10);
    return ask(x);
  }
  static std::vector<std::string> texts(const Reply& x) {
    std::vector<std::string> all;
    for (auto& event : x.events())
      all.push_back(event.message().text());
    return all;
  }
  Reply take_back(std::int64_t session, std::int64_t event, const std::string& nick) {
    auto x = request(session);
    x.mutable_redact()->set_event_id(event);
    x.mutable_redact()->set_nick(nick);
    x.mutable_redact()->set_reason("typo");
    return ask(x);
  }
  Reply set_key(std::int64_t session, const std::string& key, const std::string& value) {
    auto x = request(session);
    x.mutable_set_metadata()->set_key(key);
    x.mutable_set_metadata()->set_value(value);
    x.mutable_set_metadata()->set_is_removal(value.empty());
    return ask(x);
  }
  Reply read_keys(std::int64_t session) {
    auto x = request(session);
    x.mutable_read_metadata();
    return ask(x);
  }

  std::int64_t ann_account = create("ann").value();
  std::int64_t bob_account = create("bob").value();
  std::int64_t ann = 0, bob = 0;
};

TEST_F(KeepingTest, KeepsWhatMembersSayToEachOther) {
  say(ann, "bob", "one");
  say(bob, "ann", "two");
  EXPECT_EQ(texts(history(ann, "bob")), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(texts(history(bob, "Ann")), (std::vector<std::string>{"one", "two"}));
  auto got = history(ann, "bob").events(0);
  EXPECT_EQ(got.source().nick(), "ann");
  EXPECT_EQ(got.source().address(), "");
  EXPECT_EQ(got.source().session_id(), 0);
  EXPECT_EQ(got.target(), "bob");
  EXPECT_EQ(got.sessions_size(), 0);
  EXPECT_FALSE(got.has_origin());
}

TEST_F(KeepingTest, ReadsBehindWhatIsOnItsWayToTheStore) {
  // Not a turn of the store between the message and the question.
  auto x = request(ann);
  x.mutable_tell()->set_nick("bob");
  x.mutable_tell()->mutable_message()->set_text("fresh");
  caf::anon_send(owners.session_of(ann), x);
  EXPECT_EQ(texts(history(ann, "bob")), std::vector<std::string>{"fresh"});
}

TEST_F(KeepingTest, ReadsTheConversationWithWhoIsNotHere) {
  say(ann, "bob", "one");
  leave(bob, false);
  EXPECT_TRUE(texts(history(ann, "bob")).empty()); // nobody is called so
  owned_nick = "bob";
  owned_by = bob_account;
  EXPECT_EQ(texts(history(ann, "bob")), std::vector<std::string>{"one"});
}

TEST_F(KeepingTest, ShowsNobodyTheConversationsOfOthers) {
  say(ann, "bob", "secret");
  auto eve = come("eve", create("eve").value());
  EXPECT_TRUE(texts(history(eve, "bob")).empty());
  auto guest = come("guest");
  EXPECT_EQ(history(guest, "bob").refusal(), chat::v1::NEEDS_ACCOUNT);
}

TEST_F(KeepingTest, KeepsNothingForWhoDoesNotWantIt) {
  choose(ann, "history", "off");
  say(ann, "bob", "one");
  say(bob, "ann", "two");
  EXPECT_TRUE(texts(history(bob, "ann")).empty());
  choose(ann, "history", "default");
  say(ann, "bob", "three");
  EXPECT_EQ(texts(history(bob, "ann")), std::vector<std::string>{"three"});
  auto bounds = session_rules{};
  bounds.keeps_direct = false;
  rules.set(bounds);
  say(ann, "bob", "four");
  EXPECT_EQ(texts(history(bob, "ann")), std::vector<std::string>{"three"});
}

TEST_F(KeepingTest, DoesNotKeepThatSomebodyTypes) {
  auto x = request(ann);
  x.mutable_tell()->set_nick("bob");
  x.mutable_tell()->mutable_message()->set_kind(chat::v1::TAGMSG);
  auto& tag = *x.mutable_tell()->mutable_message()->add_tags();
  tag.set_key("+typing");
  tag.set_value("active");
  ask(x);
  EXPECT_TRUE(texts(history(ann, "bob")).empty());
  tag.set_key("+draft/react");
  ask(x);
  EXPECT_EQ(history(ann, "bob").events_size(), 1);
}

TEST_F(KeepingTest, ListsConversations) {
  say(ann, "bob", "one");
  auto eve = come("eve", create("eve").value());
  say(eve, "ann", "two");
  join(ann, "#a");
  join(ann, "#old");
  channel_answers = [this](const Request& x) {
    Reply reply;
    if (x.has_get_history())
      reply.add_events()->set_time_ms(x.channel() == "#a" ? now_ms + 1000 : 1);
    return reply;
  };
  auto x = request(ann);
  auto& get = *x.mutable_get_history();
  get.set_selector(GetHistory::TARGETS);
  get.mutable_first()->set_time_ms(10);
  get.mutable_second()->set_time_ms(now_ms + 5000);
  get.set_limit(10);
  auto got = ask(x);
  ASSERT_EQ(got.conversations_size(), 3);
  EXPECT_EQ(got.conversations(0).name(), "bob");
  EXPECT_EQ(got.conversations(1).name(), "eve");
  EXPECT_EQ(got.conversations(2).name(), "#a");
  get.set_limit(1);
  EXPECT_EQ(ask(x).conversations(0).name(), "bob");
  std::swap(*get.mutable_first(), *get.mutable_second());
  EXPECT_EQ(ask(x).conversations(0).name(), "#a"); // counted from the later one
}

TEST_F(KeepingTest, Searches) {
  say(ann, "bob", "green apples");
  say(ann, "bob", "red pears");
  auto eve = come("eve", create("eve").value());
  say(eve, "ann", "green pears");
  auto x = request(ann);
  x.mutable_search_history()->set_words("green  apples");
  x.mutable_search_history()->set_nick("bob");
  EXPECT_EQ(texts(ask(x)), std::vector<std::string>{"green apples"});
  x.mutable_search_history()->set_words("green");
  x.mutable_search_history()->clear_nick();
  EXPECT_EQ(ask(x).events_size(), 2);
  x.set_session_id(bob);
  EXPECT_EQ(ask(x).events_size(), 1);
}

// -- REDACT ---------------------------------------------------------------------------------------

TEST_F(KeepingTest, TakesAMessageBack) {
  auto id = say(ann, "bob", "oops");
  log.clear();
  EXPECT_EQ(take_back(ann, id, "bob").refusal(), chat::v1::NONE);
  auto told = events(Event::kRedacted);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].redacted().event_id(), id);
  EXPECT_EQ(told[0].redacted().reason(), "typo");
  EXPECT_EQ(told[0].target(), "bob");
  EXPECT_EQ((std::set<std::int64_t>{told[0].sessions().begin(), told[0].sessions().end()}),
            (std::set{ann, bob}));
  auto left = history(bob, "ann");
  ASSERT_EQ(left.events_size(), 1);
  EXPECT_TRUE(left.events(0).is_redacted());
  EXPECT_EQ(left.events(0).message().text(), "");
  EXPECT_EQ(take_back(ann, id, "bob").refusal(), chat::v1::NO_SUCH_MESSAGE);
}

TEST_F(KeepingTest, TakesBackOnlyOnesOwnAndOnlyInTime) {
  auto id = say(ann, "bob", "one");
  EXPECT_EQ(take_back(bob, id, "ann").refusal(), chat::v1::NO_ACCESS);
  auto eve = come("eve", create("eve").value());
  EXPECT_EQ(take_back(eve, id, "ann").refusal(), chat::v1::NO_SUCH_MESSAGE);
  EXPECT_EQ(take_back(ann, id + 1, "bob").refusal(), chat::v1::NO_SUCH_MESSAGE);
  now_ms += 86'400'001;
  EXPECT_EQ(take_back(ann, id, "bob").refusal(), chat::v1::TOO_LATE);
  EXPECT_TRUE(events(Event::kRedacted).empty());
}

// -- metadata, markers, choices -------------------------------------------------------------------

TEST_F(KeepingTest, KeepsMetadataOfAnAccount) {
  auto reply = set_key(ann, "avatar", "https://example.org/a.png");
  EXPECT_EQ(reply.refusal(), chat::v1::NONE);
  ASSERT_EQ(events(Event::kMetadata).size(), 1u);
  EXPECT_EQ(events(Event::kMetadata)[0].metadata().target(), "ann");
  EXPECT_EQ(events(Event::kMetadata)[0].sessions_size(), 0);
  ASSERT_EQ(read_keys(ann).options_size(), 1);
  EXPECT_EQ(read_keys(ann).options(0).name(), "avatar");
  leave(ann, false);
  ann = come("ann", ann_account);
  EXPECT_EQ(read_keys(ann).options_size(), 1);
  EXPECT_EQ(set_key(ann, "avatar", "").refusal(), chat::v1::NONE);
  EXPECT_EQ(set_key(ann, "avatar", "").refusal(), chat::v1::NOT_REGISTERED);
  EXPECT_EQ(read_keys(ann).options_size(), 0);
}

TEST_F(KeepingTest, KeepsMetadataOfAGuestWhileItIsHere) {
  auto bounds = session_rules{};
  bounds.metadata_keys = 2;
  bounds.metadata_value = 5;
  rules.set(bounds);
  auto guest = come("guest");
  for (auto id : {guest, ann}) {
    log.clear();
    EXPECT_EQ(set_key(id, "a", "123456").refusal(), chat::v1::BAD_REQUEST);
    EXPECT_EQ(set_key(id, "a", "1").refusal(), chat::v1::NONE);
    EXPECT_EQ(set_key(id, "b", "2").refusal(), chat::v1::NONE);
    EXPECT_EQ(set_key(id, "c", "3").refusal(), chat::v1::LIMIT_REACHED);
    EXPECT_EQ(read_keys(id).options_size(), 2);
    auto x = request(id);
    x.mutable_set_metadata()->set_is_clear(true);
    EXPECT_EQ(ask(x).options_size(), 2);
    EXPECT_EQ(read_keys(id).options_size(), 0);
    EXPECT_EQ(events(Event::kMetadata).size(), 4u);
  }
}

TEST_F(KeepingTest, MovesMarkersForward) {
  auto set = request(ann);
  set.mutable_set_marker()->set_target("#A");
  set.mutable_set_marker()->set_time_ms(5000);
  EXPECT_EQ(ask(set).marker_ms(), 5000);
  ASSERT_EQ(events(Event::kMarker).size(), 1u);
  EXPECT_EQ(events(Event::kMarker)[0].marker().target(), "#A");
  set.mutable_set_marker()->set_time_ms(4000);
  EXPECT_EQ(ask(set).marker_ms(), 5000);
  EXPECT_EQ(events(Event::kMarker).size(), 1u);
  auto get = request(ann);
  get.mutable_get_marker()->set_target("#a");
  EXPECT_EQ(ask(get).marker_ms(), 5000);
  get.mutable_get_marker()->set_target("#b");
  EXPECT_EQ(ask(get).marker_ms(), 0);
  get.set_session_id(come("guest"));
  EXPECT_EQ(ask(get).refusal(), chat::v1::NEEDS_ACCOUNT);
}

TEST_F(KeepingTest, ShowsAndChecksChoices) {
  EXPECT_EQ(choose(ann, "persistence", "").options(0).value(), "default");
  EXPECT_EQ(choose(ann, "persistence", "on").options(1).value(), "on");
  EXPECT_EQ(choose(ann, "persistence", "maybe").refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(choose(ann, "else", "on").refusal(), chat::v1::BAD_REQUEST);
  EXPECT_EQ(choose(come("guest"), "persistence", "on").refusal(), chat::v1::NEEDS_ACCOUNT);
}

} // namespace hamlet
