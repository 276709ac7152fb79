// SPDX-License-Identifier: Apache-2.0
#include "gateway/websocket/frames.hpp"
#include "tests/gateway/websocket/support.hpp"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace hamlet::websocket {

namespace {

/// What comes of some bytes, the same at once and octet by octet.
frames::outcome decode(const std::string& bytes, std::size_t longest = frames::longest_line) {
  frames::outcome whole, pieces;
  frames{longest}.feed(bytes, whole);
  frames slow{longest};
  for (auto& x : bytes)
    slow.feed({&x, 1}, pieces);
  EXPECT_EQ(pieces.messages, whole.messages);
  EXPECT_EQ(pieces.closed, whole.closed);
  return whole;
}

std::vector<std::string> texts(const frames::outcome& x) {
  std::vector<std::string> out;
  for (auto& m : x.messages)
    out.push_back(m.bytes);
  return out;
}

using list = std::vector<std::string>;

} // namespace

TEST(WebsocketFrames, UnmasksTheExampleOfTheRfc) { // RFC 6455 §5.7
  auto got = decode("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(texts(got), list{"Hello"});
  EXPECT_EQ(got.messages.at(0).how, kind::text);
  EXPECT_EQ(got.reply, "");
  EXPECT_FALSE(got.closed);
}

TEST(WebsocketFrames, TakesMessagesOfAllLengths) { // RFC 6455 §5.2
  for (auto size : {0u, 1u, 125u, 126u, 127u, 255u, 256u, 4000u, 65535u, 65536u, 70000u}) {
    std::string payload(size, 'x');
    EXPECT_EQ(texts(decode(text(payload), 100'000)), list{payload}) << size;
  }
}

TEST(WebsocketFrames, JoinsFragmentsAroundControlFrames) { // RFC 6455 §5.4
  auto got =
    decode(client_frame(0x01, "PRIV") + client_frame(0x89, "now") + client_frame(0x00, "MSG ")
           + client_frame(0x00, "") + client_frame(0x8a, "pong")
           + client_frame(0x80, "#c :\xc3\xa9") + client_frame(0x82, "\xff"));
  EXPECT_EQ(texts(got), (list{"PRIVMSG #c :\xc3\xa9", "\xff"}));
  EXPECT_EQ(got.messages.at(1).how, kind::binary);
  EXPECT_EQ(got.reply, "\x8a\x03now");
}

TEST(WebsocketFrames, AnswersTheLatestOfManyPings) { // RFC 6455 §5.5.3
  frames f;
  frames::outcome out;
  f.feed(client_frame(0x89, "1") + client_frame(0x89, "2") + client_frame(0x89, ""), out);
  EXPECT_EQ(out.reply, "\x8a\0"s);
  f.feed(client_frame(0x89, std::string(125, 'p')), out);
  EXPECT_EQ(out.reply, "\x8a\0\x8a\x7d"s + std::string(125, 'p'));
}

TEST(WebsocketFrames, KeepsCharactersThatAreCutByFragments) { // RFC 6455 §5.6
  EXPECT_EQ(texts(decode(client_frame(0x01, "\xe2\x82") + client_frame(0x80, "\xac"))),
            list{"\xe2\x82\xac"});
}

TEST(WebsocketFrames, EndsWithTheRightCode) {
  auto long_control = client_frame(0x89, std::string(126, 'x'));
  auto unmasked = "\x81\x05Hello"s;
  auto not_shortest_16 = "\x81\xfe\x00\x7d"s + "mask" + std::string(125, 'x');
  auto not_shortest_64 = "\x81\xff\0\0\0\0\0\0\xff\xff"s + "mask";
  auto negative = "\x81\xff\x80\0\0\0\0\x01\0\0"s + "mask";
  auto huge = "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s + "mask";
  struct {
    const char* what;
    std::string bytes;
    std::uint16_t code;
  } table[] = {
    {"no mask (RFC 6455 §5.1)", unmasked, 1002},
    {"RSV1, a compressed message (RFC 6455 §5.2)", client_frame(0xc1, "x"), 1002},
    {"RSV2", client_frame(0xa1, "x"), 1002},
    {"RSV3", client_frame(0x91, "x"), 1002},
    {"opcode 3", client_frame(0x83, "x"), 1002},
    {"opcode 11", client_frame(0x8b, "x"), 1002},
    {"a ping in fragments (RFC 6455 §5.5)", client_frame(0x09, "x"), 1002},
    {"a long ping", long_control, 1002},
    {"goes on without a begin (RFC 6455 §5.4)", client_frame(0x80, "x"), 1002},
    {"begins within", client_frame(0x01, "x") + text("y"), 1002},
    {"a length in too many octets", not_shortest_16, 1002},
    {"a length in too many octets", not_shortest_64, 1002},
    {"a length with its highest bit", negative, 1002},
    {"more than we take", huge, 1009},
    {"more than we take", text(std::string(8704, 'x')), 1009},
    {"more than we take in fragments",
     client_frame(0x01, std::string(8000, 'x')) + client_frame(0x80, std::string(704, 'x')), 1009},
    {"Latin-1 in text (RFC 6455 §8.1)", text("\xe9"), 1007},
    {"a surrogate", text("\xed\xa0\x80"), 1007},
    {"a character that does not end", client_frame(0x01, "\xe2") + client_frame(0x80, "\x82"),
     1007},
  };
  for (auto& [what, bytes, code] : table) {
    auto got = decode(text("before") + bytes + text("after"));
    EXPECT_EQ(texts(got), list{"before"}) << what;
    EXPECT_EQ(got.closed, code) << what;
    EXPECT_EQ(got.reply, close_frame(code)) << what;
  }
}

TEST(WebsocketFrames, TakesTheLongestLine) {
  std::string longest(frames::longest_line, 'x');
  EXPECT_EQ(texts(decode(text(longest))), list{longest});
}

TEST(WebsocketFrames, AnswersACloseInItsWords) { // RFC 6455 §5.5.1
  struct {
    std::string payload;
    std::uint16_t code;
    std::string reply;
  } table[] = {
    {"", close_code::none_given, "\x88\0"s},
    {"\x03\xe8"s, 1000, "\x88\x02\x03\xe8"s},
    {"\x03\xe9going"s, 1001, "\x88\x02\x03\xe9"s},
    {"\x0b\xb8"s, 3000, "\x88\x02\x0b\xb8"s},
    {"\x13\x87"s, 4999, "\x88\x02\x13\x87"s},
    {"\x03"s, 1002, close_frame(1002)},         // half a code
    {"\x03\xed"s, 1002, close_frame(1002)},     // 1005 is never sent (RFC 6455 §7.4.1)
    {"\x03\xee"s, 1002, close_frame(1002)},     // 1006
    {"\x03\xf7"s, 1002, close_frame(1002)},     // 1015
    {"\x03\xe7"s, 1002, close_frame(1002)},     // 999
    {"\x13\x88"s, 1002, close_frame(1002)},     // 5000
    {"\x03\xe8\xe9"s, 1007, close_frame(1007)}, // a reason that is no UTF-8
  };
  for (auto& [payload, code, reply] : table) {
    auto got = decode(client_frame(0x88, payload) + text("after"));
    EXPECT_EQ(got.closed, code);
    EXPECT_EQ(got.reply, reply) << code;
    EXPECT_TRUE(got.messages.empty());
  }
}

TEST(WebsocketFrames, RendersALineForAll) { // RFC 6455 §5.1: without a mask
  EXPECT_EQ(frame(kind::text, "Hello\r\n"), "\x81\x05Hello");
  EXPECT_EQ(frame(kind::text, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(frame(kind::binary, "\xe9\r\n"), "\x82\x01\xe9");
  EXPECT_EQ(frame(kind::text, "\xe9"), "\x81\x03\xef\xbf\xbd"); // IRCv3 websocket
  EXPECT_EQ(frame(kind::text, std::string(200, 'x')), "\x81\x7e\0\xc8"s + std::string(200, 'x'));
  EXPECT_EQ(frame(kind::text, std::string(70'000, 'x')).substr(0, 10),
            "\x81\x7f\0\0\0\0\0\x01\x11\x70"s);
}

TEST(WebsocketFrames, CutsTheReasonOfACloseBetweenCharacters) {
  std::string reason = "x";
  for (int i = 0; i < 100; ++i)
    reason += "\xc3\xa9";
  auto got = close_frame(close_code::policy, reason);
  EXPECT_EQ(got.size(), 2u + 2 + 123);
  EXPECT_EQ(close_frame(1000, "\xc3\xa9" + reason).size(), 2u + 2 + 123);
  EXPECT_EQ(close_frame(1000, "y" + reason).size(), 2u + 2 + 122);
}

} // namespace hamlet::websocket
