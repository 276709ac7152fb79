// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/registry.hpp"

#include <algorithm>
#include <cstdlib>
#include <dirent.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace hamlet::metrics {

namespace {

std::string content_of(const char* file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The numbers of /proc/self/stat behind the program's name, which may hold spaces: field 3 of
/// proc(5), the state, is the first.
std::vector<std::string> stat_fields() {
  auto text = content_of("/proc/self/stat");
  std::istringstream in{text.substr(std::min(text.rfind(')') + 1, text.size()))};
  return {std::istream_iterator<std::string>{in}, {}};
}

double boot_time() {
  std::istringstream in{content_of("/proc/stat")};
  for (std::string word; in >> word;)
    if (double seconds = 0; word == "btime" && in >> seconds)
      return seconds;
  return 0;
}

std::int64_t open_files() {
  std::unique_ptr<DIR, int (*)(DIR*)> folder{::opendir("/proc/self/fd"), ::closedir};
  std::int64_t n = 0;
  while (folder && ::readdir(folder.get()))
    ++n;
  return n > 3 ? n - 3 : 0; // ".", "..", and the folder's own
}

double seconds_of(const timeval& x) {
  return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) / 1e6;
}

} // namespace

void detail::append_process(std::string& out) {
  auto add = [&out](std::string_view name, std::string_view help, std::string_view type,
                    auto value) {
    append_head(out, name, help, type);
    append_line(out, name, "", value);
  };
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  add("process_cpu_seconds_total", "CPU time of user and system.", "counter",
      seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
  add("process_open_fds", "Open file descriptors.", "gauge", open_files());
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  add("process_max_fds", "Most file descriptors that may be open.", "gauge",
      static_cast<double>(files.rlim_cur));
  // proc(5): 20 num_threads, 22 starttime (ticks since boot), 23 vsize, 24 rss (pages).
  auto stat = stat_fields();
  auto number = [&stat](std::size_t field) {
    auto place = field - 3;
    return place < stat.size() ? std::strtod(stat[place].c_str(), nullptr) : 0;
  };
  add("process_resident_memory_bytes", "Memory that is in RAM.", "gauge",
      number(24) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  add("process_virtual_memory_bytes", "Address space.", "gauge", number(23));
  add("process_threads", "Threads.", "gauge", number(20));
  static const auto started =
    boot_time() + number(22) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  add("process_start_time_seconds", "When it started, in seconds since 1970.", "gauge", started);
}

} // namespace hamlet::metrics
