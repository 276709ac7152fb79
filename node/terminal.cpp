// SPDX-License-Identifier: Apache-2.0
#include "node/terminal.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace hamlet::node {

namespace {

constexpr std::size_t max_password = 1024;

/// While it lives, what is typed is not shown.
class silent_terminal {
public:
  silent_terminal() {
    ::tcgetattr(STDIN_FILENO, &before_);
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;
  ~silent_terminal() {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::cerr << '\n';
  }

private:
  termios before_{};
};

result<std::string> read_line() {
  std::string line;
  if (!std::getline(std::cin, line))
    return fail(errc::bad_request, "no password was given");
  if (line.ends_with('\r'))
    line.pop_back();
  if (line.empty() || line.size() > max_password)
    return fail(errc::bad_request, "a password has 1 to 1024 octets");
  return line;
}

result<std::string> ask_silently(const std::string& prompt) {
  std::cerr << prompt << std::flush;
  silent_terminal silence;
  return read_line();
}

/// Letters of UTF-8, near enough for columns.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
    std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string printable(std::string text) {
  std::ranges::replace_if(
    text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return text;
}

} // namespace

result<std::string> ask_password(const std::string& whose) {
  if (::isatty(STDIN_FILENO) == 0)
    return read_line();
  auto first = ask_silently("Password for " + whose + ": ");
  if (!first)
    return first;
  auto again = ask_silently("Once more: ");
  if (again && *again != *first)
    return fail(errc::bad_request, "the two are not the same; nothing was changed");
  return again;
}

result<std::string> ask_secret(const std::string& what) {
  return ::isatty(STDIN_FILENO) == 0 ? read_line() : ask_silently(what + ": ");
}

bool confirms(const std::string& question) {
  if (::isatty(STDIN_FILENO) == 0)
    return false;
  std::cerr << question << " Type yes: " << std::flush;
  std::string line;
  return std::getline(std::cin, line) && line == "yes";
}

void print_table(const table& rows) {
  std::vector<std::size_t> widths;
  for (auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i]));
  }
  for (auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += printable(row[i]);
      if (i + 1 < row.size())
        line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    std::cout << line << '\n';
  }
}

std::string time_text(std::int64_t unix_seconds) {
  if (unix_seconds == 0)
    return "never";
  std::time_t at = unix_seconds;
  std::tm parts{};
  ::localtime_r(&at, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts);
  return text.data();
}

std::string size_text(std::int64_t octets) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(octets);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < units.size(); ++unit)
    value /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text.data();
}

} // namespace hamlet::node
