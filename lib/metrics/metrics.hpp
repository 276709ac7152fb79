// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/metrics/registry.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Numbers that an administrator watches. Each is declared where it is counted:
//
//   static metrics::counter accepted{"hamlet_smtp_accepted_total", "Messages answered 250."};
//   accepted.add();
//
// A label has a small set of values, named with the declaration: no value comes from a client.

namespace hamlet::metrics {

/// Only grows. Any thread, lock-free; has its own cache line, so that two busy counters do not
/// slow each other.
class counter : public metric {
public:
  /// @param name As Prometheus wants it: a word of [a-zA-Z0-9_:], its unit and `_total` last.
  counter(std::string_view name, std::string_view help) : metric{name, help, "counter"} {
    publish();
  }
  ~counter() override { withdraw(); }

  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  void render(std::string& out) const override;

  alignas(64) std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down: connections that are open, operations that wait.
class gauge : public metric {
public:
  gauge(std::string_view name, std::string_view help) : metric{name, help, "gauge"} { publish(); }
  ~gauge() override { withdraw(); }

  void set(std::int64_t x) { value_.store(x, std::memory_order_relaxed); }
  void add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  void sub(std::int64_t n = 1) { value_.fetch_sub(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  void render(std::string& out) const override;

  alignas(64) std::atomic<std::int64_t> value_{0};
};

/// Asks for its value when somebody looks: on the thread of prometheus_text(), with the registry
/// locked, so `read` must not declare metrics and must not block.
class read_gauge : public metric {
public:
  read_gauge(std::string_view name, std::string_view help, std::function<double()> read)
      : metric{name, help, "gauge"}, read_{std::move(read)} {
    publish();
  }
  ~read_gauge() override { withdraw(); }

private:
  void render(std::string& out) const override;

  std::function<double()> read_;
};

/// One label; its values are all that there will ever be.
struct label {
  std::string_view name;
  std::initializer_list<std::string_view> values;
};

/// A counter for each value of a label:
///   static metrics::counters replies{"hamlet_smtp_replies_total", "Replies by their class.",
///                                    {"class", {"2xx", "4xx", "5xx", "other"}}};
///   replies["5xx"].add();
/// Any thread.
class counters : public metric {
public:
  counters(std::string_view name, std::string_view help, const label& by);
  ~counters() override { withdraw(); }

  class cell {
  public:
    void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    alignas(64) std::atomic<std::uint64_t> value_{0};
  };
  /// A value that was not declared counts as the last one.
  cell& operator[](std::string_view value) { return cells_[values_.index_of(value)]; }
  /// By its place in the declaration, for enums; past the end: the last one.
  cell& at(std::size_t place) { return cells_[std::min(place, values_.size() - 1)]; }

private:
  void render(std::string& out) const override;

  label_values values_;
  std::unique_ptr<cell[]> cells_;
};

/// A gauge for each value of a label. Any thread.
class gauges : public metric {
public:
  gauges(std::string_view name, std::string_view help, const label& by);
  ~gauges() override { withdraw(); }

  class cell {
  public:
    void set(std::int64_t x) { value_.store(x, std::memory_order_relaxed); }
    void add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
    void sub(std::int64_t n = 1) { value_.fetch_sub(n, std::memory_order_relaxed); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    alignas(64) std::atomic<std::int64_t> value_{0};
  };
  /// A value that was not declared counts as the last one.
  cell& operator[](std::string_view value) { return cells_[values_.index_of(value)]; }
  cell& at(std::size_t place) { return cells_[std::min(place, values_.size() - 1)]; }

private:
  void render(std::string& out) const override;

  label_values values_;
  std::unique_ptr<cell[]> cells_;
};

/// Bounds for times, in seconds: 0.5 ms … 30 s.
inline constexpr double seconds_buckets[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                             0.25,   0.5,   1,      2.5,   5,    10,    30};
/// Bounds for sizes, in octets: 1 KiB … 64 MiB.
inline constexpr double octets_buckets[] = {1024,    4096,    16384,    65536,   262'144,
                                            1 << 20, 4 << 20, 16 << 20, 64 << 20};

/// How often a value was at most so large: times, sizes. Any thread, lock-free. What is seen at
/// once may miss a value in `_sum` that `_count` already has.
class histogram : public metric {
public:
  /// @param bounds The largest value of each bucket, ascending; one without bound is added.
  histogram(std::string_view name, std::string_view help,
            std::span<const double> bounds = seconds_buckets);
  ~histogram() override { withdraw(); }

  void observe(double x);
  std::uint64_t count() const;

private:
  void render(std::string& out) const override;

  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_; ///< not cumulative, one more than bounds_
  std::atomic<double> sum_{0};
};

} // namespace hamlet::metrics
