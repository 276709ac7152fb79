// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <poll.h>
#include <string>
#include <vector>

struct redisAsyncContext;
struct redisReply;

namespace hamlet::redis {

/// One connection to Redis, driven by poll(): of one thread, its owner's.
class wire {
public:
  /// @param x nullptr: the connection is gone, and no answer will come.
  using on_reply = std::function<void(const redisReply* x)>;

  wire() = default;
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;
  ~wire();

  /// Begins to connect. errc::store_failed: cannot even begin.
  result<void_t> open(const std::string& host, std::uint16_t port);
  void close(); ///< all who wait hear nullptr
  bool is_open() const { return context_ != nullptr; }

  /// SUBSCRIBE is answered by each message, everything else once. False: not open.
  bool ask(const std::vector<std::string>& words, on_reply then);

  // -- for the loop --
  pollfd interest() const;
  void run(short happened);

private:
  static wire& of(void* self) { return *static_cast<wire*>(self); }

  redisAsyncContext* context_ = nullptr;
  short wanted_ = 0;
};

} // namespace hamlet::redis
