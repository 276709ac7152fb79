// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace hamlet::simulation {

/// Milliseconds of the simulated world.
using moment = std::int64_t;

/// xorshift*: the same numbers everywhere, for ever.
class dice {
public:
  explicit dice(std::uint64_t seed) : state_{seed * 0x9e3779b97f4a7c15U + 0x1234567U} {}

  std::uint64_t next() {
    state_ ^= state_ >> 12U;
    state_ ^= state_ << 25U;
    state_ ^= state_ >> 27U;
    return state_ * 0x2545f4914f6cdd1dU;
  }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low
           + static_cast<std::int64_t>((next() >> 11U)
                                       % static_cast<std::uint64_t>(high - low + 1));
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>((next() >> 11U) % n); }
  bool chance(int permille) { return between(0, 999) < permille; }

private:
  std::uint64_t state_;
};

/// What will happen, in the order of time and then of asking.
class schedule {
public:
  moment now() const { return now_; }

  void at(moment when, std::function<void()> what) {
    heap_.push_back({std::max(when, now_), next_++, std::move(what)});
    std::ranges::push_heap(heap_, later);
  }
  void after(moment wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }

  void run_until(moment end) {
    while (!heap_.empty() && heap_.front().when <= end) {
      std::ranges::pop_heap(heap_, later);
      auto first = std::move(heap_.back());
      heap_.pop_back();
      now_ = first.when;
      first.what();
    }
    now_ = end;
  }

private:
  struct item {
    moment when;
    std::uint64_t order;
    std::function<void()> what;
  };
  static bool later(const item& a, const item& b) {
    return a.when != b.when ? a.when > b.when : a.order > b.order;
  }

  moment now_ = 0;
  std::uint64_t next_ = 0;
  std::vector<item> heap_;
};

} // namespace hamlet::simulation
