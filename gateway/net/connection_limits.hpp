// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/network.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace hamlet::net {

/// How many clients there may be. Each is a setting; 0 means no limit. "An address" is what one
/// customer of a provider has: as a rule an IPv4 address or an IPv6 /64.
struct connection_bounds {
  std::size_t total = 20'000;
  std::size_t per_address = 100;
  std::size_t per_minute = 300;     ///< new connections of one address, in a `minute`
  std::vector<network> exempt = {}; ///< only `total` counts for these
  std::chrono::milliseconds minute{60'000};
  unsigned v4_prefix = 32; ///< the bits that make "an address"
  unsigned v6_prefix = 64;
};

/// Counts the clients of all listeners that share it; from any thread.
class connection_limits : public std::enable_shared_from_this<connection_limits> {
  struct address_entry;

public:
  using clock = std::chrono::steady_clock;

  static std::shared_ptr<connection_limits> make(connection_bounds bounds);

  /// One admitted client; gives its place back when it dies. Empty: refused.
  class place {
  public:
    place() = default;
    place(place&& other) noexcept;
    place& operator=(place&& other) noexcept;
    ~place() { give_back(); }
    void give_back();
    explicit operator bool() const { return of_ != nullptr; }

  private:
    friend connection_limits;
    place(std::shared_ptr<connection_limits> of, address_entry& entry);

    std::shared_ptr<connection_limits> of_;
    address_entry* entry_ = nullptr;
  };
  place admit(const ip_address& from, clock::time_point now = clock::now());

  /// New bounds for those who come from now on; nobody is dropped.
  void change(connection_bounds bounds);

  /// For the metrics: how many are here, and how many were sent away and why.
  struct counts {
    std::size_t open = 0;
    std::uint64_t over_total = 0;
    std::uint64_t over_per_address = 0;
    std::uint64_t over_per_minute = 0;
  };
  counts now() const;

  std::size_t known_addresses() const;

private:
  struct address_entry {
    std::uint32_t open = 0;
    std::uint32_t recent = 0; ///< admitted since `minute`
    clock::time_point minute{};
  };

  explicit connection_limits(connection_bounds bounds) : bounds_{std::move(bounds)} {}
  ip_address key_of(const ip_address& x) const;
  void forget_the_gone(clock::time_point now);

  mutable std::mutex mutex_; // over all below
  connection_bounds bounds_;
  counts counts_;
  std::map<ip_address, address_entry> addresses_; // a tree: strangers choose the keys
  std::size_t sweep_at_ = 1024;
};

} // namespace hamlet::net
