// SPDX-License-Identifier: Apache-2.0
#include "gateway/websocket/line_stream.hpp"
#include "tests/gateway/websocket/support.hpp"

#include <gtest/gtest.h>

namespace hamlet::websocket {

namespace {

class LineStream : public testing::Test {
protected:
  line_stream::outcome open(std::string_view protocol = "text.ircv3.net",
                            const std::string& more = "") {
    return client.feed(request("Sec-WebSocket-Protocol: " + std::string{protocol} + "\r\n") + more);
  }

  line_stream client{std::make_shared<const rules>(), ip_address{}};
};

} // namespace

TEST_F(LineStream, BeginsWithTheHandshake) {
  auto got = open("binary.ircv3.net", text("NICK alice"));
  ASSERT_TRUE(got.opened);
  EXPECT_EQ(got.opened->how, kind::binary);
  EXPECT_TRUE(got.reply.starts_with("HTTP/1.1 101 "));
  EXPECT_EQ(got.lines, "NICK alice\r\n"); // came in the same packet
  EXPECT_FALSE(got.ended);
  EXPECT_TRUE(client.is_open());
}

TEST_F(LineStream, RefusesAndReadsNoMore) {
  auto got = client.feed("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + request());
  EXPECT_TRUE(got.ended);
  EXPECT_TRUE(got.reply.starts_with("HTTP/1.1 426 "));
  EXPECT_EQ(got.why, "no upgrade to WebSocket");
  auto after = client.feed(request());
  EXPECT_EQ(after.reply, "");
  EXPECT_FALSE(after.opened);
}

TEST_F(LineStream, MakesALineOfEachMessage) { // IRCv3 websocket
  open();
  auto got = client.feed(text("NICK alice") + text("PING 1\r\n") + text("A\r\nB"));
  EXPECT_EQ(got.lines, "NICK alice\r\nPING 1\r\n\r\nA\r\nB\r\n");
  EXPECT_EQ(got.reply, "");
}

TEST_F(LineStream, MakesAMessageOfEachLine) {
  open();
  EXPECT_EQ(client.wrap("PING a\r\n:x 001 y :\xe9\r\n"),
            "\x81\x06PING a\x81\x0d:x 001 y :\xef\xbf\xbd");
  EXPECT_EQ(client.wrap(""), "");
}

TEST_F(LineStream, AnswersAPing) {
  open();
  EXPECT_EQ(client.feed(client_frame(0x89, "hi")).reply, "\x8a\x02hi");
}

TEST_F(LineStream, EndsWithTheClose) {
  open();
  auto got = client.feed(text("QUIT :bye") + client_frame(0x88, "\x03\xe8"));
  EXPECT_EQ(got.lines, "QUIT :bye\r\n");
  EXPECT_EQ(got.reply, close_frame(close_code::normal));
  EXPECT_TRUE(got.ended);
  EXPECT_EQ(client.wrap("ERROR :Closing\r\n"), ""); // RFC 6455 §5.5.1: nothing after the close
  EXPECT_EQ(client.goodbye(), "");
  EXPECT_EQ(client.feed(text("JOIN #c")).lines, "");
}

TEST_F(LineStream, SaysGoodbyeOnce) {
  EXPECT_EQ(client.goodbye(), "") << "there is no WebSocket yet";
  open();
  EXPECT_EQ(client.goodbye(close_code::going_away, "restart"), "\x88\x09\x03\xe9restart");
  EXPECT_EQ(client.goodbye(), "");
  EXPECT_EQ(client.feed(text("JOIN #c")).lines, "");
}

} // namespace hamlet::websocket
