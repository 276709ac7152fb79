// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/message_text.hpp"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace hamlet::smtp {

namespace {

const message_text::rules data_rules{1u << 20, 50, bare_newline::refuse, true, false};
const message_text::rules bdat_rules{1u << 20, 50, bare_newline::refuse, false, false};
const message_text::rules binary_rules{1u << 20, 50, bare_newline::refuse, false, true};
const message_text::rules tolerant_rules{1u << 20, 50, bare_newline::normalise, true, false};

struct outcome {
  std::string text;
  int code = 250;
  bool ended = false;
  std::size_t left = 0; ///< octets behind the end
  bool operator==(const outcome&) const = default;
};

/// Reads all, the first `split` octets on their own, then in portions of `portion`.
outcome read(const message_text::rules& r, std::string_view in, std::size_t split = 0,
             std::size_t portion = std::string_view::npos) {
  message_text t{r};
  outcome o;
  auto give = [&](std::string_view part) {
    while (!part.empty() && !t.has_ended()) {
      part.remove_prefix(t.read(part));
      if (t.has_full_piece())
        o.text += t.take_piece();
    }
    o.left += part.size();
  };
  give(in.substr(0, split));
  for (auto rest = in.substr(split); !rest.empty();
       rest.remove_prefix(std::min(portion, rest.size())))
    give(rest.substr(0, portion));
  o.ended = t.has_ended();
  if (o.ended || !r.by_dot)
    t.finish();
  if (t.refusal())
    return {"", t.refusal()->code, o.ended, o.left};
  o.text += t.take_piece();
  return o;
}

void expect_same_however_split(const message_text::rules& r, std::string_view in) {
  auto whole = read(r, in);
  for (std::size_t i = 1; i < in.size(); ++i)
    EXPECT_EQ(read(r, in, i), whole) << "split at " << i;
  EXPECT_EQ(read(r, in, 0, 1), whole);
}

} // namespace

TEST(MessageText, UndoesDotStuffing) { // RFC 5321 §4.5.2
  struct {
    std::string in, text;
  } table[] = {
    {".\r\n", ""},
    {"\r\n.\r\n", "\r\n"},
    {"a\r\n.\r\n", "a\r\n"},
    {"..\r\n.\r\n", ".\r\n"},
    {"...\r\n.\r\n", "..\r\n"},
    {".a\r\nb.\r\n.\r\n", "a\r\nb.\r\n"},
    {"a\r\n..b\r\n..\r\n.\r\n", "a\r\n.b\r\n.\r\n"},
    {std::string(998, '.') + "\r\n.\r\n", std::string(997, '.') + "\r\n"},
    {std::string(5000, 'x') + "\r\n.\r\n", std::string(5000, 'x') + "\r\n"},
  };
  for (auto& [in, text] : table) {
    EXPECT_EQ(read(data_rules, in + "NOOP\r\n"), (outcome{text, 250, true, 6}));
    expect_same_however_split(data_rules, in + "NOOP\r\n");
  }
}

// RFC 5321 §2.3.8 and §4.1.1.4: the ways known to end a text that other programs take for an end.
TEST(MessageText, EndsAtNothingButADotBetweenCrlf) {
  const std::string smuggled[] = {
    "\n.\n"s,       "\r.\r"s,         "\r.\n"s,       "\n.\r"s,       "\n.\r\n"s,
    "\r\n.\n"s,     "\r.\r\n"s,       "\r\n.\r"s,     "\r\n\0.\r\n"s, "\r\n.\0\r\n"s,
    "\r\n.\r\r\n"s, "\r\r\n.\r\r\n"s, "\r\r\n.\r\n"s,
  };
  for (auto& end : smuggled) {
    bool is_true_end = end == "\r\r\n.\r\n"; // behind a bare CR, but an end
    auto in = "one" + end + "MAIL FROM:<evil@here.test>\r\n";
    auto o = read(data_rules, in);
    EXPECT_EQ(o.ended, is_true_end);
    o = read(data_rules, in + ".\r\n");
    EXPECT_TRUE(o.ended);
    EXPECT_EQ(o.code, 550);
    EXPECT_EQ(o.left, is_true_end ? 31 : 0);
    expect_same_however_split(data_rules, in + ".\r\n");
    for (std::size_t at : {4095, 4096, 4097}) {
      auto long_text = std::string(at - 3, 'x') + in + "\r\n.\r\n";
      for (std::size_t i = at - 3; i < at + end.size() + 3; ++i)
        EXPECT_EQ(read(data_rules, long_text, i), read(data_rules, long_text));
    }
  }
}

