// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/channel/channel_fixture.hpp"

namespace hamlet {

using namespace chat::v1;

/// Session n has account n * 100.
class RegisteredTest : public ChannelTest {
protected:
  RegisteredTest() {
    for (std::int64_t s = 1; s <= 4; ++s)
      log_in(s, s * 100, person(s).nick());
  }

  Refusal access(std::int64_t session, std::int64_t account, const std::string& flags) {
    auto fill = [&](Request& r) {
      r.mutable_set_access()->set_account_id(account);
      r.mutable_set_access()->set_account("account" + std::to_string(account));
      r.mutable_set_access()->set_flags(flags);
    };
    return run(session, fill, &RegisteredTest::set_access);
  }
  Refusal option(std::int64_t session, const std::string& word, const std::string& value,
                 std::int64_t account = 0) {
    auto fill = [&](Request& r) {
      r.mutable_set_channel_option()->set_name(word);
      r.mutable_set_channel_option()->set_value(value);
      r.mutable_set_channel_option()->set_account_id(account);
    };
    return run(session, fill, &RegisteredTest::set_option);
  }
  Refusal metadata(std::int64_t session, const std::string& key, const std::string& value) {
    auto fill = [&](Request& r) {
      r.mutable_set_metadata()->set_key(key);
      r.mutable_set_metadata()->set_value(value);
      r.mutable_set_metadata()->set_is_removal(value.empty());
    };
    return run(session, fill, &RegisteredTest::change_metadata);
  }
  std::int64_t reads_from(std::int64_t session) { return room.members().at(session).reads_from_ms; }

