// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/session/user.hpp"
#include "hamlet/chat/v1/chat.pb.h"

namespace hamlet {

/// Does a SILENCE entry fit this sender?
bool is_silenced(const user& target, const chat::v1::Who& sender);
/// Is the sender on the ACCEPT list?
bool is_accepted(const user& target, const chat::v1::Who& sender);

/// May this message reach the target? NONE: yes. An operator is kept off by SILENCE alone, and by
/// mode T.
chat::v1::Refusal judge_message(const user& target, const chat::v1::Who& sender,
                                const chat::v1::Message& what, bool sender_is_operator,
                                bool share_channel);

/// Is the target to be told that somebody was refused for caller-id? Once in a minute of each.
bool should_tell_of(user::extras& target, std::int64_t sender, std::int64_t now_ms);

} // namespace hamlet
