// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/machine.hpp"
#include "gateway/irc/render.hpp"
#include "gateway/irc/running.hpp"
#include "lib/irc/format.hpp"

namespace hamlet::irc {

namespace {

constexpr std::size_t write_room = 16u << 10; ///< in one effect: the world may send bit by bit
constexpr std::size_t line_room = 510;        ///< RFC 2812 §2.3, without CR LF

/// The texts that define these commands want FAIL, WARN and NOTE of who has asked for them.
bool has_its_own_failures(const cap_set& caps, std::string_view command) {
  struct row {
    std::string_view command;
    cap_set any_of;
  };
  static constexpr row table[] = {
    {"BATCH", {cap::multiline}},
    {"CHATHISTORY", {cap::chathistory}},
    {"JOIN", {cap::channel_rename}},
    {"MARKREAD", {cap::read_marker}},
    {"METADATA", {cap::metadata_2, cap::metadata_3}},
    {"PERSISTENCE", {cap::persistence}},
    {"REDACT", {cap::message_redaction}},
    {"REGISTER", {cap::account_registration}},
    {"RENAME", {cap::channel_rename}},
    {"SETNAME", {cap::setname}},
    {"VERIFY", {cap::account_registration}},
  };
  for (auto& x : table)
    if (x.command == command)
      return caps.has_any(x.any_of);
  return false;
}

/// All of it between BATCH +ref and BATCH -ref: such a reply needs no other batch around it.
bool is_one_batch(const std::vector<message>& lines) {
  auto& first = lines.front();
  auto& last = lines.back();
  return first.command == "BATCH" && last.command == "BATCH" && first.find_tag("batch") == nullptr
         && !first.params.empty() && !last.params.empty() && last.params[0].size() > 1
         && first.params[0].substr(1) == last.params[0].substr(1)
         && first.params[0] != last.params[0];
}

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
  if (!has(cap::standard_replies) && !has_its_own_failures(usable_, command)) {
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
  auto& r = now_running();
  if (!r.batches.empty() && !r.batches.back().empty() && line.find_tag("batch") == nullptr)
    line.set_tag("batch", r.batches.back());
  r.lines.push_back(std::move(line));
}

// -- labels and batches (IRCv3 labeled-response, batch) -------------------------------------------

void machine::begin_batch(std::string_view type, std::vector<std::string> params) {
  if (!has(cap::batch)) {
    now_running().batches.emplace_back();
    return;
  }
  auto ref = std::to_string(++next_ref_);
  params.insert(params.begin(), {"+" + ref, std::string{type}});
  say({.tags = {}, .source = rules().server_name, .command = "BATCH", .params = std::move(params)});
  now_running().batches.push_back(std::move(ref));
}

void machine::end_batch() {
  auto& open = now_running().batches;
  auto ref = std::move(open.back());
  open.pop_back();
  if (ref.empty())
    return;
  say({.tags = {}, .source = rules().server_name, .command = "BATCH", .params = {"-" + ref}});
}

std::string machine::open_reply() {
  auto& r = now_running();
  if (!r.label) {
    flush_lines();
    return {};
  }
  if (r.batch_ref.empty()) {
    r.batch_ref = std::to_string(++next_ref_);
    message open{.tags = {},
                 .source = rules().server_name,
                 .command = "BATCH",
                 .params = {"+" + r.batch_ref, "labeled-response"}};
    open.set_tag("label", *r.label);
    put(open);
  }
  flush_lines();
  return "batch=" + r.batch_ref;
}

std::string machine::label_tag() const {
  if (!running_ || !running_->label)
    return {};
  if (!running_->batch_ref.empty())
    return "batch=" + running_->batch_ref;
  return "label=" + escape_tag_value(*running_->label);
}

void machine::answered_by_event() {
  now_running().is_answered = true;
}

bool machine::has_label() const {
  return running_ && running_->label;
}

std::optional<std::string> machine::take_label() {
  return std::exchange(now_running().label, std::nullopt);
}

void machine::set_label(std::optional<std::string> x) {
  now_running().label = std::move(x);
}

void machine::finish() {
  auto& r = now_running();
  auto has_label = r.label && !r.is_answered;
  if (has_label && r.batch_ref.empty() && r.lines.size() > 1 && !is_one_batch(r.lines))
    open_reply();
  if (!r.batch_ref.empty()) {
    flush_lines();
    put({.tags = {},
         .source = rules().server_name,
         .command = "BATCH",
         .params = {"-" + r.batch_ref}});
    r.batch_ref.clear();
  } else if (has_label && r.lines.empty()) {
    message ack{.tags = {}, .source = rules().server_name, .command = "ACK", .params = {}};
    ack.set_tag("label", *r.label);
    put(ack);
  } else {
    if (has_label)
      r.lines.front().set_tag("label", *r.label);
    flush_lines();
  }
  r.label.reset();
  r.is_answered = false;
  tell_fanout();
}

void machine::flush_lines() {
  auto& r = now_running();
  for (auto& line : r.lines) {
    if (!r.batch_ref.empty() && line.find_tag("batch") == nullptr)
      line.set_tag("batch", r.batch_ref);
    put(line);
  }
  r.lines.clear();
}

void machine::put(const message& line) {
  if (is_closed_)
    return;
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
    // One write for a whole reply, unless it is long.
    if (auto* last = std::get_if<write>(&out_->back()); last && last->bytes.size() < write_room) {
      last->bytes += bytes;
      return;
    }
  give(write{std::move(bytes)});
}

} // namespace hamlet::irc
