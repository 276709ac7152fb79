// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/kinds.hpp"
#include "lib/config/record.hpp"
#include "lib/config/setting.hpp"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Values as they stand in the file, and what a setting takes, in words.

namespace hamlet::config {

/// "250ms", "30s", "5m", "1h", "7d"; a whole number and one unit. nullopt: not of that form, or
/// more than 100 years.
std::optional<std::chrono::milliseconds> duration_of(std::string_view text);
std::string duration_text(std::chrono::milliseconds x); ///< in the largest unit that fits

/// "512B", "64KiB", "50MiB", "1GiB", "2TiB". nullopt: not of that form, or too large.
std::optional<std::uint64_t> octets_of(std::string_view text);
std::string octets_text(std::uint64_t x);

/// A string of TOML, with its quotes.
std::string toml_string(std::string_view text);

template <class T>
concept enumeration = std::is_enum_v<T>;
template <class T>
concept number = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept timespan = std::same_as<T, std::chrono::milliseconds>;
template <class T>
concept text_like = std::same_as<T, std::string>;
template <class T>
concept measured = number<T> || timespan<T>;
template <class T>
struct is_list : std::false_type {};
template <class T>
struct is_list<std::vector<T>> : std::true_type {};
template <class T>
concept listing = is_list<T>::value;
/// A kind of our own that is written as one string.
template <class T>
concept spelled = requires(const T& x) {
  { T::of(std::string_view{}) } -> std::same_as<std::optional<T>>;
  { x.text() } -> std::same_as<std::string>;
};

// value_text(): as it would be written in the file.

inline std::string value_text(bool x, std::string_view) {
  return x ? "true" : "false";
}
std::string value_text(number auto x, std::string_view unit) {
  return unit == octets && x != 0 ? toml_string(octets_text(static_cast<std::uint64_t>(x)))
                                  : std::to_string(x);
}
inline std::string value_text(std::chrono::milliseconds x, std::string_view) {
  return toml_string(duration_text(x));
}
inline std::string value_text(const std::string& x, std::string_view) {
  return toml_string(x);
}
std::string value_text(enumeration auto x, std::string_view) {
  for (const auto& [word, value] : words<decltype(x)>::all)
    if (value == x)
      return toml_string(word);
  return toml_string("?");
}
std::string value_text(const spelled auto& x, std::string_view) {
  return toml_string(x.text());
}
template <recorded T>
std::string value_text(const T& x, std::string_view);
template <class T>
std::string value_text(const std::vector<T>& list, std::string_view unit) {
  std::string out = "[";
  for (const auto& x : list)
    out.append(out.size() > 1 ? ", " : "").append(value_text(x, unit));
  return out + "]";
}

/// A table of one line; what is empty is left out.
template <recorded T>
std::string value_text(const T& x, std::string_view) {
  std::string out = "{";
  each_field<T>([&](const auto& f) {
    if (!(x.*f.member).empty())
      out.append(out.size() > 1 ? ", " : "")
        .append(f.key)
        .append(" = ")
        .append(value_text(x.*f.member, {}));
  });
  return out + "}";
}

// expectation(): what a setting takes, as in "must be ...".

std::string_view expectation_of(const std::vector<endpoint>*);
std::string_view expectation_of(const std::vector<network>*);
std::string_view expectation_of(const std::vector<std::string>*);
std::string_view expectation_of(const rate*);
template <recorded T>
std::string_view expectation_of(const std::vector<T>*) {
  return record<T>::expects;
}

template <class T>
std::string zero_text(const setting<T>& x) {
  if (x.zero.empty())
    return {};
  std::string none = "[]";
  if constexpr (number<T>)
    none = "0";
  else if constexpr (timespan<T>)
    none = "\"0s\"";
  else if constexpr (text_like<T>)
    none = "\"\"";
  else if constexpr (spelled<T>)
    none = value_text(T{}, {});
  return none + ": " + std::string{x.zero};
}

template <class T>
std::string expectation(const setting<T>& x) {
  std::string out;
  if constexpr (std::same_as<T, bool>) {
    out = "true or false";
  } else if constexpr (enumeration<T>) {
    for (const auto& [word, value] : words<T>::all)
      out.append(out.empty() ? "one of " : ", ").append(toml_string(word));
  } else if constexpr (measured<T>) {
    auto range = value_text(x.min, x.unit) + " to " + value_text(x.max, x.unit);
    if constexpr (timespan<T>)
      out = "a duration from " + range;
    else if (x.unit == octets)
      out = "a size from " + range;
    else
      out = "a number of " + std::string{x.unit} + " from " + range;
    if (!x.expects.empty())
      out.append(", in ").append(x.expects);
  } else if constexpr (text_like<T>) {
    out = x.expects.empty() ? "a string" : x.expects;
  } else {
    out = x.expects.empty() ? expectation_of(static_cast<const T*>(nullptr)) : x.expects;
  }
  if (auto zero = zero_text(x); !zero.empty())
    out += " (" + zero + ")";
  return out;
}

/// Within the bounds, or the zero that means something else, and as is_valid wants it.
template <class T>
bool is_allowed(const setting<T>& x, const T& value) {
  if constexpr (measured<T>) {
    if (value == T{} && !x.zero.empty())
      return true;
    if (value < x.min || value > x.max)
      return false;
  } else if constexpr (text_like<T> || listing<T>) {
    if (value.empty())
      return !x.zero.empty();
  } else if constexpr (spelled<T>) {
    if (value == T{})
      return !x.zero.empty();
  }
  return !x.is_valid || x.is_valid(value);
}

} // namespace hamlet::config