  static void set_access(channel& c, channel_turn& x) {
    if (c.may_set_access(x))
      c.set_access(x);
  }
  static void set_option(channel& c, channel_turn& x) {
    if (c.may_set_option(x))
      c.set_option(x);
  }
  static void change_metadata(channel& c, channel_turn& x) {
    if (c.may_set_metadata(x))
      c.set_metadata(x);
  }
  using ChannelTest::run;
  template <class F>
  Refusal run(std::int64_t session, F fill, void (*decide)(channel&, channel_turn&)) {
    ask = {};
    ask.set_session_id(session);
    *ask.mutable_who() = who(session);
    fill(ask);
    channel_turn x{ask, rules, now, next_id, is_in, find_user};
    decide(room, x);
    events = std::move(x.events);
    saves = std::move(x.saves);
    reply = std::move(x.reply);
    return reply.refusal();
  }
};

TEST_F(RegisteredTest, WhoRegistersIsFounder) {
  join_all({1, 2});
  auto try_it = [&](std::int64_t session) {
    return run(
      session, [](Request& r) { r.mutable_register_channel(); },
      [](channel& c, channel_turn& x) {
        if (c.may_register(x))
          c.set_registered(x, 7);
      });
  };
  EXPECT_EQ(try_it(2), NEEDS_OPERATOR);
  mode(1, "+o bob");
  who(2).clear_account_id();
  EXPECT_EQ(try_it(2), NEEDS_ACCOUNT);
  EXPECT_EQ(try_it(1), NONE);
  EXPECT_EQ(changes(), "+r;+q ann;");
  EXPECT_EQ(prefixes(1), "~@");
  EXPECT_EQ(try_it(1), IS_REGISTERED);
}

TEST_F(RegisteredTest, AccessGivesPrefixesAtJoin) {
  make_registered({{200, "o"}, {300, "v"}});
  EXPECT_EQ(join(4), NONE);
  EXPECT_EQ(prefixes(4), "") << "nobody makes a registered channel by joining";
  EXPECT_FALSE(reply.was_created());
  join_all({1, 2, 3});
  EXPECT_EQ(prefixes(1), "~@");
  EXPECT_EQ(prefixes(2), "@");
  EXPECT_EQ(prefixes(3), "+");
  EXPECT_EQ(events.at(0).joined().prefixes(), "+");
}

TEST_F(RegisteredTest, AccessOpensWhatIsClosed) {
  make_registered({{200, "o"}, {300, "v"}});
  room.set_param('k', "key");
  room.set_param('l', "1");
  room.restore_entry('b', "*!*@*.example", "x", 1);
  auto flags = irc::mode_letters{};
  flags.set('i');
  room.set_flags(flags);
  EXPECT_EQ(join(1), NONE);
  EXPECT_EQ(join(2), NONE);
  EXPECT_EQ(join(3), BANNED) << "a voice does not open a ban";
  EXPECT_EQ(join(4), BANNED);
  mode(1, "-b *!*@*.example");
  EXPECT_EQ(join(3), NONE);
  EXPECT_EQ(join(4), INVITE_ONLY);
}

struct access_case {
  std::int64_t asker; ///< session
  std::int64_t account;
  std::string flags;
  Refusal outcome;
};

TEST_F(RegisteredTest, AccessIsGivenFromAbove) {
  const access_case cases[] = {
    {1, 400, "q", NONE},           {1, 400, "a", NONE},          {2, 400, "a", NO_ACCESS},
    {2, 400, "o", NONE},           {2, 400, "q", NO_ACCESS},     {3, 400, "o", NO_ACCESS},
    {3, 400, "v", NONE},           {3, 200, "", NO_ACCESS},      {3, 300, "", NONE},
    {4, 400, "v", NO_ACCESS},      {2, 300, "", NONE},           {1, 0, "v", NO_SUCH_ACCOUNT},
    {1, 400, "", NO_SUCH_ACCOUNT}, {1, 400, "o v", BAD_REQUEST},
  };
  for (auto& c : cases) {
    make_registered({{200, "a"}, {300, "o"}}); // 100 is the founder
    EXPECT_EQ(access(c.asker, c.account, c.flags), c.outcome)
      << c.asker << " " << c.account << " " << c.flags;
  }
}

TEST_F(RegisteredTest, ANewRankHoldsAtOnce) {
  make_registered();
  join_all({1, 2});
  access(1, 200, "o");
  EXPECT_EQ(prefixes(2), "@");
  EXPECT_EQ(changes(), "+o bob;");
  access(1, 200, "v");
  EXPECT_EQ(prefixes(2), "+");
  access(1, 200, "");
  EXPECT_EQ(prefixes(2), "");
}

TEST_F(RegisteredTest, UpAndDown) {
  make_registered({{200, "o"}});
  join_all({2, 3});
  EXPECT_EQ(status(2, "down"), NONE);
  EXPECT_EQ(prefixes(2), "");
  EXPECT_EQ(status(2, "up"), NONE);
  EXPECT_EQ(prefixes(2), "@");
  EXPECT_EQ(status(3, "up"), NO_ACCESS);
}

TEST_F(RegisteredTest, OnlyTheFounderDrops) {
  make_registered({{200, "q"}});
  join_all({1});
  auto drop = [&](std::int64_t session) {
    return run(
      session, [](Request& r) { r.mutable_drop_channel(); },
      [](channel& c, channel_turn& x) {
        if (c.may_drop(x))
          c.set_dropped(x);
      });
  };
  EXPECT_EQ(drop(2), NO_ACCESS);
  EXPECT_EQ(drop(1), NONE);
  EXPECT_EQ(changes(), "-r;-q ann;");
  EXPECT_EQ(drop(1), NOT_REGISTERED);
}

TEST_F(RegisteredTest, TheFounderHandsOver) {
  make_registered({{200, "a"}});
  join_all({1, 2});
  EXPECT_EQ(option(2, "founder", "bob", 200), NO_ACCESS);
  EXPECT_EQ(option(1, "founder", "nobody", 0), NO_SUCH_ACCOUNT);
  EXPECT_EQ(option(1, "founder", "bob", 200), NONE);
  EXPECT_EQ(prefixes(2), "~&@");
  EXPECT_EQ(prefixes(1), "@");
  EXPECT_EQ(option(2, "retention", "90"), NONE);
  EXPECT_EQ(room.registered().retention_days, 90);
  EXPECT_EQ(option(2, "retention", "-1"), BAD_REQUEST);
  EXPECT_EQ(option(2, "retention", "9x"), BAD_REQUEST);
  EXPECT_EQ(option(2, "colour", "red"), BAD_REQUEST);
  EXPECT_EQ(option(2, "entrymsg", "Welcome"), NONE);
  EXPECT_EQ(join(3), NONE);
  EXPECT_EQ(reply.options(0).value(), "Welcome");
}

TEST_F(RegisteredTest, MetadataIsTheOperators) { // draft/metadata-2
  rules.metadata_keys = 2;
  make_registered({{200, "o"}});
  room.metadata["!entrymsg"] = "hidden";
  join_all({2, 3});
  EXPECT_EQ(metadata(3, "avatar", "x"), NEEDS_OPERATOR);
  EXPECT_EQ(metadata(2, "avatar", "x"), NONE);
  EXPECT_EQ(events.at(0).metadata().key(), "avatar");
  EXPECT_EQ(metadata(2, "A B", "x"), BAD_REQUEST);
  EXPECT_EQ(metadata(2, "!entrymsg", "x"), BAD_REQUEST);
  EXPECT_EQ(metadata(2, "other", "x"), NONE);
  EXPECT_EQ(metadata(2, "third", "x"), LIMIT_REACHED);
  EXPECT_EQ(metadata(2, "other", std::string(2000, 'x')), BAD_REQUEST);
  run(
    3, [](Request& r) { r.mutable_read_metadata(); },
    [](channel& c, channel_turn& x) { c.read_metadata(x); });
  EXPECT_EQ(reply.options_size(), 2);
  EXPECT_EQ(metadata(2, "other", ""), NONE);
  EXPECT_TRUE(events.at(0).metadata().is_removed());
}

// -- what one may read --------------------------------------------------------

TEST_F(RegisteredTest, MembersReadWhatWasSaidBeforeThem) {
  make_registered();
  EXPECT_EQ(join(3), NONE);
  EXPECT_EQ(reads_from(3), room.registered().registered_ms);
  rules.history_before_join = false;
  EXPECT_EQ(join(4), NONE);
  EXPECT_EQ(reads_from(4), now);
}

TEST_F(RegisteredTest, InOtherChannelsOneReadsFromOnesJoin) {
  join_all({1});
  now += 1000;
  join_all({2});
  EXPECT_EQ(reads_from(2), now);
  mode(1, "+H 50:60"); // unless it says otherwise
  join_all({3});
  EXPECT_EQ(reads_from(3), now - 60'000);
  kick(1, "cyd");
  EXPECT_EQ(join(3), NONE);
  EXPECT_EQ(reads_from(3), now);
}

TEST_F(RegisteredTest, AKickOrABanLeavesAGapForEver) {
  make_registered({{200, "o"}});
  join_all({2, 3});
  kick(2, "cyd");
  now += 1000;
  EXPECT_EQ(join(3), NONE);
  auto back = now;
  EXPECT_EQ(reads_from(3), back);
  now += 1000;
  part(3);
  EXPECT_EQ(join(3), NONE); // a second time does not open it
  EXPECT_EQ(reads_from(3), back);
  part(3);
  mode(2, "+b cyd");
  EXPECT_EQ(join(3), BANNED);
  now += 1000;
  mode(2, "-b cyd");
  auto lifted = now;
  now += 1000;
  EXPECT_EQ(join(3), NONE);
  EXPECT_GE(reads_from(3), lifted);
  EXPECT_EQ(join(4), NONE);
  EXPECT_LT(reads_from(4), lifted) << "of others it says nothing";
}

TEST_F(RegisteredTest, ABanHidesAlsoFromWhoNeverKnocked) {
  make_registered({{200, "o"}});
  join_all({2});
  mode(2, "+b *!*@host4.example");
  now += 1000;
  mode(2, "-b *!*@host4.example");
  EXPECT_EQ(join(4), NONE);
  EXPECT_EQ(reads_from(4), now);
}

// -- renaming and back --------------------------------------------------------

TEST_F(RegisteredTest, NothingIsLostInItsState) {
  make_registered({{200, "o"}});
  join_all({1, 2, 3});
  mode(1, "+k key");
  mode(1, "+b x!*@*");
  mode(1, "+v cyd");
  set_topic(1, "topic");
  room.metadata["url"] = "x";
  auto other = channel::from_state(room.state(), "#Elsewhere");
  EXPECT_EQ(other.folded(), "#elsewhere");
  EXPECT_EQ(other.target(), room.target());
  EXPECT_EQ(other.epoch(), room.epoch());
  EXPECT_EQ(other.seq(), room.seq());
  EXPECT_EQ(other.card().modes, room.card().modes);
  EXPECT_EQ(other.param('k'), "key");
  EXPECT_EQ(other.list('b').entries().size(), 1u);
  EXPECT_EQ(other.topic().text(), "topic");
  EXPECT_EQ(other.members().size(), 3u);
  EXPECT_EQ(other.members().at(3).rights, room.members().at(3).rights);
  EXPECT_EQ(other.registered().list.at(200).flags, "o");
  EXPECT_EQ(other.metadata, room.metadata);
}

} // namespace hamlet
