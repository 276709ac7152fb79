// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/machine.hpp"
#include "gateway/irc/render.hpp"
#include "lib/irc/format.hpp"

namespace hamlet::irc {

namespace {

constexpr std::size_t line_room = 510; ///< RFC 2812 §2.3, without CR LF

std::string text_of(numeric x) {
  auto d = digits(x);
  return {d.begin(), d.end()};
}

} // namespace

void machine::reply(numeric what, std::vector<std::string> params) {
  params.insert(params.begin(), nick_or_star());
  say({.tags = {},
       .source = rules().server_name,
       .command = text_of(what),
       .params = std::move(params),
       .colon = true});
}

void machine::reply_list(numeric what, std::vector<std::string> before,
                         const std::vector<std::string>& items) {
  // ":server NNN nick before… :items"
  std::size_t fixed = 1 + rules().server_name.size() + 5 + nick_or_star().size() + 2;
  for (auto& x : before)
    fixed += x.size() + 1;
  std::string line;
  auto send = [&] {
    auto params = before;
    params.push_back(std::exchange(line, {}));
    reply(what, std::move(params));
  };
  for (auto& item : items) {
    if (!line.empty() && fixed + line.size() + 1 + item.size() > line_room)
      send();
    if (!line.empty())
      line += ' ';
    line += item;
  }
  if (!line.empty())
    send();
}

void machine::standard_reply(std::string_view kind, std::string_view command, std::string_view code,
                             std::vector<std::string> context, std::string_view text) {
  if (!has(cap::standard_replies)) {
    std::string all = "*** ";
    for (auto x : {kind, command, code})
      all.append(x).append(" ");
    for (auto& x : context)
      all.append(x).append(" ");
    return notice(all.append(text));
  }
  std::vector<std::string> params{std::string{command}, std::string{code}};
  params.insert(params.end(), context.begin(), context.end());
  params.emplace_back(text);
  say({.tags = {},
       .source = rules().server_name,
       .command = std::string{kind},
       .params = std::move(params),
       .colon = true});
}

void machine::fail(std::string_view command, std::string_view code,
                   std::vector<std::string> context, std::string_view text) {
  standard_reply("FAIL", command, code, std::move(context), text);
}
void machine::warn(std::string_view command, std::string_view code,
                   std::vector<std::string> context, std::string_view text) {
  standard_reply("WARN", command, code, std::move(context), text);
}
void machine::note_to_client(std::string_view command, std::string_view code,
                             std::vector<std::string> context, std::string_view text) {
  standard_reply("NOTE", command, code, std::move(context), text);
}

void machine::notice(std::string_view text, std::string_view from) {
  auto source = rules().server_name;
  if (!from.empty())
    source = std::string{from} + "!" + std::string{from} + "@" + rules().server_name;
  say({.tags = {},
       .source = std::move(source),
       .command = "NOTICE",
       .params = {nick_or_star(), std::string{text}},
       .colon = true});
}

void machine::say(message line) {
  auto is_in_batch = !batches_.empty() && !batches_.back().empty(); // empty: it knows of none
  if (is_in_batch && line.find_tag("batch") == nullptr)
    line.set_tag("batch", batches_.back());
  lines_.push_back(std::move(line));
}

// -- labels and batches (IRCv3 labeled-response, batch) -------------------------------------------

void machine::begin_batch(std::string_view type, std::vector<std::string> params) {
  if (!has(cap::batch)) {
    batches_.emplace_back();
    return;
  }
  auto ref = std::to_string(++next_ref_);
  params.insert(params.begin(), {"+" + ref, std::string{type}});
  say({.tags = {}, .source = rules().server_name, .command = "BATCH", .params = std::move(params)});
  batches_.push_back(std::move(ref));
}

void machine::end_batch() {
  auto ref = std::move(batches_.back());
  batches_.pop_back();
  if (ref.empty())
    return;
  say({.tags = {}, .source = rules().server_name, .command = "BATCH", .params = {"-" + ref}});
}

std::string machine::open_reply() {
  if (!label_) {
    flush_lines();
    return {};
  }
  if (batch_ref_.empty()) {
    batch_ref_ = std::to_string(++next_ref_);
    message open{.tags = {},
                 .source = rules().server_name,
                 .command = "BATCH",
                 .params = {"+" + batch_ref_, "labeled-response"}};
    open.set_tag("label", *label_);
    put(open);
  }
  flush_lines();
  return "batch=" + batch_ref_;
}

std::string machine::label_tag() const {
  if (!label_)
    return {};
  if (!batch_ref_.empty())
    return "batch=" + batch_ref_;
  return "label=" + escape_tag_value(*label_);
}

void machine::finish() {
  if (!label_)
    return flush_lines();
  if (batch_ref_.empty() && lines_.size() > 1)
    open_reply();
  if (!batch_ref_.empty()) {
    flush_lines();
    put({.tags = {},
         .source = rules().server_name,
         .command = "BATCH",
         .params = {"-" + batch_ref_}});
    batch_ref_.clear();
  } else if (lines_.empty()) {
    if (!is_answered_) {
      message ack{.tags = {}, .source = rules().server_name, .command = "ACK", .params = {}};
      ack.set_tag("label", *label_);
      put(ack);
    }
  } else {
    lines_.front().set_tag("label", *label_);
    flush_lines();
  }
  label_.reset();
}

void machine::flush_lines() {
  for (auto& line : lines_) {
    if (!batch_ref_.empty() && line.find_tag("batch") == nullptr)
      line.set_tag("batch", batch_ref_);
    put(line);
  }
  lines_.clear();
}

void machine::put(const message& line) {
  auto text = serialise(line);
  auto tags = text.starts_with('@') ? text.find(' ') + 1 : 0;
  if (text.size() - tags > line_room)
    text.resize(tags + fitting(std::string_view{text}.substr(tags), line_room).size());
  auto bytes = framed(text, from_.wire);
  ++moved_.lines_out;
  moved_.bytes_out += bytes.size();
  if (policy_->numbers)
    policy_->numbers->bytes_out += bytes.size();
  if (!out_->empty())
    if (auto* last = std::get_if<write>(&out_->back())) { // one write for a whole reply
      last->bytes += bytes;
      return;
    }
  give(write{std::move(bytes)});
}

} // namespace hamlet::irc
