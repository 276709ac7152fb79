// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/stamps.hpp"

#include "lib/text/ascii.hpp"

#include <algorithm>
#include <chrono>

namespace hamlet::irc {

namespace {

using namespace std::chrono;

constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd.dddZ"; // d: a digit
constexpr std::int64_t first_ms = sys_days{year{0} / 1 / 1}.time_since_epoch() / 1ms;
constexpr std::int64_t last_ms = sys_days{year{10'000} / 1 / 1}.time_since_epoch() / 1ms - 1;

void put(char* at, std::size_t digits, unsigned value) {
  for (; digits > 0; value /= 10)
    at[--digits] = static_cast<char>('0' + value % 10);
}

unsigned number(std::string_view digits) {
  unsigned out = 0;
  for (auto x : digits)
    out = out * 10 + static_cast<unsigned>(x - '0');
  return out;
}

} // namespace

std::string time_text(std::int64_t ms) {
  sys_time<milliseconds> at{milliseconds{std::clamp(ms, first_ms, last_ms)}};
  auto day = floor<days>(at);
  year_month_day date{day};
  auto rest = static_cast<unsigned>((at - day).count());
  std::string out{form};
  put(&out[0], 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put(&out[5], 2, static_cast<unsigned>(date.month()));
  put(&out[8], 2, static_cast<unsigned>(date.day()));
  put(&out[11], 2, rest / 3'600'000);
  put(&out[14], 2, rest / 60'000 % 60);
  put(&out[17], 2, rest / 1000 % 60);
  put(&out[20], 3, rest % 1000);
  return out;
}

std::optional<std::int64_t> time_of(std::string_view text) {
  auto fits = [](char x, char wanted) { return wanted == 'd' ? ascii::is_digit(x) : x == wanted; };
  if (!std::ranges::equal(text, form, fits))
    return std::nullopt;
  auto part = [&](std::size_t at, std::size_t size) { return number(text.substr(at, size)); };
  auto date = year{static_cast<int>(part(0, 4))} / month{part(5, 2)} / day{part(8, 2)};
  auto h = part(11, 2), m = part(14, 2), s = part(17, 2), ms = part(20, 3);
  if (!date.ok() || h > 23 || m > 59 || s > 60)
    return std::nullopt;
  auto at = sys_days{date} + hours{h} + minutes{m} + seconds{s} + milliseconds{ms};
  return at.time_since_epoch() / 1ms;
}

} // namespace hamlet::irc
