// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/replies.hpp"

namespace hamlet::smtp {

// No default: a new errc does not compile until SMTP has an answer for it.
reply refusal(errc code) {
  switch (code) {
  case errc::not_found: return {550, "5.1.1 No such user here"};
  case errc::over_quota: return {452, "4.2.2 Mailbox full"};
  case errc::busy: return {451, "4.3.2 Too busy, try again later"};
  case errc::disk_full: return {452, "4.3.1 No space left, try again later"};
  case errc::bad_request: return {554, "5.6.0 Message cannot be taken"};
  case errc::none:
  case errc::already_exists:
  case errc::store_failed:
  case errc::timed_out:
  case errc::shutting_down:
  case errc::bad_message:
  case errc::bad_setup:
  case errc::wrong_owner: break;
  }
  return {451, "4.3.0 Try again later"};
}

} // namespace hamlet::smtp
