// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/chat/channel_repository.hpp"

/// What the files of registered channels share: steps inside the transaction of the caller.
namespace hamlet::sql {

result<std::vector<channel_access>> access_of(database& db, std::int64_t channel_id);
result<std::vector<channel_list_entry>> lists_of(database& db, std::int64_t channel_id);

/// not_found: no such channel.
result<void> needs_channel(database& db, std::int64_t channel_id);

} // namespace hamlet::sql
