// SPDX-License-Identifier: Apache-2.0
#include "lib/admin/status.hpp"

namespace hamlet::admin {

std::string_view to_string(status x) {
  switch (x) {
  case status::ok: return "OK";
  case status::cancelled: return "CANCELLED";
  case status::unknown: return "UNKNOWN";
  case status::invalid_argument: return "INVALID_ARGUMENT";
  case status::deadline_exceeded: return "DEADLINE_EXCEEDED";
  case status::not_found: return "NOT_FOUND";
  case status::already_exists: return "ALREADY_EXISTS";
  case status::permission_denied: return "PERMISSION_DENIED";
  case status::resource_exhausted: return "RESOURCE_EXHAUSTED";
  case status::failed_precondition: return "FAILED_PRECONDITION";
  case status::aborted: return "ABORTED";
  case status::out_of_range: return "OUT_OF_RANGE";
  case status::unimplemented: return "UNIMPLEMENTED";
  case status::internal: return "INTERNAL";
  case status::unavailable: return "UNAVAILABLE";
  case status::data_loss: return "DATA_LOSS";
  case status::unauthenticated: return "UNAUTHENTICATED";
  }
  return "UNKNOWN";
}

status status_of(errc x) {
  switch (x) {
  case errc::none: return status::ok;
  case errc::not_found: return status::not_found;
  case errc::already_exists: return status::already_exists;
  case errc::bad_request: return status::invalid_argument;
  case errc::over_quota: return status::failed_precondition;
  case errc::busy: return status::resource_exhausted;
  case errc::disk_full: return status::unavailable;
  case errc::store_failed: return status::unavailable;
  case errc::timed_out: return status::deadline_exceeded;
  case errc::shutting_down: return status::unavailable;
  case errc::bad_message: return status::internal;
  case errc::bad_setup: return status::failed_precondition;
  case errc::wrong_owner: return status::unavailable;
  }
  return status::internal;
}

} // namespace hamlet::admin
