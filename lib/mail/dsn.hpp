// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::mail {

/// What became of the message, RFC 3464 §2.3.3.
enum class dsn_action : std::uint8_t { delivered, relayed, delayed, failed };

struct reported_recipient {
  std::string to;       ///< address::text() of the recipient
  std::string original; ///< ORCPT as it was given, "rfc822;…" in xtext; may be empty
  dsn_action action = dsn_action::delivered;
  std::string status;     ///< RFC 3463, "2.0.0"; empty: the class of the action, ".0.0"
  std::string diagnostic; ///< RFC 3464 §2.3.6 with its type, "smtp; 550 …"; may be empty
};

/// A report to the sender of one message.
struct report_info {
  std::string host;    ///< our own name
  std::string to;      ///< the reverse-path as address::text() writes it; never null:
                       ///< nobody reports on reports (RFC 3461 §6.1)
  std::string id;      ///< for its Message-ID and boundary; fresh for each report
  std::int64_t at = 0; ///< seconds since 1970
  std::int64_t arrived_at = 0;
  std::string envelope_id; ///< ENVID as it was given, xtext; may be empty
  std::vector<reported_recipient> recipients;
  std::string_view original; ///< the message, or its header section alone; may be empty
  bool returns_all = false;  ///< RET=FULL, and `original` has the body: return it too
};

/// The complete message, lines ended by CRLF: multipart/report of RFC 6522 with a text for people,
/// the fields of RFC 3464 and the header or all of the original. To be sent with a null
/// reverse-path. It has octets above 127 only where the address of the sender or the returned body
/// has. What came from outside cannot end a field or a part.
std::string success_report(const report_info& info);

} // namespace hamlet::mail
