// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/mail/mailbox_repository.hpp"

namespace hamlet::sql {

/// Is anything queued for this account? On a connection that only reads.
result<bool> has_mail(database& db, std::int64_t account_id);

/// mailbox_repository::collect inside the transaction of the caller.
result<collected> collect_mail(database& db, std::int64_t account_id, std::size_t at_most,
                               std::int64_t now);

} // namespace hamlet::sql
