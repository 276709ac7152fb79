// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

// A BATCH of a client that does not end.

namespace hamlet::irc {
namespace {

using namespace std::chrono_literals;

std::size_t said_count(irc_world& w) {
  return static_cast<std::size_t>(
    std::ranges::count_if(w.asked, [](auto& x) { return x.has_say(); }));
}

TEST(OpenBatch, FailsWhenItLastsTooLong) { // IRCv3 client-batch, TIMEOUT
  irc_world w;
  w.enter("me", "batch draft/multiline labeled-response");
  w.send("@label=a BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #c :one");
  w.pass(29s);
  EXPECT_EQ(joined(w.heard()), "");
  w.pass(1s);
  EXPECT_EQ(joined(w.heard()),
            "@label=a :irc.example FAIL BATCH TIMEOUT 1 :The batch was open for too long");
  EXPECT_EQ(w.said("@batch=1 PRIVMSG #c :two\nBATCH -1"), ""); // what still comes of it
  EXPECT_EQ(said_count(w), 0u);
  w.pass(60s);
  EXPECT_EQ(joined(w.heard()), "") << "once";
  w.send("BATCH +2 draft/multiline #c\n@batch=2 PRIVMSG #c :three\nBATCH -2");
  EXPECT_EQ(said_count(w), 1u);
  w.send("BATCH +3 draft/multiline #c");
  w.pass(30s);
  EXPECT_EQ(joined(w.heard()),
            ":irc.example FAIL BATCH TIMEOUT 3 :The batch was open for too long");
  w.send("BATCH +4 draft/multiline #c\n@batch=4 PRIVMSG #c :four\nBATCH -4"); // 3 never ended
  EXPECT_EQ(said_count(w), 2u);
}

TEST(OpenBatch, MayLastAsLongAsTheSettingSays) { // chat_limits.batch_timeout
  irc_world::setup s;
  s.settings.chat_limits.batch_timeout.value = 5s;
  irc_world w{s};
  w.enter("me", "batch draft/multiline");
  w.send("BATCH +1 draft/multiline #c\n@batch=1 PRIVMSG #c :one");
  w.pass(4s);
  w.send("@batch=1 PRIVMSG #c :two");
  w.pass(999ms);
  EXPECT_EQ(joined(w.heard()), "");
  w.pass(1ms);
  EXPECT_EQ(w.heard().size(), 1u);
}

TEST(OpenBatch, FailsWhileAnotherCommandIsAnswered) {
  irc_world w;
  w.enter("me", "batch draft/multiline labeled-response");
  w.send("BATCH +1 draft/multiline #c");
  w.holds = true;
  w.send("@label=x TOPIC #c");
  w.pass(30s);
  EXPECT_EQ(joined(w.heard()),
            ":irc.example FAIL BATCH TIMEOUT 1 :The batch was open for too long");
  w.holds = false;
  w.answer_held();
  EXPECT_EQ(w.heard().front().substr(0, 9), "@label=x ");
}

} // namespace
} // namespace hamlet::irc
