// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/relay/news_carrier.hpp"
#include "lib/config/settings.hpp"
#include "storage/redis/news_bus.hpp"

#include <atomic>
#include <memory>
#include <optional>

namespace hamlet::node {

/// Nothing: cluster.redis is not set. bad_setup: says what is wrong.
result<std::optional<redis::bus_options>> redis_options_of(const config::settings& x);

/// RELAY's way over Redis.
class redis_carrier final : public news_carrier {
public:
  explicit redis_carrier(redis::bus_options with) : with_{std::move(with)} {}
  ~redis_carrier() override { stop(); }

  /// Connects from now on. @param hear From the thread of the bus.
  void start(std::function<void(std::string)> hear);
  /// What is published from now on is not taken.
  void stop();

  bool is_up() const override;
  bool publish(std::int64_t incarnation, std::uint64_t first, std::string news) override;
  void fetch(std::int64_t incarnation, std::uint64_t first,
             std::function<void(std::vector<std::string>)> then) override;

private:
  const redis::bus_options with_;
  std::atomic<std::shared_ptr<redis::news_bus>> bus_; // RELAY may be in the midst of a call at the end
};

} // namespace hamlet::node
