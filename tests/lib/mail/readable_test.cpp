// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/readable.hpp"
#include "lib/text/utf8.hpp"

#include <gtest/gtest.h>

namespace hamlet::mail {

namespace {

using lines = std::vector<std::string>;

readable read(const std::string& message) {
  return read_plain(message, {.lines = 3, .octets = 20});
}

} // namespace

TEST(Readable, DecodesWords) {
  struct {
    const char *written, *shown;
  } table[] = {
    // RFC 2047 §8
    {"(=?ISO-8859-1?Q?a?=)", "(a)"},
    {"=?ISO-8859-1?Q?a?= b", "a b"},
    {"=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"},
    {"=?ISO-8859-1?Q?a_b?=", "a b"},
    {"=?ISO-8859-1?Q?Andr=E9?= Pirard", "Andr\u00e9 Pirard"},
    {"=?iso-8859-2*cs?q?=E8?=", "\u010d"}, // RFC 2231 §5
    {"=?utf-8?b?w6k=?=", "\u00e9"},
    {"=?utf-8?b?w6k?=", "\u00e9"}, // without padding
    {"=?UTF-8?Q?=F0=9F=8D=8E?=", "\U0001f34e"},
    {"=?no-such?Q?a?=", "=?no-such?Q?a?="},
    {"=?utf-8?x?a?=", "=?utf-8?x?a?="},
    {"=?utf-8?q?a", "=?utf-8?q?a"},
    {"=?", "=?"},
    {"a =? b ?= c", "a =? b ?= c"},
    {"", ""},
    {"plain  text", "plain  text"},
    // What would begin another line, or colour it.
    {"=?utf-8?q?a=0D=0AQUIT?=", "a  QUIT"},
    {"=?utf-8?q?=03=34red=01?=", " 4red"},
    {"\u202eabc", "abc"},
  };
  for (auto& x : table)
    EXPECT_EQ(decoded_words(x.written), x.shown) << x.written;
}

TEST(Readable, TellsAuthorAndSubject) {
  auto x =
    read("Subject: =?utf-8?q?Caf=C3=A9?=\r\nFrom: \"Ann B\" <ann@here.test>\r\n\r\nHello\r\n");
  EXPECT_EQ(x.subject, "Caf\u00e9");
  EXPECT_EQ(x.from, "Ann B");
  EXPECT_EQ(x.lines, (lines{"Hello"}));
  EXPECT_FALSE(x.is_cut);
  EXPECT_EQ(read("From: ann@here.test\r\n\r\n").from, "ann@here.test");
  EXPECT_EQ(read("").subject, "");
}

TEST(Readable, IsBounded) {
  auto x = read("Subject: a subject that is much too long\r\n\r\n1\r\n\r\n2\r\n3\r\n4\r\n");
  EXPECT_EQ(x.subject, "a subject that is\u2026");
  EXPECT_EQ(x.lines, (lines{"1", "2", "3"}));
  EXPECT_TRUE(x.is_cut);
  EXPECT_EQ(read("\r\nwords are kept whole if they can\r\n").lines,
            (lines{"words are kept whole", "if they can"}));
  EXPECT_EQ(read("\r\n" + std::string(50, 'x')).lines,
            (lines{std::string(20, 'x'), std::string(20, 'x'), std::string(10, 'x')}));
  for (auto& line :
       read("\r\nx\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9").lines)
    EXPECT_TRUE(utf8::is_valid(line) && line.size() <= 20) << line;
}

TEST(Readable, FindsThePlainPart) {
  auto x = read("Content-Type: multipart/alternative; boundary=b\r\n\r\npreamble\r\n"
                "--b\r\nContent-Type: text/html\r\n\r\n<p>no\r\n"
                "--b\r\nContent-Type: text/plain; charset=\"iso-8859-1\"\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 =\r\nau lait=\r\n\r\n"
                "--b--\r\n");
  EXPECT_EQ(x.lines, (lines{"caf\u00e9 au lait"}));
  EXPECT_TRUE(read("Content-Type: text/html\r\n\r\n<p>no\r\n").lines.empty());
}

TEST(Readable, DecodesBodies) { // RFC 2045 §6.8
  std::string head = "Content-Transfer-Encoding: base64\r\n\r\n";
  EXPECT_EQ(read(head + "SGVs\r\nbG8=\r\n").lines, (lines{"Hello"}));
  EXPECT_EQ(read(head + "SGVsbG8").lines, (lines{"Hello"}));
  EXPECT_TRUE(read(head + "!!!!").lines.empty());
  EXPECT_TRUE(read("Content-Transfer-Encoding: uuencode\r\n\r\nbegin 644 x").lines.empty());
  EXPECT_EQ(read("\r\na\x01\x03\x1b[31mb\tc\r\n").lines, (lines{"a   [31mb c"}));
}

} // namespace hamlet::mail
