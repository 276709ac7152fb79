// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/http_session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <array>

namespace hamlet::admin {

namespace {

namespace http = boost::beast::http;

using parser = http::request_parser<http::empty_body>;
using boost::system::error_code;

unsigned status_of(error_code ec) {
  if (ec == http::error::header_limit)
    return 431; // RFC 6585 §5
  if (ec == http::error::bad_version)
    return 505;
  return 400;
}

/// What is wrong with a request whose header is whole; 0: nothing.
unsigned fault_of(const parser& p) {
  auto& request = p.get();
  if (request.version() == 11 && request.count(http::field::host) != 1)
    return 400; // RFC 9112 §3.2
  if (request.method() != http::verb::get && request.method() != http::verb::head)
    return 405;
  if (p.chunked() || p.content_length().value_or(0) > 0)
    return 413;
  return 0;
}

/// The path of "/a?b" and, as every server must take it, of "http://host/a" (RFC 9112 §3.2.2).
std::string_view path_of(std::string_view target) {
  if (target.substr(0, 7) == "http://") {
    auto path = target.find('/', 7);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  return target.substr(0, target.find('?'));
}

/// RFC 9110 §5.6.7
std::string http_date(std::time_t now) {
  std::tm t{};
  gmtime_r(&now, &t);
  std::array<char, 32> text{}; // no locale is set in the program, so the names are English
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &t)};
}

http_session::answer render(const page& x, bool with_body, bool is_last, std::time_t now) {
  auto reason = http::obsolete_reason(static_cast<http::status>(x.status));
  std::string bytes = "HTTP/1.1 " + std::to_string(x.status) + ' ';
  bytes.append(reason.data(), reason.size());
  bytes += "\r\nDate: " + http_date(now) + "\r\nContent-Type: " + x.type + "\r\nContent-Length: "
           + std::to_string(x.body.size()) + "\r\nCache-Control: no-store\r\n";
  if (x.status == 405)
    bytes += "Allow: GET, HEAD\r\n"; // RFC 9110 §15.5.6
  if (is_last)
    bytes += "Connection: close\r\n";
  bytes += "\r\n";
  if (with_body)
    bytes += x.body;
  return {std::move(bytes), is_last};
}

page refusal(unsigned status) {
  page x;
  x.status = status;
  auto reason = http::obsolete_reason(static_cast<http::status>(status));
  x.body.append(reason.data(), reason.size()).append("\n");
  return x;
}

} // namespace

struct http_session::state {
  explicit state(find_page f) : find{std::move(f)} { begin(); }

  void begin() {
    request.emplace();
    request->header_limit(static_cast<std::uint32_t>(max_header));
  }

  find_page find;
  std::string unread;
  std::optional<parser> request;
  bool is_over = false;
};

http_session::http_session(find_page find) : state_{std::make_unique<state>(std::move(find))} {
}
http_session::http_session(http_session&&) noexcept = default;
http_session::~http_session() = default;

void http_session::feed(std::string_view bytes) {
  if (!state_->is_over)
    state_->unread += bytes;
}

std::optional<http_session::answer> http_session::next(std::time_t now) {
  auto& s = *state_;
  if (s.is_over || s.unread.empty())
    return {};
  error_code ec;
  s.unread.erase(0, s.request->put(boost::asio::buffer(s.unread), ec));
  if (ec == http::error::need_more)
    return {};
  auto status = ec ? status_of(ec) : fault_of(*s.request);
  if (status != 0) { // what follows may be a body: nothing more is understood here
    s.is_over = true;
    s.unread = {};
    return render(refusal(status), s.request->get().method() != http::verb::head, true, now);
  }
  auto& head = s.request->get();
  auto target = head.target();
  s.is_over = head.version() < 11 || !head.keep_alive();
  auto made = render(s.find(path_of({target.data(), target.size()})),
                     head.method() != http::verb::head, s.is_over, now);
  s.begin();
  return made;
}

} // namespace hamlet::admin
