// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace hamlet {

/// Another way for news beside the link: told once, heard by all nodes (Redis). It may lose any of
/// them: who counts sees it. Any thread; never blocks.
class news_carrier {
public:
  virtual ~news_carrier() = default;
  virtual bool is_up() const = 0;
  /// @param news A chat.v1.News of this start of the node, whose items begin with number `first`.
  /// @return False: not taken.
  virtual bool publish(std::int64_t incarnation, std::uint64_t first, std::string news) = 0;
  /// News that begin with number `first` or later, as far as they are kept; none without an answer.
  virtual void fetch(std::int64_t incarnation, std::uint64_t first,
                     std::function<void(std::vector<std::string>)> then) = 0;
};

} // namespace hamlet
