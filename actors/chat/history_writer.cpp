// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/history_writer.hpp"

#include "actors/resume.hpp"
#include "lib/log/log.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <iterator>

namespace hamlet {

history_writer::history_writer(chat_actor::pointer self, deadlines& limits,
                               sql::history_repository store, bounds most)
    : self_{self}, limits_{&limits}, store_{store}, most_{most} {
}

history_writer::~history_writer() {
  while (!rows_.empty())
    store_.append(next_batch(), [](const result<void_t>&) {});
}

void history_writer::append(sql::chat_event row) {
  if (rows_.size() >= most_.waiting) {
    rows_.pop_front();
    ++lost_;
    if (!std::exchange(told_, true))
      log::warning("chat", "the store is too slow: history is lost");
  }
  rows_.push_back(std::move(row));
  ++taken_;
  write();
}

std::vector<sql::chat_event> history_writer::next_batch() {
  auto count = single_ != 0 ? 1 : std::min(most_.batch, rows_.size());
  auto end = rows_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<sql::chat_event> batch{std::make_move_iterator(rows_.begin()),
                                     std::make_move_iterator(end)};
  rows_.erase(rows_.begin(), end);
  return batch;
}

void history_writer::write() {
  if (under_way_ != 0 || is_resting_ || rows_.empty())
    return;
  auto batch = next_batch();
  under_way_ = batch.size();
  // The store takes the rows; they are kept for the case that it fails.
  auto then = [this, batch](const result<void_t>& done) mutable {
    written(std::move(batch), done);
  };
  store_.append(std::move(batch), resume<void_t>(self_, *limits_, most_.patience, std::move(then)));
}

void history_writer::written(std::vector<sql::chat_event> batch, const result<void_t>& outcome) {
  under_way_ = 0;
  if (single_ != 0)
    --single_;
  if (outcome) {
    told_ = told_ && !rows_.empty();
  } else if (outcome.error().code == errc::bad_request && batch.size() == 1) {
    ++lost_; // a retry would change nothing
    log::error("chat", "a row of history is refused", {{"detail", outcome.error().detail}});
  } else {
    // An append that was not answered in time may yet be done; a second one changes nothing.
    rows_.insert(rows_.begin(), std::make_move_iterator(batch.begin()),
                 std::make_move_iterator(batch.end()));
    if (outcome.error().code == errc::bad_request) {
      single_ = batch.size();
    } else {
      retry_later();
      return run_queries(true);
    }
  }
  run_queries(false);
  write();
}

void history_writer::retry_later() {
  is_resting_ = true;
  // Nobody answers: it is the time-out that is wanted.
  resume<void_t>(self_, *limits_, most_.retry, [this](const result<void_t>&) {
    is_resting_ = false;
    write();
  });
}

void history_writer::when_written(std::function<void()> query) {
  if (pending() == 0)
    return query();
  queries_.push_back({taken_, std::move(query)});
}

void history_writer::run_queries(bool all) {
  while (!queries_.empty() && (all || queries_.front().needs <= taken_ - rows_.size())) {
    auto next = std::move(queries_.front());
    queries_.pop_front();
    next.run();
  }
}

} // namespace hamlet
