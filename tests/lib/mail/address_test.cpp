// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/address.hpp"

#include <gtest/gtest.h>

namespace hamlet::mail {

using namespace std::string_view_literals;

namespace {

path parsed(std::string_view text, bool utf8 = true) {
  path_error why{};
  auto out = parse_path(text, utf8, why);
  EXPECT_TRUE(out) << text << " error " << static_cast<int>(why);
  EXPECT_EQ(why, path_error::none);
  return out.value_or(path{});
}

path_error refused(std::string_view text, bool utf8 = true) {
  path_error why{};
  EXPECT_FALSE(parse_path(text, utf8, why)) << text;
  return why;
}

} // namespace

TEST(Path, IsReadInOneForm) { // RFC 5321 §4.1.2
  struct {
    std::string_view text, local, domain, canonical;
  } table[] = {
    {"<u@example.org>", "u", "example.org", "u@example.org"},
    {"<User.Name@EXAMPLE.org>", "User.Name", "example.org", "User.Name@example.org"},
    {"<u%example.org@here.test>", "u%example.org", "here.test", "u%example.org@here.test"},
    {"<example.org!u@here.test>", "example.org!u", "here.test", "example.org!u@here.test"},
    {"<!#$%&'*+-/=?^_`{|}~@x>", "!#$%&'*+-/=?^_`{|}~", "x", "!#$%&'*+-/=?^_`{|}~@x"},
    {"<\"u\"@x>", "u", "x", "u@x"},
    {"<\"u@example.org\"@here.test>", "u@example.org", "here.test", "\"u@example.org\"@here.test"},
    {"<\"a b\"@x>", "a b", "x", "\"a b\"@x"},
    {"<\"a\\\"\\\\\\b\"@x>", "a\"\\b", "x", "\"a\\\"\\\\b\"@x"},
    {"<\">\"@x>", ">", "x", "\">\"@x"},
    {"<\"\"@x>", "", "x", "\"\"@x"},
    {"<\"a..b\"@x>", "a..b", "x", "\"a..b\"@x"},
    {"<u@[192.0.2.1]>", "u", "[192.0.2.1]", "u@[192.0.2.1]"},
    {"<u@[192.000.002.001]>", "u", "[192.0.2.1]", "u@[192.0.2.1]"},
    {"<u@[ipv6:2001:DB8:0::1]>", "u", "[IPv6:2001:db8::1]", "u@[IPv6:2001:db8::1]"},
    {"<u@[IPv6:1:2:3:4:5:6:7:8]>", "u", "[IPv6:1:2:3:4:5:6:7:8]", "u@[IPv6:1:2:3:4:5:6:7:8]"},
    {"<u@[IPv6:::ffff:192.0.2.01]>", "u", "[IPv6:::ffff:192.0.2.1]", "u@[IPv6:::ffff:192.0.2.1]"},
    {"<u@[X-net:a/b]>", "u", "[x-net:a/b]", "u@[x-net:a/b]"},
    {"<Postmaster>", "Postmaster", "", "Postmaster"},
    {"<postmaster@here.test>", "postmaster", "here.test", "postmaster@here.test"},
  };
  for (auto& row : table) {
    auto got = parsed(row.text, false).mailbox;
    EXPECT_EQ(got.local, row.local) << row.text;
    EXPECT_EQ(got.domain, row.domain) << row.text;
    EXPECT_EQ(got.text(), row.canonical) << row.text;
    if (!got.domain.empty()) {
      EXPECT_EQ(parse_address(row.canonical), got) << row.text;
    }
  }
}

TEST(Path, RefusesWhatTheGrammarDoesNotHave) { // RFC 5321 §4.1.2
  for (auto text : {""sv,
                    "<"sv,
                    ">"sv,
                    "< >"sv,
                    "<u"sv,
                    "<u>"sv,
                    "<root>"sv,
                    "<u@>"sv,
                    "<@x>"sv,
                    "<u@x"sv,
                    "u@example.org"sv,
                    " <u@x>"sv,
                    "<u @x>"sv,
                    "<u@ x>"sv,
                    "<u@x >"sv,
                    "<.u@x>"sv,
                    "<u.@x>"sv,
                    "<u..v@x>"sv,
                    "<u@example.org@here.test>"sv,
                    "<\"u@example.org\">"sv,
                    "<\"u%example.org\">"sv,
                    "<\"postmaster\">"sv,
                    "<postmaster"sv,
                    "<example.org!u>"sv,
                    "<u@example.org%here.test>"sv,
                    "<\"u@x>"sv,
                    "<\"u\"v@x>"sv,
                    "<\"u\\"sv,
                    "<\"u\\\"@x>"sv,
                    "<u\"v\"@x>"sv,
                    "<u(c)@x>"sv,
                    "<u,v@x>"sv,
                    "<u;v@x>"sv,
                    "<u:v@x>"sv,
                    "<u\\v@x>"sv,
                    "<u@x.>"sv,
                    "<u@.x>"sv,
                    "<u@x..y>"sv,
                    "<u@x_y>"sv,
                    "<u@x>y"sv,
                    "<u@x>>"sv,
                    "<<u@x>>"sv,
                    "<u@x>\tSIZE=1"sv,
                    "<u@[192.0.2.1>"sv,
                    "<u@[192.0.2]>"sv,
                    "<u@[192.0.2.256]>"sv,
                    "<u@[192.0.2.0001]>"sv,
                    "<u@[192.0.2.1.1]>"sv,
                    "<u@[192.0.2.]>"sv,
                    "<u@192.0.2.1]>"sv,
                    "<u@[]>"sv,
                    "<u@[IPv6:]>"sv,
                    "<u@[IPv6:1:2:3:4:5:6:7]>"sv,
                    "<u@[IPv6:1::2::3]>"sv,
                    "<u@[IPv6:1:2:3:4:5:6:7::]>"sv,
                    "<u@[IPv6:12345::]>"sv,
                    "<u@[IPv6:::1%eth0]>"sv,
                    "<u@[2001:db8::1]x>"sv,
                    "<u@[tag-:x]>"sv,
                    "<u@[:x]>"sv,
                    "<u@[tag:]>"sv,
                    "<u@[tag:a b]>"sv,
                    "<u@[x]y]>"sv,
                    "<@here.test u@x>"sv,
                    "<@here.test:>"sv,
                    "<@here.test,u@x>"sv,
                    "<@:u@x>"sv,
                    "<@a,:u@x>"sv,
                    "<@a,@b,u@x>"sv})
    EXPECT_EQ(refused(text), path_error::syntax) << text;
}

TEST(Path, RefusesControls) {
  for (char x = 0; x < 32; ++x) {
    std::string c(1, x);
    EXPECT_EQ(refused("<u" + c + "@x>"), path_error::syntax) << int{x};
    EXPECT_EQ(refused("<u@x" + c + "y>"), path_error::syntax) << int{x};
    EXPECT_EQ(refused("<\"u" + c + "\"@x>"), path_error::syntax) << int{x};
    EXPECT_EQ(refused("<\"u\\" + c + "\"@x>"), path_error::syntax) << int{x};
  }
  EXPECT_EQ(refused("<a@b\r\nRCPT TO:<x@y>>"), path_error::syntax);
  EXPECT_EQ(refused("<\"u\x7f\"@x>"), path_error::syntax);
  EXPECT_EQ(refused("<u\u0085v@x>"), path_error::syntax);
  EXPECT_EQ(refused("<u\u2028v@x>"), path_error::syntax);
  EXPECT_EQ(refused("<\"u\u2029v\"@x>"), path_error::syntax);
}

TEST(Path, KeepsTheParametersBehindIt) {
  EXPECT_TRUE(parsed("<>").null);
  EXPECT_EQ(parsed("<> SIZE=5 BODY=8BITMIME").rest, "SIZE=5 BODY=8BITMIME");
  EXPECT_EQ(parsed("<u@x> NOTIFY=NEVER").rest, "NOTIFY=NEVER");
  EXPECT_EQ(parsed("<u@x>").rest, "");
  EXPECT_FALSE(parsed("<u@x>").null);
}

TEST(Path, DropsASourceRoute) { // RFC 5321 §3.3, §4.1.1.3
  auto one = parsed("<@here.test:u@example.org>");
  EXPECT_TRUE(one.had_route);
  EXPECT_EQ(one.mailbox.text(), "u@example.org");
  EXPECT_EQ(parsed("<@a.example,@b.example:u@d>").mailbox.text(), "u@d");
  EXPECT_FALSE(parsed("<u@example.org>").had_route);
}

TEST(Path, HasLimits) { // RFC 5321 §4.5.3.1.1 to §4.5.3.1.3
  std::string local(64, 'u');
  std::string label(63, 'd');
  auto domain = label + '.' + label + '.' + label;
  EXPECT_EQ(parsed("<" + local + "@x>").mailbox.local, local);
  EXPECT_EQ(refused("<u" + local + "@x>"), path_error::too_long);
  EXPECT_EQ(refused("<\"u" + local + "\"@x>"), path_error::too_long);
  EXPECT_EQ(refused("<" + local + "@" + domain + ">"), path_error::too_long);
  EXPECT_EQ(parsed("<" + std::string(62, 'u') + "@" + domain + ">").mailbox.domain, domain); // 256
  EXPECT_EQ(refused("<" + std::string(63, 'u') + "@" + domain + ">"), path_error::too_long);
  EXPECT_EQ(refused("<u@" + domain + '.' + label + ".d>"), path_error::too_long);
  EXPECT_EQ(refused("<u@d" + label + ">"), path_error::bad_domain);
  EXPECT_EQ(refused("<u@-d>"), path_error::bad_domain);
  EXPECT_EQ(refused("<@" + domain + ",@b:" + local + "@x>"), path_error::too_long);
  EXPECT_EQ(refused("<u@[x:" + std::string(1'000'000, 'x') + "]>"), path_error::too_long);
}

TEST(Path, TakesOtherScriptsOnlyWithSmtpUtf8) { // RFC 6531 §3.3
  EXPECT_EQ(refused("<d\u00f6mi@x>", false), path_error::needs_utf8);
  EXPECT_EQ(refused("<\"d\u00f6mi\"@x>", false), path_error::needs_utf8);
  EXPECT_EQ(refused("<u@ex\u00e4mple.test>", false), path_error::needs_utf8);
  EXPECT_EQ(refused("<\xff@x>", false), path_error::needs_utf8);
  EXPECT_EQ(refused("<\xff@x>"), path_error::bad_utf8);
  EXPECT_EQ(refused("<u@\xff>"), path_error::bad_utf8);
  EXPECT_EQ(refused("<\xed\xa0\x80@x>"), path_error::bad_utf8);
  EXPECT_EQ(refused("<u@\u00fc-.test>"), path_error::bad_domain);
  EXPECT_EQ(refused("<\"\\\u00fc\"@x>"), path_error::syntax); // a quoted pair is ASCII
  auto got = parsed("<do\u0308mi@Ex\u00c4mple.test>").mailbox;
  EXPECT_EQ(got.local, "d\u00f6mi"); // NFC
  EXPECT_EQ(got.domain, "xn--exmple-cua.test");
  EXPECT_TRUE(got.internationalized);
  EXPECT_EQ(got, parse_address("d\u00f6mi@xn--exmple-cua.test"));
  EXPECT_FALSE(parsed("<u@ex\u00e4mple.test>").mailbox.internationalized);
  EXPECT_EQ(parsed("<\u7528\u6237@\u4f8b\u3048.\u30c6\u30b9\u30c8>").mailbox.domain,
            "xn--r8jz45g.xn--zckzah");
  std::string wide;
  for (int i = 0; i < 33; ++i)
    wide += "\u00fc";
  EXPECT_EQ(refused("<" + wide + "@x>"), path_error::too_long); // octets, not characters
}

TEST(Address, StandsAlone) {
  EXPECT_TRUE(parse_address("u@x"));
  for (auto text : {""sv, "u"sv, "postmaster"sv, "<u@x>"sv, "u@x "sv, " u@x"sv, "u@x y"sv,
                    "@a:u@x"sv, "u@x\n"sv})
    EXPECT_FALSE(parse_address(text)) << text;
  EXPECT_FALSE(parse_address("d\u00f6mi@x", false));
}

} // namespace hamlet::mail
