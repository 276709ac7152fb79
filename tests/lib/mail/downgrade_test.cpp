// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/downgrade.hpp"
#include "lib/mail/encoded_word.hpp"
#include "lib/mail/header_field.hpp"
#include "lib/text/base64.hpp"
#include "lib/text/utf8.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace hamlet::mail {

namespace {

std::string word(std::string_view text) {
  return "=?UTF-8?B?" + base64::encode(text) + "?=";
}

constexpr std::string_view nobody = "<invalid@internationalized-address.invalid>";

} // namespace

TEST(EncodedWord, SplitsBetweenCharacters) { // RFC 2047 §2, §5
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += "\u4f8b";
  text += std::string(13, 'x') + "\U0001f600"; // 43 octets in the last word before it
  std::string together;
  for (auto& x : encoded_words(text)) {
    EXPECT_LE(x.size(), 75u);
    auto piece = base64::decode(std::string_view{x}.substr(10, x.size() - 12));
    ASSERT_TRUE(piece && utf8::is_valid(*piece));
    together += *piece;
  }
  EXPECT_EQ(together, text);
  EXPECT_EQ(encoded_words("a\r\n\xff"), std::vector{word("a  \ufffd")});
}

TEST(Surrogate, LeavesAsciiAlone) {
  std::string_view header =
    "Received: x\r\n\ty\r\nFrom :  A <a@b>\r\nX-Odd:\r\nsubject: =?x?\r\n\r\n";
  EXPECT_EQ(surrogate_header(header), header);
}

TEST(Surrogate, WritesEachFieldInAscii) { // RFC 6858 §2
  std::pair<std::string, std::string> table[] = {
    {"Subject: Re: [list] \u00e9 a \u00e8 end",
     "Subject: Re: [list] " + word("\u00e9 a \u00e8") + " end"},
    {"subject:\u00e9", "subject: " + word("\u00e9")},
    {"Subject: \xff", "Subject: " + word("\ufffd")},
    {"Comments: \u00e9", "Comments: " + word("\u00e9")},
    // An ASCII address stays what it is.
    {"From: D\u00f6mi <d@x>", "From: " + word("D\u00f6mi") + " <d@x>"},
    {"From: (\u00e9) d@x", "From: d@x"},
    {"From: u@ex\u00e4mple.test", "From: u@xn--exmple-cua.test"},
    {"To: \"A, B\" <a@b>, \u00c9 <e@x>", "To: \"A, B\" <a@b>, " + word("\u00c9") + " <e@x>"},
    {"Cc: \u00c9: a@b, c@d;", "Cc: a@b, c@d"},
    // One that needs UTF-8 is told, not given.
    {"From: d\u00f6mi@ex\u00e4mple.test",
     "From: " + word("d\u00f6mi@ex\u00e4mple.test") + "\r\n\t" + std::string{nobody}},
    {"Sender: D <d\u00f6mi@x>",
     "Sender: " + word("D (d\u00f6mi@x)") + "\r\n\t" + std::string{nobody}},
    {"Reply-To: \u00e9 <a..b@x>", "Reply-To: " + word("\u00e9") + ' ' + std::string{nobody}},
    {"Return-Path: <d\u00f6mi@x>", "Return-Path: " + std::string{nobody}},
    {"Content-Type: text/plain; charset=utf-8; name=\"\u00e9;x\"; format=flowed",
     "Content-Type: text/plain; charset=utf-8; format=flowed"},
    {"Content-Disposition: attachment; filename=\u00e9", "Content-Disposition: attachment"},
    {"Content-Type: text/\u00e9", ""},
    {"To: \u00e9:;", ""},
    {"X-Other: \u00e9", ""},
    {"Received: from x for <d\u00f6mi@x>; date", ""},
  };
  for (auto& [field, surrogate] : table)
    EXPECT_EQ(surrogate_header("A: b\r\n" + field + "\r\nC: d\r\n\r\n"),
              "A: b\r\n" + (surrogate.empty() ? "" : surrogate + "\r\n") + "C: d\r\n\r\n");
}

TEST(Surrogate, HasShortLines) {
  std::string many = "To: ";
  for (int i = 0; i < 2000; ++i)
    many += "\u00e9 <a@b>,";
  for (auto& field :
       {many, "Subject: " + std::string(5000, 'a') + "\u00e9",
        "Subject: \u00e9 " + std::string(5000, 'a'), "X: " + std::string(2000, 'a'),
        "X: " + std::string(600, 'a') + ' ' + std::string(600, 'a'),
        "From: \u00e9 <" + std::string(5000, 'a') + ">", std::string(2000, 'X') + ": y",
        "Content-Type: text/plain; \u00e9; x=" + std::string(2000, 'a'),
        std::string{"X: a\0b\rc", 8}, std::string{"Subject: \u00e9\rX: y"},
        std::string{"To: \u00e9, \"x\\\ry\" <a@b>"}}) {
    auto surrogate = surrogate_header(field + "\r\n\r\n");
    EXPECT_TRUE(is_text(surrogate)) << surrogate;
    EXPECT_TRUE(utf8::is_ascii(surrogate));
    EXPECT_TRUE(surrogate.ends_with("\r\n"));
  }
}

TEST(Surrogate, CoversTheHeadersOfParts) { // RFC 6858 §2.2
  EXPECT_EQ(surrogate_message(
              "Subject: \u00e9\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\u00e8\r\n"
              "--b\r\nContent-Type: text/x; name=\u00e9\r\n\r\n\u00ea\r\n--b--\r\n"),
            "Subject: " + word("\u00e9")
              + "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\u00e8\r\n"
                "--b\r\nContent-Type: text/x\r\n\r\n\u00ea\r\n--b--\r\n");
  std::string deep;
  for (int i = 0; i < 200; ++i)
    deep += "Content-Type: message/rfc822\r\nX: \u00e9\r\n\r\n";
  EXPECT_EQ(surrogate_message(deep).find("X: "), surrogate_message(deep).find("X: \u00e9"));
}

} // namespace hamlet::mail
