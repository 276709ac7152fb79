// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/registry.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>

namespace hamlet::metrics {

namespace {

struct registry {
  std::mutex mutex;
  std::map<std::string_view, const metric*> all;
};

// Never destroyed: metrics are static objects, whose order at the exit nobody knows.
registry& the_registry() {
  static auto* one = new registry;
  return *one;
}

[[noreturn]] void is_a_bug(std::string_view name, const char* why) {
  std::fprintf(stderr, "metric %.*s: %s\n", static_cast<int>(name.size()), name.data(), why);
  std::abort();
}

bool is_name(std::string_view text) {
  auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
  };
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && !digit(text.front())
         && std::ranges::all_of(text, [&](char c) { return letter(c) || digit(c); });
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (auto c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
}

void append_any(std::string& out, std::string_view name, std::string_view labels, auto value) {
  char text[24];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(name).append(labels).append(" ").append(text, end).append("\n");
}

} // namespace

metric::metric(std::string_view name, std::string_view help, std::string_view type)
    : name_{name}, help_{help}, type_{type} {
  if (!is_name(name))
    is_a_bug(name, "is no name for Prometheus");
}

void metric::publish() {
  auto& r = the_registry();
  std::lock_guard lock{r.mutex};
  if (!r.all.emplace(name_, this).second)
    is_a_bug(name_, "is declared twice");
}

void metric::withdraw() {
  auto& r = the_registry();
  std::lock_guard lock{r.mutex};
  r.all.erase(name_);
}

label_values::label_values(std::string_view label, std::vector<std::string_view> values)
    : values_{values.begin(), values.end()} {
  if (!is_name(label) || label.find(':') != label.npos || values.empty())
    is_a_bug(label, "is no label, or has no values");
  for (auto value : values) {
    auto& text = texts_.emplace_back("{").append(label).append("=\"");
    append_escaped(text, value, true);
    text += "\"}";
  }
}

std::size_t label_values::index_of(std::string_view value) const {
  auto found = std::ranges::find(values_, value);
  return found == values_.end() ? values_.size() - 1
                                : static_cast<std::size_t>(found - values_.begin());
}

std::string prometheus_text() {
  std::string out;
  {
    auto& r = the_registry();
    std::lock_guard lock{r.mutex};
    for (const auto& [name, one] : r.all) {
      detail::append_head(out, name, one->help_, one->type_);
      one->render(out);
    }
  }
  detail::append_process(out);
  return out;
}

void detail::append_head(std::string& out, std::string_view name, std::string_view help,
                         std::string_view type) {
  out.append("# HELP ").append(name).append(" ");
  append_escaped(out, help, false);
  out.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

std::string detail::number_text(double x) {
  if (std::isnan(x))
    return "NaN";
  if (std::isinf(x))
    return x > 0 ? "+Inf" : "-Inf";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, x).ptr};
}

void detail::append_line(std::string& out, std::string_view name, std::string_view labels,
                         double value) {
  out.append(name).append(labels).append(" ").append(number_text(value)).append("\n");
}

void detail::append_line(std::string& out, std::string_view name, std::string_view labels,
                         std::uint64_t value) {
  append_any(out, name, labels, value);
}

void detail::append_line(std::string& out, std::string_view name, std::string_view labels,
                         std::int64_t value) {
  append_any(out, name, labels, value);
}

} // namespace hamlet::metrics
