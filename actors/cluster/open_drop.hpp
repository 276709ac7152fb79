// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/mail/v1/mailbox.pb.h"

#include <cstdint>
#include <vector>

namespace hamlet::cluster {

/// The maildrop that a client was shown when it locked it (RFC 1939 §4).
struct open_drop {
  std::int64_t account_id = 0;
  std::int64_t uid_validity = 0;
  int messages = 0;
  std::int64_t last_uid = 0;
  std::vector<std::int64_t> going; ///< what an UPDATE, whose end is not known, deletes

  static open_drop of(std::int64_t account_id, const mail::v1::Maildrop& shown);

  /// Is all still there, but for what it deletes itself? What came later does not matter to it.
  bool is_unchanged(const mail::v1::Maildrop& now) const;
};

} // namespace hamlet::cluster
