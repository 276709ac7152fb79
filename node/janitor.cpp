// SPDX-License-Identifier: Apache-2.0
#include "node/janitor.hpp"

#include "lib/base/clock.hpp"
#include "lib/log/log.hpp"
#include "node/store.hpp"
#include "storage/maintenance/sweeper.hpp"

namespace hamlet::node {

using std::chrono::duration_cast;
using std::chrono::seconds;

janitor::rules janitor::rules_of(const config::settings& x) {
  return {x.store.sweep_interval.value, duration_cast<seconds>(x.queue.unconfirmed_expiry.value),
          duration_cast<seconds>(x.store.orphan_age.value)};
}

janitor::janitor(store& of, const config::settings& x)
    : blobs_{of.blobs()}, database_{data_layout{x}.database()}, rules_{rules_of(x)}, thread_{
                                                                                       [this] {
                                                                                         work();
                                                                                       }} {
}

janitor::~janitor() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void janitor::change(const config::settings& x) {
  {
    std::lock_guard lock{mutex_};
    rules_ = rules_of(x);
  }
  wake_.notify_all();
}

void janitor::work() {
  auto last = std::chrono::steady_clock::now();
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (wake_.wait_until(lock, last + rules_.interval) == std::cv_status::no_timeout)
      continue; // the rules have changed, or it is over
    auto now = rules_;
    lock.unlock();
    tidy(now);
    last = std::chrono::steady_clock::now();
    lock.lock();
  }
}

void janitor::tidy(const rules& now) {
  auto db = sql::database::open(database_, sql::database::access::read_write);
  if (!db)
    return log::error("store", "not tidied", {{"why", db.error().detail}});
  auto done =
    sql::sweep(*db, blobs_, {unix_seconds(), now.unconfirmed.count(), now.orphan_age.count()});
  if (!done)
    return log::error("store", "not tidied", {{"why", done.error().detail}});
  log::info("store", "tidied",
            {{"queued", done->queued}, {"texts", done->bodies}, {"files", done->files}});
}

} // namespace hamlet::node
