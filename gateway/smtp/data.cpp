// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/machine.hpp"
#include "gateway/smtp/syntax.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>
#include <utility>

namespace hamlet::smtp {

namespace {

const reply bad_sequence{503, "5.5.1 Bad sequence of commands"};

} // namespace

/// RFC 2920 §3.1: a client waits for the reply to this command. One that does not was told to
/// send what it sends by somebody else, or takes text for commands: both are the end.
bool machine::is_out_of_sequence(effects& out) {
  if (behind_ == 0)
    return false;
  close({554, "5.5.0 Error: SMTP protocol synchronization"}, out);
  return true;
}

void machine::begin_text(bool by_dot) {
  text_ = std::make_unique<message_text>(message_text::rules{.max_size = policy_.max_message,
                                                             .max_received = policy_.max_received,
                                                             .stray = policy_.stray,
                                                             .by_dot = by_dot,
                                                             .binary = env_.body == "BINARYMIME"});
}

void machine::cmd_data(std::string_view arg, effects& out) {
  if (is_out_of_sequence(out))
    return;
  if (!arg.empty())
    return refuse({501, "5.5.4 No argument allowed"}, out);
  // RFC 3030 §2: not in one message with BDAT; §3: not for BINARYMIME
  if (!in_mail_ || text_ || env_.body == "BINARYMIME")
    return refuse(bad_sequence, out);
  if (env_.to.empty()) // RFC 5321 §3.3
    return refuse({554, "5.5.1 No valid recipients"}, out);
  begin_text(true);
  mode_ = mode::text;
  say(out, {354, "End data with <CR><LF>.<CR><LF>"});
}

void machine::cmd_bdat(std::string_view arg, effects& out) {
  auto [count, last] = split(arg);
  auto size = parse_number(count);
  if (!size || (!last.empty() && !ascii::same_word(last, "LAST"))) // where does the text end?
    return close({501, "5.5.4 Syntax: BDAT octets [LAST]"}, out);
  if (*size == 0 && last.empty() && ++idle_ > policy_.max_idle_commands)
    return close({421, "4.7.0 Too many commands without a message"}, out);
  mode_ = mode::chunk;
  chunk_left_ = chunk_size_ = *size;
  chunk_is_last_ = !last.empty();
  chunk_refusal_.reset();
  if (!in_mail_ || !extended_) // RFC 3030 §2: read all the same
    chunk_refusal_ = bad_sequence;
  else if (env_.to.empty())
    chunk_refusal_ = reply{554, "5.5.1 No valid recipients"};
  else if (!text_)
    begin_text(false);
}

std::size_t machine::read_text(std::string_view in, effects& out) {
  if (mode_ == mode::chunk)
    in = in.substr(0, std::min<std::uint64_t>(in.size(), chunk_left_));
  auto used = chunk_refusal_ ? in.size() : text_->read(in);
  if (mode_ == mode::chunk)
    chunk_left_ -= used;
  if (!text_)
    return used;
  if (text_->refusal() && text_->sent() > 0) {
    text_->forget_sent();
    out.emplace_back(discard{});
  }
  if (text_->has_full_piece())
    send_piece(out);
  return used;
}

void machine::send_piece(effects& out) {
  auto piece = text_->take_piece();
  auto wants_answer = text_->sent() > message_text::max_piece;
  out.emplace_back(body{std::move(piece), wants_answer});
  if (wants_answer)
    waits_for_ = question::stored;
}

void machine::drop_text(effects& out) {
  if (text_ && text_->sent() > 0)
    out.emplace_back(discard{});
  text_.reset();
}

void machine::on_stored(const reply& verdict, effects& out) {
  if (!answers(question::stored))
    return;
  if (verdict.code != 250) {
    text_->refuse(verdict);
    text_->forget_sent();
    out.emplace_back(discard{});
  }
  go_on(out);
}

/// RFC 6409 §8.1: members write under their own addresses, all of them.
std::optional<reply> machine::judge_author() const {
  if (!who_)
    return std::nullopt;
  auto& facts = text_->facts();
  auto is_mine = [this](const std::string& x) {
    auto address = mail::parse_address(x);
    return address && is_own(*address);
  };
  if (facts.from.empty() || facts.from_is_odd || !std::ranges::all_of(facts.from, is_mine))
    return reply{550, "5.7.1 The From field must name your own addresses only"};
  return std::nullopt;
}

// RFC 5321 §4.1.1.4: whatever the answer will be, the buffers are used up.
void machine::end_text(effects& out) {
  text_->finish();
  if (auto refused = text_->refusal() ? text_->refusal() : judge_author()) {
    end_transaction(out);
    return refuse(*refused, out);
  }
  if (text_->has_piece())
    send_piece(out);
  if (is_waiting())
    return; // and come back
  env_.helo = helo_;
  env_.extended = extended_;
  env_.secured = channel_.is_tls;
  env_.who = who_;
  out.emplace_back(
    accept{std::move(env_), text_->facts(), text_->sent(), text_->is_8bit(), text_->is_binary()});
  text_.reset(); // its pieces belong to the question now
  end_transaction(out);
  waits_for_ = question::accepted;
}

void machine::end_chunk(effects& out) {
  if (chunk_refusal_) {
    auto why = *std::exchange(chunk_refusal_, std::nullopt);
    mode_ = mode::commands;
    return refuse(std::move(why), out);
  }
  if (chunk_is_last_ && !text_->refusal())
    return end_text(out);
  if (text_->refusal()) { // RFC 3030 §2: chunks that still come find no transaction
    auto why = *text_->refusal();
    end_transaction(out);
    return refuse(std::move(why), out);
  }
  mode_ = mode::commands;
  say(out, {250, "2.0.0 " + std::to_string(chunk_size_) + " octets received"});
}

void machine::on_accepted(const reply& verdict, effects& out) {
  if (!answers(question::accepted))
    return;
  if (verdict.code < 300) {
    unconfirmed_ = true;
    errors_ = 0;
    idle_ = 0;
  }
  refuse(verdict, out);
  go_on(out);
}

} // namespace hamlet::smtp