TEST(MessageText, FindsTheEndAtEachPlaceOfABuffer) {
  for (std::size_t n = 4091; n < 4100; ++n) {
    auto in = std::string(n, 'x') + "\r\n.\r\n";
    EXPECT_EQ(read(data_rules, in, 4095).text.size(), n + 2);
    EXPECT_EQ(read(data_rules, in, 0, 4096), read(data_rules, in));
  }
}

TEST(MessageText, MakesLineEndsOfBareOnesWhenToldTo) {
  struct {
    std::string in, text;
  } table[] = {
    {"a\nb\rc\r\n.\r\n", "a\r\nb\r\nc\r\n"},   {"a\n.\nb\r\n.\r\n", "a\r\n.\r\nb\r\n"}, // no end
    {"a\r.\r\nb\r\n.\r\n", "a\r\n.\r\nb\r\n"}, {"a\r\r\n.\r\n", "a\r\n\r\n"},
    {"a\r\n.\nb\r\n.\r\n", "a\r\n\r\nb\r\n"},  {"a\r\n.\rb\r\n.\r\n", "a\r\n\r\nb\r\n"},
  };
  for (auto& [in, text] : table) {
    EXPECT_EQ(read(tolerant_rules, in), (outcome{text, 250, true, 0})) << in;
    expect_same_however_split(tolerant_rules, in);
  }
  EXPECT_EQ(read(tolerant_rules, "a\0\r\n.\r\n"s).code, 550);
}

TEST(MessageText, TakesDotsAsTheyAreInChunks) { // RFC 3030 §2
  EXPECT_EQ(read(bdat_rules, "..a\r\n.\r\nb\r\n").text, "..a\r\n.\r\nb\r\n");
  EXPECT_EQ(read(bdat_rules, "a\n.\nb\r\n").code, 550);
  EXPECT_EQ(read(bdat_rules, "a\r").code, 550);
  EXPECT_EQ(read(bdat_rules, "a").text, "a\r\n");
  EXPECT_EQ(read(bdat_rules, "").text, "");
  expect_same_however_split(bdat_rules, "s: a\r\n\r\nb\r\n.\r\nc");
  expect_same_however_split(bdat_rules, "s: a\r\n\r\nb\rc\r\n");
}

TEST(MessageText, KeepsABinaryBodyAndRefusesABinaryHeader) { // RFC 3030 §3
  struct {
    std::string in;
    int code;
    bool is_binary;
  } table[] = {
    {"s: a\r\n\r\nb\r\n"s, 250, false},
    {"s: a\r\n\r\nb\n\0\rc\r\n"s, 250, true},
    {"s: a\r\n\r\nb\0c\r\n"s, 250, true},
    {"s: a\r\n\r\nb"s, 250, true},
    {"s: a\r\n\r\nb\r"s, 250, true},
    {"s: a\r\n\r\n" + std::string(998, 'x') + "\r\n", 250, false},
    {"s: a\r\n\r\n" + std::string(999, 'x') + "\r\n", 250, true},
    {"s: a\nb: c\r\n\r\n"s, 550, false},
    {"s: a\0\r\n\r\n"s, 550, false},
  };
  for (auto& [in, code, is_binary] : table) {
    message_text t{binary_rules};
    ASSERT_EQ(t.read(in), in.size());
    t.finish();
    EXPECT_EQ(t.refusal() ? t.refusal()->code : 250, code);
    EXPECT_EQ(t.is_binary(), is_binary);
    if (code == 250) {
      EXPECT_EQ(t.take_piece(), in);
    }
    if (in.size() < 100)
      expect_same_however_split(binary_rules, in);
  }
}

