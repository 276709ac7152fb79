// SPDX-License-Identifier: Apache-2.0
#include "lib/base/result.hpp"

namespace hamlet {

std::string_view to_string(errc code) {
  switch (code) {
  case errc::none: return "none";
  case errc::not_found: return "not_found";
  case errc::already_exists: return "already_exists";
  case errc::bad_request: return "bad_request";
  case errc::over_quota: return "over_quota";
  case errc::busy: return "busy";
  case errc::disk_full: return "disk_full";
  case errc::store_failed: return "store_failed";
  case errc::timed_out: return "timed_out";
  case errc::shutting_down: return "shutting_down";
  case errc::bad_message: return "bad_message";
  case errc::bad_setup: return "bad_setup";
  case errc::wrong_owner: return "wrong_owner";
  }
  return "unknown";
}

} // namespace hamlet
