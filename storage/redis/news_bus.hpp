// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hamlet::redis {

struct bus_options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string user;            ///< of AUTH; empty: "default"
  std::string password;        ///< empty: none is needed
  std::string cluster;         ///< begins all keys: others may use the same server
  std::size_t keep = 10'000;   ///< parcels of a node, for those who have missed some
  std::size_t queue = 8 << 20; ///< octets that the server has not confirmed yet
};

/// What one node publishes, all others hear, each parcel sent once. No promise: a parcel may be
/// lost with the connection, and whoever counts them sees the gap. Any thread.
class news_bus {
public:
  /// On the bus's own thread; must not block. A node hears its own parcels as well.
  using on_parcel = std::function<void(std::string bytes)>;
  using on_state = std::function<void(bool is_up)>;
  using on_fetched = std::function<void(result<std::vector<std::string>>)>;

  /// Connects, and goes on trying, from its own thread.
  news_bus(bus_options with, on_parcel heard, on_state changed);
  ~news_bus();

  /// Commands are answered and the subscription holds.
  bool is_up() const;

  /// @param first Number of the first item in the parcel: rises from parcel to parcel.
  /// @return False: not sent, because there is no connection or too much is unconfirmed.
  bool publish(std::int64_t from, std::uint64_t first, std::string bytes);

  /// What `from` has published and the server still has: parcels that begin at `first` or later, in
  /// order. errc::store_failed: no answer.
  void fetch(std::int64_t from, std::uint64_t first, std::size_t at_most, on_fetched done);

private:
  class loop;
  std::unique_ptr<loop> loop_;
};

} // namespace hamlet::redis
