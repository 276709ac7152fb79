// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/admin/v1/call.pb.h"
#include "lib/pki/trust.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hamlet::admin {

/// What a call has shown of who calls.
struct shown {
  std::string peer;               ///< as gRPC writes it: "unix:…", "ipv4:192.0.2.1:4000"
  std::string certificate;        ///< PEM; its key is proven. Empty: none
  std::string_view authorization; ///< header field; empty: none
};

/// Who that is. A certificate that is not good is a `problem`, whatever else is shown.
v1::Caller caller_of(const shown& x, const std::optional<pki::trust>& trust, std::int64_t now);

} // namespace hamlet::admin
