// SPDX-License-Identifier: Apache-2.0
#include "lib/log/log.hpp"

#include "lib/log/capture.hpp"
#include "lib/log/render.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <unistd.h>

namespace hamlet::log {

namespace detail {

// Before main() too: a static object may want to say something.
constinit std::atomic<level> lowest{level::info};

} // namespace detail

namespace {

/// Where lines go. A line is one write(2) to a file opened for appending: two processes with one
/// file do not mix theirs, and nothing is lost in a buffer when we crash.
class output {
public:
  void put(std::string_view text) {
    std::lock_guard lock{mutex_};
    if (captured_)
      captured_->emplace_back(text.substr(0, text.size() - 1));
    else if (!write_all(text))
      lost_.fetch_add(1, std::memory_order_relaxed);
  }

  result<void> use(const std::string& file) {
    int fresh = STDERR_FILENO;
    if (!file.empty())
      fresh = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fresh < 0)
      return fail(errc::bad_setup, file + ": " + std::strerror(errno));
    std::lock_guard lock{mutex_};
    if (handle_ != STDERR_FILENO)
      ::close(handle_);
    handle_ = fresh;
    file_ = file;
    return {};
  }

  std::string file() const {
    std::lock_guard lock{mutex_};
    return file_;
  }

  void redirect(std::vector<std::string>* lines) {
    std::lock_guard lock{mutex_};
    captured_ = lines;
  }

  std::vector<std::string> captured() const {
    std::lock_guard lock{mutex_};
    return captured_ ? *captured_ : std::vector<std::string>{};
  }

  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

private:
  bool write_all(std::string_view text) const {
    while (!text.empty()) {
      auto n = ::write(handle_, text.data(), text.size());
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  mutable std::mutex mutex_;
  int handle_ = STDERR_FILENO;                   ///< under mutex_
  std::string file_;                             ///< under mutex_
  std::vector<std::string>* captured_ = nullptr; ///< under mutex_
  std::atomic<std::uint64_t> lost_{0};
};

// Never destroyed: threads that are late and static objects may still write.
output& the_output() {
  static auto* one = new output;
  return *one;
}

constinit std::atomic<format> form{format::text};

} // namespace

std::string_view to_string(level x) {
  switch (x) {
  case level::debug: return "debug";
  case level::info: return "info";
  case level::warning: return "warning";
  case level::error: return "error";
  case level::off: return "off";
  }
  return "unknown";
}

result<void> open(const options& x) {
  auto opened = the_output().use(x.file);
  if (opened) {
    form = x.format;
    set_level(x.level);
  }
  return opened;
}

result<void> reopen() {
  return the_output().use(the_output().file());
}

void set_level(level x) {
  detail::lowest.store(x, std::memory_order_relaxed);
}

std::uint64_t lost_lines() {
  return the_output().lost();
}

void detail::write(level x, constant area, std::optional<std::uint64_t> connection, constant what,
                   fields more) {
  line l{std::chrono::system_clock::now(), x, area.text(), connection, what.text(), more};
  the_output().put(form == format::json ? as_json(l) : as_text(l));
}

struct capture::before {
  level lowest = detail::lowest;
  format as = form;
  std::vector<std::string> lines;
};

capture::capture(level lowest, format as) : before_{std::make_unique<before>()} {
  the_output().redirect(&before_->lines);
  form = as;
  set_level(lowest);
}

capture::~capture() {
  the_output().redirect(nullptr);
  form = before_->as;
  set_level(before_->lowest);
}

std::vector<std::string> capture::lines() const {
  return the_output().captured();
}

bool capture::has(std::string_view part) const {
  auto all = lines();
  return std::ranges::any_of(all, [&](const auto& x) { return x.find(part) != x.npos; });
}

} // namespace hamlet::log
