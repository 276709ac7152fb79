// SPDX-License-Identifier: Apache-2.0
#include "node/store_watch.hpp"

#include "lib/log/log.hpp"

#include <utility>

namespace hamlet::node {

namespace {

/// What libpq says has lines.
std::string in_one_line(const std::string& text) {
  std::string line;
  for (auto c : text)
    if (c != '\n' && c != '\t')
      line += c;
    else if (!line.ends_with(' '))
      line += ' ';
  return line;
}

} // namespace

store_watch::store_watch(question ask, times when)
    : ask_{std::move(ask)}, times_{when}, thread_{[this] { work(); }} {
}

store_watch::~store_watch() {
  {
    std::lock_guard lock{mutex_};
    is_over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::optional<std::string> store_watch::complaint() const {
  std::lock_guard lock{mutex_};
  return complaint_now();
}

std::optional<std::string> store_watch::complaint_now() const {
  auto silent = clock::now() - answered_;
  if (silent < times_.patience)
    return {};
  auto text = "the store has not answered for "
              + std::to_string(std::chrono::floor<std::chrono::seconds>(silent).count())
              + " seconds";
  return why_.empty() ? text : text + ": " + why_;
}

void store_watch::work() {
  auto is_told = false;
  std::unique_lock lock{mutex_};
  while (!is_over_) {
    lock.unlock();
    auto answer = ask_();
    lock.lock();
    if (answer) {
      if (std::exchange(is_told, false))
        log::info("store", "answers again");
      answered_ = clock::now();
      why_.clear();
    } else {
      why_ = in_one_line(answer.error().detail);
      if (auto now = complaint_now(); now && !std::exchange(is_told, true))
        log::error("store", "away", {{"why", *now}});
    }
    wake_.wait_for(lock, times_.every, [this] { return is_over_; });
  }
}

} // namespace hamlet::node
