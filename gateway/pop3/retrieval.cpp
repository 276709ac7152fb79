// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/machine.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

// RETR and TOP: RFC 1939 §5 and §7. A message goes by in parts; no more than one is in memory.

namespace hamlet::pop3 {

namespace {

constexpr std::uint64_t retr_part = 64u << 10;
constexpr std::uint64_t top_part = 16u << 10; // most headers are shorter

} // namespace

// RFC 6856 §2.1: not as it is to a client without UTF8 mode. Here would stand the choice of
// a surrogate.
std::optional<text> machine::refusal_of(const message& m) const {
  if (m.utf8 && !utf8_)
    return text::needs_utf8;
  return std::nullopt;
}

void machine::cmd_retr(words w, effects& out) {
  if (auto index = message_at(w[0], out))
    begin_transfer(*index, std::nullopt, out);
}

void machine::cmd_top(words w, effects& out) {
  std::uint64_t lines = 0;
  auto [end, failure] = std::from_chars(w[1].data(), w[1].data() + w[1].size(), lines);
  if (!std::ranges::all_of(w[1], ascii::is_digit))
    return bad_command(text::syntax, out, {"TOP message lines"});
  if (failure == std::errc::result_out_of_range)
    lines = std::numeric_limits<std::uint64_t>::max(); // all of them
  if (auto index = message_at(w[0], out))
    begin_transfer(*index, message_top{lines}, out);
}

void machine::begin_transfer(std::size_t index, std::optional<message_top> top, effects& out) {
  auto& m = messages_[index];
  if (auto why = refusal_of(m))
    return refuse(*why, out, "UTF8"); // RFC 6856 §5
  transfer_ = transfer{index, 0, {}, top};
  if (m.size > 0)
    return ask_part(out);
  say_ok(top ? text::top : text::octets, out, {"0"});
  std::string bytes;
  end_transfer(bytes);
  send(bytes, out);
}

std::uint64_t machine::part_size() const {
  auto size = messages_[transfer_->index].size;
  return std::min(transfer_->top ? top_part : retr_part, size - transfer_->offset);
}

void machine::ask_part(effects& out) {
  waits_for_ = question::part;
  auto at_once = said_ + part_size() <= max_said;
  if (!at_once)
    said_ = 0; // the part is read when the client has read
  out.emplace_back(fetch{messages_[transfer_->index].uid, transfer_->offset, part_size(), at_once});
}

// What was sent of a message cannot be taken back. When the rest cannot be read, only a
// connection that ends without the final "." tells the client so.
void machine::on_part(std::optional<std::string_view> bytes, effects& out) {
  if (waits_for_ != question::part)
    return;
  waits_for_ = question::none;
  auto& t = *transfer_;
  auto size = messages_[t.index].size;
  bool is_whole = bytes && bytes->size() >= part_size();
  if (!is_whole && t.offset > 0)
    return close(out);
  if (!is_whole) {
    transfer_.reset();
    bytes ? refuse(text::damaged, out, "SYS/PERM") : refuse(text::unreadable, out, "SYS/TEMP");
    return resume(out);
  }
  if (t.offset == 0)
    say_ok(t.top ? text::top : text::octets, out, {std::to_string(size)});
  auto part = bytes->substr(0, part_size());
  t.offset += part.size();
  std::string sent;
  sent.reserve(part.size() + part.size() / 16 + 8);
  t.stuffer.add(t.top ? t.top->take(part) : part, sent);
  bool is_last = t.offset == size || (t.top && t.top->is_done());
  if (is_last)
    end_transfer(sent);
  pass_on(std::move(sent), out);
  if (!is_last)
    return ask_part(out);
  resume(out);
}

void machine::end_transfer(std::string& bytes) {
  transfer_->stuffer.finish(bytes);
  if (!transfer_->top) // RFC 1460: TOP is no access
    last_ = std::max(last_, transfer_->index + 1);
  transfer_.reset();
}

} // namespace hamlet::pop3
