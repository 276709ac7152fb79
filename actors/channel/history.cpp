// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel.hpp"
#include "actors/channel/texts.hpp"
#include "lib/irc/format.hpp"

// Who may read, take back and rename: draft/chathistory, draft/message-redaction,
// draft/channel-rename.

namespace hamlet {

using namespace chat::v1;

std::optional<std::int64_t> channel::readable_from(channel_turn& x) const {
  x.reply.set_channel(name_);
  auto* m = find(x.asker());
  if (m == nullptr) {
    x.refuse(NOT_ON_CHANNEL);
    return std::nullopt;
  }
  return m->reads_from_ms;
}

bool channel::may_redact(channel_turn& x, bool is_author, std::int64_t said_ms) const {
  auto* m = find(x.asker());
  if (m == nullptr)
    return x.refuse(NOT_ON_CHANNEL), false;
  if (said_ms < m->reads_from_ms)
    return x.refuse(NO_SUCH_MESSAGE), false;
  if (m->rights >= rank::op || x.ask.who().is_operator())
    return true;
  if (!is_author)
    return x.refuse(NEEDS_OPERATOR), false;
  auto window = std::chrono::milliseconds{x.rules.redaction_window}.count();
  if (window != 0 && x.now_ms - said_ms > window)
    return x.refuse(TOO_LATE), false;
  return true;
}

void channel::announce_redaction(channel_turn& x) {
  auto& e = publish(x);
  e.mutable_redacted()->set_event_id(x.ask.redact().event_id());
  e.mutable_redacted()->set_reason(
    std::string{irc::fitting(x.ask.redact().reason(), x.rules.kick_length)});
}

bool channel::may_rename(channel_turn& x) const {
  x.reply.set_channel(name_);
  auto* m = find(x.asker());
  if (m == nullptr && !x.ask.who().is_operator())
    return x.refuse(NOT_ON_CHANNEL), false;
  auto needed = registered_ ? rank::founder : rank::op;
  if (rights_of(x.asker()) < needed && !x.ask.who().is_operator())
    return x.refuse(NEEDS_OPERATOR), false;
  if (x.ask.rename().new_name().substr(0, 1) != name_.substr(0, 1))
    return x.refuse(CANNOT_RENAME), false; // a channel of this node alone stays one
  return true;
}

/// Members know it by its old name until this event.
void channel::announce_rename(channel_turn& x, const std::string& old_name,
                              const std::string& reason) {
  auto& e = publish(x);
  e.set_channel(old_name);
  e.mutable_renamed()->set_new_name(name_);
  e.mutable_renamed()->set_reason(std::string{irc::fitting(reason, x.rules.kick_length)});
  for (auto& [session, m] : members_)
    x.came.push_back(session);
  x.all_prefixed = x.card_changed = true;
}

} // namespace hamlet
