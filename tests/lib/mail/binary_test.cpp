// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/binary.hpp"
#include "lib/mail/header_field.hpp"
#include "lib/mail/mime_walk.hpp"
#include "lib/text/base64.hpp"

#include <gtest/gtest.h>

namespace hamlet::mail {

using namespace std::string_literals;

namespace {

const std::string octets = "a\r\n\0b\nc\rd"s;

// The segments as letters: H, B, G.
std::string shape_of(std::string_view message) {
  auto segments = walk_mime(message);
  if (!segments)
    return "(refused)";
  std::string out;
  std::size_t at = 0;
  for (auto& x : *segments) {
    EXPECT_EQ(x.begin, at);
    at = x.end;
    out += x.kind == mime_kind::header ? 'H' : x.kind == mime_kind::body ? 'B' : 'G';
  }
  EXPECT_EQ(at, message.size());
  return out;
}

} // namespace

TEST(MimeWalk, CutsAMessage) { // RFC 2046 §5.1
  std::string mixed = "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n";
  std::pair<std::string, std::string> table[] = {
    {"", "HB"},
    {"A: b\r\n\r\nbody", "HB"},
    {"no header\r\n--b\r\n", "HB"},
    {mixed + "preamble\r\n--b\r\n\r\none\r\n--b\r\nA: b\r\n\r\ntwo\r\n--b--\r\nepilogue\r\n--b\r\n",
     "HGGHBGHBGG"},
    {mixed + "--b\r\n\r\n--b--", "HGHBG"},
    {mixed + "--b \t\r\n\r\none\r\n--b-- \r\n", "HGHBG"},
    {mixed + "--bb\r\n--b-\r\n--b x\r\nx--b\r\n\n--b\n", "HG"},
    {mixed + "--b\r\nA: b\r\n--b\r\n\r\n\r\n--b--\r\n", "HGHBGHBG"},
    {mixed
       + "--b\r\nContent-Type: Multipart/X; x=y; BOUNDARY=bb "
         "(c)\r\n\r\n--bb\r\n\r\nx\r\n--bb--\r\n--b--\r\n",
     "HGHGHBGG"},
    {mixed + "--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--b--\r\n",
     "HGHGHBG"}, // not closed
    {"Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nx", "HHB"},
    {"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nA: b\r\n\r\nx",
     "HB"},
    {"Content-Type: multipart/mixed\r\n\r\n--b\r\n", "HB"},
  };
  for (auto& [message, shape] : table)
    EXPECT_EQ(shape_of(message), shape) << message;
}

TEST(MimeWalk, HasLimits) {
  std::string nested, wide = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 100; ++i)
    nested += "Content-Type: message/rfc822\r\n\r\n";
  EXPECT_NE(shape_of(nested), "(refused)");
  EXPECT_EQ(shape_of(nested + "Content-Type: message/rfc822\r\n\r\n"), "(refused)");
  std::string multiparts;
  for (int i = 0; i < 102; ++i) {
    auto b = std::to_string(i);
    multiparts += "Content-Type: multipart/mixed; boundary=" + b + "\r\n\r\n--" + b + "\r\n";
  }
  EXPECT_EQ(shape_of(multiparts), "(refused)");
  for (int i = 0; i < 9'999; ++i)
    wide += "--b\r\n\r\n";
  EXPECT_NE(shape_of(wide), "(refused)");
  EXPECT_EQ(shape_of(wide + "--b\r\n\r\n"), "(refused)");
}

TEST(Binary, BecomesBase64) { // RFC 3030 §3
  EXPECT_EQ(
    to_text("MIME-Version: 1.0\r\nContent-Transfer-Encoding: BINARY\r\nX: y\r\n\r\n" + octets),
    "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\nX: y\r\n\r\n"
      + base64::encode(octets) + "\r\n");
  auto part = [](std::string encoding, std::string body) {
    return "--b\r\nContent-Type: x/y\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body
           + "\r\n";
  };
  auto message = [&](std::string top, std::string one, std::string body) {
    return "Content-Type: multipart/mixed; boundary=b\r\nMIME-Version: "
           "1.0\r\nContent-Transfer-Encoding: "
           + top + "\r\n\r\nPreamble\r\n" + part(one, body) + part("8bit", "\xff") + "--b--\r\nend";
  };
  EXPECT_EQ(to_text(message("binary", "binary", octets)),
            message("8bit", "base64", base64::encode(octets)));
  std::string big(200, '\0'), lines;
  for (std::size_t i = 0; i < 200; i += 57)
    lines += (i > 0 ? "\r\n" : "") + base64::encode(std::string_view{big}.substr(i, 57));
  EXPECT_EQ(to_text(message("binary", "binary", big)), message("8bit", "base64", lines));
}

TEST(Binary, LeavesTextAsItIs) {
  for (auto message :
       {""s, "A: b\r\n\r\nx\r\n.\r\n\xff\r\n"s,
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"s,
        "A: b\r\n\r\n" + std::string(998, 'x') + "\r\n"})
    EXPECT_EQ(to_text(message), message);
}

TEST(Binary, EncodesLinesThatTextMayNotHave) { // RFC 5321 §2.3.8, RFC 5322 §2.1.1
  for (auto body : {"a\nb"s, "a\rb"s, "a\0b"s, std::string(999, 'x'), "\n"s}) {
    EXPECT_EQ(to_text("A: b\r\n\r\n" + body)
                ->find("A: b\r\nMIME-Version: 1.0\r\n"
                       "Content-Transfer-Encoding: base64\r\n\r\n"),
              0u);
    EXPECT_TRUE(is_text(*to_text("A: b\r\n\r\n" + body)));
  }
  auto base64 = base64::encode(std::string(2000, 'x'));
  auto wrapped = to_text("Content-Transfer-Encoding: base64\r\n\r\n" + base64);
  ASSERT_TRUE(wrapped);
  EXPECT_TRUE(is_text(*wrapped));
  EXPECT_EQ(wrapped->find("\r\n\r\n" + base64.substr(0, 76) + "\r\n"), 33u);
}

TEST(Binary, RefusesWhatCannotBeText) {
  for (auto message :
       {"A: b\nC: d\r\n\r\n" + octets, "A: \0\r\n\r\nx"s,
        "A: " + std::string(1000, 'x') + "\r\n\r\nx",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\na\nb\r\n--b\r\n\r\nx\r\n--b--\r\n"s,
        "Content-Type: multipart/mixed\r\n\r\na\nb"s,
        "Content-Type: message/partial\r\nContent-Transfer-Encoding: binary\r\n\r\na\nb"s,
        "Content-Transfer-Encoding: quoted-printable\r\n\r\na\nb"s,
        "Content-Transfer-Encoding: x-odd\r\n\r\na\nb"s})
    EXPECT_EQ(to_text(message), std::nullopt) << message;
  EXPECT_EQ(to_text("MIME-Version: 1.0\r\nContent-Type: message/partial\r\n"
                    "Content-Transfer-Encoding: binary\r\n\r\nx"),
            "MIME-Version: 1.0\r\nContent-Type: message/partial\r\nContent-Transfer-Encoding: "
            "8bit\r\n\r\nx");
}

} // namespace hamlet::mail
