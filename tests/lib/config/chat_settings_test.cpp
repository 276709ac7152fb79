// SPDX-License-Identifier: Apache-2.0
#include "lib/config/describe.hpp"
#include "lib/config/load.hpp"

#include <gtest/gtest.h>

namespace hamlet::config {
namespace {

const std::string hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";

TEST(ChatSettings, TakeRatesOperatorsAndGateways) {
  auto loaded = load(R"(
    [accounts]
    registration = "open"
    registrations_per_address = "off"
    reserved_names = ["teacher", "head"]
    [chat]
    network = "School"
    admin = ["Room 7", "Ask the janitor"]
    persistence = "opt-out"
    [[chat.operator]]
    name = "ann"
    password = ")" + hash
                       + R"("
    from = ["*@127.0.0.1", "ann@*"]
    privileges = ["kill", "ban"]
    [[chat.operator]]
    name = "root"
    certificate = ")" + std::string(64, 'a')
                       + R"("
    [[chat.webirc]]
    name = "kiwi"
    from = ["192.0.2.0/24"]
    password = ")" + hash
                       + R"("
    [chat_limits]
    commands = "7/2s"
    exempt = ["127.0.0.1"]
  )",
                     "f");
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(loaded->accounts.registration.value, registration::open);
  EXPECT_TRUE(loaded->accounts.registrations_per_address.value.is_off());
  EXPECT_EQ(loaded->accounts.reserved_names.value, (std::vector<std::string>{"teacher", "head"}));
  EXPECT_EQ(loaded->chat.admin.value.size(), 2u);
  EXPECT_EQ(loaded->chat.persistence.value, persistence::opt_out);
  ASSERT_EQ(loaded->chat.operators.value.size(), 2u);
  auto& ann = loaded->chat.operators.value[0];
  EXPECT_EQ(ann.password, hash);
  EXPECT_EQ(ann.from[1], "ann@*");
  EXPECT_TRUE(ann.may(privilege::ban));
  EXPECT_FALSE(ann.may(privilege::stop));
  EXPECT_TRUE(loaded->chat.operators.value[1].may(privilege::stop)) << "none named: all";
  ASSERT_EQ(loaded->chat.webirc.value.size(), 1u);
  EXPECT_TRUE(any_contains(loaded->chat.webirc.value[0].from, "192.0.2.9"));
  EXPECT_EQ(loaded->chat_limits.commands.value, (rate{7, 2s}));
  EXPECT_EQ(loaded->chat_limits.exempt.value.size(), 1u);

  auto again = load(file_text(*loaded, true), "g");
  ASSERT_TRUE(again) << again.error().front();
  EXPECT_TRUE(changes(*loaded, *again).empty());
}

TEST(ChatSettings, RefuseWhatIsNoRateOperatorOrOrigin) {
  struct {
    std::string text;
    const char* complaint;
  } const cases[] = {
    {"[chat_limits]\njoins = \"0/1s\"",
     R"(f:2:9: chat_limits.joins is "0/1s", must be a number within a time, such as "10/15s" ("off": no limit))"},
    {"[chat_limits]\njoins = 5",
     R"(f:2:9: chat_limits.joins is 5, must be a number within a time, such as "10/15s" ("off": no limit))"},
    {"[accounts]\nregistration = \"yes\"",
     R"(f:2:16: accounts.registration is "yes", must be one of "closed", "approval", "open")"},
    {"[[chat.operator]]\nname = \"a\"",
     "f:1:1: chat.operator has neither password nor certificate"},
    {"[[chat.operator]]\nname = \"a\"\npassword = \"secret\"",
     R"(f:3:12: chat.operator.password is "secret", must be a line of `hamlet chat hash-password`)"},
    {"[[chat.operator]]\nname = \"a\"\npassword = \"" + hash + "\"\nprivileges = [\"fly\"]",
     "f:4:14: chat.operator.privileges is a list, must be a list of privileges"},
    {"[[chat.webirc]]\nname = \"a\"\npassword = \"" + hash + "\"",
     "f:1:1: chat.webirc has no from"},
    {"[[chat.operator]]\nname = \"\"\npassword = \"" + hash + "\"",
     R"(f:2:8: chat.operator.name is "", must be a word of printable ASCII)"},
    {"[[chat.operator]]\nname = \"a\"\npassword = \"" + hash + "\"\nflag = true",
     R"(f:4:1: unknown setting "flag" in chat.operator, which has name, password, certificate, account, from, privileges and title)"},
    {"[chat]\nwebsocket_origins = [\"chat.example.org\"]",
     "f:2:21: chat.websocket_origins is a list, must be a list of origins such as "
     "\"https://chat.example.org\", or [\"*\"] ([]: those of the host that the browser asked for)"},
    {"[chat]\ndefault_channel_modes = \"+ntk\"",
     R"(f:2:25: chat.default_channel_modes is "+ntk", must be + and letters of modes without parameter ("": none))"},
    {"[listen]\nirc = [\"0.0.0.0:6697\"]", "f: 0.0.0.0:6697 is in listen.irc and in listen.ircs"},
  };
  for (const auto& x : cases) {
    auto loaded = load(x.text, "f");
    ASSERT_FALSE(loaded) << x.text;
    ASSERT_EQ(loaded.error().size(), 1u) << x.text;
    EXPECT_EQ(loaded.error()[0], x.complaint);
  }
}

TEST(ChatSettings, CheckWhatTheySayTogether) {
  auto loaded = load("[chat]\nsts = true\n[listen]\nircs = []", "f");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error()[0], "f: chat.sts is on, but there is no listen.ircs to send clients to");
}

TEST(Rate, IsReadAsItIsWritten) {
  for (auto text : {"off", "1/1ms", "10/15s", "3/1h", "1000000/30d"}) {
    auto x = rate::of(text);
    ASSERT_TRUE(x) << text;
    EXPECT_EQ(x->text(), text);
  }
  for (auto text : {"", "10", "/15s", "10/", "-1/1s", "0/1s", "1/0s", "1000001/1s", "1/31d",
                    "1/1s ", " 1/1s", "1.5/1s", "4294967297/1s", "on"})
    EXPECT_FALSE(rate::of(text)) << text;
}

} // namespace
} // namespace hamlet::config
