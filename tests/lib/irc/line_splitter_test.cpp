// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/line_splitter.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hamlet::irc {

using namespace std::string_literals;

namespace {

constexpr std::size_t recvq = 8192;

// All that comes out when the octets come in pieces of `step`.
std::vector<std::string> split(std::string_view bytes, std::size_t step) {
  line_splitter lines{client_limits, recvq};
  std::vector<std::string> out;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    lines.feed(bytes.substr(at, step));
    while (auto x = lines.next())
      out.push_back(x->what == input_line::kind::line       ? std::string{x->text}
                    : x->what == input_line::kind::too_long ? "(too long)"
                                                        : "(overflow)");
  }
  return out;
}

// The same whatever the pieces are.
std::vector<std::string> split(std::string_view bytes) {
  auto out = split(bytes, bytes.size() + 1);
  for (std::size_t step : {1, 2, 3, 7, 511, 512, 513})
    EXPECT_EQ(split(bytes, step), out) << step;
  return out;
}

std::string xs(std::size_t n) {
  return std::string(n, 'x');
}

using lines = std::vector<std::string>;

} // namespace

TEST(LineSplitter, EndsALineAtLfWithOrWithoutCr) { // RFC 1459 §2.3, modern (Compatibility)
  EXPECT_EQ(split("PING a\r\nPING b\nPING c\r\n"), (lines{"PING a", "PING b", "PING c"}));
  EXPECT_EQ(split("PING a"), lines{});
}

TEST(LineSplitter, LeavesALoneCrToTheParser) {
  EXPECT_EQ(split("PRIVMSG #c :a\rQUIT\r\n"), (lines{"PRIVMSG #c :a\rQUIT"}));
  EXPECT_EQ(split("a\r\r\n"), (lines{"a\r"}));
  EXPECT_EQ(split("a\0b\r\n"s), (lines{"a\0b"s}));
  EXPECT_FALSE(parse("PRIVMSG #c :a\rQUIT"));
}

TEST(LineSplitter, DropsEmptyLines) { // modern, Message Format
  EXPECT_EQ(split("\r\n\n\r\nPING\r\n\r\n"), (lines{"PING"}));
}

TEST(LineSplitter,
     TellsOfALineThatIsTooLongOnce) { // RFC 2812 §2.3, IRCv3 message-tags (Size limit)
  EXPECT_EQ(split(xs(510) + "\r\na\n"), (lines{xs(510), "a"}));
  EXPECT_EQ(split(xs(510) + "\na\n"), (lines{xs(510), "a"}));
  EXPECT_EQ(split(xs(511) + "\r\na\n"), (lines{"(too long)", "a"}));
  EXPECT_EQ(split(xs(4000) + "\r\na\n"), (lines{"(too long)", "a"}));
  EXPECT_EQ(split(xs(510) + "\rx\r\na\n"), (lines{"(too long)", "a"}));

  auto tags = [](std::size_t data) { return "@" + std::string(data, 'a') + " "; };
  EXPECT_EQ(split(tags(4094) + xs(510) + "\r\na\n"), (lines{tags(4094) + xs(510), "a"}));
  EXPECT_EQ(split(tags(4095) + "PING\r\na\n"), (lines{"(too long)", "a"}));
  EXPECT_EQ(split("@" + std::string(4095, 'a') + "\r\na\n"), (lines{"(too long)", "a"}));
  EXPECT_EQ(split(tags(4094) + xs(511) + "\r\na\n"), (lines{"(too long)", "a"}));
}

TEST(LineSplitter, EndsWhereALineIsLongerThanTheQueue) { // RFC 2813 §5.8
  EXPECT_EQ(split("a\n" + xs(recvq) + "\nb\n"), (lines{"a", "(too long)", "b"}));
  EXPECT_EQ(split("a\n" + xs(recvq + 1) + "\nb\n"), (lines{"a", "(too long)", "(overflow)"}));
  EXPECT_EQ(split(xs(10 * recvq)), (lines{"(too long)", "(overflow)"}));
}

TEST(LineSplitter, KeepsNothingOfALineThatIsTooLong) {
  line_splitter x{client_limits, recvq};
  x.feed(xs(5000));
  while (x.next())
    ;
  EXPECT_EQ(x.buffered(), 0u);
  x.feed(xs(recvq));
  while (x.next())
    ;
  x.feed(xs(recvq));
  EXPECT_EQ(x.buffered(), 0u);
}

TEST(LineSplitter, GivesMemoryBackAndLosesNothing) {
  for (std::size_t cut = 0; cut < 12; ++cut) {
    line_splitter x;
    std::string all = std::string(2000, '\n') + "PING a\nPING b\n";
    std::vector<std::string> lines;
    auto read = [&](std::string_view bytes) {
      x.feed(bytes);
      while (auto line = x.next())
        lines.emplace_back(line->text);
      x.shrink();
    };
    read(std::string_view{all}.substr(0, 2000 + cut));
    read(std::string_view{all}.substr(2000 + cut));
    EXPECT_EQ(lines, (std::vector<std::string>{"PING a", "PING b"})) << cut;
    EXPECT_EQ(x.buffered(), 0u);
  }
}

} // namespace hamlet::irc
