// SPDX-License-Identifier: Apache-2.0
#include "lib/config/describe.hpp"

#include "lib/config/text.hpp"

#include <algorithm>
#include <utility>

namespace hamlet::config {

namespace {

const settings& defaults() {
  static const settings all;
  return all;
}

/// Calls `f` with each setting of two.
void each_pair(auto& a, auto& b, auto&& f) {
  auto pairs = []<std::size_t... I>(auto x, auto y, auto&& g, std::index_sequence<I...>) {
    (g(std::get<I>(x), std::get<I>(y)), ...);
  };
  auto in_section = [&](auto& x, auto& y) {
    auto all = x.all(x);
    pairs(all, y.all(y), f, std::make_index_sequence<std::tuple_size_v<decltype(all)>>{});
  };
  auto sections = settings::sections(a);
  pairs(sections, settings::sections(b), in_section,
        std::make_index_sequence<std::tuple_size_v<decltype(sections)>>{});
}

/// Breaks at spaces; each line begins with `indent`, none is longer than `width` if its words
/// allow.
std::string wrapped(std::string_view text, std::string_view indent, std::size_t width) {
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    auto word = text.substr(0, text.find(' '));
    if (used == 0 || used + 1 + word.size() > width) {
      out.append(used == 0 ? "" : "\n").append(indent).append(word);
      used = indent.size() + word.size();
    } else {
      out.append(" ").append(word);
      used += 1 + word.size();
    }
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return out + "\n";
}

template <class T>
std::string text_of(const setting<T>& x) {
  return value_text(x.value, x.unit);
}

/// The default of the same name.
template <class T>
std::string default_text(const setting<T>& x) {
  std::string out;
  each_setting(defaults(), [&](const auto& s) {
    if (s.name == x.name)
      out = text_of(s);
  });
  return out;
}

template <class T>
std::string described(const setting<T>& x) {
  auto usual = default_text(x);
  auto now = text_of(x);
  std::string out{x.name};
  out += now == usual ? " = " + now + "\n" : " = " + now + "   (default " + usual + ")\n";
  out += wrapped(x.doc, "    ", 96);
  out += wrapped("Takes " + expectation(x) + ".", "    ", 96);
  return out + "    Takes effect " + std::string{to_string(x.when)} + ".\n";
}

/// Text in a cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (auto c : text) {
    if (c == '|' || c == '<' || c == '*')
      out += '\\';
    out += c;
  }
  return out;
}

std::string code(const std::string& text) {
  return "`" + text + "`";
}

/// The distance of Damerau and Levenshtein (optimal string alignment): insert, delete, replace,
/// swap neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last, row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string_view last_part(std::string_view name) {
  auto dot = name.rfind('.');
  return dot == name.npos ? std::string_view{} : name.substr(dot + 1);
}

} // namespace

std::optional<std::string> describe(const settings& now, std::string_view name) {
  std::string out;
  each_section(now, [&](const auto& section) {
    auto whole = name.empty() || name == section.section;
    if (whole)
      out.append(out.empty() ? "[" : "\n[")
        .append(section.section)
        .append("] ")
        .append(section.doc) += "\n\n";
    each_in(section, [&](const auto& x) {
      if (whole || x.name == name)
        out += described(x);
    });
  });
  return out.empty() ? std::nullopt : std::optional{std::move(out)};
}

std::optional<std::string_view> nearest_name(std::string_view wrong) {
  constexpr std::size_t longest = 64; // the work grows with the square
  if (wrong.empty() || wrong.size() > longest)
    return std::nullopt;
  std::optional<std::string_view> best;
  auto is_section = last_part(wrong).empty();
  auto smallest = std::max<std::size_t>(2, wrong.size() / 4) + 1;
  auto consider = [&](std::string_view name) {
    auto far = distance(wrong, name);
    if (!is_section && last_part(name) == last_part(wrong))
      far = std::min<std::size_t>(far, 2); // the right word under another section
    if (far < smallest)
      smallest = far, best = name;
  };
  each_section(defaults(), [&](const auto& section) {
    if (is_section)
      consider(section.section);
    else
      each_in(section, [&](const auto& x) { consider(x.name); });
  });
  return best;
}

std::string manual() {
  std::string out =
    "# Settings\n\n"
    "<!-- Made from lib/config by hamlet_config_manual; a test compares. Do not edit. -->\n\n"
    "`hamlet` reads one file in [TOML](https://toml.io/en/v1.0.0), "
    "`/etc/hamlet/hamlet.toml` by default. What it does not name has its default, and an empty "
    "file is a good one. `hamlet config check` tells everything that is wrong with it; `hamlet "
    "config describe NAME` shows what stands here.\n\n"
    "Durations are written `\"250ms\"`, `\"30s\"`, `\"5m\"`, `\"1h\"`, `\"7d\"`. Sizes are written "
    "`\"64KiB\"`, `\"50MiB\"`, `\"1GiB\"`, or as a number of octets. Rates are written "
    "`\"10/15s\"`: ten within 15 seconds; or `\"off\"`. There are no secrets in the file, only "
    "the paths of files that hold them, and hashes.\n\n"
    "SIGHUP reads the file again. A setting then takes effect *at once*, *for new connections*, or "
    "only *on restart*.\n";
  each_section(defaults(), [&](const auto& section) {
    out.append("\n## [").append(section.section).append("]\n\n").append(section.doc);
    out += "\n\n| setting | default | what | takes effect |\n|---|---|---|---|\n";
    each_in(section, [&](const auto& x) {
      out += "| " + code(std::string{x.name.substr(section.section.size() + 1)}) + " | "
             + code(text_of(x)) + " | " + cell(x.doc) + "<br>*Takes* " + cell(expectation(x))
             + " | " + std::string{to_string(x.when)} + " |\n";
    });
  });
  return out;
}

std::string file_text(const settings& x, bool only_changed) {
  std::string out;
  each_section(x, [&](const auto& section) {
    std::string lines;
    each_in(section, [&](const auto& s) {
      if (only_changed && text_of(s) == default_text(s))
        return;
      if (!only_changed)
        lines += wrapped(s.doc, "# ", 98) + wrapped("Takes " + expectation(s) + ".", "# ", 98);
      lines.append(last_part(s.name)).append(" = ").append(text_of(s)).append("\n");
    });
    if (!lines.empty())
      out.append(out.empty() ? "[" : "\n[").append(section.section).append("]\n").append(lines);
  });
  return out;
}

std::vector<change> changes(const settings& before, const settings& after) {
  std::vector<change> out;
  each_pair(before, after, [&](const auto& x, const auto& y) {
    if (x.value != y.value)
      out.push_back({x.name, text_of(x), text_of(y), x.when});
  });
  return out;
}

settings reloaded(const settings& running, const settings& fresh) {
  auto out = fresh;
  each_pair(out, running, [](auto& x, const auto& y) {
    if (x.when == takes_effect::on_restart)
      x.value = y.value;
  });
  return out;
}

} // namespace hamlet::config
