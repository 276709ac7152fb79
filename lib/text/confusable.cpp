// SPDX-License-Identifier: Apache-2.0
#include "lib/text/confusable.hpp"

#include "lib/text/utf8.hpp"

#include <array>
#include <cstdint>
#include <unicode/uspoof.h>

namespace hamlet::text {

namespace {

constexpr std::size_t max_size = 1023;
constexpr std::size_t max_growth = 18; // of the longest decomposition, in UTF-8

// Opened once and never closed: its questions are const, so all threads may ask it.
const USpoofChecker* checker() {
  static const auto* one = [] {
    auto status = U_ZERO_ERROR;
    auto* made = uspoof_open(&status);
    return U_SUCCESS(status) ? made : nullptr;
  }();
  return one;
}

} // namespace

std::string skeleton(std::string_view text) {
  std::string out{text};
  if (text.size() > max_size || !utf8::is_valid(text) || checker() == nullptr)
    return out;
  std::array<char, max_size * max_growth> room;
  auto status = U_ZERO_ERROR;
  auto size =
    uspoof_getSkeletonUTF8(checker(), 0, text.data(), static_cast<std::int32_t>(text.size()),
                           room.data(), static_cast<std::int32_t>(room.size()), &status);
  if (U_SUCCESS(status))
    out.assign(room.data(), static_cast<std::size_t>(size));
  return out;
}

} // namespace hamlet::text
