// SPDX-License-Identifier: Apache-2.0
#include "node/janitor.hpp"

#include "lib/base/clock.hpp"
#include "lib/log/log.hpp"
#include "node/store.hpp"
#include "storage/maintenance/sweeper.hpp"

namespace hamlet::node {

using std::chrono::duration_cast;
using std::chrono::seconds;

janitor::janitor(store& of, const config::settings& x)
    : blobs_{of.blobs()}, database_{data_layout{x}.database()},
      interval_{x.store.sweep_interval.value}, unconfirmed_{duration_cast<seconds>(
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
  auto db = sql::database::open(database_, sql::database::access::read_write);
  if (!db)
    return log::error("store", "not tidied", {{"why", db.error().detail}});
  auto done = sql::sweep(*db, blobs_, {unix_seconds(), unconfirmed_.count(), orphan_age_.count()});
  if (!done)
    return log::error("store", "not tidied", {{"why", done.error().detail}});
  log::info("store", "tidied",
            {{"queued", done->queued}, {"texts", done->bodies}, {"files", done->files}});
}

} // namespace hamlet::node
