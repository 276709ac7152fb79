// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/chat/v1/nodes.pb.h"

#include <cstdint>
#include <deque>
#include <string>

namespace hamlet {

/// News of this node, numbered 1, 2, 3 … since its start: the latest of them are kept, for peers
/// that have missed some. Packed once, however many peers they go to.
class news_log {
public:
  struct bounds {
    std::size_t items = 20'000;
    std::size_t octets = 16u << 20;
  };

  news_log() = default;
  explicit news_log(bounds most) : most_{most} {}

  /// @param is_kept False: nobody is there who could ask for it.
  void add(const chat::v1::NewsItem& x, bool is_kept);

  /// From 1 on again: this node has another name.
  void restart();

  std::uint64_t last() const { return last_; } ///< 0: none yet
  /// Is all there from this number on? Also of the number that comes next.
  bool has(std::uint64_t from) const { return from > last_ - items_.size() && from <= last_ + 1; }

  /// One chat.v1.News, for the wire.
  struct batch {
    std::string bytes;
    std::uint64_t next = 0; ///< behind the last item in it
  };
  /// @param from has(from). @param octets About as much as it may be; one item at least.
  batch read(std::int64_t incarnation, std::uint64_t from, std::size_t octets) const;

  std::size_t kept() const { return items_.size(); }
  std::size_t kept_octets() const { return octets_; }

private:
  const bounds most_{};
  std::deque<std::string> items_; ///< each as a News with this item alone: News add up
  std::size_t octets_ = 0;
  std::uint64_t last_ = 0;
};

/// A News with one item. Behind another News it adds to its items: so does protobuf.
std::string packed(const chat::v1::NewsItem& x);

} // namespace hamlet
