// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/presence.hpp"
#include "hamlet/chat/v1/chat.pb.h"

#include <cstdint>
#include <string>

// The way from the rest of the program to a member who is in chat: SEND of SMTP, notices of mail.

namespace hamlet {

/// The session at which somebody of this account sits: one with a client, of several rather one
/// that is not away, then the one that spoke last. nullptr: nobody is there.
packed_ref find_reachable(const presence& people, std::int64_t account_id);

/// A NOTICE of the server, for router::session_of(to.session_id()). Nothing that the member has
/// chosen against strangers keeps it off, unless Request.who is set: then it passes on the words of
/// that account, and is judged like those. It is not kept. Its reply says whether it arrived:
/// NO_SUCH_NICK if the member has just left.
/// @param text A line or several, valid UTF-8. @param now_ms 0: when it arrives.
chat::v1::Request notice_to(const packed_user& to, const std::string& server_name,
                            const std::string& text, std::int64_t now_ms = 0);

} // namespace hamlet
