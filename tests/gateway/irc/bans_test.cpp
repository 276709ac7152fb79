// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {
namespace {

struct Bans : testing::Test {
  Bans() {
    w.enter();
    w.put(irc_world::person(2, "ann"));
    w.become_operator({"ban", "see"});
  }
  irc_world w;
};

struct row {
  const char* line;
  const char* kind;
  const char* mask;
  std::int64_t seconds;
  const char* reason;
  const char* operator_reason;
};

TEST_F(Bans, AsksTheNetwork) {
  const row rows[] = {
    {"KLINE *@bad.example :go away", "kline", "*@bad.example", 0, "go away", ""},
    {"KLINE 60 *@bad.example :go away", "kline", "*@bad.example", 3600, "go away", ""},
    {"KLINE *@bad.example go away", "kline", "*@bad.example", 0, "go away", ""},
    {"KLINE ann :spam|ticket 7", "kline", "*@198.51.100.2", 0, "spam", "ticket 7"},
    {"KLINE bad.example", "kline", "bad.example", 0, "", ""},
    {"DLINE 192.0.2.0/24 :x", "dline", "192.0.2.0/24", 0, "x", ""},
    {"DLINE 5 ann :x", "dline", "198.51.100.2", 300, "x", ""},
    {"RESV 10 root :x", "resv", "root", 600, "x", ""},
    {"RESV #root* :x", "resv", "#root*", 0, "x", ""},
  };
  for (auto& x : rows) {
    w.asked.clear();
    w.send(x.line);
    ASSERT_EQ(w.asked.size(), 1u) << x.line;
    auto& add = w.asked[0].add_ban();
    EXPECT_EQ(add.ban().kind(), x.kind) << x.line;
    EXPECT_EQ(add.ban().mask(), x.mask) << x.line;
    EXPECT_EQ(add.duration_s(), x.seconds) << x.line;
    EXPECT_EQ(add.ban().reason(), x.reason) << x.line;
    EXPECT_EQ(add.ban().operator_reason(), x.operator_reason) << x.line;
  }
}

TEST_F(Bans, TellsWhatBecameOfIt) {
  w.script = [](const irc::ask& x) {
    EXPECT_EQ(x.of, irc::ask::owner::network);
    chat::v1::Reply r;
    r.set_detail("3");
    r.add_bans()->set_mask("*@bad.example");
    return r;
  };
  EXPECT_EQ(w.said("KLINE *@BAD.example :x"),
            "NOTICE me :K-line for *@bad.example is set, it hits 3 here");
  EXPECT_EQ(w.said("UNKLINE *@bad.example"), "NOTICE me :K-line for *@bad.example is lifted");
  EXPECT_EQ(w.asked.back().remove_ban().kind(), "kline");
  EXPECT_EQ(w.asked.back().remove_ban().mask(), "*@bad.example");
  ASSERT_EQ(w.told.size(), 2u);
  EXPECT_EQ(w.told[0].audit().entry().action(), "KLINE");
  EXPECT_EQ(w.told[0].audit().entry().arguments(), "*@BAD.example x");
  EXPECT_EQ(w.told[1].audit().entry().action(), "UNKLINE");
}

TEST_F(Bans, TellsWhyNot) {
  EXPECT_EQ(w.said("KLINE none :x"), "401 me none :No such nick");
  EXPECT_EQ(w.said("KLINE"), "461 me KLINE :Not enough parameters");
  EXPECT_TRUE(w.asked.empty());
  w.script = [](auto&) { return refusal(chat::v1::LIMIT_REACHED, "That is everybody"); };
  EXPECT_EQ(w.said("KLINE *@* :x"), "263 me *@* :A limit is reached: That is everybody");
  EXPECT_EQ(w.told.back().audit().entry().outcome(), "refused: LIMIT_REACHED");
}

TEST_F(Bans, KeepsFilters) {
  w.script = [](const irc::ask& x) {
    chat::v1::Reply r;
    auto& filter = *r.add_filters();
    filter.set_id(7);
    filter.set_pattern("casino");
    filter.set_targets("pn");
    filter.set_action("block");
    filter.set_reason("no adverts");
    filter.set_setter("dan!~dan@dan.example");
    if (x.what.has_add_filter()) {
      EXPECT_EQ(x.what.add_filter().filter().targets(), "pn");
      EXPECT_EQ(x.what.add_filter().filter().action(), "block");
      EXPECT_EQ(x.what.add_filter().filter().pattern(), "casino");
      EXPECT_EQ(x.what.add_filter().filter().reason(), "no adverts");
    }
    return r;
  };
  EXPECT_EQ(w.said("FILTER ADD pn BLOCK casino :no adverts"), "NOTICE me :Filter 7 is set");
  EXPECT_EQ(w.said("FILTER"),
            "NOTICE me :Filter 7 [pn] block casino :no adverts (by dan!~dan@dan.example)\n"
            "NOTICE me :End of filters: 1");
  EXPECT_EQ(w.said("FILTER DEL 7"), "NOTICE me :Filter 7 is gone");
  EXPECT_EQ(w.asked.back().remove_filter().id(), 7);
  EXPECT_EQ(w.said("FILTER ADD pn block"), "461 me FILTER :Not enough parameters");
  EXPECT_EQ(w.said("FILTER X"), "461 me FILTER :Use LIST, ADD or DEL");
}

TEST_F(Bans, ShowsWhatOperatorsDid) {
  w.script = [](const irc::ask&) {
    chat::v1::Reply r;
    auto& e = *r.add_audit();
    e.set_time_ms(1'700'000'000'000);
    e.set_operator_name("boss (dan)");
    e.set_address("192.0.2.9");
    e.set_action("KILL");
    e.set_arguments("ann :spam");
    e.set_outcome("done");
    return r;
  };
  EXPECT_EQ(w.said("AUDIT"), "NOTICE me :Tuesday, 14 November 2023, 22:13:20 UTC: boss (dan) "
                             "[192.0.2.9] KILL ann :spam: done\n"
                             "NOTICE me :End of the audit: 1");
  EXPECT_EQ(w.asked.back().list_audit().limit(), 20u);
  w.send("AUDIT 5");
  EXPECT_EQ(w.asked.back().list_audit().limit(), 5u);
  w.send("AUDIT 100000");
  EXPECT_EQ(w.asked.back().list_audit().limit(), 200u);
}

} // namespace
} // namespace hamlet::irc
