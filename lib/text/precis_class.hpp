// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hamlet::text {

/// What PRECIS derives for a code point, RFC 8264 §8.
enum class precis_class : std::uint8_t {
  valid,      ///< PVALID: in names and in free text
  free_text,  ///< FREE_PVAL: only in free text
  contextual, ///< CONTEXTJ, CONTEXTO: where obeys_context() says so
  disallowed, ///< DISALLOWED and UNASSIGNED
};

precis_class class_of(char32_t x);

/// The rule of RFC 5892 appendix A for the contextual code point at `i`.
bool obeys_context(std::u32string_view text, std::size_t i);

/// The Bidi Rule, RFC 5893 §2, which text without right-to-left characters does not break.
bool obeys_bidi_rule(std::u32string_view text);

} // namespace hamlet::text
