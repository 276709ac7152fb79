// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/date.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

namespace hamlet::mail {

namespace {

using namespace std::chrono;

// RFC 5322 §3.3: a year has four digits and is 1900 or later.
constexpr auto first = sys_seconds{sys_days{year{1900} / January / 1}};
constexpr auto last = sys_seconds{sys_days{year{10000} / January / 1}} - seconds{1};

std::string two_digits(long x) {
  return {static_cast<char>('0' + x / 10 % 10), static_cast<char>('0' + x % 10)};
}

} // namespace

std::string rfc5322_date(std::int64_t unix_seconds) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::int64_t low = first.time_since_epoch().count(), high = last.time_since_epoch().count();
  sys_seconds when{seconds{std::clamp(unix_seconds, low, high)}};
  auto day = floor<std::chrono::days>(when);
  year_month_day date{day};
  hh_mm_ss time{when - day};
  std::string out{days[weekday{day}.c_encoding()]};
  out += ", ";
  out += std::to_string(unsigned{date.day()});
  out += ' ';
  out += months[unsigned{date.month()} - 1];
  out += ' ';
  out += std::to_string(int{date.year()});
  out += ' ';
  out += two_digits(time.hours().count()) + ':' + two_digits(time.minutes().count()) + ':'
         + two_digits(time.seconds().count());
  return out + " +0000";
}

} // namespace hamlet::mail
