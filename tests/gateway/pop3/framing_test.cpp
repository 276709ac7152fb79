// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/dot_stuffer.hpp"
#include "gateway/pop3/line_reader.hpp"
#include "gateway/pop3/message_top.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hamlet::pop3 {

namespace {

std::string stuffed(std::string_view text, std::size_t piece) {
  dot_stuffer stuffer;
  std::string out;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    stuffer.add(text.substr(0, piece), out);
  stuffer.finish(out);
  return out;
}

std::string top_of(std::string_view text, std::uint64_t lines, std::size_t piece) {
  message_top top{lines};
  std::string out;
  for (; !text.empty() && !top.is_done(); text.remove_prefix(std::min(piece, text.size())))
    out += top.take(text.substr(0, piece));
  return out;
}

using found = line_reader::found;

std::vector<std::string> read(std::string_view input, std::size_t piece, std::size_t limit = 10) {
  line_reader reader;
  std::vector<std::string> events;
  for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
    reader.add(input.substr(0, piece));
    for (auto f = reader.next(limit); f.what != found::kind::nothing; f = reader.next(limit)) {
      switch (f.what) {
      case found::kind::line: events.push_back("line " + std::string{f.text}); break;
      case found::kind::too_long: events.emplace_back("too long"); break;
      case found::kind::bare: events.emplace_back("bare"); break;
      default: events.emplace_back("endless"); return events;
      }
    }
    reader.compact();
  }
  return events;
}

} // namespace

TEST(DotStuffer, DoublesDotsAtLineStartsAndEndsWithADot) { // RFC 1939 §3
  struct {
    std::string_view text, wanted;
  } table[] = {
    {"", ".\r\n"},
    {"a\r\n", "a\r\n.\r\n"},
    {"a", "a\r\n.\r\n"}, // the CRLF belongs to the end, not to the text
    {".\r\n", "..\r\n.\r\n"},
    {"..\r\n", "...\r\n.\r\n"},
    {".a\r\n.b\r\na.\r\n", "..a\r\n..b\r\na.\r\n.\r\n"},
    {".", "..\r\n.\r\n"},
    {"\r\n\r\n", "\r\n\r\n.\r\n"},
    {"a\n.\r\nb\r\n", "a\n..\r\nb\r\n.\r\n"}, // a bare LF ends a line for many clients
    {"a\n", "a\n\r\n.\r\n"},
    {"a\r", "a\r\r\n.\r\n"},
    {"a\r.\r\n", "a\r.\r\n.\r\n"},
  };
  for (auto& [text, wanted] : table)
    for (std::size_t piece : {1u, 2u, 3u, 100u})
      EXPECT_EQ(stuffed(text, piece), wanted) << text << " in pieces of " << piece;
}

TEST(MessageTop, EndsAfterTheWantedLinesOfTheBody) { // RFC 1939 §7
  constexpr std::string_view mail = "A: 1\r\nB: 2\r\n\r\none\r\n\r\nthree\r\n";
  struct {
    std::string_view text;
    std::uint64_t lines;
    std::string_view wanted;
  } table[] = {
    {mail, 0, "A: 1\r\nB: 2\r\n\r\n"},
    {mail, 1, "A: 1\r\nB: 2\r\n\r\none\r\n"},
    {mail, 2, "A: 1\r\nB: 2\r\n\r\none\r\n\r\n"},
    {mail, 3, mail},
    {mail, ~0ull, mail},
    {"A: 1\r\n", 5, "A: 1\r\n"}, // no body, nor the blank line
    {"A: 1\r\n\r\n", 0, "A: 1\r\n\r\n"},
    {"\r\nbody\r\nmore\r\n", 1, "\r\nbody\r\n"}, // no header
    {"A: 1\n\nx\ny\n", 1, "A: 1\n\nx\n"},
    {"A: 1\r\n\r\nno end", 1, "A: 1\r\n\r\nno end"},
    {"A: 1\r\n \r\nB: 2\r\n\r\nx\r\n", 0, "A: 1\r\n \r\nB: 2\r\n\r\n"}, // a blank does not end it
    {"", 1, ""},
  };
  for (auto& [text, lines, wanted] : table)
    for (std::size_t piece : {1u, 2u, 3u, 100u})
      EXPECT_EQ(top_of(text, lines, piece), wanted) << text << " in pieces of " << piece;
}

TEST(LineReader, EndsLinesAtCrlfAloneHoweverTheyArrive) { // RFC 1939 §3
  struct {
    std::string_view input;
    std::vector<std::string> wanted;
  } table[] = {
    {"NOOP\r\nQUIT\r\n", {"line NOOP", "line QUIT"}},
    {"\r\n", {"line "}},
    {"12345678\r\n", {"line 12345678"}}, // 10 octets with CRLF
    {"123456789\r\nA\r\n", {"too long", "line A"}},
    {"1234567890123456\r\nA\r\n", {"too long", "line A"}},
    {"A\nB\r\nC\r\n", {"bare", "line C"}},
    {"A\rB\r\nC\r\n", {"bare", "line C"}},
    {"A\r\r\nC\r\n", {"bare", "line C"}},
    {"A\n\r\nC\r\n", {"bare", "line C"}},
    {"\n\n\n\nA\r\nC\r\n", {"bare", "line C"}},
    {"123456789\n\r\nC\r\n", {"bare", "line C"}},
    {"1234567890\n\r\nC\r\n", {"too long", "line C"}},
    {"NOOP\r", {}},
    {"NOOP", {}},
  };
  for (auto& [input, wanted] : table)
    for (std::size_t piece : {1u, 2u, 3u, 7u, 100u})
      EXPECT_EQ(read(input, piece), wanted) << input << " in pieces of " << piece;
}

TEST(LineReader, SkipsALongLineButNotAnEndlessOne) {
  const std::string longest(line_reader::max_skipped, 'x');
  for (std::size_t piece : {1000u, 65536u, 1000000u}) {
    EXPECT_EQ(read(longest + "\r\nA\r\n", piece), (std::vector<std::string>{"too long", "line A"}));
    EXPECT_EQ(read(longest + "y\r\nA\r\n", piece),
              (std::vector<std::string>{"too long", "endless"}));
    EXPECT_EQ(read(longest + longest, piece), (std::vector<std::string>{"too long", "endless"}));
  }
}

} // namespace hamlet::pop3
