// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/checkpointer.hpp"

namespace hamlet::sql {

checkpointer::checkpointer(result<database> second, std::int64_t pages)
    : pages_{pages}, next_{pages} {
  if (second)
    db_.emplace(std::move(*second));
  thread_ = std::thread{[this] { work(); }};
}

checkpointer::~checkpointer() {
  {
    std::lock_guard lock{mutex_};
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void checkpointer::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || state_ == state::working; });
    if (state_ != state::working)
      return;
    lock.unlock();
    if (db_)
      (void)db_->checkpoint(database::checkpoint_mode::passive);
    lock.lock();
    if (db_)
      damage_ = db_->damage();
    state_ = state::finished;
    changed_.notify_all();
  }
}

void checkpointer::tend(database& db) {
  auto length = db.log_pages();
  if (length < seen_)
    next_ = pages_; // it has begun anew
  seen_ = length;
  auto at = now(length >= 4 * pages_);
  if (at == state::finished)
    move_the_rest(db);
  else if (at == state::idle && length >= next_)
    begin();
}

void checkpointer::begin() {
  std::lock_guard lock{mutex_};
  state_ = state::working;
  changed_.notify_all();
}

checkpointer::state checkpointer::now(bool wait) {
  std::unique_lock lock{mutex_};
  if (wait) // the disk is slower than the clients
    changed_.wait(lock, [this] { return state_ != state::working; });
  return state_;
}

void checkpointer::move_the_rest(database& db) {
  (void)db.checkpoint(database::checkpoint_mode::passive);
  std::lock_guard lock{mutex_};
  state_ = state::idle;
  next_ =
    seen_ + pages_; // should a long reader, such as a backup, keep the log from beginning anew
  if (damage_)
    db.set_damage(*damage_);
}

} // namespace hamlet::sql
