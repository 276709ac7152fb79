// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/chat/v1/chat.pb.h"
#include "storage/chat/history_repository.hpp"

#include <optional>
#include <string>
#include <vector>

// How the events of chat lie in the store, and how the questions of clients become its questions.

namespace hamlet {

/// May it be read again? No: an indicator of typing, what only some members or operators heard,
/// what is of no conversation.
bool is_kept(const chat::v1::Event& x);

/// @param target Of the conversation: storage/chat/keys.hpp. Without what must not be kept: real
/// addresses, certificates, connections.
sql::chat_event to_row(const chat::v1::Event& x, std::string target);

/// A redacted message comes back with is_redacted and without its text.
chat::v1::Event to_event(const sql::chat_event& row);
/// All of them, for Reply.events.
void put_events(chat::v1::Reply& into, const std::vector<sql::chat_event>& rows);

/// The answer of CHATHISTORY but for TARGETS, which is not of one conversation.
/// @param at_most The server's own limit.
void find_history(sql::history_repository store, const chat::v1::GetHistory& what,
                  std::string target, std::size_t at_most,
                  sql::completion<std::vector<sql::chat_event>> done);

/// What SEARCH asks for, in these conversations.
sql::history_search to_search(const chat::v1::SearchHistory& what, std::vector<std::string> targets,
                              std::size_t at_most);

/// What a failed question about history is to the one who asked.
chat::v1::Refusal refusal_of(errc code);

} // namespace hamlet
