// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/render_parts.hpp"
#include "tests/gateway/irc/events.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

class RenderMessageTest : public ::testing::Test {
protected:
  std::string bytes(const std::string& text, const viewer& who, std::string_view tag = {}) {
    return bytes_of(event_of(text), who, rules, tag);
  }
  std::string slow(const std::string& text, const viewer& who, std::string_view tag = {}) {
    return bytes_of(lines_of(event_of(text), who, rules), who.wire, rules, tag);
  }

  policy rules = test_policy();
};

viewer with(cap_set caps) {
  return {.caps = caps};
}

/// The order of tags means nothing.
message sorted(const std::string& line) {
  auto out = parse(std::string_view{line}.substr(0, line.size() - 2), server_limits);
  EXPECT_TRUE(out) << line;
  std::ranges::sort(out->tags, {}, &tag::key);
  return *out;
}

constexpr const char* member_bot =
  "source {session_id: 1 nick: 'ann' user: 'a' host: 'ann.example' account: 'annie' is_bot: true} ";

} // namespace

TEST_F(RenderMessageTest, GoesToChannelsAndNicks) { // RFC 2812 §3.3
  viewer any;
  EXPECT_EQ(bytes("channel: '#c' message {text: 'hi'}", any),
            ":ann!a@ann.example PRIVMSG #c :hi\r\n");
  EXPECT_EQ(bytes("target: 'bob' message {kind: NOTICE text: 'hi you'}", any),
            ":ann!a@ann.example NOTICE bob :hi you\r\n");
  EXPECT_EQ(bytes("channel: '#c' message {text: 'hi' to_status: '@'}", any),
            ":ann!a@ann.example PRIVMSG @#c :hi\r\n"); // STATUSMSG
  EXPECT_EQ(
    bytes("source {nick: 'irc.example'} target: '$$*' message {kind: NOTICE text: 'x'}", any),
    ":irc.example NOTICE $$* :x\r\n");
}

TEST_F(RenderMessageTest, EachTagNeedsItsCapability) {
  auto e = std::string{member_bot} + "channel: '#c' message {text: 'hi'}";
  auto tags = [&](cap_set caps) {
    auto x = bytes(e, with(caps));
    return x.substr(0, x.find(":ann!"));
  };
  EXPECT_EQ(tags({}), "");
  EXPECT_EQ(tags({cap::server_time}), "@time=2019-01-04T14:33:26.123Z "); // IRCv3 server-time
  EXPECT_EQ(tags({cap::account_tag}), "@account=annie ");                 // IRCv3 account-tag
  EXPECT_EQ(tags({cap::message_tags}), "@bot;msgid=0000000000001 ");      // IRCv3 message-ids
  EXPECT_EQ(tags({cap::server_time, cap::account_tag, cap::message_tags}),
            "@time=2019-01-04T14:33:26.123Z;account=annie;bot;msgid=0000000000001 ");
}

TEST_F(RenderMessageTest, ClientTagsComeLast) { // IRCv3 message-tags, Client-only tags
  auto e = "channel: '#c' message {text: 'hi' tags {key: '+reply' value: 'a b;c'} "
           "tags {key: 'time' value: 'forged'}}";
  EXPECT_EQ(bytes(e, with({cap::message_tags})),
            "@msgid=0000000000001;+reply=a\\sb\\:c :ann!a@ann.example PRIVMSG #c :hi\r\n");
  EXPECT_EQ(bytes(e, with({cap::server_time})),
            "@time=2019-01-04T14:33:26.123Z :ann!a@ann.example PRIVMSG #c :hi\r\n");
}

TEST_F(RenderMessageTest, TagMessagesNeedMessageTags) { // IRCv3 message-tags, TAGMSG
  auto e = "channel: '#c' message {kind: TAGMSG tags {key: '+typing' value: 'active'}}";
  EXPECT_EQ(bytes(e, with({cap::message_tags})),
            "@msgid=0000000000001;+typing=active :ann!a@ann.example TAGMSG #c\r\n");
  EXPECT_EQ(bytes(e, with({cap::server_time, cap::account_tag})), "");
}

