// SPDX-License-Identifier: Apache-2.0
#include "lib/log/render.hpp"

#include "lib/base/ids.hpp"
#include "lib/base/overload.hpp"
#include "lib/log/escape.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace hamlet::log {

namespace {

/// RFC 3339 §5.6, in UTC, with milliseconds.
void append_time(std::string& out, std::chrono::system_clock::time_point when) {
  using namespace std::chrono;
  auto day = floor<days>(when);
  year_month_day date{day};
  hh_mm_ss time{floor<milliseconds>(when - day)};
  std::array<char, 64> text; // NOLINT: written by the next line
  auto size = std::snprintf(
    text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
    static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
    static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  out.append(text.data(), static_cast<std::size_t>(size));
}

void append_number(std::string& out, auto value) {
  std::array<char, 32> text; // NOLINT: written by the next line
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

std::string_view cut(std::string_view value) {
  return value.substr(0, max_value);
}

void append_value(std::string& out, const field::any& value, bool json) {
  std::visit(overload{
               [&](std::string_view x) {
                 json ? append_json(out, cut(x)) : append_quoted(out, cut(x));
                 if (x.size() > max_value && !json)
                   out += "...";
               },
               [&](bool x) { out += x ? "true" : "false"; },
               [&](double x) {
                 if (std::isfinite(x))
                   append_number(out, x);
                 else
                   out += "null";
               },
               [&](auto x) { append_number(out, x); },
             },
             value);
}

} // namespace

std::string as_text(const line& x) {
  std::string out;
  out.reserve(160);
  append_time(out, x.when);
  out.append(" ").append(to_string(x.level)).append(" ").append(x.area);
  if (x.connection)
    out.append(" c=").append(short_id_text(static_cast<std::int64_t>(*x.connection)));
  out.append(" ").append(x.event);
  for (const auto& f : x.fields) {
    out.append(" ").append(f.key).append("=");
    append_value(out, f.value, false);
  }
  out += '\n';
  return out;
}

std::string as_json(const line& x) {
  std::string out;
  out.reserve(240);
  out += R"({"time":")";
  append_time(out, x.when);
  out.append(R"(","level":")").append(to_string(x.level));
  out.append(R"(","area":")").append(x.area);
  if (x.connection)
    out.append(R"(","connection":")")
      .append(short_id_text(static_cast<std::int64_t>(*x.connection)));
  out.append(R"(","event":")").append(x.event).append("\"");
  for (const auto& f : x.fields) {
    out.append(",\"").append(f.key).append("\":");
    append_value(out, f.value, true);
  }
  out += "}\n";
  return out;
}

} // namespace hamlet::log
