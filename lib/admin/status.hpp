// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <cstdint>
#include <string_view>

namespace hamlet::admin {

/// The codes of gRPC, with their numbers on the wire.
enum class status : std::int32_t {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

/// "NOT_FOUND"; "UNKNOWN" for what is none.
std::string_view to_string(status x);

/// What a failure of ours means to who has called.
status status_of(errc x);

} // namespace hamlet::admin