TEST_F(RenderMessageTest, TheFastPathWritesWhatTheSlowOneDoes) {
  const auto choice = {cap::server_time, cap::account_tag, cap::message_tags, cap::multiline};
  for (auto* rest : {"channel: '#c' message {text: 'hi'}", "channel: '#c' message {text: ''}",
                     "target: 'bob' message {kind: NOTICE text: ':x'}",
                     "channel: '#c' message {text: 'a b' to_status: '@'}"})
    for (auto* source : {"", member_bot})
      for (auto* tag : {"", "label=a\\sb", "batch=7"})
        for (unsigned bits = 0; bits < 16; ++bits) {
          cap_set caps;
          for (unsigned i = 0; i < 4; ++i)
            if ((bits >> i & 1) != 0)
              caps.add(choice.begin()[i]);
          auto e = std::string{source} + rest;
          ASSERT_TRUE(plain_bytes(event_of(e), with(caps), tag)) << e;
          EXPECT_EQ(sorted(bytes(e, with(caps), tag)), sorted(slow(e, with(caps), tag)));
        }
}

TEST_F(RenderMessageTest, NothingBreaksOutOfItsLine) {
  auto hostile = "source {session_id: 1 nick: 'a\\nb' user: 'c d' host: ':e\\r'} channel: '#c x' "
                 "message {text: 'one\\rtwo\\000three'}";
  auto line = bytes(hostile, with({cap::message_tags}), "label=x\r\nQUIT");
  EXPECT_EQ(line, "@label=x\\r\\nQUIT;msgid=0000000000001 :a_b!c_d@:e_ PRIVMSG #c_x "
                  ":one two three\r\n");
}

// -- length -------------------------------------------------------------------

TEST_F(RenderMessageTest, LongTextIsCutBetweenCharacters) { // RFC 2812 §2.3
  const std::string head = ":ann!a@ann.example PRIVMSG #c :";
  const auto room = 510 - head.size();
  const std::string euro = "€";
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string before(room - 5 + shift, 'x');
    auto e = event_of("channel: '#c' message {}");
    e.mutable_message()->set_text(before + euro + euro + euro);
    auto fit = (5 - shift) / euro.size();
    EXPECT_EQ(bytes_of(e, {}, rules), head + before + (fit > 0 ? euro : "") + "\r\n");
  }
}

TEST_F(RenderMessageTest, TagsDoNotCountForTheLength) { // IRCv3 message-tags, Size limit
  auto e = event_of("channel: '#c' message {tags {key: '+x'}}");
  e.mutable_message()->set_text(std::string(600, 'x'));
  e.mutable_message()->mutable_tags(0)->set_value(std::string(4000, 'y'));
  auto line = bytes_of(e, with({cap::message_tags, cap::server_time}), rules);
  EXPECT_EQ(line.size() - line.find(" :") - 1, 512u);
}

TEST_F(RenderMessageTest, ACutActionKeepsItsEnd) {
  auto e = event_of("channel: '#c' message {}");
  e.mutable_message()->set_text("\1ACTION " + std::string(600, 'x') + "\1");
  auto line = bytes_of(e, {}, rules);
  EXPECT_EQ(line.size(), 512u);
  EXPECT_TRUE(line.ends_with("x\1\r\n"));
}

// -- draft/multiline ----------------------------------------------------------

constexpr const char* multiline =
  "channel: '#c' message {text: 'hello\\n\\nhow is \\neveryone?' joins_previous: false "
  "joins_previous: false joins_previous: false joins_previous: true "
  "tags {key: '+reply' value: 'x'}}";

TEST_F(RenderMessageTest, LinesAreABatch) { // IRCv3 draft/multiline
  EXPECT_EQ(bytes(multiline, with({cap::batch, cap::multiline, cap::message_tags})),
            "@msgid=0000000000001;+reply=x :ann!a@ann.example BATCH +m0000000000001 "
            "draft/multiline #c\r\n"
            "@batch=m0000000000001 :ann!a@ann.example PRIVMSG #c :hello\r\n"
            "@batch=m0000000000001 :ann!a@ann.example PRIVMSG #c :\r\n"
            "@batch=m0000000000001 :ann!a@ann.example PRIVMSG #c :how is \r\n"
            "@batch=m0000000000001;draft/multiline-concat :ann!a@ann.example PRIVMSG #c "
            ":everyone?\r\n"
            ":ann!a@ann.example BATCH -m0000000000001\r\n");
}

