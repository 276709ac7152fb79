// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hamlet {

/// Numbers that rise with time and that no other node gives: 41 bits of milliseconds since
/// 2024-01-01, 10 bits of node, 12 bits of count. A clock that is set back changes nothing:
/// the numbers go on from the last one. Any thread.
class id_source {
public:
  /// @param node 0 … 1023. @param last The highest number given before, by the store's account.
  explicit id_source(std::uint16_t node, std::int64_t last = 0);

  std::int64_t next();

private:
  std::int64_t node_;
  /// Milliseconds << 12 | count, one number that only grows: a full millisecond borrows from the
  /// next one.
  std::atomic<std::int64_t> last_;
};

/// Who has given it.
std::uint16_t node_of_id(std::int64_t id);

/// For people: 13 letters and digits (Crockford's base 32, RFC 4648 does not sort), as in
/// "250 2.0.0 Ok: queued as 0D4K3P8Z1G000". Sorts as the number does.
std::string id_text(std::int64_t id);
std::optional<std::int64_t> id_of(std::string_view text);
/// The same without leading zeros, as people say it: "1AB". Of connections.
std::string short_id_text(std::int64_t id);
std::optional<std::int64_t> short_id_of(std::string_view text);

} // namespace hamlet
