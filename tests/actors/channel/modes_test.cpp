// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/channel/channel_fixture.hpp"

namespace hamlet {

using namespace chat::v1;

class ModesTest : public ChannelTest {
protected:
  Refusal list(std::int64_t session, const std::string& letter) {
    return run(
             session, [&](Request& r) { r.mutable_get_list()->set_letter(letter); },
             &channel::get_list)
      .refusal();
  }
  Refusal get_modes(std::int64_t session) {
    return run(
             session, [](Request& r) { r.mutable_get_modes(); }, &channel::get_modes)
      .refusal();
  }
  Refusal clear(std::int64_t session, const std::string& what) {
    return run(
             session, [&](Request& r) { r.mutable_clear_channel()->set_what(what); },
             &channel::clear)
      .refusal();
  }
};

TEST_F(ModesTest, OneCommandIsOneEventWithWhatWasChanged) { // RFC 2812 §3.2.3
  join_all({1, 2});
  auto fill = [](Request& r) {
    auto put = [&](bool add, const char* letter, const char* param) {
      auto* c = r.mutable_set_modes()->add_changes();
      c->set_add(add);
      c->set_letter(letter);
      c->set_param(param);
    };
    put(true, "m", "");
    put(true, "n", ""); // is set
    put(true, "o", "BOB");
    put(true, "v", "nobody");
    put(true, "l", "50");
    put(true, "y", "");
  };
  run(1, fill, &channel::set_modes);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(changes(), "+m;+o bob;+l 50;");
  EXPECT_EQ(events[0].modes().changes(1).session_id(), 2);
  ASSERT_EQ(reply.refused_modes_size(), 2);
  EXPECT_EQ(reply.refused_modes(0).refusal(), TARGET_NOT_ON_CHANNEL); // 441
  EXPECT_EQ(reply.refused_modes(1).refusal(), UNKNOWN_MODE);          // 472
  EXPECT_TRUE(saves.settings);
  EXPECT_EQ(reply.modes(), "+lmnt");
}

struct right_case {
  std::string rank; ///< letter of who asks
  std::string change;
  Refusal outcome;
};

// Session 2 asks; 3 has no rank, 4 is an operator, 5 a founder.
TEST_F(ModesTest, EachChangeHasItsRight) {
  const right_case cases[] = {
    {"", "+m", NEEDS_OPERATOR},
    {"v", "+m", NEEDS_OPERATOR},
    {"h", "+m", NONE},
    {"h", "+v cyd", NONE},
    {"h", "+b x!*@*", NONE},
    {"h", "+k key", NONE},
    {"h", "+o cyd", NEEDS_OPERATOR},
    {"h", "+h cyd", NEEDS_OPERATOR},
    {"h", "-o dan", NEEDS_OPERATOR},
    {"h", "+C", NEEDS_OPERATOR},
    {"o", "+C", NONE},
    {"o", "+h cyd", NONE},
    {"o", "+o cyd", NONE},
    {"o", "-o dan", NONE},
    {"o", "+a cyd", NEEDS_OPERATOR},
    {"o", "-o eve", NEEDS_OPERATOR},
    {"o", "+q cyd", NEEDS_OPERATOR},
    {"a", "+a cyd", NEEDS_OPERATOR},
    {"a", "-q eve", NEEDS_OPERATOR},
    {"q", "+a cyd", NONE},
    {"q", "+q cyd", NONE},
    {"q", "-q eve", NONE},
    {"q", "+O", NEEDS_OPERATOR},
    {"q", "+P", NEEDS_OPERATOR},
    {"q", "+r", NEEDS_OPERATOR},
    {"o", "-o bob", NONE},
    {"h", "-h bob", NONE},
  };
  for (auto& c : cases) {
    room = channel{"#Room", 6, now};
    is_new = true;
    join_all({1, 2, 3, 4, 5});
    if (!c.rank.empty())
      mode(1, "+" + c.rank + " bob", true);
    mode(1, "+o dan", true);
    mode(1, "+o eve", true);
    mode(1, "+q eve", true);
    EXPECT_EQ(mode(2, c.change), c.outcome) << c.rank << " " << c.change;
    EXPECT_EQ(events.empty(), c.outcome != NONE) << c.rank << " " << c.change;
  }
}

TEST_F(ModesTest, StrangersChangeNothing) { // 442
  join_all({1});
  EXPECT_EQ(mode(2, "+m"), NOT_ON_CHANNEL);
  EXPECT_EQ(mode(2, "+m", true), NONE); // SAMODE
  EXPECT_EQ(mode(2, "+r", true), NEEDS_OPERATOR) << "that the store has it is not to be said";
}

TEST_F(ModesTest, OperatorsOfTheServerSetTheirModes) {
  join_all({1, 2});
  mode(1, "+o bob");
  who(2).set_is_operator(true);
  EXPECT_EQ(mode(2, "+P"), NONE);
  part(1), part(2);
  EXPECT_TRUE(room.is_empty());
  EXPECT_FALSE(room.may_end());
}

TEST_F(ModesTest, AKeyThatIsSetStaysUntilItIsTakenAway) { // 467
  join_all({1, 2});
  EXPECT_EQ(mode(1, "+k one"), NONE);
  EXPECT_EQ(changes(), "+k one;");
  EXPECT_EQ(mode(1, "+k two"), KEY_IS_SET);
  EXPECT_EQ(mode(1, "-k"), NONE); // whoever has forgotten it, too
  EXPECT_EQ(changes(), "-k *;");
  EXPECT_EQ(mode(1, "+k two"), NONE);
  EXPECT_EQ(mode(1, "+k :bad"), BAD_MODE_PARAMETER); // 696
}

TEST_F(ModesTest, StrangersDoNotSeeTheKey) { // RFC 2812 §3.2.3
  join_all({1});
  mode(1, "+k secret");
  mode(1, "+l 7");
  get_modes(1);
  EXPECT_EQ(reply.modes(), "+klnt");
  EXPECT_EQ(reply.mode_params(0), "secret");
  get_modes(2);
  EXPECT_EQ(reply.mode_params(0), "*");
  EXPECT_EQ(reply.mode_params(1), "7");
}

TEST_F(ModesTest, PrivateAndSecretExcludeEachOther) { // RFC 2811 §4.2.6
  join_all({1});
  mode(1, "+p");
  EXPECT_EQ(mode(1, "+s"), NONE);
  EXPECT_EQ(changes(), "+s;-p;");
  mode(1, "+p");
  EXPECT_EQ(changes(), "");
  EXPECT_EQ(room.card().modes, "+nst");
}

TEST_F(ModesTest, SendsPeopleOnlyToChannelsOfWhoAsks) { // mode L
  join_all({1});
  EXPECT_EQ(mode(1, "+L #other"), BAD_MODE_PARAMETER);
  elsewhere.insert({"#other", 1});
  EXPECT_EQ(mode(1, "+L #other"), NONE);
  elsewhere.insert({"#room", 1});
  EXPECT_EQ(mode(1, "+L #room"), BAD_MODE_PARAMETER) << "itself";
}

// -- lists --------------------------------------------------------------------

TEST_F(ModesTest, KeepsMasksInFullAndOnce) { // RFC 2811 §4.3
  join_all({1});
  EXPECT_EQ(mode(1, "+b spammer"), NONE);
  EXPECT_EQ(changes(), "+b spammer!*@*;");
  EXPECT_EQ(saves.lists.at(0).mask, "spammer!*@*");
  mode(1, "+b SPAMMER!*@*");
  EXPECT_TRUE(events.empty());
  list(1, "b");
  ASSERT_EQ(reply.list_size(), 1);
  EXPECT_EQ(reply.list(0).setter(), "ann!u1@host1.example");
  EXPECT_EQ(reply.list(0).set_ms(), now);
  EXPECT_EQ(mode(1, "-b Spammer"), NONE);
  EXPECT_EQ(changes(), "-b spammer!*@*;");
  EXPECT_FALSE(saves.lists.at(0).add);
  EXPECT_EQ(mode(1, "+b ~z"), NONE);
  EXPECT_EQ(mode(1, "+b ~y:x"), BAD_MODE_PARAMETER);
}

TEST_F(ModesTest, ListsAreBounded) { // 478
  rules.list_entries = 3;
  join_all({1});
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(mode(1, "+b n" + std::to_string(i)), NONE);
  EXPECT_EQ(mode(1, "+b n3"), BAN_LIST_FULL);
  EXPECT_EQ(mode(1, "+e n3"), NONE) << "each list for itself";
}

TEST_F(ModesTest, OnlyBansAreForEverybodyToSee) {
  join_all({1, 2});
  EXPECT_EQ(list(2, "b"), NONE);
  EXPECT_EQ(list(2, "e"), NEEDS_OPERATOR); // 482
  EXPECT_EQ(list(2, "I"), NEEDS_OPERATOR);
  EXPECT_EQ(list(1, "I"), NONE);
  EXPECT_EQ(list(1, "k"), UNKNOWN_MODE);
}

// -- CLEAR --------------------------------------------------------------------

TEST_F(ModesTest, ClearsWhatIsAskedFor) {
  join_all({1, 2, 3});
  log_in(1, 100, "ann");
  make_registered();
  EXPECT_EQ(clear(2, "bans"), NO_ACCESS);
  mode(1, "+b x");
  mode(1, "+v bob");
  mode(1, "+k key");
  EXPECT_EQ(clear(1, "bans"), NONE);
  EXPECT_EQ(changes(), "-b x!*@*;");
  EXPECT_EQ(clear(1, "voices"), NONE);
  EXPECT_EQ(prefixes(2), "");
  EXPECT_EQ(clear(1, "modes"), NONE);
  EXPECT_EQ(room.card().modes, "+r");
  EXPECT_EQ(clear(1, "users"), NONE);
  EXPECT_EQ(room.members().size(), 1u);
  EXPECT_EQ(clear(1, "nonsense"), BAD_REQUEST);
}

} // namespace hamlet
