// SPDX-License-Identifier: Apache-2.0
#include "node/janitor.hpp"

#include "lib/base/clock.hpp"
#include "lib/log/log.hpp"
#include "node/store.hpp"

namespace hamlet::node {

using std::chrono::duration_cast;
using std::chrono::seconds;

janitor::janitor(store& of, const config::settings& x)
    : store_{of}, interval_{x.store.sweep_interval.value}, unconfirmed_{duration_cast<seconds>(
                                                             x.queue.unconfirmed_expiry.value)},
      orphan_age_{duration_cast<seconds>(x.store.orphan_age.value)}, thread_{[this] { work(); }} {
}

janitor::~janitor() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void janitor::work() {
  std::unique_lock lock{mutex_};
  while (!stop_.wait_for(lock, interval_, [this] { return stopping_; })) {
    lock.unlock();
    tidy();
    lock.lock();
  }
}

void janitor::tidy() {
  auto expired = wait<std::int64_t>([&](auto done) {
    store_.queue().expire_unconfirmed(unix_seconds() - unconfirmed_.count(), done);
  });
  if (!expired)
    log::error("store", "unconfirmed mail not tidied", {{"why", expired.error().detail}});
  else
    log::debug("store", "tidied", {{"unconfirmed", *expired}});
}

} // namespace hamlet::node
