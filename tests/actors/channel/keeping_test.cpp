// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/channel/shard_fixture.hpp"

namespace hamlet {

using namespace chat::v1;

/// Sessions 1 and 2 have accounts; 3 and higher are guests.
class ChannelKeepingTest : public ChannelShardTest {
protected:
  ChannelKeepingTest() {
    accounts[1] = create("ann").value();
    accounts[2] = create("bob").value();
  }

  Reply option(std::int64_t session, const std::string& word, const std::string& value) {
    return ask_channel(session, "#Room", [&](Request& r) {
      r.mutable_set_channel_option()->set_name(word);
      r.mutable_set_channel_option()->set_value(value);
    });
  }
  Reply access(std::int64_t session, std::int64_t account, const std::string& flags) {
    return ask_channel(session, "#Room", [&](Request& r) {
      r.mutable_set_access()->set_account_id(account);
      r.mutable_set_access()->set_account("known");
      r.mutable_set_access()->set_flags(flags);
    });
  }
  Reply info(std::int64_t session) {
    return ask_channel(session, "#Room", [](Request& r) { r.mutable_get_channel_info(); });
  }
  Reply modes(std::int64_t session) {
    return ask_channel(session, "#Room", [](Request& r) { r.mutable_get_modes(); });
  }
  static std::string value(const Reply& r, const std::string& word) {
    for (auto& o : r.options())
      if (o.name() == word)
        return o.value();
    return "(none)";
  }
};

TEST_F(ChannelKeepingTest, ARegisteredChannelIsThereAgain) {
  join(1);
  mode(1, true, "k", "key");
  mode(1, true, "f", "5:10");
  mode(1, true, "j", "9:60");
  mode(1, true, "b", "x!*@*"); // before
  EXPECT_EQ(register_channel(1).refusal(), NONE);
  mode(1, true, "l", "20");
  mode(1, true, "e", "y!*@*"); // after
  ask_channel(1, "#Room", [](Request& r) { r.mutable_set_topic()->set_text("Welcome"); });
  EXPECT_EQ(option(1, "entrymsg", "Be kind").refusal(), NONE);
  EXPECT_EQ(option(1, "retention", "90").refusal(), NONE);
  EXPECT_EQ(access(1, accounts[2], "o").refusal(), NONE);
  begin_again();
  auto r = join(2, "#ROOM");
  EXPECT_EQ(r.refusal(), NONE);
  EXPECT_FALSE(r.was_created());
  EXPECT_EQ(r.channel(), "#Room");
  EXPECT_EQ(r.status(), "@");
  EXPECT_EQ(r.topic().text(), "Welcome");
  EXPECT_EQ(value(r, "entrymsg"), "Be kind");
  EXPECT_EQ(r.modes(), "+fjklnrt");
  EXPECT_EQ(r.mode_params(0), "5:10");
  EXPECT_EQ(r.mode_params(2), "key");
  EXPECT_EQ(value(info(2), "retention"), "90");
  for (auto* letter : {"b", "e"})
    EXPECT_EQ(ask_channel(2, "#Room", [&](Request& q) { q.mutable_get_list()->set_letter(letter); })
                .list_size(),
              1);
  EXPECT_EQ(join(1).status(), "~@");
}

TEST_F(ChannelKeepingTest, WhatIsTakenAwayStaysAway) {
  join(1);
  register_channel(1);
  mode(1, true, "b", "x!*@*");
  mode(1, true, "k", "key");
  access(1, accounts[2], "o");
  mode(1, false, "b", "x!*@*");
  mode(1, false, "k");
  access(1, accounts[2], "");
  begin_again();
  EXPECT_EQ(join(2).status(), "");
  EXPECT_EQ(number("SELECT count(*) FROM channel_list"), 0);
}

TEST_F(ChannelKeepingTest, AnEmptyRegisteredChannelIsNoLongerShown) {
  join(1);
  say(1, "when it was nobody's");
  now += 1000;
  register_channel(1);
  say(1, "kept");
  EXPECT_EQ(texts(history(1)), "when it was nobody's,kept");
  part(1);
  EXPECT_FALSE(people.find_channel("#Room"));
  join(1);
  EXPECT_EQ(texts(history(1)), "kept");
  say(1, "later");
  part(1), join(1);
  EXPECT_EQ(texts(history(1)), "kept,later");
}

TEST_F(ChannelKeepingTest, RegistrationsAreBounded) {
  rules.set({.server_name = "irc.example.org", .channels_per_account = 1});
  join(1), join(1, "#Two");
  EXPECT_EQ(register_channel(1).refusal(), NONE);
  EXPECT_EQ(register_channel(1, "#Two").refusal(), LIMIT_REACHED);
  EXPECT_EQ(modes(1).modes(), "+nrt");
}

TEST_F(ChannelKeepingTest, ADroppedChannelIsLikeAnyOther) {
  join(1);
  register_channel(1);
  auto drop = [](Request& r) { r.mutable_drop_channel(); };
  join(2);
  EXPECT_EQ(ask_channel(2, "#Room", drop).refusal(), NO_ACCESS);
  EXPECT_EQ(ask_channel(1, "#Room", drop).refusal(), NONE);
  EXPECT_EQ(number("SELECT count(*) FROM channel"), 0);
  part(1), part(2);
  EXPECT_EQ(number("SELECT count(*) FROM chat_event"), 0);
  EXPECT_TRUE(join(2).was_created());
}

TEST_F(ChannelKeepingTest, RequestsWaitWhileTheStoreAnswers) {
  join(1);
  register_channel(1);
  part(1);
  caf::scoped_actor me{sys};
  auto wish = request_of(1, "#Room");
  wish.mutable_join();
  auto first = me->request(owners.channel_of("#room"), patience, wish);
  auto hello = request_of(1, "#Room");
  hello.mutable_say()->mutable_message()->set_text("hello");
  auto second = me->request(owners.channel_of("#room"), patience, hello);
  turn(); // the store has not answered
  EXPECT_TRUE(me->mailbox().empty());
  run();
  EXPECT_EQ(answer_to<Reply>(std::move(first))->refusal(), NONE);
  EXPECT_EQ(answer_to<Reply>(std::move(second))->refusal(), NONE);
}

TEST_F(ChannelKeepingTest, OnlySoManyWait) {
  caf::scoped_actor me{sys};
  auto wish = request_of(1, "#Room");
  wish.mutable_get_topic();
  for (int i = 0; i < 1000; ++i)
    caf::anon_send(owners.channel_of("#room"), wish);
  auto last = me->request(owners.channel_of("#room"), patience, wish);
  run();
  EXPECT_EQ(answer_to<Reply>(std::move(last))->refusal(), FAILED);
}

TEST_F(ChannelKeepingTest, TheStoreIsAskedOnceForANameThatIsNotThere) {
  say(1, "x");
  caf::scoped_actor me{sys};
  auto wish = request_of(1, "#Room");
  wish.mutable_get_topic();
  auto pending = me->request(owners.channel_of("#room"), patience, wish);
  turn();
  EXPECT_EQ(answer_to<Reply>(std::move(pending))->refusal(), NO_SUCH_CHANNEL);
}

TEST_F(ChannelKeepingTest, MetadataOfARegisteredChannelStays) { // draft/metadata-2
  auto set = [&](const std::string& key, const std::string& to) {
    return ask_channel(1, "#Room", [&](Request& r) {
      r.mutable_set_metadata()->set_key(key);
      r.mutable_set_metadata()->set_value(to);
    });
  };
  auto read = [&] {
    return ask_channel(1, "#Room", [](Request& r) { r.mutable_read_metadata(); });
  };
  join(1);
  EXPECT_EQ(set("url", "https://example.org").refusal(), NONE);
  register_channel(1);
  EXPECT_EQ(set("avatar", "x").refusal(), NONE);
  option(1, "entrymsg", "hi");
  begin_again();
  join(1);
  EXPECT_EQ(read().options_size(), 2);
  auto gone =
    ask_channel(1, "#Room", [](Request& r) { r.mutable_set_metadata()->set_is_clear(true); });
  EXPECT_EQ(gone.options_size(), 2);
  begin_again();
  EXPECT_EQ(value(join(1), "entrymsg"), "hi");
  EXPECT_EQ(read().options_size(), 0);
}

// -- draft/channel-rename -----------------------------------------------------

/// A name of the same shard of the fixture as "#Room", or of the other.
std::string name_of(bool same) {
  auto is_same = [](const std::string& n) { return shard_of(n) % 2 == shard_of("#room") % 2; };
  for (int i = 0;; ++i)
    if (auto n = "#new" + std::to_string(i); is_same(n) == same)
      return n;
}

class ChannelRenameTest : public ChannelKeepingTest {
protected:
  Reply rename(std::int64_t session, const std::string& to, const std::string& from = "#Room") {
    return ask_channel(session, from, [&](Request& r) {
      r.mutable_rename()->set_new_name(to);
      r.mutable_rename()->set_reason("tidy");
    });
  }
};

TEST_F(ChannelRenameTest, TakesEverythingAlong) {
  for (auto same : {true, false}) {
    auto fresh = name_of(same);
    join(1), join(2);
    say(1, "before");
    EXPECT_EQ(rename(2, fresh).refusal(), NEEDS_OPERATOR);
    auto last = log.events.back();
    EXPECT_EQ(rename(1, fresh).refusal(), NONE) << fresh;
    auto& e = log.events.back();
    EXPECT_EQ(e.channel(), "#Room");
    EXPECT_EQ(e.renamed().new_name(), fresh);
    EXPECT_EQ(e.renamed().reason(), "tidy");
    EXPECT_EQ(e.seq(), last.seq() + 1);
    EXPECT_EQ(e.epoch(), last.epoch());
    EXPECT_EQ(say(2, "x").refusal(), NO_SUCH_CHANNEL);
    EXPECT_EQ(say(2, "after", fresh).refusal(), NONE);
    EXPECT_EQ(texts(history(1, 100, true, fresh)), "before,after");
    EXPECT_FALSE(people.find_channel("#Room"));
    EXPECT_EQ(people.find_channel(fresh)->members, 2u);
    EXPECT_EQ(people.channels_of(1).at(0).channel, fresh);
    EXPECT_EQ(people.channels_of(1).size(), 1u);
    part(1, fresh), part(2, fresh);
    EXPECT_EQ(number("SELECT count(*) FROM chat_event"), 0);
  }
}

TEST_F(ChannelRenameTest, WhoJoinsTheOldNameIsToldTheNewOne) { // draft/channel-rename, redirection
  for (auto same : {true, false}) {
    auto fresh = name_of(same);
    join(1);
    EXPECT_EQ(rename(1, fresh).refusal(), NONE);
    auto sent = join(2);
    EXPECT_EQ(sent.refusal(), RENAMED);
    EXPECT_EQ(sent.channel(), fresh);
    mode(1, true, "s", {}, fresh); // strangers are not told of it
    EXPECT_EQ(join(2).refusal(), NONE);
    part(1, fresh), part(2);
    join(1);
    EXPECT_EQ(rename(1, fresh).refusal(), NONE);
    part(1, fresh); // and is no more
    EXPECT_EQ(join(2).refusal(), NONE);
    part(2);
  }
}

TEST_F(ChannelRenameTest, TheNewNameMustBeFree) {
  for (auto same : {true, false}) {
    auto fresh = name_of(same);
    join(1), join(2, fresh);
    EXPECT_EQ(rename(1, fresh).refusal(), NAME_IN_USE);
    EXPECT_EQ(say(1, "still here").refusal(), NONE);
    EXPECT_EQ(rename(1, "&here").refusal(), CANNOT_RENAME);
    EXPECT_EQ(rename(1, "#a b").refusal(), CANNOT_RENAME);
    EXPECT_EQ(rename(1, "#Room").refusal(), CANNOT_RENAME);
    accounts[2] = accounts[1];
    register_channel(2, fresh);
    part(2, fresh); // it is in the store alone
    EXPECT_EQ(rename(1, fresh).refusal(), NAME_IN_USE);
    part(1);
  }
}

TEST_F(ChannelRenameTest, ARegisteredChannelIsRenamedInTheStore) {
  for (auto fresh : {name_of(false), std::string{"#ROOM"}}) {
    join(1);
    register_channel(1);
    EXPECT_EQ(rename(1, fresh).refusal(), NONE) << fresh;
    begin_again();
    EXPECT_EQ(join(1, fresh).status(), "~@");
    EXPECT_EQ(join(1, fresh).channel(), fresh);
    ask_channel(1, fresh, [](Request& r) { r.mutable_drop_channel(); });
    part(1, fresh);
  }
}

TEST_F(ChannelRenameTest, WhatWasOnItsWayArrives) {
  auto fresh = name_of(false);
  join(1), join(2);
  caf::scoped_actor me{sys};
  auto wish = request_of(1, "#Room");
  wish.mutable_rename()->set_new_name(fresh);
  auto first = me->request(owners.channel_of("#room"), patience, wish);
  turn();
  auto hello = request_of(2, "#Room");
  hello.mutable_say()->mutable_message()->set_text("hello");
  auto second = me->request(owners.channel_of("#room"), patience, hello);
  run();
  EXPECT_EQ(answer_to<Reply>(std::move(first))->refusal(), NONE);
  EXPECT_EQ(answer_to<Reply>(std::move(second))->channel(), fresh);
  EXPECT_EQ(log.events.back().message().text(), "hello");
}

} // namespace hamlet
