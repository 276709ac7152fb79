// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/chat/history_repository.hpp"

#include <limits>

/// What the files of the history share: steps inside the transaction of the caller.
namespace hamlet::sql {

constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr auto highest = std::numeric_limits<std::int64_t>::max();

/// Places between these, both exclusive.
struct history_range {
  history_place low{lowest, lowest};
  history_place high{highest, highest};
};

/// Which end of a range a limit counts from.
enum class history_end : std::uint8_t { oldest, newest };

/// By rising place, whatever the end.
result<std::vector<chat_event>> read_history(database& db, const std::string& target,
                                             const history_range& range, std::size_t limit,
                                             history_end from, history_view view);

/// nullopt: no such event. @param target Empty: any that has it.
result<std::optional<chat_event>> find_event(database& db, std::int64_t event_id,
                                             const std::string& target = {});

/// Events of a target older than a place, up to `at_most` of messages and of the rest each.
result<std::int64_t> delete_before(database& db, const std::string& target, history_place place,
                                   std::size_t at_most);

/// The oldest of the `keep` (at least 1) latest messages. nullopt: there are fewer.
result<std::optional<history_place>> latest_kept(database& db, const std::string& target,
                                                 std::size_t keep);

/// nullopt: the target has no message.
result<std::optional<std::int64_t>> latest_message_ms(database& db, const std::string& target);

} // namespace hamlet::sql
