// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/multiline.hpp"

#include "gateway/irc/message_verbs.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/format.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

/// The whole message is refused, and the reply to its label is this one. What still comes of it is
/// read and thrown away.
void refuse_batch(machine& m, std::string_view code, std::vector<std::string> context,
                  std::string_view text) {
  if (!m.has_label())
    m.set_label(std::exchange(m.batch->label, std::nullopt));
  m.batch->is_refused = m.batch->was_told = true;
  m.batch->message = {};
  m.fail("BATCH", code, std::move(context), text);
}

/// IRCv3 batch, Syntax.
bool is_reference(std::string_view ref) {
  return !ref.empty() && ref.size() <= 64 && std::ranges::all_of(ref, [](char c) {
    return ascii::is_letter_or_digit(c) || c == '-';
  });
}

void open_one(machine& m, const message& x) {
  auto ref = x.params[0].substr(1);
  if (m.batch && !m.batch->is_refused)
    return refuse_batch(m, "MULTILINE_INVALID", {}, "One batch at a time");
  m.batch = std::make_unique<open_batch>();
  m.batch->ref = ref;
  m.batch->give_up_at = m.now().at + m.limits().batch_timeout.value;
  auto type = std::string{fitting(x.param(1), 64)};
  auto target = std::string{x.param(2)};
  if (!is_reference(ref))
    return refuse_batch(m, "INVALID_REFTAG", {std::string{fitting(ref, 64)}},
                        "A reference is of letters, digits and '-'");
  if (type != "draft/multiline" || !m.has(cap::multiline))
    return refuse_batch(m, "UNKNOWN_TYPE", {ref, type}, "There is no such batch");
  if (target.empty() || target.find(',') != target.npos)
    return refuse_batch(m, "MULTILINE_INVALID_TARGET", {target, target}, "A batch has one target");
  m.batch->target = std::move(target);
  m.batch->label = m.take_label(); // the answer comes at the end of the batch
  copy_client_tags(m, x, m.batch->message);
}

void close_one(machine& m, std::string_view ref) {
  if (!m.batch || m.batch->ref != ref)
    return m.fail("BATCH", "MULTILINE_INVALID", {}, "No such batch is open");
  auto done = std::move(m.batch);
  if (done->label)
    m.set_label(std::move(done->label));
  m.pay(done->received / 4); // its lines cost less than lines that come alone
  if (done->was_told)
    return;
  if (done->is_refused)
    return m.fail("BATCH", "MULTILINE_INVALID", {}, "A line of the message could not be read");
  if (done->lines == 0 || done->message.text().find_first_not_of('\n') == std::string::npos)
    return m.fail("BATCH", "MULTILINE_INVALID", {}, "The message is empty");
  speak(m, done->target, std::move(done->message));
}

} // namespace

void expire_batch(machine& m) {
  refuse_batch(m, "TIMEOUT", {m.batch->ref}, "The batch was open for too long");
}

void verb_batch(machine& m, const message& x) {
  if (x.params[0].starts_with('+'))
    return open_one(m, x);
  if (x.params[0].starts_with('-'))
    return close_one(m, std::string_view{x.params[0]}.substr(1));
  m.fail("BATCH", "INVALID_REFTAG", {std::string{fitting(x.params[0], 64)}},
         "The reference begins with + or -");
}

bool add_to_batch(machine& m, const message& x) {
  auto ref = x.tag_value("batch");
  if (!ref)
    return false;
  if (!m.batch || m.batch->ref != *ref) {
    m.fail("BATCH", "MULTILINE_INVALID", {}, "No such batch is open");
    return true;
  }
  auto& b = *m.batch;
  m.take_label(); // lines of a batch have none
  ++b.received;
  if (b.is_refused)
    return true;
  auto kind = kind_of(x.command);
  if (kind == chat::v1::TAGMSG || (b.lines > 0 && kind != b.message.kind())) {
    refuse_batch(m, "MULTILINE_INVALID", {}, "Lines of one batch are of one kind");
    return true;
  }
  if (!same_name(x.param(0), b.target)) {
    refuse_batch(m, "MULTILINE_INVALID_TARGET", {b.target, std::string{x.param(0)}},
                 "Lines of one batch have one target");
    return true;
  }
  bool joins = x.find_tag("draft/multiline-concat") != nullptr;
  if (joins && x.param(1).empty()) {
    refuse_batch(m, "MULTILINE_INVALID", {}, "A line that continues another one has text");
    return true;
  }
  auto text = x.param(1);
  joins = joins && b.lines > 0; // the first one has nothing to join
  b.octets += text.size() + (b.lines > 0 && !joins ? 1 : 0);
  if (b.octets > m.sizes().multiline_octets.value) {
    refuse_batch(m, "MULTILINE_MAX_BYTES", {std::to_string(m.sizes().multiline_octets.value)},
                 "The message is too long");
    return true;
  }
  if (++b.lines > m.sizes().multiline_lines.value) {
    refuse_batch(m, "MULTILINE_MAX_LINES", {std::to_string(m.sizes().multiline_lines.value)},
                 "The message has too many lines");
    return true;
  }
  b.message.set_kind(kind);
  if (b.lines > 1)
    b.message.mutable_text()->push_back('\n');
  b.message.mutable_text()->append(text);
  b.message.add_joins_previous(joins);
  return true;
}

} // namespace hamlet::irc
