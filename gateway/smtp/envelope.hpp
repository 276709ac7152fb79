// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/auth/question.hpp"
#include "lib/mail/address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hamlet::smtp {

/// NOTIFY of RFC 3461 §4.1, as bits.
enum notify : std::uint8_t { unspecified = 0, never = 1, success = 2, failure = 4, delay = 8 };

/// One forward-path with what RFC 3461 §4 says of it.
struct recipient {
  mail::address to;
  std::uint8_t notify = notify::unspecified;
  std::string original; ///< ORCPT as it was given, still in xtext: "rfc822;…"; may be empty
};

/// Where a message goes: to the mailbox, or to where its recipient is now, which here is chat.
/// RFC 821 §3.4.
enum class delivery : std::uint8_t {
  mail,          ///< MAIL
  send,          ///< SEND: shown, or not at all
  send_or_mail,  ///< SOML: to the mailbox of those who are not there
  send_and_mail, ///< SAML: to the mailbox in any case
};

/// The buffers of RFC 5321 §4.1.1 without the text itself.
struct envelope {
  delivery how = delivery::mail;
  bool from_null = false; ///< "<>"
  mail::address from;
  std::vector<recipient> to;
  std::string helo;      ///< what the client calls itself
  bool extended = false; ///< EHLO, not HELO
  bool secured = false;
  std::optional<auth::identity> who; ///< logged in
  bool utf8 = false;                 ///< SMTPUTF8 was asked for
  std::string body;                  ///< "", "7BIT", "8BITMIME", "BINARYMIME"
  std::string ret;                   ///< RFC 3461 §4.3: "", "FULL", "HDRS"
  std::string envid;                 ///< RFC 3461 §4.4: xtext as given
};

} // namespace hamlet::smtp
