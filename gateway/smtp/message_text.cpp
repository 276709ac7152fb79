// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/message_text.hpp"

#include "lib/text/ascii.hpp"

#include <algorithm>
#include <cstring>

namespace hamlet::smtp {

namespace {

constexpr std::size_t slack = 256;         // what a piece may still get when its input is cut
constexpr std::size_t max_undecided = 64;  // of a line that may begin a Return-Path field
constexpr std::size_t max_text_line = 998; // RFC 5322 §2.1.1, without CRLF
constexpr std::string_view crlf = "\r\n";

bool has_8bit(std::string_view octets) {
  constexpr std::uint64_t high = 0x8080808080808080u;
  auto* at = octets.data();
  auto left = octets.size();
  for (; left >= 32; at += 32, left -= 32) {
    std::uint64_t x[4];
    std::memcpy(x, at, 32);
    if (((x[0] | x[1] | x[2] | x[3]) & high) != 0)
      return true;
  }
  return std::any_of(at, at + left, [](char c) { return (c & 0x80) != 0; });
}

} // namespace

bool message_text::has_full_piece() const {
  return max_piece - piece_.size() < slack;
}

std::string message_text::take_piece() {
  sent_ += piece_.size();
  auto piece = std::move(piece_);
  piece_ = {};
  if (!is_finished_ && piece.size() > max_piece / 2)
    piece_.reserve(max_piece); // more of a long text will come
  return piece;
}

void message_text::refuse(reply why) {
  if (refusal_)
    return;
  refusal_ = std::move(why);
  piece_ = {};
  line_ = {};
}

std::size_t message_text::read(std::string_view in) {
  if (refusal_ && !rules_.by_dot)
    return in.size();
  if (!refusal_) { // a line end may become twice as long, and some octets were held back
    auto room = max_piece - piece_.size() - slack / 2;
    in = in.substr(0, rules_.stray == bare_newline::normalise ? room / 2 : room);
  }
  auto rest = in;
  while (!rest.empty() && !has_ended()) {
    auto next = rest.front();
    switch (state_) {
    case state::line_start: // RFC 5321 §4.5.2: only behind CRLF a dot means anything
      state_ = state::middle;
      if (rules_.by_dot && next == '.') {
        state_ = state::dot;
        rest.remove_prefix(1);
      }
      break;
    case state::dot: // RFC 5321 §4.5.2: there is more in the line, so the dot goes
      state_ = state::middle;
      if (next == '\r') {
        state_ = state::dot_cr;
        rest.remove_prefix(1);
      }
      break;
    case state::dot_cr:
      state_ = state::middle;
      if (next == '\n') {
        state_ = state::ended;
        rest.remove_prefix(1);
      } else {
        stray('\r');
      }
      break;
    case state::cr:
      state_ = state::middle;
      if (next == '\n') {
        put(crlf);
        state_ = state::line_start;
        end_text_line();
        rest.remove_prefix(1);
      } else {
        stray('\r');
      }
      break;
    case state::middle: rest = read_lines(rest); break;
    case state::ended: break;
    }
  }
  return in.size() - rest.size();
}

// The fast way: clean lines are put in one go, up to a line that begins with a dot.
std::string_view message_text::read_lines(std::string_view in) {
  std::size_t from = 0; // not yet put
  std::size_t at = 0;   // in the middle of a line
  auto newline = in.find('\n');
  for (;;) {
    auto end = std::min(newline, in.size());
    auto cr = in.substr(at, end - at).find('\r');
    column_ += cr == in.npos ? end - at : cr;
    if (cr != in.npos && at + cr + 1 != end) { // a CR that no LF follows
      put(in.substr(from, at + cr - from));
      stray('\r');
      from = at += cr + 1;
      continue;
    }
    if (newline == in.npos) {
      auto open = cr != in.npos; // the last octet
      put(in.substr(from, end - from - (open ? 1 : 0)));
      state_ = open ? state::cr : state::middle;
      return {};
    }
    at = newline + 1;
    if (cr == in.npos) {
      put(in.substr(from, newline - from));
      stray('\n');
      from = at;
    } else {
      end_text_line();
      if (at == in.size() || (rules_.by_dot && in[at] == '.')) {
        put(in.substr(from, at - from));
        state_ = state::line_start;
        return in.substr(at);
      }
    }
    newline = in.find('\n', at);
  }
}

void message_text::end_text_line() {
  if (rules_.binary && column_ > max_text_line)
    is_binary_ = true;
  column_ = 0;
}

// RFC 5321 §2.3.8: passed on, a bare CR or LF could end the text elsewhere.
void message_text::stray(char which) {
  if (rules_.binary && !in_header_) {
    is_binary_ = true;
    put({&which, 1});
    ++column_;
  } else if (rules_.stray == bare_newline::normalise && !rules_.binary) {
    put(crlf);
    column_ = 0;
  } else {
    refuse({550, "5.6.11 Bare CR or LF in the text"});
  }
}

void message_text::put(std::string_view octets) {
  if (refusal_ || octets.empty())
    return;
  auto is_too_much = octets.size() > rules_.max_size - size_; // RFC 1870 §6.3
  if (is_too_much) // what still fits may have a fault that comes first
    octets = octets.substr(0, rules_.max_size - size_);
  size_ += octets.size();
  if (in_header_)
    octets = put_header(octets);
  if (!octets.empty() && !refusal_)
    judge_octets(octets);
  if (is_too_much)
    refuse({552, "5.3.4 Message too big"});
  if (!refusal_)
    piece_ += octets;
}

void message_text::judge_octets(std::string_view octets) {
  if (octets.find('\0') != octets.npos) { // RFC 5321 §4.5.2 allows it, RFC 5322 §4 does not
    if (!rules_.binary || in_header_)
      return refuse({550, "5.6.0 NUL in the text"});
    is_binary_ = true;
  }
  if (!is_8bit_)
    is_8bit_ = has_8bit(octets);
}

/// Returns what belongs to the body.
std::string_view message_text::put_header(std::string_view octets) {
  while (in_header_ && !refusal_ && !octets.empty()) {
    auto end = octets.find('\n');
    auto part = octets.substr(0, end == octets.npos ? end : end + 1);
    octets.remove_prefix(part.size());
    judge_octets(part);
    if (refusal_)
      break;
    put_in_line(part);
    if (end != octets.npos && !refusal_)
      end_line();
  }
  return octets;
}

void message_text::put_in_line(std::string_view octets) {
  if (!is_judged_) { // these few octets are only in line_
    auto first = octets.substr(0, max_undecided);
    line_ += first;
    octets.remove_prefix(first.size());
    field_size_ += first.size();
    if (!can_judge_field(first.ends_with('\n') || line_.size() >= max_undecided))
      return;
    judge_field();
  }
  field_size_ += octets.size();
  line_ += octets.substr(0, mail::header_scanner::max_field
                              - std::min(line_.size(), mail::header_scanner::max_field));
  if (!is_dropped_)
    piece_ += octets;
  // Whom the message is from is checked: what is not looked at cannot be let through.
  if (is_from_ && field_size_ > mail::header_scanner::max_field)
    refuse({550, "5.6.0 From field too long"});
}

bool message_text::can_judge_field(bool at_end) const {
  constexpr std::string_view name = "return-path";
  std::string_view line = line_;
  if (at_end || !ascii::starts_with_word(name, line.substr(0, name.size())))
    return true;
  return line.find_first_not_of(" \t", name.size()) != line.npos && line.size() > name.size();
}

// RFC 5321 §4.4: the last hop writes the Return-Path; a sender's own one goes, folded lines and
// all.
void message_text::judge_field() {
  is_judged_ = true;
  std::string_view line = line_;
  if (!line.starts_with(' ') && !line.starts_with('\t')) {
    field_size_ = line.size();
    is_from_ = ascii::starts_with_word(line, "from");
    constexpr std::string_view name = "return-path";
    auto colon = line.find_first_not_of(" \t", name.size());
    is_dropped_ = ascii::starts_with_word(line, name) && colon != line.npos && line[colon] == ':';
  }
  if (!is_dropped_)
    piece_ += line;
}

void message_text::end_line() {
  std::string_view line = line_;
  if (line.ends_with('\n'))
    line.remove_suffix(1);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  in_header_ = scanner_.line(line);
  line_.clear();
  is_judged_ = false;
  if (!in_header_)
    line_ = {};
  if (facts().received > rules_.max_received) // RFC 5321 §6.3
    refuse({554, "5.4.6 Too many hops"});
}

void message_text::finish() {
  if (is_finished_)
    return;
  is_finished_ = true;
  if (!rules_.by_dot) { // RFC 3030 §2: the last chunk may end anywhere
    auto open = state_ != state::line_start;
    if (state_ == state::cr)
      stray('\r');
    state_ = state::ended;
    if (open && rules_.binary)
      is_binary_ = true;
    else if (open && column_ > 0)
      put(crlf);
  }
  if (refusal_)
    return;
  if (in_header_ && !line_.empty()) { // only in a binary text
    if (!is_judged_)
      judge_field();
    end_line();
  }
  scanner_.finish();
  if (facts().received > rules_.max_received)
    refuse({554, "5.4.6 Too many hops"});
}

} // namespace hamlet::smtp
