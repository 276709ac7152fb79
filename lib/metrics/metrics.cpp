// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/metrics.hpp"

#include <algorithm>
#include <cassert>

namespace hamlet::metrics {

void counter::render(std::string& out) const {
  detail::append_line(out, name(), "", value());
}

void gauge::render(std::string& out) const {
  detail::append_line(out, name(), "", value());
}

void read_gauge::render(std::string& out) const {
  detail::append_line(out, name(), "", read_());
}

counters::counters(std::string_view name, std::string_view help, const label& by)
    : metric{name, help, "counter"}, values_{by.name, by.values}, cells_{std::make_unique<cell[]>(
                                                                    values_.size())} {
  publish();
}

void counters::render(std::string& out) const {
  for (std::size_t i = 0; i < values_.size(); ++i)
    detail::append_line(out, name(), values_.text(i), cells_[i].value());
}

gauges::gauges(std::string_view name, std::string_view help, const label& by)
    : metric{name, help, "gauge"}, values_{by.name, by.values}, cells_{std::make_unique<cell[]>(
                                                                  values_.size())} {
  publish();
}

void gauges::render(std::string& out) const {
  for (std::size_t i = 0; i < values_.size(); ++i)
    detail::append_line(out, name(), values_.text(i), cells_[i].value());
}

histogram::histogram(std::string_view name, std::string_view help, std::span<const double> bounds)
    : metric{name, help, "histogram"}, bounds_{bounds.begin(), bounds.end()},
      buckets_{std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1)} {
  assert(std::ranges::is_sorted(bounds_));
  publish();
}

void histogram::observe(double x) {
  auto place = std::ranges::lower_bound(bounds_, x) - bounds_.begin();
  buckets_[static_cast<std::size_t>(place)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(x, std::memory_order_relaxed);
}

std::uint64_t histogram::count() const {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i)
    n += buckets_[i].load(std::memory_order_relaxed);
  return n;
}

// The count is the sum of what this very pass has read: the last bucket and `_count` always agree.
void histogram::render(std::string& out) const {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i) {
    below += buckets_[i].load(std::memory_order_relaxed);
    auto bound = i < bounds_.size() ? detail::number_text(bounds_[i]) : "+Inf";
    detail::append_line(out, name() + "_bucket", "{le=\"" + bound + "\"}", below);
  }
  detail::append_line(out, name() + "_sum", "", sum_.load(std::memory_order_relaxed));
  detail::append_line(out, name() + "_count", "", below);
}

} // namespace hamlet::metrics
