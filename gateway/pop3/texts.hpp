// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

// What the server says to people, in each language (RFC 6856 §3). To add a sentence, add a
// line here and one to the table; to add a language, add a column.

namespace hamlet::pop3 {

enum class language : std::uint8_t { english, vietnamese, chinese };

struct language_listing {
  std::string_view tag;  ///< RFC 5646
  std::string_view name; ///< in the language itself
  language which;
};

/// All that LANG offers. "i-default" (RFC 2277 §4.5) is English.
inline constexpr language_listing all_languages[] = {{"en", "English", language::english},
                                                     {"vi", "Tiếng Việt", language::vietnamese},
                                                     {"zh", "中文", language::chinese},
                                                     {"i-default", "English", language::english}};

/// RFC 4647 §3.4: the best that fits a language range, as "vi" fits "vi-VN"; nullptr: none.
const language_listing* language_for(std::string_view range);

enum class text : std::uint8_t {
  ready,
  good_bye,
  nothing_deleted,
  going_down,
  capabilities,
  languages,
  language_set,
  language_unknown,
  log_in_first,
  logged_in_already,
  unknown_command,
  syntax,
  line_ends,
  line_too_long,
  bad_character,
  bad_utf8,
  too_many_errors,
  password_please,
  user_first,
  needs_tls,
  wrong_login,
  disabled,
  try_later,
  in_use,
  too_soon,
  no_apop,
  no_mechanism,
  mechanisms,
  cancelled,
  bad_base64,
  bad_response,
  begin_tls,
  tls_already,
  no_tls,
  tls_before_utf8,
  utf8_mode,
  one_message,
  messages,
  no_message,
  is_deleted,
  deleted,
  octets,
  top,
  unique_ids,
  noop,
  needs_utf8,
  unreadable,
  damaged,
  count_, // not a text
};

/// The sentence, its `{}` replaced in their order.
std::string say(text which, language in, std::initializer_list<std::string_view> values = {});

} // namespace hamlet::pop3
