// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::mail {

/// What SMTP must know of a header section. Filled line by line while the
/// message streams by; MIME is not looked at.
struct header_facts {
  int received = 0; ///< Received fields of the main header (RFC 5321 §6.3)
  bool has_date = false;
  bool has_message_id = false;
  bool has_from = false;
  bool has_8bit = false; ///< a byte above 127 in the header
  bool has_return_path = false;
  std::vector<std::string> from; ///< addr-specs of From, canonical text(); at most 100
  bool from_is_odd = false; ///< some of From could not be read, or is not in `from` for its length
};

/// Bounded: keeps at most `max_field` bytes of the one field it is in.
class header_scanner {
public:
  /// One line without CRLF. Returns false once the header has ended: the empty line,
  /// or a line that is no header field (RFC 5322 §2.2): that one belongs to the body.
  bool line(std::string_view text);
  /// The header ends here, whatever came.
  void finish();
  bool is_done() const { return done_; }
  const header_facts& facts() const { return facts_; }

  static constexpr std::size_t max_field = 64u << 10;

private:
  void begin_field(std::string_view name, std::string_view body);
  void keep(std::string_view text);
  void end_field();

  header_facts facts_;
  std::string field_;      ///< unfolded so far, only of fields that are looked at
  bool has_begun_ = false; ///< a field was seen: a line that begins with a space goes on with it
  bool is_kept_ = false;   ///< the field is From
  bool done_ = false;
};

} // namespace hamlet::mail
