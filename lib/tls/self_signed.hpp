// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/tls/context.hpp"

namespace hamlet::tls {

/// For the first start: a certificate of 825 days for `host`, localhost and 127.0.0.1 in
/// `folder` (which exists), its key of mode 0600. It stays what it is, so that clients can
/// pin it, until it has less than 30 days left or is not for `host`.
/// errc::bad_setup: `host` is neither a name nor an address, or the folder is not ours.
result<certificate_files> ensure_self_signed(const std::string& folder, const std::string& host);

} // namespace hamlet::tls
