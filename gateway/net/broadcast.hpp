// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/net/outlet.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace hamlet::net {

// Each I/O thread gets one task for all of its streams. It appends the bytes to each, and sends
// only when nothing else is queued for this thread: a burst of lines is one system call per client.

/// Streams that get the same lines again and again: the members of a channel on this node. It does
/// not change; make a new one when they do. A cheap copy; any thread.
class audience {
public:
  audience() = default; ///< nobody
  explicit audience(std::span<const outlet> members);

  /// The cost does not depend on the number of members: they are walked by the I/O threads.
  /// @param except Gets nothing: who said it, as a rule.
  void write(const shared_bytes& bytes, const outlet& except = {}) const;

  std::size_t size() const { return size_; }

private:
  struct part; ///< the members on one I/O thread

  std::vector<std::shared_ptr<const part>> parts_;
  std::size_t size_ = 0;

  friend class order_queue;
};

/// Collects lines for changing streams, then sends them all at once. One thread at a time.
class broadcast {
public:
  broadcast();
  broadcast(broadcast&&) noexcept;
  broadcast& operator=(broadcast&&) noexcept;
  ~broadcast(); ///< what was not sent is forgotten

  /// Cheapest when the same bytes come several times in a row.
  void add(const outlet& to, const shared_bytes& bytes);
  void add(std::span<const outlet> to, const shared_bytes& bytes);

  /// In the order of add(), for each stream. Empty afterwards.
  void send();

private:
  struct batch; ///< for one I/O thread

  std::vector<batch> batches_;

  friend class order_queue;
};

} // namespace hamlet::net
