// SPDX-License-Identifier: Apache-2.0
#include "lib/base/ids.hpp"

#include <algorithm>
#include <chrono>

namespace hamlet {

namespace {

constexpr std::int64_t epoch_ms = 1'704'067'200'000; // 2024-01-01T00:00:00Z
constexpr int node_bits = 10;
constexpr int count_bits = 12;
constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t text_size = 13; // 65 bits

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() - epoch_ms;
}

} // namespace

id_source::id_source(std::uint16_t node, std::int64_t last)
    : node_{node & ((1 << node_bits) - 1)}, last_{last >> (node_bits + count_bits) << count_bits
                                                  | (last & ((1 << count_bits) - 1))} {
}

std::int64_t id_source::next() {
  auto before = last_.load();
  std::int64_t mine = 0;
  do {
    mine = std::max(before + 1, now_ms() << count_bits);
  } while (!last_.compare_exchange_weak(before, mine));
  auto ms = mine >> count_bits;
  auto count = mine & ((1 << count_bits) - 1);
  return ms << (node_bits + count_bits) | node_ << count_bits | count;
}

std::uint16_t node_of_id(std::int64_t id) {
  return static_cast<std::uint16_t>(id >> count_bits & ((1 << node_bits) - 1));
}

std::string id_text(std::int64_t id) {
  std::string out(text_size, '0');
  auto rest = static_cast<std::uint64_t>(id);
  for (auto at = out.rbegin(); at != out.rend(); ++at, rest >>= 5)
    *at = digits[rest & 31];
  return out;
}

std::optional<std::int64_t> id_of(std::string_view text) {
  if (text.size() != text_size)
    return std::nullopt;
  std::uint64_t value = 0;
  for (auto c : text) {
    auto digit = digits.find(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
    if (digit == digits.npos || value >> 59 != 0)
      return std::nullopt;
    value = value << 5 | digit;
  }
  return static_cast<std::int64_t>(value);
}

std::string short_id_text(std::int64_t id) {
  auto text = id_text(id);
  return text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
}

std::optional<std::int64_t> short_id_of(std::string_view text) {
  if (text.empty() || text.size() > text_size)
    return std::nullopt;
  return id_of(std::string(text_size - text.size(), '0').append(text));
}

} // namespace hamlet
