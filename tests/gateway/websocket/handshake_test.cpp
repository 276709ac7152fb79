// SPDX-License-Identifier: Apache-2.0
#include "gateway/websocket/handshake.hpp"
#include "tests/gateway/websocket/support.hpp"

#include <gtest/gtest.h>

namespace hamlet::websocket {

namespace {

const auto stranger = ip_address::of("192.0.2.7").value();
const auto proxy = ip_address::of("10.0.0.1").value();

std::variant<needs_more, opening, refusal> meet(const std::string& bytes, rules r = {},
                                                const ip_address& peer = stranger) {
  return handshake{std::make_shared<const rules>(std::move(r)), peer}.feed(bytes);
}

/// 101: it is open.
unsigned status_of(const std::string& bytes, rules r = {}) {
  auto got = meet(bytes, std::move(r));
  if (auto* no = std::get_if<refusal>(&got)) {
    EXPECT_TRUE(no->response.starts_with("HTTP/1.1 " + std::to_string(no->status) + " "));
    EXPECT_NE(no->response.find("Connection: close"), std::string::npos);
    return no->status;
  }
  return std::holds_alternative<opening>(got) ? 101 : 0;
}

opening open(const std::string& bytes, rules r = {}, const ip_address& peer = stranger) {
  return std::get<opening>(meet(bytes, std::move(r), peer));
}

rules behind_proxies() {
  return {.proxies = {network::of("10.0.0.0/8").value(), network::of("2001:db8::/32").value()}};
}

} // namespace

TEST(WebsocketHandshake, AnswersTheExampleOfTheRfc) { // RFC 6455 §1.3, §4.2.2
  auto got = open(request() + "rest");
  EXPECT_EQ(got.response, "HTTP/1.1 101 Switching Protocols\r\n"
                          "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  EXPECT_EQ(got.rest, "rest");
  EXPECT_EQ(got.client, stranger);
  EXPECT_EQ(got.origin, "");
  EXPECT_EQ(got.how, kind::text);
  EXPECT_FALSE(got.encrypted_by_proxy);
}

TEST(WebsocketHandshake, IsTheSameOctetByOctet) {
  handshake h{std::make_shared<const rules>(), stranger};
  auto bytes = request("Sec-WebSocket-Protocol: binary.ircv3.net\r\n");
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i)
    ASSERT_TRUE(std::holds_alternative<needs_more>(h.feed({&bytes[i], 1}))) << i;
  auto got = h.feed("\n");
  EXPECT_EQ(std::get<opening>(got).response,
            open(request("Sec-WebSocket-Protocol: binary.ircv3.net\r\n")).response);
}

TEST(WebsocketHandshake, TakesTheFirstKnownSubprotocolOfTheClient) { // RFC 6455 §4.2.2
  struct {
    std::string fields;
    kind how;
    std::string chosen;
  } table[] = {
    {"Sec-WebSocket-Protocol: text.ircv3.net\r\n", kind::text, "text.ircv3.net"},
    {"Sec-WebSocket-Protocol: binary.ircv3.net, text.ircv3.net\r\n", kind::binary,
     "binary.ircv3.net"},
    {"Sec-WebSocket-Protocol: text.ircv3.net, binary.ircv3.net\r\n", kind::text, "text.ircv3.net"},
    {"Sec-WebSocket-Protocol: mqtt,, binary.ircv3.net\r\n", kind::binary, "binary.ircv3.net"},
    {"Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Protocol: binary.ircv3.net\r\n", kind::binary,
     "binary.ircv3.net"},
    {"Sec-WebSocket-Protocol: mqtt\r\n", kind::text, ""},
    {"", kind::text, ""},
  };
  for (auto& [fields, how, chosen] : table) {
    auto got = open(request(fields));
    EXPECT_EQ(got.how, how) << fields;
    auto line = "Sec-WebSocket-Protocol: " + chosen + "\r\n";
    EXPECT_EQ(got.response.find("Sec-WebSocket-Protocol") != std::string::npos, !chosen.empty());
    EXPECT_EQ(got.response.find(line) != std::string::npos, !chosen.empty()) << fields;
  }
  EXPECT_EQ(open(request(), {.default_kind = kind::binary}).how, kind::binary);
}

TEST(WebsocketHandshake, OffersNoExtension) { // RFC 6455 §9.1
  auto got = open(request("Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  EXPECT_EQ(got.response.find("Extensions"), std::string::npos);
}

TEST(WebsocketHandshake, RefusesWithTheRightStatus) {
  rules on_chat{.path = "/chat"};
  auto without = [](std::string_view line) {
    auto all = request();
    auto at = all.find(line);
    return all.erase(at, all.find("\r\n", at) + 2 - at);
  };
  struct {
    const char* what;
    std::string bytes;
    unsigned status;
  } table[] = {
    {"all is well", request(), 101},
    {"with a query", request("", "GET /chat?room=1 HTTP/1.1"), 101},
    {"in absolute form (RFC 9112 §3.2.2)", request("", "GET http://chat.example.org/chat HTTP/1.1"),
     101},
    {"no key (RFC 6455 §4.2.1)", without("Sec-WebSocket-Key"), 400},
    {"no Host (RFC 9112 §3.2)", without("Host"), 400},
    {"two Hosts", request("Host: other.example\r\n"), 400},
    {"two keys", request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400},
    {"HTTP/1.0", request("", "GET /chat HTTP/1.0"), 400},
    {"a body", request("Content-Length: 5\r\n") + "hello", 400},
    {"a chunked body", request("Transfer-Encoding: chunked\r\n"), 400},
    {"two Origins", request("Origin: http://a.example\r\nOrigin: http://b.example\r\n"), 400},
    {"no HTTP", "NICK alice\r\nUSER a 0 * :A\r\n\r\n", 400},
    {"another path", request("", "GET /other HTTP/1.1"), 404},
    {"another path", request("", "GET /chat/ HTTP/1.1"), 404},
    {"POST", request("", "POST /chat HTTP/1.1"), 405},
    {"no Upgrade", without("Upgrade"), 426},
    {"no Connection", without("Connection"), 426},
    {"a page is wanted", "GET /chat HTTP/1.1\r\nHost: chat.example.org\r\n\r\n", 426},
    {"no version", without("Sec-WebSocket-Version"), 426},
    {"version 8 (RFC 6455 §4.4)", request("", "GET /chat HTTP/1.1", "8"), 426},
    {"not finished", "GET /chat HTTP/1.1\r\n", 0},
  };
  for (auto& [what, bytes, status] : table)
    EXPECT_EQ(status_of(bytes, on_chat), status) << what;
  EXPECT_EQ(status_of(request("", "GET /other HTTP/1.1")), 101) << "no path is set";
}

TEST(WebsocketHandshake, WantsAKeyOf16Octets) { // RFC 6455 §4.2.1
  for (auto* key : {"dGhl", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZSE=", "****"}) {
    auto bytes = request();
    bytes.replace(bytes.find("dGhlIHNhbXBsZSBub25jZQ=="), 24, key);
    EXPECT_EQ(status_of(bytes), 400u) << key;
  }
}

TEST(WebsocketHandshake, TellsWhatItSpeaks) {
  auto old = meet(request("", "GET / HTTP/1.1", "7"));
  EXPECT_NE(std::get<refusal>(old).response.find("Sec-WebSocket-Version: 13\r\n"),
            std::string::npos); // RFC 6455 §4.4
  auto posted = meet(request("", "POST / HTTP/1.1"));
  EXPECT_NE(std::get<refusal>(posted).response.find("Allow: GET\r\n"), std::string::npos);
  auto headed = std::get<refusal>(meet(request("", "HEAD / HTTP/1.1")));
  EXPECT_EQ(headed.status, 405u);
  EXPECT_TRUE(headed.response.ends_with("\r\n\r\n")); // RFC 9110 §9.3.2: no body
}

TEST(WebsocketHandshake, LooksAtTheOrigin) { // RFC 6455 §10.2
  struct {
    std::vector<std::string> allowed;
    const char* origin;
    bool may;
  } table[] = {
    {{}, "https://chat.example.org", true},
    {{}, "http://CHAT.example.org", true},
    {{}, "https://chat.example.org:8443", false}, // not where the browser asked
    {{}, "https://evil.example", false},
    {{}, "https://chat.example.org.evil.example", false},
    {{}, "null", false},
    {{"https://web.example"}, "https://web.example", true},
    {{"https://web.example"}, "HTTPS://Web.example", true},
    {{"https://web.example"}, "http://web.example", false},
    {{"https://web.example"}, "https://web.example.evil.example", false},
    {{"https://web.example"}, "https://chat.example.org", false},
    {{"https://a.example", "*"}, "https://evil.example", true},
    {{"*"}, "null", true},
  };
  for (auto& [allowed, origin, may] : table) {
    auto bytes = request("Origin: " + std::string{origin} + "\r\n");
    EXPECT_EQ(status_of(bytes, {.origins = allowed}), may ? 101u : 403u) << origin;
  }
  EXPECT_EQ(status_of(request(), {.origins = {"https://web.example"}}), 101u) << "no browser";
  EXPECT_EQ(open(request("Origin: https://chat.example.org\r\n")).origin,
            "https://chat.example.org");
}

TEST(WebsocketHandshake, BelievesNobodyButItsProxies) {
  struct {
    const char* fields;
    const char* client;
  } table[] = {
    {"", "10.0.0.1"},
    {"X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9"},
    {"X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n", "203.0.113.9"}, // the first is a lie
    {"X-Forwarded-For: 203.0.113.9, 10.9.9.9\r\n", "203.0.113.9"},     // through two of ours
    {"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 10.9.9.9\r\n", "203.0.113.9"},
    {"X-Forwarded-For: 2001:db9::1\r\n", "2001:db9::1"},
    {"X-Forwarded-For: [2001:db9::1]\r\n", "2001:db9::1"},
    {"X-Forwarded-For: 10.2.2.2\r\n", "10.2.2.2"},
    {"X-Forwarded-For: nonsense, 203.0.113.9\r\n", "203.0.113.9"},
  };
  for (auto& [fields, client] : table) {
    EXPECT_EQ(open(request(fields), behind_proxies(), proxy).client.text(), client) << fields;
    EXPECT_EQ(open(request(fields), behind_proxies(), stranger).client, stranger) << fields;
  }
  auto bad = meet(request("X-Forwarded-For: unknown\r\n"), behind_proxies(), proxy);
  EXPECT_EQ(std::get<refusal>(bad).status, 400u);
  auto https = request("X-Forwarded-Proto: https\r\n");
  EXPECT_TRUE(open(https, behind_proxies(), proxy).encrypted_by_proxy);
  EXPECT_FALSE(open(https, behind_proxies(), stranger).encrypted_by_proxy);
}

TEST(WebsocketHandshake, BoundsTheHeader) {
  auto field = "X-Long: " + std::string(handshake::max_header, 'x') + "\r\n";
  EXPECT_EQ(status_of(request(field)), 431u);
  EXPECT_EQ(status_of("GET /" + std::string(handshake::max_header, 'x')), 431u);
  handshake h{std::make_shared<const rules>(), stranger};
  std::size_t fed = 0;
  std::string_view piece = "GET / HTTP/1.1\r\nHost: x\r\n";
  while (std::holds_alternative<needs_more>(h.feed(piece)) && fed < 1'000'000) {
    fed += piece.size();
    piece = "X-More: and more\r\n";
  }
  EXPECT_LE(fed, 2 * handshake::max_header);
}

} // namespace hamlet::websocket
