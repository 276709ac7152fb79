// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {
namespace {

constexpr auto cloak_key = "0123456789abcdef0123456789abcdef";

/// Whatever one asks, and whoever one is but an operator who may see: no address of somebody else.
struct Privacy : testing::TestWithParam<const char*> {
  Privacy() : w{cloaked()} {
    w.enter();
    auto ann = irc_world::person(2, "ann");
    ann.set_is_operator(true);
    ann.set_certificate("c0ffee");
    w.put(ann, "away");
    w.put(irc_world::person(3, "gone"));
    w.people.remove(3, w.now.wall_ms);
    w.put_channel("#c", {{1, ""}, {2, "@"}});
    config::chat_operator boss;
    boss.name = "boss";
    boss.from = {"*@198.51.100.0/24"};
    w.terms->settings.chat.operators.value = {boss};
    w.script = [](const irc::ask& x) -> std::optional<chat::v1::Reply> {
      chat::v1::Reply r;
      if (x.what.has_get_members()) {
        r.set_channel("#c");
        *r.add_members()->mutable_who() = irc_world::person(2, "ann");
      }
      if (x.what.has_list_bans())
        r.add_bans()->set_mask("*@198.51.100.2");
      return r;
    };
  }
  static irc_world::setup cloaked() {
    irc_world::setup s;
    s.cloaks.emplace(cloak_key, "example");
    return s;
  }
  irc_world w;
};

TEST_P(Privacy, HidesAddresses) {
  auto check = [&](const char* who) {
    auto said = w.said(GetParam());
    EXPECT_EQ(said.find("198.51.100"), std::string::npos) << who << ": " << said;
    EXPECT_EQ(said.find("c0ffee"), std::string::npos) << who << ": " << said;
  };
  check("user");
  w.become_operator({"kill", "override", "notices"});
  check("operator");
}

INSTANTIATE_TEST_SUITE_P(
  AllThatTellsOfUsers, Privacy,
  testing::Values("WHO ann", "WHO *", "WHO *198.51.10*", "WHO ann %tcuihsnfdlaor,1", "WHO #c",
                  "WHO #c %i", "WHOIS ann", "WHOIS ann ann", "WHOWAS gone", "WHOWAS ann",
                  "USERHOST ann", "USERIP ann", "ISON ann", "MONITOR + ann", "MONITOR S", "TRACE",
                  "TRACE ann", "STATS l", "STATS o", "STATS p", "STATS k", "STATS d", "STATS q",
                  "STATS i", "STATS L ann", "NAMES #c", "LINKS", "MAP", "INFO", "ADMIN", "LUSERS"));

// chat.cloak_old_keys
TEST(Cloaks, OfFormerKeysAreStillFoundInBans) {
  constexpr auto old_key = "former-0123456789abcdef012345678";
  auto address = *ip_address::of("192.0.2.7");
  auto former = cloaker{old_key, "example"}.cloak(address);
  irc_world::setup s;
  s.cloaks.emplace(cloak_key, "example", std::vector<std::string>{old_key});
  irc_world::setup s2 = s;
  chat::v1::Who who;
  irc_world w{std::move(s)};
  w.start_script = [&](const chat::v1::Request& x, chat::v1::Reply&) { who = x.who(); };
  w.enter();
  EXPECT_EQ(who.host(), cloaker(cloak_key, "example").cloak(address));
  ASSERT_EQ(who.former_hosts_size(), 1);
  EXPECT_EQ(who.former_hosts(0), former);
  EXPECT_EQ(w.said("WHO me").find(former), std::string::npos);

  chat::v1::NetworkBan ban;
  ban.set_kind("kline");
  ban.set_mask("*@" + former);
  ban.set_reason("spam");
  irc_world banned{std::move(s2)};
  banned.rules.set_bans({&ban, 1});
  EXPECT_EQ(banned.said("NICK me\nUSER me 0 * :R"),
            "465 me :You are banned from this server: spam\n"
            "ERROR :Closing link: (192.0.2.7) [Banned: spam]");
}

} // namespace
} // namespace hamlet::irc
