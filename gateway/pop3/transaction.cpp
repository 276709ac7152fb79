// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/machine.hpp"

#include <algorithm>
#include <charconv>

// The TRANSACTION and UPDATE states without RETR and TOP: RFC 1939 §5 to §7.

namespace hamlet::pop3 {

namespace {

constexpr std::size_t listing_piece = 64u << 10;

} // namespace

// RFC 1939 §4: the lock first, then +OK.
void machine::on_opened(maildrop drop, effects& out) {
  bool is_open = drop.what == maildrop::status::open;
  if (waits_for_ != question::drop) { // we are gone, or going: nobody would unlock it
    if (is_open)
      out.emplace_back(release{});
    return;
  }
  waits_for_ = question::none;
  switch (drop.what) {
  case maildrop::status::in_use: refuse_login(text::in_use, "IN-USE", out); break;
  case maildrop::status::too_soon: refuse_login(text::too_soon, "LOGIN-DELAY", out); break;
  case maildrop::status::temporary: refuse_login(text::try_later, "SYS/TEMP", out); break;
  case maildrop::status::open:
    state_ = transaction;
    uid_validity_ = drop.uid_validity;
    messages_ = std::move(drop.messages);
    if (stopping_) // resume() says the only word
      break;
    cmd_rset({}, out);
  }
  resume(out);
}

// RFC 1939 §5: base 10. @returns The index of a message that can be referred to.
std::optional<std::size_t> machine::message_at(std::string_view number, effects& out) {
  std::size_t value = 0;
  auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), value);
  bool is_number = failure == std::errc{} && end == number.data() + number.size();
  if (!is_number || value == 0 || value > messages_.size()) {
    refuse(text::no_message, out, {}, {std::to_string(messages_.size())});
    return std::nullopt;
  }
  if (is_deleted_[value - 1]) {
    refuse(text::is_deleted, out, {}, {std::to_string(value)});
    return std::nullopt;
  }
  return value - 1;
}

void machine::say_drop(effects& out) {
  say_ok(count_ == 1 ? text::one_message : text::messages, out,
         {std::to_string(count_), std::to_string(octets_)});
}

// RFC 1939 §5: a drop listing, with nothing behind it.
void machine::cmd_stat(words, effects& out) {
  send("+OK " + std::to_string(count_) + " " + std::to_string(octets_) + "\r\n", out);
}

std::string machine::size_listing(std::size_t index) const {
  return std::to_string(index + 1) + " " + std::to_string(messages_[index].size) + "\r\n";
}

// RFC 1939 §7: 1 to 70 characters, never used again: a new life of the maildrop has another
// uid_validity.
std::string machine::id_listing(std::size_t index) const {
  return std::to_string(index + 1) + " " + std::to_string(uid_validity_) + "."
         + std::to_string(messages_[index].uid) + "\r\n";
}

void machine::cmd_list(words w, effects& out) {
  if (!w.empty()) {
    if (auto index = message_at(w[0], out))
      send("+OK " + size_listing(*index), out);
    return;
  }
  say_drop(out);
  listing_ = listing{false};
  continue_listing(out);
}

void machine::cmd_uidl(words w, effects& out) {
  if (!w.empty()) {
    if (auto index = message_at(w[0], out))
      send("+OK " + id_listing(*index), out);
    return;
  }
  say_ok(text::unique_ids, out);
  listing_ = listing{true};
  continue_listing(out);
}

// In pieces: the lines of a large maildrop are more than a connection may hold unsent.
void machine::continue_listing(effects& out) {
  std::string lines;
  auto& next = listing_->next;
  for (; next < messages_.size() && lines.size() < listing_piece; ++next)
    if (!is_deleted_[next])
      lines += listing_->of_ids ? id_listing(next) : size_listing(next);
  if (next < messages_.size()) {
    send(lines, out);
    waits_for_ = question::written;
    out.emplace_back(wait_written{});
    return;
  }
  send(lines + ".\r\n", out);
  listing_.reset();
}

// RFC 1939 §5: marked now, deleted in UPDATE.
void machine::cmd_dele(words w, effects& out) {
  auto index = message_at(w[0], out);
  if (!index)
    return;
  is_deleted_[*index] = true;
  --count_;
  octets_ -= messages_[*index].size;
  last_ = std::max(last_, *index + 1);
  say_ok(text::deleted, out, {std::to_string(*index + 1)});
}

void machine::cmd_noop(words, effects& out) {
  say_ok(text::noop, out);
}

// RFC 1939 §5: no message is marked any more; RFC 1460: and none was accessed.
void machine::cmd_rset(words, effects& out) {
  is_deleted_.assign(messages_.size(), false);
  count_ = messages_.size();
  octets_ = 0;
  for (auto& m : messages_)
    octets_ += m.size;
  last_ = 0;
  say_drop(out);
}

// RFC 1460: the highest number that RETR or DELE accessed. Gone in RFC 1725; fetchmail asks
// for it where there is no UIDL.
void machine::cmd_last(words, effects& out) {
  send("+OK " + std::to_string(last_) + "\r\n", out);
}

// RFC 1939 §6: from TRANSACTION into UPDATE, also with nothing to delete: that releases the lock,
// and who hears +OK may come again at once, by whichever node.
void machine::cmd_quit(words, effects& out) {
  if (state_ == authorization) {
    say_ok(text::good_bye, out);
    return close(out);
  }
  update deletions;
  for (std::size_t i = 0; i < messages_.size(); ++i)
    if (is_deleted_[i])
      deletions.uids.push_back(messages_[i].uid);
  waits_for_ = question::update;
  out.emplace_back(std::move(deletions));
}

// RFC 1939 §6: +OK means that they are gone. The UPDATE unlocked the maildrop, too; should it have
// failed with nothing to delete, nothing was promised, and the lock ends with the connection.
void machine::on_updated(bool done, effects& out) {
  if (waits_for_ != question::update)
    return;
  if (done || count_ == messages_.size())
    say_ok(text::good_bye, out);
  else
    refuse(text::nothing_deleted, out, "SYS/TEMP");
  close(out);
}

} // namespace hamlet::pop3