TEST(MessageText, DropsTheReturnPathOfTheSender) { // RFC 5321 §4.4
  struct {
    std::string in, text;
  } table[] = {
    {"Return-Path: <a@b>\r\nSubject: x\r\n\r\n", "Subject: x\r\n\r\n"},
    {"Subject: x\r\nRETURN-PATH:\r\n <a@b>\r\n\tmore\r\nTo: c\r\n\r\n",
     "Subject: x\r\nTo: c\r\n\r\n"},
    {"Return-Path \t: <a@b>\r\n\r\n", "\r\n"},
    {"Return-Path: a\r\nReturn-Path: b\r\n\r\n", "\r\n"},
    {"Return-Path: " + std::string(100'000, 'x') + "\r\nTo: c\r\n\r\n", "To: c\r\n\r\n"},
    {"Return-Paths: <a@b>\r\n\r\n", "Return-Paths: <a@b>\r\n\r\n"},
    {"Return-Pat: <a@b>\r\n\r\n", "Return-Pat: <a@b>\r\n\r\n"},
    {"Return-Path\r\n\r\n", "Return-Path\r\n\r\n"},
    {"X: y\r\n\r\nReturn-Path: <a@b>\r\n", "X: y\r\n\r\nReturn-Path: <a@b>\r\n"},
    {"no field\r\nReturn-Path: <a@b>\r\n", "no field\r\nReturn-Path: <a@b>\r\n"},
  };
  for (auto& [in, text] : table) {
    EXPECT_EQ(read(data_rules, in + ".\r\n").text, text);
    if (in.size() < 100)
      expect_same_however_split(data_rules, in + ".\r\n");
  }
}

TEST(MessageText, CountsHopsOfTheMainHeader) { // RFC 5321 §6.3
  for (int hops : {49, 50, 51}) {
    std::string in;
    for (int i = 0; i < hops; ++i)
      in += "Received: by somebody\r\n\twith SMTP\r\n";
    auto body = "\r\nReceived: in the body\r\n.\r\n"s;
    EXPECT_EQ(read(data_rules, in + "To: x\r\n" + body).code, hops > 50 ? 554 : 250);
    EXPECT_EQ(read(data_rules, in + ".\r\n").code, hops > 50 ? 554 : 250);
    EXPECT_EQ(read(bdat_rules, in.substr(0, in.size() - 2)).code, hops > 50 ? 554 : 250);
  }
}

TEST(MessageText, MeasuresWhileItReads) { // RFC 1870 §6.3
  auto rules = data_rules;
  rules.max_size = 10;
  EXPECT_EQ(read(rules, "..2345678\r\n.\r\n").text.size(), 10);
  EXPECT_EQ(read(rules, "..23456789\r\n.\r\n").code, 552);
  EXPECT_EQ(read(rules, "0123456789\r\n.\r\nNOOP").left, 4);
}

TEST(MessageText, KeepsOnePieceAtMost) {
  std::string line = std::string(60, 'x') + "\r\n";
  std::string in = "Subject: x\r\n\r\n";
  while (in.size() < 1'000'000)
    in += line;
  for (auto rules : {data_rules, tolerant_rules, bdat_rules}) {
    message_text t{rules};
    std::string text;
    for (std::string_view rest = in; !rest.empty();) {
      rest.remove_prefix(t.read(rest));
      if (!t.has_full_piece())
        continue;
      auto piece = t.take_piece();
      EXPECT_LE(piece.size(), message_text::max_piece);
      EXPECT_GT(piece.size(), message_text::max_piece - 1024);
      text += piece;
    }
    text += t.take_piece();
    EXPECT_EQ(text, in);
    EXPECT_EQ(t.sent(), in.size());
  }
}

TEST(MessageText, SeesOctetsAbove127WhereverTheyAre) {
  for (std::size_t at : {0, 7, 31, 32, 63, 99}) {
    std::string in = "s: a\r\n\r\n" + std::string(100, 'x') + "\r\n";
    in[8 + at] = '\xe9';
    message_text t{data_rules};
    t.read(in);
    EXPECT_TRUE(t.is_8bit()) << at;
  }
  message_text t{data_rules};
  t.read("s: a\x7f\r\n\r\nb\r\n");
  EXPECT_FALSE(t.is_8bit());
}

TEST(MessageText, RefusesAFromFieldTooLongToBeRead) {
  EXPECT_EQ(read(data_rules, "From: a@b," + std::string(70'000, ' ') + "c@d\r\n.\r\n").code, 550);
  EXPECT_EQ(read(data_rules, "To: a@b," + std::string(70'000, ' ') + "c@d\r\n.\r\n").code, 250);
}

} // namespace hamlet::smtp
