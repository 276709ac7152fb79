// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "actors/interfaces.hpp"
#include "storage/chat/history_repository.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

namespace hamlet {

/// Puts what happens in the conversations of one shard into the store. Nobody waits for it: while
/// one append is under way, further rows gather and go together. Belongs to one actor.
class history_writer {
public:
  struct bounds {
    std::size_t waiting = 10'000; ///< rows of a store that is too slow; then the oldest are lost
    std::size_t batch = 500;      ///< rows of one append
    std::chrono::seconds patience{20};
    std::chrono::seconds retry{1}; ///< after a failure of the store
  };

  /// @param self, limits Of the actor; they outlive this.
  history_writer(chat_actor::pointer self, deadlines& limits, sql::history_repository store,
                 bounds most);
  history_writer(chat_actor::pointer self, deadlines& limits, sql::history_repository store)
      : history_writer{self, limits, store, bounds{}} {}
  /// What is left goes to the store, which takes it or does not: nobody is there to ask.
  ~history_writer();
  history_writer(const history_writer&) = delete;
  history_writer& operator=(const history_writer&) = delete;

  void append(sql::chat_event row);

  /// Runs `query` as soon as all that was appended before is in the store, at once if nothing is
  /// pending. When the store refuses the rows it runs as well: it will be told the same.
  void when_written(std::function<void()> query);

  std::size_t pending() const { return rows_.size() + under_way_; }
  std::uint64_t lost() const { return lost_; } ///< rows, since the start

  sql::history_repository& store() { return store_; }

private:
  struct waiting_query {
    std::uint64_t needs;
    std::function<void()> run;
  };

  std::vector<sql::chat_event> next_batch();
  void write();
  void written(std::vector<sql::chat_event> batch, const result<void_t>& outcome);
  void retry_later();
  void run_queries(bool all);

  chat_actor::pointer self_;
  deadlines* limits_;
  sql::history_repository store_;
  bounds most_;
  std::deque<sql::chat_event> rows_;
  std::size_t under_way_ = 0; ///< rows of the append that runs
  std::size_t single_ = 0;    ///< so many go one by one: among them is one that the store refuses
  bool is_resting_ = false;   ///< after a failure
  std::uint64_t taken_ = 0;
  std::uint64_t lost_ = 0;
  bool told_ = false;
  std::deque<waiting_query> queries_;
};

} // namespace hamlet
