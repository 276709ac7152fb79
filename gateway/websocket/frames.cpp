// SPDX-License-Identifier: Apache-2.0
#include "gateway/websocket/frames.hpp"

#include "lib/text/utf8.hpp"

#include <algorithm>
#include <utility>

namespace hamlet::websocket {

namespace {

// RFC 6455 §5.2
enum opcode : unsigned { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };
constexpr unsigned last_fragment = 0x80, reserved_bits = 0x70, masked = 0x80;
constexpr unsigned two_octets_follow = 126, eight_octets_follow = 127;
constexpr std::size_t longest_control = 125; // RFC 6455 §5.5
constexpr std::size_t mask_size = 4;

std::string render(opcode what, std::string_view payload) {
  std::string out;
  out.reserve(10 + payload.size());
  out += static_cast<char>(last_fragment | what);
  auto size = payload.size();
  auto octets = 0;
  if (size < two_octets_follow) {
    out += static_cast<char>(size);
  } else if (size <= 0xffff) {
    out += static_cast<char>(two_octets_follow);
    octets = 2;
  } else {
    out += static_cast<char>(eight_octets_follow);
    octets = 8;
  }
  while (octets-- > 0)
    out += static_cast<char>(size >> (8 * octets) & 0xff);
  out += payload;
  return out;
}

/// RFC 6455 §7.4: what a client may say.
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
         || (code >= 3000 && code <= 4999);
}

} // namespace

std::string frame(kind how, std::string_view line) {
  if (line.ends_with('\n'))
    line.remove_suffix(1);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  if (how == kind::binary)
    return render(binary, line);
  return utf8::is_valid(line) ? render(text, line) : render(text, utf8::repaired(line));
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  reason = reason.substr(0, longest_control - payload.size());
  while (!utf8::is_valid(reason)) // cut within a character
    reason.remove_suffix(1);
  return render(close, payload.append(reason));
}

void frames::feed(std::string_view bytes, outcome& out) {
  while (!bytes.empty() && !over_)
    in_payload_ ? read_payload(bytes, out) : read_head(bytes, out);
  // RFC 6455 §5.5.3: of several pings, it is enough to answer the latest. So a flood of them
  // costs no flood of ours. A close that follows one has been answered already.
  if (auto latest = std::exchange(ping_, {}); latest && !over_)
    out.reply += render(pong, *latest);
}

/// Of what is known by now.
std::size_t frames::head_size() const {
  if (have_ < 2)
    return 2;
  auto size = octet(1) & ~masked;
  return 2 + mask_size + (size == two_octets_follow ? 2 : size == eight_octets_follow ? 8 : 0);
}

void frames::read_head(std::string_view& bytes, outcome& out) {
  auto n = std::min(bytes.size(), head_size() - have_);
  std::copy_n(bytes.begin(), n, head_.begin() + have_);
  have_ = static_cast<std::uint8_t>(have_ + n);
  bytes.remove_prefix(n);
  if (have_ != 2 && have_ == head_size())
    return begin_payload(out);
  if (have_ == 2 && fault_of_first_two() != 0)
    fail(fault_of_first_two(), out);
}

std::uint16_t frames::fault_of_first_two() const {
  auto is_last = (octet(0) & last_fragment) != 0;
  auto is_known = opcode() <= binary || (opcode() >= close && opcode() <= pong);
  auto goes_on = opcode() == more;
  if ((octet(0) & reserved_bits) != 0 || !is_known)
    return close_code::protocol_error;
  if ((octet(1) & masked) == 0) // RFC 6455 §5.1
    return close_code::protocol_error;
  if (is_control() && (!is_last || (octet(1) & ~masked) > longest_control)) // RFC 6455 §5.5
    return close_code::protocol_error;
  if (!is_control() && goes_on != in_message_) // RFC 6455 §5.4
    return close_code::protocol_error;
  return 0;
}

void frames::begin_payload(outcome& out) {
  left_ = octet(1) & ~masked;
  if (auto octets = head_size() - 2 - mask_size; octets > 0) {
    left_ = 0;
    for (std::size_t i = 0; i < octets; ++i)
      left_ = left_ << 8 | octet(2 + i);
    auto shortest = octets == 2 ? two_octets_follow : 0x10000u;
    if (left_ < shortest || left_ >> 63 != 0) // RFC 6455 §5.2
      return fail(close_code::protocol_error, out);
  }
  if (!is_control()) {
    if (left_ > longest_ || message_.size() > longest_ - left_)
      return fail(close_code::too_big, out);
    if (opcode() != more)
      how_ = opcode() == text ? kind::text : kind::binary;
    in_message_ = true;
  }
  in_payload_ = true;
  mask_at_ = 0;
  if (left_ == 0)
    end_payload(out);
}

void frames::read_payload(std::string_view& bytes, outcome& out) {
  auto n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
  auto* mask = head_.data() + have_ - mask_size;
  auto& to = is_control() ? control_ : message_;
  auto at = to.size();
  to += bytes.substr(0, n);
  for (; at < to.size(); ++at)
    to[at] = static_cast<char>(to[at] ^ mask[mask_at_++ % mask_size]);
  bytes.remove_prefix(n);
  left_ -= n;
  if (left_ == 0)
    end_payload(out);
}

void frames::end_payload(outcome& out) {
  in_payload_ = false;
  have_ = 0;
  switch (opcode()) {
  case close: return on_close(out);
  case ping: ping_ = std::exchange(control_, {}); return;
  case pong: control_ = {}; return;
  default: break;
  }
  if ((octet(0) & last_fragment) == 0)
    return;
  in_message_ = false;
  if (how_ == kind::text && !utf8::is_valid(message_)) // RFC 6455 §8.1
    return fail(close_code::not_utf8, out);
  out.messages.push_back({how_, std::exchange(message_, {})});
}

void frames::on_close(outcome& out) {
  if (control_.empty()) {
    over_ = true;
    out.closed = close_code::none_given;
    out.reply += render(close, {});
    return;
  }
  if (control_.size() < 2)
    return fail(close_code::protocol_error, out);
  auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(control_[0]) << 8
                                         | static_cast<unsigned char>(control_[1]));
  if (!may_be_sent(code))
    return fail(close_code::protocol_error, out);
  if (!utf8::is_valid(std::string_view{control_}.substr(2)))
    return fail(close_code::not_utf8, out);
  fail(code, out); // RFC 6455 §5.5.1: the same code goes back
}

void frames::fail(std::uint16_t code, outcome& out) {
  over_ = true;
  out.closed = code;
  out.reply += close_frame(code);
  message_ = {};
  control_ = {};
}

} // namespace hamlet::websocket
