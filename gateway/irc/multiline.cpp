// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/multiline.hpp"

#include "gateway/irc/message_verbs.hpp"

namespace hamlet::irc {

namespace {

void refuse_batch(machine& m, std::string_view code, std::vector<std::string> context,
                  std::string_view text) {
  if (m.batch)
    m.batch->is_refused = true;
  m.fail("BATCH", code, std::move(context), text);
}

void open_one(machine& m, const message& x) {
  auto ref = x.params[0].substr(1);
  if (m.batch)
    return refuse_batch(m, "MULTILINE_INVALID", {}, "One batch at a time");
  if (x.param(1) != "draft/multiline" || !m.has(cap::multiline))
    return m.fail("BATCH", "UNKNOWN_TYPE", {std::string{x.param(1).substr(0, 64)}},
                  "There is no such batch");
  if (ref.empty() || ref.size() > 64 || x.param(2).empty()
      || x.param(2).find(',') != std::string_view::npos)
    return m.fail("BATCH", "MULTILINE_INVALID_TARGET", {ref, std::string{x.param(2)}},
                  "A batch has one target");
  m.batch = std::make_unique<open_batch>();
  m.batch->ref = ref;
  m.batch->target = x.params[2];
  m.batch->label = m.take_label(); // the answer comes at the end of the batch
  copy_client_tags(m, x, m.batch->message);
}

void close_one(machine& m, std::string_view ref) {
  if (!m.batch || m.batch->ref != ref)
    return m.fail("BATCH", "MULTILINE_INVALID", {std::string{ref.substr(0, 64)}},
                  "No such batch is open");
  auto done = std::move(m.batch);
  m.set_label(std::move(done->label));
  if (done->is_refused)
    return;
  if (done->lines == 0 || done->message.text().find_first_not_of('\n') == std::string::npos)
    return m.fail("BATCH", "MULTILINE_INVALID", {}, "The message is empty");
  speak(m, done->target, std::move(done->message));
}

} // namespace

void verb_batch(machine& m, const message& x) {
  if (x.params[0].starts_with('+'))
    return open_one(m, x);
  if (x.params[0].starts_with('-'))
    return close_one(m, std::string_view{x.params[0]}.substr(1));
  m.fail("BATCH", "INVALID_REFTAG", {x.params[0].substr(0, 64)},
         "The reference begins with + or -");
}

bool add_to_batch(machine& m, const message& x) {
  auto ref = x.tag_value("batch");
  if (!ref)
    return false;
  if (!m.batch || m.batch->ref != *ref) {
    m.fail("BATCH", "MULTILINE_INVALID", {std::string{ref->substr(0, 64)}},
           "No such batch is open");
    return true;
  }
  auto& b = *m.batch;
  m.take_label(); // lines of a batch have none
  if (b.is_refused)
    return true;
  auto kind = kind_of(x.command);
  if (kind == chat::v1::TAGMSG || (b.lines > 0 && kind != b.message.kind())) {
    refuse_batch(m, "MULTILINE_INVALID", {}, "Lines of one batch are of one kind");
    return true;
  }
  if (x.param(0) != b.target) {
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
