// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hamlet::metrics {

/// What all kinds have in common. The registry of the process knows it from the end of its
/// constructor to the begin of its destructor.
class metric {
public:
  metric(const metric&) = delete;
  metric& operator=(const metric&) = delete;
  virtual ~metric() = default;

  const std::string& name() const { return name_; }

protected:
  /// A bad name, or one that lives already, is a bug: says so and aborts, in every build.
  metric(std::string_view name, std::string_view help, std::string_view type);

  void publish();  ///< last in the constructor of a kind
  void withdraw(); ///< first in its destructor

  /// "name{label="value"} 1" lines.
  virtual void render(std::string& out) const = 0;

private:
  friend std::string prometheus_text();

  std::string name_;
  std::string help_;
  std::string_view type_;
};

/// The values of the one label of a metric, in the order of the declaration.
class label_values {
public:
  label_values(std::string_view label, std::vector<std::string_view> values);

  std::size_t size() const { return texts_.size(); }
  std::size_t index_of(std::string_view value) const; ///< unknown: the last
  /// `{label="value"}`, escaped.
  const std::string& text(std::size_t place) const { return texts_[place]; }

private:
  std::vector<std::string> values_;
  std::vector<std::string> texts_;
};

/// All metrics of the process, and the process's own, sorted by name: Prometheus' text exposition
/// format, version 0.0.4. Send it as `text/plain; version=0.0.4; charset=utf-8`. Any thread.
std::string prometheus_text();

namespace detail {
/// `process_*`: memory, CPU time, open files, start; from /proc.
void append_process(std::string& out);
void append_line(std::string& out, std::string_view name, std::string_view labels, double value);
void append_line(std::string& out, std::string_view name, std::string_view labels,
                 std::uint64_t value);
void append_line(std::string& out, std::string_view name, std::string_view labels,
                 std::int64_t value);
void append_head(std::string& out, std::string_view name, std::string_view help,
                 std::string_view type);
std::string number_text(double x); ///< shortest that reads back as the same; "+Inf", "NaN"
} // namespace detail

} // namespace hamlet::metrics
