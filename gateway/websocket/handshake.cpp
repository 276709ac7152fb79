// SPDX-License-Identifier: Apache-2.0
#include "gateway/websocket/handshake.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/base64.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>

namespace hamlet::websocket {

namespace {

namespace http = boost::beast::http;
using http::field;
using parser = http::request_parser<http::empty_body>;
using head = http::request<http::empty_body>;

struct fault {
  unsigned status = 0; ///< 0: none
  std::string_view why = {};
};

std::string_view view(boost::beast::string_view x) {
  return {x.data(), x.size()};
}

std::string_view trimmed(std::string_view x) {
  x.remove_prefix(std::min(x.find_first_not_of(" \t"), x.size()));
  return x.substr(0, x.find_last_not_of(" \t") + 1);
}

/// The elements of a list in all fields of this name (RFC 9110 §5.3, §5.6.1).
template <class Name>
std::vector<std::string_view> list_of(const head& h, Name name) {
  std::vector<std::string_view> out;
  auto [begin, end] = h.equal_range(name);
  for (auto it = begin; it != end; ++it)
    for (auto rest = view(it->value()); !rest.empty();) {
      auto comma = std::min(rest.find(','), rest.size());
      if (auto one = trimmed(rest.substr(0, comma)); !one.empty())
        out.push_back(one);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  return out;
}

bool has_word(const head& h, field name, std::string_view word) {
  return std::ranges::any_of(list_of(h, name), [&](auto x) { return ascii::same_word(x, word); });
}

/// So that somebody who speaks IRC here need not wait for our patience to end.
bool is_http(std::string_view bytes, std::size_t first_line) {
  return bytes.substr(0, first_line).find(" HTTP/1.") != bytes.npos;
}

/// "/a" of "/a?b" and, as every server must take it, of "http://host/a" (RFC 9112 §3.2.2).
std::string_view path_of(std::string_view target) {
  if (auto scheme = target.find("://"); !target.starts_with('/') && scheme != target.npos) {
    auto path = target.find('/', scheme + 3);
    target = path == target.npos ? "/" : target.substr(path);
  }
  return target.substr(0, target.find('?'));
}

/// RFC 6455 §10.2
bool may_come_from(std::string_view origin, std::string_view host,
                   const std::vector<std::string>& allowed) {
  if (allowed.empty()) {
    auto scheme = origin.find("://");
    return scheme != origin.npos && ascii::same_word(origin.substr(scheme + 3), host);
  }
  return std::ranges::any_of(allowed,
                             [&](auto& x) { return x == "*" || ascii::same_word(x, origin); });
}

fault fault_of(const parser& p, const rules& rules) {
  auto& h = p.get();
  if (h.version() < 11)
    return {400, "an old version of HTTP"}; // RFC 6455 §4.1
  if (h.count(field::host) != 1)
    return {400, "no single Host"}; // RFC 9112 §3.2
  if (h.method() != http::verb::get)
    return {405, "another method than GET"};
  if (p.chunked() || p.content_length().value_or(0) > 0)
    return {400, "a body"};
  if (!rules.path.empty() && path_of(view(h.target())) != rules.path)
    return {404, "another path"};
  // RFC 6455 §4.2.1
  if (!has_word(h, field::upgrade, "websocket") || !has_word(h, field::connection, "upgrade"))
    return {426, "no upgrade to WebSocket"};
  if (h.count(field::sec_websocket_version) != 1
      || trimmed(view(h[field::sec_websocket_version])) != "13")
    return {426, "another version than 13"}; // RFC 6455 §4.4
  auto nonce = base64::decode(trimmed(view(h[field::sec_websocket_key])));
  if (h.count(field::sec_websocket_key) != 1 || !nonce || nonce->size() != 16)
    return {400, "no key of 16 octets"};
  if (h.count(field::origin) > 1)
    return {400, "several Origins"};
  if (h.count(field::origin) == 1
      && !may_come_from(trimmed(view(h[field::origin])), view(h[field::host]), rules.origins))
    return {403, "a foreign Origin"};
  return {};
}

/// Each proxy appends whom it speaks for. So what is told is read from its end, through proxies of
/// ours, up to the first address that none of them has; what stands before is the client's word.
std::optional<ip_address> client_of(const head& h, const ip_address& peer, const rules& rules) {
  auto client = peer;
  auto told = list_of(h, "X-Forwarded-For");
  while (any_contains(rules.proxies, client) && !told.empty()) {
    auto text = told.back();
    told.pop_back();
    if (text.starts_with('[') && text.ends_with(']'))
      text = text.substr(1, text.size() - 2);
    auto next = ip_address::of(text);
    if (!next)
      return {};
    client = *next;
  }
  return client;
}

/// RFC 6455 §4.2.2. A key is no secret: this only shows that we speak WebSocket.
std::string accept_value(std::string_view key) {
  return base64::encode(crypto::sha1(std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

constexpr std::string_view text_protocol = "text.ircv3.net", binary_protocol = "binary.ircv3.net";

/// IRCv3 websocket: the first that the client names and we know.
std::string_view protocol_of(const head& h) {
  auto named = list_of(h, field::sec_websocket_protocol);
  auto it =
    std::ranges::find_if(named, [](auto x) { return x == text_protocol || x == binary_protocol; });
  return it == named.end() ? std::string_view{} : *it;
}

std::string accept(const head& h, std::string_view protocol) {
  auto out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: "
             + accept_value(trimmed(view(h[field::sec_websocket_key]))) + "\r\n";
  if (!protocol.empty())
    out.append("Sec-WebSocket-Protocol: ").append(protocol).append("\r\n");
  return out + "\r\n";
}

refusal refuse(const fault& x, bool with_body) {
  auto reason = view(http::obsolete_reason(static_cast<http::status>(x.status)));
  std::string body = "This is a WebSocket for chat (IRC), and the request has ";
  body.append(x.why).append(".\n");
  auto out = "HTTP/1.1 " + std::to_string(x.status) + " ";
  out.append(reason).append("\r\n");
  if (x.status == 405)
    out += "Allow: GET\r\n"; // RFC 9110 §15.5.6
  if (x.status == 426)
    out += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"; // RFC 9110 §15.5.22
  out += x.status == 426 ? "Connection: close, Upgrade\r\n" : "Connection: close\r\n";
  out += "Content-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  if (with_body)
    out += body;
  return {x.status, x.why, std::move(out)};
}

} // namespace

struct handshake::state {
  std::shared_ptr<const websocket::rules> rules;
  ip_address peer;
  std::string unread;
};

handshake::handshake(std::shared_ptr<const rules> rules, const ip_address& peer)
    : state_{std::make_unique<state>(state{std::move(rules), peer, {}})} {
}
handshake::handshake(handshake&&) noexcept = default;
handshake::~handshake() = default;

// Beast judges some noise by where it is cut, so it gets the header in one piece.
std::variant<needs_more, opening, refusal> handshake::feed(std::string_view bytes) {
  auto& s = *state_;
  auto seen = std::max<std::size_t>(s.unread.size(), 3) - 3;
  s.unread += bytes;
  constexpr std::string_view end_of_header = "\r\n\r\n";
  auto end = s.unread.find(end_of_header, seen);
  auto size = end == std::string::npos ? s.unread.size() : end + end_of_header.size();
  if (auto line = s.unread.find('\n'); line != std::string::npos && !is_http(s.unread, line))
    return refuse({400, "bad HTTP"}, true);
  if (size > max_header)
    return refuse({431, "too long a header"}, true);
  if (end == std::string::npos)
    return needs_more{};
  parser request;
  request.header_limit(static_cast<std::uint32_t>(max_header));
  boost::system::error_code ec;
  request.put(boost::asio::buffer(s.unread.data(), size), ec);
  if (ec || !request.is_header_done())
    return refuse({400, "bad HTTP"}, true);
  s.unread.erase(0, size);
  auto& h = request.get();
  if (auto wrong = fault_of(request, *s.rules); wrong.status != 0)
    return refuse(wrong, h.method() != http::verb::head);
  auto client = client_of(h, s.peer, *s.rules);
  if (!client)
    return refuse({400, "no address in X-Forwarded-For"}, true);
  auto protocol = protocol_of(h);
  auto how = protocol == text_protocol     ? kind::text
             : protocol == binary_protocol ? kind::binary
                                           : s.rules->default_kind;
  auto via_tls = any_contains(s.rules->proxies, s.peer)
                 && ascii::same_word(trimmed(view(h["X-Forwarded-Proto"])), "https");
  return opening{how,
                 *client,
                 via_tls,
                 std::string{trimmed(view(h[field::origin]))},
                 accept(h, protocol),
                 std::move(s.unread)};
}

} // namespace hamlet::websocket
