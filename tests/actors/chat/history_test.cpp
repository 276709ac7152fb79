// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/history.hpp"
#include "actors/chat/reach.hpp"

#include <gtest/gtest.h>

namespace hamlet {

using chat::v1::Event;

namespace {

Event event() {
  Event x;
  x.set_id(5);
  x.set_time_ms(1000);
  x.set_channel("#a");
  x.mutable_source()->set_nick("ann");
  x.mutable_source()->set_user("u");
  x.mutable_source()->set_host("h");
  x.mutable_source()->set_account_id(7);
  x.mutable_message()->set_text("hi");
  return x;
}

} // namespace

TEST(ChatHistory, KeepsNothingThatIsNotForAll) {
  auto x = event();
  x.mutable_source()->set_address("10.0.0.1");
  x.mutable_source()->set_certificate("abc");
  x.mutable_source()->set_session_id(9);
  x.mutable_origin()->set_tag("label=1");
  x.add_sessions(9);
  auto row = to_row(x, "#a 1");
  EXPECT_EQ(row.sender, "ann!u@h");
  EXPECT_EQ(row.sender_account, 7);
  EXPECT_EQ(row.text, "hi");
  EXPECT_EQ(row.kind, sql::event_kind::message);
  EXPECT_EQ(row.event.find("10.0.0.1"), std::string::npos);
  auto again = to_event(row);
  EXPECT_EQ(again.id(), 5);
  EXPECT_EQ(again.time_ms(), 1000);
  EXPECT_EQ(again.channel(), "#a");
  EXPECT_EQ(again.message().text(), "hi");
  EXPECT_EQ(again.source().certificate(), "");
  EXPECT_EQ(again.source().session_id(), 0);
  EXPECT_EQ(again.sessions_size(), 0);
  EXPECT_FALSE(again.has_origin());
}

TEST(ChatHistory, SaysOfARedactedMessageThatItWas) {
  auto row = to_row(event(), "#a 1");
  row.text.clear();
  row.event.clear();
  row.redacted = sql::redaction{"op!u@h", "spam", 2000};
  auto x = to_event(row);
  EXPECT_TRUE(x.is_redacted());
  EXPECT_TRUE(x.has_message());
  EXPECT_EQ(x.message().text(), "");
  EXPECT_EQ(x.source().nick(), "ann");
  EXPECT_EQ(x.source().host(), "h");
  EXPECT_EQ(x.id(), 5);
}

TEST(ChatHistory, KnowsWhatIsKept) {
  EXPECT_TRUE(is_kept(event()));
  auto x = event();
  x.set_only_status("@");
  EXPECT_FALSE(is_kept(x));
  x = event();
  x.mutable_message()->set_to_status("@");
  EXPECT_FALSE(is_kept(x));
  x = event();
  x.mutable_message()->set_kind(chat::v1::TAGMSG);
  x.mutable_message()->add_tags()->set_key("+typing");
  EXPECT_FALSE(is_kept(x));
  x.mutable_message()->add_tags()->set_key("+react");
  EXPECT_TRUE(is_kept(x));
  x = event();
  x.mutable_away();
  EXPECT_FALSE(is_kept(x));
  x.mutable_parted()->set_silent(true);
  EXPECT_FALSE(is_kept(x));
}

TEST(ChatHistory, TakesASearchApart) {
  chat::v1::SearchHistory what;
  what.set_words("  green   apples ");
  what.set_before_ms(1000);
  what.set_limit(500);
  auto search = to_search(what, {"#a 1"}, 100);
  EXPECT_EQ(search.words, (std::vector<std::string>{"green", "apples"}));
  EXPECT_EQ(search.limit, 100u);
  EXPECT_EQ(search.before->time_ms, 1000);
}

TEST(Reach, FindsWhereAMemberSits) {
  presence here;
  auto add = [&](std::int64_t id, std::uint32_t clients, const std::string& away,
                 std::int64_t active) {
    auto x = std::make_shared<user_card>();
    x->who.set_session_id(id);
    x->who.set_nick("n" + std::to_string(id));
    x->who.set_account_id(7);
    x->clients = clients;
    x->away = away;
    x->signon_ms = active;
    here.put(user_ref{x});
  };
  EXPECT_FALSE(find_reachable(here, 7));
  add(1, 0, "", 900);
  EXPECT_FALSE(find_reachable(here, 7)); // nobody is there
  add(2, 1, "lunch", 800);
  EXPECT_EQ(find_reachable(here, 7)->session_id(), 2);
  add(3, 1, "", 100);
  EXPECT_EQ(find_reachable(here, 7)->session_id(), 3);
  add(4, 1, "", 200);
  auto found = find_reachable(here, 7);
  EXPECT_EQ(found->session_id(), 4);
  EXPECT_FALSE(find_reachable(here, 0));
  auto x = notice_to(*found, "irc.example.org", "You have mail");
  EXPECT_EQ(x.session_id(), 4);
  EXPECT_EQ(x.receive().event().source().nick(), "irc.example.org");
  EXPECT_EQ(x.receive().event().message().kind(), chat::v1::NOTICE);
}

} // namespace hamlet
