// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/machine.hpp"

#include "gateway/smtp/syntax.hpp"
#include "lib/text/ascii.hpp"

namespace hamlet::smtp {

namespace {

constexpr std::size_t max_skipped = 256u << 10; // of a line without end, then the end

} // namespace

machine::machine(policy p, channel c, std::string nonce)
    : policy_{std::move(p)}, channel_{std::move(c)}, nonce_{std::move(nonce)} {
}

void machine::open(effects& out) {
  say(out, {220, policy_.hostname + " ESMTP"});
}

void machine::feed(std::string_view bytes, effects& out) {
  // RFC 3207 §4.2: what came in the clear after STARTTLS may be injected by
  // somebody in between. It is neither a command nor a part of the handshake.
  if (bytes.empty() || waits_for_ == question::tls || waits_for_ == question::end)
    return;
  if (unconfirmed_) { // RFC 1047 §2
    unconfirmed_ = false;
    out.emplace_back(confirmed{});
  }
  if (is_waiting() || !input_.empty()) {
    input_ += bytes;
    if (!is_waiting())
      go_on(out);
    return;
  }
  auto used = consume(bytes, out);
  if (waits_for_ != question::tls && waits_for_ != question::end)
    input_ = bytes.substr(used);
}

void machine::go_on(effects& out) {
  auto in = std::move(input_);
  input_ = {};
  auto used = consume(in, out);
  if (waits_for_ == question::tls || waits_for_ == question::end || used == in.size())
    return; // a silent client costs no buffer
  in.erase(0, used);
  input_ = std::move(in);
}

// RFC 2920 §3.2: commands may arrive in one packet; each is answered in order,
// so nothing is read while a question is open.
std::size_t machine::consume(std::string_view in, effects& out) {
  std::size_t at = 0;
  while (!is_waiting()) {
    auto rest = in.substr(at);
    if (mode_ == mode::text && text_->has_ended()) {
      end_text(out);
    } else if (mode_ == mode::chunk && chunk_left_ == 0) {
      end_chunk(out);
    } else if (stopping_ && (mode_ == mode::commands || mode_ == mode::login)) {
      close({421, "4.3.2 " + policy_.hostname + " is shutting down"}, out); // RFC 5321 §3.8
    } else if (rest.empty()) {
      break;
    } else if (mode_ == mode::text || mode_ == mode::chunk) {
      at += read_text(rest, out);
    } else {
      auto used = read_line(rest, out);
      if (used == 0)
        break;
      at += used;
    }
  }
  return at;
}

std::size_t machine::line_limit(std::string_view in) const {
  auto is_login = mode_ == mode::login || (offers_auth() && ascii::starts_with_word(in, "AUTH "));
  return is_login ? policy_.max_auth_line : policy_.max_line;
}

/// Returns 0 when the line has no end yet.
std::size_t machine::read_line(std::string_view in, effects& out) {
  auto newline = in.find('\n');
  if (skipped_ > 0)
    return skip_line(std::min(newline, in.size() - 1) + 1, newline != in.npos, out);
  auto limit = line_limit(in); // RFC 5321 §4.5.3.1.4: with its CRLF
  if (newline == in.npos ? in.size() >= limit : newline >= limit) {
    skips_login_ = limit == policy_.max_auth_line && limit != policy_.max_line;
    return skip_line(std::min(newline, in.size() - 1) + 1, newline != in.npos, out);
  }
  if (newline == in.npos)
    return 0;
  behind_ = in.size() - newline - 1;
  auto line = in.substr(0, newline);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  else if (policy_.stray == bare_newline::refuse) { // RFC 5321 §2.3.8
    if (mode_ == mode::login)
      end_login({500, "5.5.2 Lines end in CRLF"}, true, out);
    else
      refuse({500, "5.5.2 Lines end in CRLF"}, out);
    return newline + 1;
  }
  run_line(line, out);
  return newline + 1;
}

/// An overlong line is counted, not kept; one without end is given up.
std::size_t machine::skip_line(std::size_t count, bool at_end, effects& out) {
  skipped_ += count;
  reply why = skips_login_ ? reply{500, "5.5.6 Authentication exchange line is too long"}
                           : reply{500, "5.5.2 Line too long"}; // RFC 5321 §4.5.3.1.9
  if (skipped_ > max_skipped)
    close(why, out);
  else if (at_end) {
    skipped_ = 0;
    if (mode_ == mode::login)
      end_login(why, true, out);
    else
      refuse(std::move(why), out);
  }
  return count;
}

void machine::run_line(std::string_view line, effects& out) {
  if (mode_ == mode::login)
    respond(line, out);
  else
    run(line, out);
}

/// False: nobody has asked this, or the connection is over. A late answer is no fault.
bool machine::answers(question q) {
  if (waits_for_ != q)
    return false;
  waits_for_ = question::none;
  return true;
}

/// A refusal counts: who errs often is slowed down, then sent away. What only is our
/// trouble (4yz) is not held against the client.
void machine::refuse(reply why, effects& out) {
  if (why.code < 500)
    return say(out, why);
  ++errors_;
  if (errors_ >= policy_.max_errors) {
    say(out, why);
    return close({421, "4.7.0 Too many errors"}, out);
  }
  if (errors_ <= policy_.errors_before_rest)
    return say(out, why);
  held_ = std::move(why);
  waits_for_ = question::rest;
  out.emplace_back(rest{policy_.error_rest});
}

void machine::on_rested(effects& out) {
  if (!answers(question::rest))
    return;
  say(out, *held_);
  held_.reset();
  go_on(out);
}

void machine::close(const reply& last, effects& out) {
  end_transaction(out);
  waits_for_ = question::end; // for good: what still arrives is not read
  say(out, last);
  out.emplace_back(hang_up{});
}

void machine::shut_down(effects& out) {
  stopping_ = true;
  if (waits_for_ == question::tls) { // no word in the clear any more
    waits_for_ = question::end;
    out.emplace_back(hang_up{});
  } else if (!is_waiting()) {
    go_on(out);
  }
}

void machine::time_out(effects& out) {
  if (waits_for_ == question::tls) {
    waits_for_ = question::end;
    out.emplace_back(hang_up{});
  } else if (!is_waiting()) { // else the client waits for us
    close({421, "4.4.2 " + policy_.hostname + " has waited too long"}, out); // RFC 5321 §4.5.3.2
  }
}

// RFC 5321 §4.1.1.5: all buffers.
void machine::end_transaction(effects& out) {
  drop_text(out);
  mode_ = mode::commands;
  in_mail_ = false;
  declared_size_ = 0;
  env_ = {};
  asked_.reset();
  chunk_refusal_.reset();
  chunk_left_ = 0;
  exchange_.reset();
}

} // namespace hamlet::smtp
