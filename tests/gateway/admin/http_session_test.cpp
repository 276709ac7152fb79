// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/http_session.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hamlet::admin {

namespace {

constexpr std::time_t new_year = 1767225600; // 2026-01-01T00:00:00Z
const std::string host = "Host: monitor.example\r\n";

page find(std::string_view path) {
  return page_at(
    path, {.metrics = [] { return std::string{"up 1\n"}; }, .check = [] { return health{}; }});
}

/// All answers to `bytes`, fed whole or one by one.
std::vector<http_session::answer> talk(const std::string& bytes, std::size_t step = 1u << 20) {
  http_session session{find};
  std::vector<http_session::answer> answers;
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    session.feed(std::string_view{bytes}.substr(i, step));
    while (auto answer = session.next(new_year))
      answers.push_back(std::move(*answer));
  }
  return answers;
}

std::string status_of(const http_session::answer& x) {
  return x.bytes.substr(9, 3);
}

TEST(HttpSession, AnswersWithAWholePage) {
  auto answers = talk("GET /metrics HTTP/1.1\r\n" + host + "\r\n");
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].bytes, "HTTP/1.1 200 OK\r\n"
                              "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                              "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                              "Content-Length: 5\r\n"
                              "Cache-Control: no-store\r\n"
                              "\r\n"
                              "up 1\n");
  EXPECT_FALSE(answers[0].is_last);
}

TEST(HttpSession, AnswersHeadWithTheLengthButNoBody) { // RFC 9110 §9.3.2
  auto bytes = talk("HEAD /metrics HTTP/1.1\r\n" + host + "\r\n").at(0).bytes;
  EXPECT_NE(bytes.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
}

TEST(HttpSession, DecidesByTheHeaderAlone) {
  struct {
    std::string request;
    const char* status;
    bool is_last;
  } cases[] = {
    {"GET /metrics HTTP/1.1\r\n" + host + "\r\n", "200", false},
    {"GET /healthz?verbose HTTP/1.1\r\n" + host + "\r\n", "200", false},
    {"GET http://monitor.example/metrics HTTP/1.1\r\n" + host + "\r\n", "200", false},
    {"GET http://monitor.example HTTP/1.1\r\n" + host + "\r\n", "404", false},
    {"GET / HTTP/1.1\r\n" + host + "\r\n", "404", false},
    {"GET /metrics/ HTTP/1.1\r\n" + host + "\r\n", "404", false},
    {"GET /metrics HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "200", true},
    {"GET /metrics HTTP/1.0\r\n\r\n", "200", true},
    {"GET /metrics HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "200", true},
    {"GET /metrics HTTP/1.1\r\n\r\n", "400", true}, // no Host: RFC 9112 §3.2
    {"GET /metrics HTTP/1.1\r\n" + host + host + "\r\n", "400", true},
    {"GET /metrics HTTP/2.0\r\n" + host + "\r\n", "505", true},
    {"GET  /metrics HTTP/1.1\r\n" + host + "\r\n", "400", true},
    {"GET /metrics HTTP/1.1\r\nHost : x\r\n\r\n", "400", true},
    {"EHLO x.example\r\n\r\n", "400", true},
    {"\x16\x03\x01\x02", "400", true}, // the beginning of TLS
    {"POST /metrics HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\nx", "405", true},
    {"DELETE /metrics HTTP/1.1\r\n" + host + "\r\n", "405", true},
    {"GET /metrics HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\nx", "413", true},
    {"GET /metrics HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", "200", false},
    {"GET /metrics HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "413",
     true},
    {"GET /metrics HTTP/1.1\r\n" + host + "X: " + std::string(http_session::max_header, 'x')
       + "\r\n\r\n",
     "431", true},
    {"GET /" + std::string(http_session::max_header, 'x') + " HTTP/1.1\r\n", "431", true},
    {"GET /" + std::string(64u << 10, 'x'), "431", true}, // never ends
  };
  for (auto& c : cases)
    for (std::size_t step : {std::size_t{1} << 20, std::size_t{1}, std::size_t{7}}) {
      auto answers = talk(c.request, step);
      ASSERT_EQ(answers.size(), 1u) << c.request;
      EXPECT_EQ(status_of(answers[0]), c.status) << c.request;
      EXPECT_EQ(answers[0].is_last, c.is_last) << c.request;
      EXPECT_EQ(answers[0].bytes.find("Connection: close\r\n") != std::string::npos, c.is_last);
    }
}

TEST(HttpSession, NamesWhatItAllows) { // RFC 9110 §15.5.6
  auto bytes = talk("PUT / HTTP/1.1\r\n" + host + "\r\n").at(0).bytes;
  EXPECT_NE(bytes.find("\r\nAllow: GET, HEAD\r\n"), std::string::npos);
}

TEST(HttpSession, AnswersPipelinedRequestsInOrder) { // RFC 9112 §9.3.2
  auto get = [](const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\n" + host + "\r\n";
  };
  for (std::size_t step : {1u << 20, 1u, 5u}) {
    auto answers = talk(get("/metrics") + get("/x") + get("/healthz"), step);
    ASSERT_EQ(answers.size(), 3u);
    EXPECT_EQ(status_of(answers[0]), "200");
    EXPECT_EQ(status_of(answers[1]), "404");
    EXPECT_TRUE(answers[2].bytes.ends_with("\r\n\r\n{\"status\":\"ok\"}\n"));
  }
}

TEST(HttpSession, ReadsNothingAfterTheLastAnswer) {
  auto close = "GET / HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n";
  EXPECT_EQ(talk(close + close).size(), 1u);
  EXPECT_EQ(talk("noise\r\n\r\n" + close).size(), 1u);
}

TEST(Pages, TellWhatFails) {
  handlers from{.metrics = [] { return std::string{}; },
                .check =
                  [] {
                    return health{{"store: disk full", "\"queue\" stuck"}};
                  }};
  auto sick = page_at("/healthz", from);
  EXPECT_EQ(sick.status, 503u);
  EXPECT_EQ(sick.type, "application/json");
  EXPECT_EQ(sick.body, "{\"status\":\"failing\",\"reasons\":[\"store: disk full\",\"\\\"queue\\\" "
                       "stuck\"]}\n");
}

} // namespace

} // namespace hamlet::admin
