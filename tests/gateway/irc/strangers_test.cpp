// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

// Who is not what it seems to be: gateways that speak for their clients, other protocols, the slow
// and the greedy.

namespace hamlet::irc {
namespace {

using namespace std::chrono_literals;

// -- WEBIRC ---------------------------------------------------------------------------------------

TEST(Webirc, TakesTheAddressOfTheClientAndNothingOfItsGateway) { // IRCv3 webirc
  struct row {
    bool is_tls;
    const char* options;
    bool is_secure;
  };
  const row rows[] = {
    {true, "", false},
    {true, " secure", true},
    {true, " :local-port=6697 secure=value", true},
    {true, " insecure", false},
    {false, " secure", false}, // MUST ONLY be secure if the way to us is, too
  };
  for (auto& row : rows) {
    irc_world::setup s;
    s.line.is_tls = row.is_tls;
    s.line.certificate = "c0ffee";
    irc_world w{s};
    chat::v1::Who who;
    std::string modes;
    w.start_script = [&](const chat::v1::Request& x, chat::v1::Reply&) {
      who = x.who();
      modes = x.start_session().user_modes();
    };
    w.send(std::string{"WEBIRC pw gate host.example 2001:db8::7"} + row.options
           + "\nNICK me\nUSER me 0 * :R");
    ASSERT_EQ(w.asked.size(), 1u);
    EXPECT_EQ(w.asked[0].check_gateway().password(), "pw");
    EXPECT_EQ(w.asked[0].check_gateway().certificate(), "c0ffee");
    EXPECT_EQ(who.address(), "2001:db8::7");
    EXPECT_EQ(who.certificate(), "");
    EXPECT_EQ(who.is_secure(), row.is_secure) << row.options;
    EXPECT_EQ(modes, row.is_secure ? "ixZ" : "ix");
  }
}

TEST(Webirc, MustComeFirstAndFromWhoMay) { // IRCv3 webirc, Format
  const std::pair<const char*, const char*> rows[] = {
    {"NICK me\nWEBIRC p g h 192.0.2.1", "WEBIRC must come first"},
    {"CAP LS 302\nWEBIRC p g h 192.0.2.1", "WEBIRC must come first"},
    {"WEBIRC p g h nonsense", "WEBIRC without an address"},
    {"WEBIRC p g h 192.0.2.1", "WEBIRC is not for you"},
  };
  for (auto [lines, why] : rows) {
    irc_world w;
    w.script = [](const irc::ask&) { return refusal(chat::v1::NO_ACCESS); };
    auto heard = w.ask(lines);
    EXPECT_EQ(heard.back(), std::string{"ERROR :Closing link: (192.0.2.7) ["} + why + "]");
    EXPECT_TRUE(w.is_closed);
  }
}

TEST(Webirc, LetsBansCountForTheClient) {
  irc_world w;
  chat::v1::NetworkBan ban;
  ban.set_kind("dline");
  ban.set_mask("198.51.100.0/24");
  ban.set_reason("spam");
  w.rules.set_bans(std::array{ban});
  EXPECT_EQ(w.said("WEBIRC p g h 198.51.100.9"),
            "465 * :You are banned from this server: spam\n"
            "ERROR :Closing link: (198.51.100.9) [Banned: spam]");
}

// -- other protocols, slow and greedy clients -----------------------------------------------------

TEST(Strangers, AreNotAnsweredWhenTheySpeakAnotherProtocol) { // HTTP, TLS, SMTP on the port
  for (std::string_view bytes :
       {"GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "CONNECT a.example:25 HTTP/1.1\r\n",
        "EHLO me\r\n", "\x16\x03\x01\x02", "SSH-2.0-x\r\n", "Host: irc.example\r\n",
        "\x80\x05\r\n"})
    for (std::size_t piece : {0, 1}) {
      irc_world w;
      w.feed(bytes, piece);
      auto heard = w.heard();
      if (bytes[0] == '\x80') { // no rule says what this is: it is waited for a line
        EXPECT_FALSE(w.is_closed);
        continue;
      }
      ASSERT_EQ(heard.size(), 1u) << bytes;
      EXPECT_EQ(heard[0], "ERROR :Closing link: (192.0.2.7) [This is a chat server]");
      EXPECT_TRUE(w.is_closed);
    }
}

TEST(Strangers, AreGoneAtTheEndOfTheirTime) { // a slow one, too
  irc_world::setup s;
  s.settings.chat_limits.registration_timeout.value = 60s;
  irc_world silent{s};
  silent.pass(59s);
  EXPECT_FALSE(silent.is_closed);
  silent.pass(1s);
  EXPECT_EQ(silent.said(""), "");
  EXPECT_TRUE(silent.is_closed);
  irc_world slow{s};
  for (int i = 0; i < 7 && !slow.is_closed; ++i) {
    slow.feed("N");
    slow.pass(10s);
  }
  EXPECT_TRUE(slow.is_closed);
  EXPECT_EQ(slow.heard().back(), "ERROR :Closing link: (192.0.2.7) [Registration timed out]");
}

TEST(Strangers, MaySendOnlySoMuch) {
  irc_world::setup s;
  s.is_exempt = false;
  s.settings.chat_limits.before_registration.value = 4096;
  for (std::string_view unit : {"PING x\r\n", "\n", "@a=b PING :x\r\n"})
    for (std::size_t piece : {0, 7}) {
      std::string bytes;
      while (bytes.size() <= 4096)
        bytes += unit;
      irc_world w{s};
      w.feed(bytes, piece);
      EXPECT_TRUE(w.is_closed) << unit;
      EXPECT_EQ(w.heard().back(),
                "ERROR :Closing link: (192.0.2.7) [Too much before registration]");
    }
  irc_world w{s}; // what comes behind the registration in one packet is not of these
  std::string bytes = "NICK me\r\nUSER me 0 * :R\r\n";
  while (bytes.size() <= 8000)
    bytes += "PONG x\r\n";
  w.feed(bytes);
  EXPECT_FALSE(w.is_closed);
}

/// What the NETWORK was asked to keep out.
std::vector<std::string> shut_out(const irc_world& w) {
  std::vector<std::string> all;
  for (auto& x : w.told)
    if (x.has_ban_flooder())
      all.push_back(x.ban_flooder().mask() + " " + std::to_string(x.ban_flooder().duration_s())
                    + " " + x.ban_flooder().reason());
  return all;
}

std::string flooded(const irc_world::setup& s, std::size_t octets = 5000) {
  irc_world w{s};
  std::string bytes;
  while (bytes.size() < octets)
    bytes += "PING x\r\n";
  w.feed(bytes);
  return joined(shut_out(w));
}

TEST(Strangers, StayOutForAWhileWhenTheySendTooMuch) { // chat_limits.flood_ban
  irc_world::setup s;
  s.is_exempt = false;
  EXPECT_EQ(flooded(s), "192.0.2.7 600 Too much before registration");
  EXPECT_EQ(flooded(s, 4000), "");
  s.address = "2001:db8:1:2:3:4:5:6";
  EXPECT_EQ(flooded(s), "2001:db8:1:2::/64 600 Too much before registration");
  s.settings.chat_limits.flood_ban.value = 1h;
  s.settings.chat_limits.ipv6_prefix.value = 48;
  EXPECT_EQ(flooded(s), "2001:db8:1::/48 3600 Too much before registration");
  s.settings.chat_limits.exempt.value = {*network::of("2001:db8:1:9::1")}; // it would be in it
  EXPECT_EQ(flooded(s), "2001:db8:1:2:3:4:5:6 3600 Too much before registration");
  s.settings.chat_limits.flood_ban.value = 0s;
  EXPECT_EQ(flooded(s), "");
}

TEST(Strangers, AreNotKeptOutWhereManyComeFrom) {
  irc_world::setup s;
  EXPECT_EQ(flooded(s), "") << "exempt";
  s.is_exempt = false;
  for (auto here : {"127.0.0.1", "::1"}) {
    s.address = here;
    EXPECT_EQ(flooded(s), "") << here;
  }
  s.address = "192.0.2.7";
  s.settings.chat.trusted_proxies.value = {*network::of("192.0.2.0/24")};
  EXPECT_EQ(flooded(s), "") << "a proxy that does not say for whom it speaks";
  s.settings.chat.trusted_proxies.value.clear();
  s.settings.chat.webirc.value = {{"kiwi", {}, {}, {*network::of("192.0.2.7")}}};
  EXPECT_EQ(flooded(s), "") << "a gateway";
}

TEST(Strangers, NeedNoEndOfALineToSendTooMuch) {
  irc_world::setup s;
  s.is_exempt = false;
  for (char begin : {'x', '@'}) // a line, and its tags
    for (std::size_t piece : {0, 100}) {
      irc_world w{s};
      w.feed(begin + std::string(4096, 'x'), piece);
      EXPECT_TRUE(w.is_closed);
      EXPECT_EQ(joined(shut_out(w)), "192.0.2.7 600 Too much before registration");
    }
  irc_world hasty{s}; // it is asked for its SESSION, and does not wait
  hasty.holds = true;
  hasty.send("NICK me\nUSER me 0 * :R");
  hasty.feed(std::string(20'000, 'x'));
  hasty.feed("x");
  EXPECT_EQ(joined(shut_out(hasty)), "192.0.2.7 600 RecvQ exceeded");
  irc_world member{s};
  member.enter();
  member.feed(std::string(100'000, 'x'));
  EXPECT_TRUE(member.is_closed);
  EXPECT_EQ(joined(shut_out(member)), "") << "registered";
}

TEST(Strangers, EndBeforeTheSessionHasBegun) { // its SESSION hears so, whenever it begins
  irc_world w;
  w.holds = true;
  w.send("NICK me\nUSER me 0 * :R");
  w.close();
  ASSERT_EQ(w.told.size(), 1u);
  EXPECT_EQ(w.told[0].session_id(), 0); // who gave it a number knows it
  EXPECT_EQ(w.told[0].detach().connection_id(), 7);
  EXPECT_TRUE(w.told[0].detach().was_lost());

  irc_world slow;
  slow.holds = true;
  slow.send("NICK me\nUSER me 0 * :R");
  slow.pass(10min);
  EXPECT_TRUE(slow.is_closed);
  EXPECT_EQ(slow.told.size(), 1u);
  slow.answer_held(); // nothing comes of it

  irc_world busy;
  busy.start_script = [](const chat::v1::Request&, chat::v1::Reply& r) {
    r = refusal(chat::v1::FAILED);
  };
  busy.send("NICK me\nUSER me 0 * :R");
  EXPECT_TRUE(busy.is_closed);
  EXPECT_EQ(busy.told.size(), 1u);
}

} // namespace
} // namespace hamlet::irc
