// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/connection_limits.hpp"

#include "lib/metrics/metrics.hpp"

#include <algorithm>
#include <utility>

namespace hamlet::net {

namespace {

// So many addresses without a connection are remembered at most, for the sake of their rate.
constexpr std::size_t most_addresses = 100'000;
constexpr unsigned v4_begin = 96; // RFC 4291 §2.5.5.2: in an address of 128 bits

metrics::counters turned_away{"hamlet_connections_refused_total",
                              "Clients for whom there was no place, by the limit.",
                              {"limit", {"total", "per_address", "per_minute"}}};

bool is_full(std::size_t have, std::size_t limit) {
  return limit > 0 && have >= limit;
}

} // namespace

std::shared_ptr<connection_limits> connection_limits::make(connection_bounds bounds) {
  return std::shared_ptr<connection_limits>{new connection_limits{std::move(bounds)}};
}

connection_limits::place connection_limits::admit(const ip_address& from, clock::time_point now) {
  std::lock_guard lock{mutex_};
  if (is_full(counts_.open, bounds_.total)) {
    ++counts_.over_total;
    turned_away["total"].add();
    return {};
  }
  if (addresses_.size() >= sweep_at_)
    forget_the_gone(now);
  auto& entry = addresses_[key_of(from)];
  if (now - entry.minute >= bounds_.minute)
    entry = {entry.open, 0, now};
  if (!any_contains(bounds_.exempt, from)) {
    if (is_full(entry.open, bounds_.per_address)) {
      ++counts_.over_per_address;
      turned_away["per_address"].add();
      return {};
    }
    if (is_full(entry.recent, bounds_.per_minute)) {
      ++counts_.over_per_minute;
      turned_away["per_minute"].add();
      return {};
    }
  }
  ++entry.open;
  ++entry.recent;
  ++counts_.open;
  return {shared_from_this(), entry};
}

ip_address connection_limits::key_of(const ip_address& x) const {
  return x.masked(x.is_v4() ? v4_begin + bounds_.v4_prefix : bounds_.v6_prefix);
}

void connection_limits::forget_the_gone(clock::time_point now) {
  auto all = addresses_.size() >= most_addresses;
  std::erase_if(addresses_, [&](const auto& x) {
    return x.second.open == 0 && (all || now - x.second.minute >= bounds_.minute);
  });
  sweep_at_ = std::max<std::size_t>(1024, std::min(addresses_.size() * 2, most_addresses));
  sweep_at_ = std::max(sweep_at_, addresses_.size() + 1024); // all of them connected: sweep rarely
}

void connection_limits::change(connection_bounds bounds) {
  std::lock_guard lock{mutex_};
  bounds_ = std::move(bounds);
}

connection_limits::counts connection_limits::now() const {
  std::lock_guard lock{mutex_};
  return counts_;
}

std::size_t connection_limits::known_addresses() const {
  std::lock_guard lock{mutex_};
  return addresses_.size();
}

connection_limits::place::place(std::shared_ptr<connection_limits> of, address_entry& entry)
    : of_{std::move(of)}, entry_{&entry} {
}

connection_limits::place::place(place&& other) noexcept
    : of_{std::move(other.of_)}, entry_{std::exchange(other.entry_, nullptr)} {
}

connection_limits::place& connection_limits::place::operator=(place&& other) noexcept {
  std::swap(of_, other.of_); // what was held goes with `other`
  std::swap(entry_, other.entry_);
  return *this;
}

void connection_limits::place::give_back() {
  if (auto of = std::move(of_)) {
    std::lock_guard lock{of->mutex_};
    --entry_->open;
    --of->counts_.open;
  }
}

} // namespace hamlet::net