TEST_F(RenderMessageTest, OthersGetTheLinesThatAreNotBlank) { // IRCv3 draft/multiline, Fallback
  EXPECT_EQ(bytes(std::string{member_bot} + multiline, with({cap::message_tags, cap::account_tag})),
            "@account=annie;bot;msgid=0000000000001;+reply=x :ann!a@ann.example PRIVMSG #c "
            ":hello\r\n"
            "@account=annie;bot :ann!a@ann.example PRIVMSG #c :how is \r\n"
            "@account=annie;bot :ann!a@ann.example PRIVMSG #c :everyone?\r\n");
  EXPECT_EQ(bytes("channel: '#c' message {text: '\\n\\n'}", with({})), "");
}

TEST_F(RenderMessageTest, ABatchWithinTheBatchOfAReply) { // IRCv3 batch, Nested batch
  EXPECT_EQ(
    bytes("channel: '#c' message {text: 'a\\nb'}", with({cap::batch, cap::multiline}), "batch=7"),
    "@batch=7 :ann!a@ann.example BATCH +m0000000000001 draft/multiline #c\r\n"
    "@batch=m0000000000001 :ann!a@ann.example PRIVMSG #c :a\r\n"
    "@batch=m0000000000001 :ann!a@ann.example PRIVMSG #c :b\r\n"
    "@batch=7 :ann!a@ann.example BATCH -m0000000000001\r\n");
}

TEST_F(RenderMessageTest, ALabelStandsOnOneLogicalMessage) { // IRCv3 labeled-response
  auto e = "channel: '#c' message {text: 'a\\nb'}";
  EXPECT_EQ(bytes(e, with({cap::batch, cap::multiline}), "label=x"),
            "@label=x :ann!a@ann.example BATCH +m0000000000001 draft/multiline #c\r\n"
            "@batch=m0000000000001 :ann!a@ann.example PRIVMSG #c :a\r\n"
            "@batch=m0000000000001 :ann!a@ann.example PRIVMSG #c :b\r\n"
            ":ann!a@ann.example BATCH -m0000000000001\r\n");
  EXPECT_EQ(bytes(e, with({}), "label=x"), "@label=x :irc.example BATCH +reply labeled-response\r\n"
                                           "@batch=reply :ann!a@ann.example PRIVMSG #c :a\r\n"
                                           "@batch=reply :ann!a@ann.example PRIVMSG #c :b\r\n"
                                           ":irc.example BATCH -reply\r\n");
  EXPECT_EQ(bytes("channel: '#c' message {text: 'a'}", with({cap::server_time}), "label=x"),
            "@label=x;time=2019-01-04T14:33:26.123Z :ann!a@ann.example PRIVMSG #c :a\r\n");
}

// -- WebSocket ----------------------------------------------------------------

TEST_F(RenderMessageTest, OneFrameForEachLine) { // RFC 6455 §5.2, IRCv3 websocket
  const std::string line = ":ann!a@ann.example PRIVMSG #c :hi";
  auto head = [&](char opcode) { return opcode + std::string(1, static_cast<char>(line.size())); };
  EXPECT_EQ(bytes("channel: '#c' message {text: 'hi'}", {.wire = framing::ws_text}),
            head('\x81') + line);
  EXPECT_EQ(bytes("channel: '#c' message {text: 'hi'}", {.wire = framing::ws_binary}),
            head('\x82') + line);
}

TEST(Frames, SizesTakeAsManyOctetsAsTheyNeed) { // RFC 6455 §5.2
  auto head = [](std::size_t size, std::size_t octets) {
    return framed(std::string(size, 'x'), framing::ws_text).substr(0, octets);
  };
  EXPECT_EQ(head(125, 2), "\x81\x7d");
  EXPECT_EQ(head(126, 4), (std::string{"\x81\x7e\x00\x7e", 4}));
  EXPECT_EQ(head(65'535, 4), "\x81\x7e\xff\xff");
  EXPECT_EQ(head(65'536, 10), (std::string{"\x81\x7f\0\0\0\0\0\1\0\0", 10}));
  EXPECT_EQ(framed(std::string(65'536, 'x'), framing::ws_text).size(), 65'546u);
}

TEST(Frames, TextFramesAreUtf8) { // IRCv3 websocket: "MUST NOT relay non-UTF-8 content"
  EXPECT_EQ(framed("a\xff\xe2\x82z", framing::ws_text), "\x81\x0b"
                                                        "a\ufffd\ufffd\ufffdz");
  EXPECT_EQ(framed("a\xff", framing::ws_binary), "\x82\x02"
                                                 "a\xff");
}

} // namespace hamlet::irc
