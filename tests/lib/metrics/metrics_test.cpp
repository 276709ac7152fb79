// SPDX-License-Identifier: Apache-2.0
#include "lib/metrics/metrics.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace hamlet::metrics {
namespace {

bool shows(std::string_view lines) {
  return ("\n" + prometheus_text()).find("\n" + std::string{lines} + "\n") != std::string::npos;
}

/// The number behind the name, or -1.
double value_of(const std::string& name) {
  auto text = prometheus_text();
  auto at = text.find("\n" + name + " ");
  return at == text.npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST(Counter, IsShownWithHelpAndType) {
  counter c{"test_accepted_total", "Messages answered 250."};
  c.add();
  c.add(2);
  EXPECT_TRUE(shows("# HELP test_accepted_total Messages answered 250.\n"
                    "# TYPE test_accepted_total counter\n"
                    "test_accepted_total 3"));
}

TEST(Counter, LosesNothingBetweenThreads) {
  counter c{"test_races_total", "x"};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n)
        c.add();
    });
  for (auto& t : threads)
    t.join();
  EXPECT_EQ(c.value(), 40'000u);
}

TEST(Counter, IsGoneWithItsObject) {
  { counter c{"test_short_total", "x"}; }
  EXPECT_EQ(prometheus_text().find("test_short_total"), std::string::npos);
}

TEST(Gauge, GoesUpAndDown) {
  gauge g{"test_open", "x"};
  g.add(3);
  g.sub(5);
  EXPECT_TRUE(shows("test_open -2"));
  g.set(7);
  EXPECT_TRUE(shows("# TYPE test_open gauge\ntest_open 7"));
}

TEST(ReadGauge, AsksWhenSomebodyLooks) {
  double x = 0.25;
  read_gauge g{"test_read", "x", [&] { return x; }};
  EXPECT_TRUE(shows("test_read 0.25"));
  x = 1e300;
  EXPECT_TRUE(shows("test_read 1e+300"));
}

TEST(Counters, HaveOneLineForEachDeclaredValue) {
  counters c{"test_replies_total", "x", {"class", {"2xx", "5xx", "other"}}};
  c["5xx"].add(2);
  c["nobody declared this"].add();
  c.at(0).add();
  c.at(99).add();
  EXPECT_TRUE(shows("# TYPE test_replies_total counter\n"
                    "test_replies_total{class=\"2xx\"} 1\n"
                    "test_replies_total{class=\"5xx\"} 2\n"
                    "test_replies_total{class=\"other\"} 2"));
}

TEST(Gauges, HaveOneLineForEachDeclaredValue) {
  gauges g{"test_connections", "x", {"protocol", {"smtp", "pop3"}}};
  g["pop3"].add();
  g["smtp"].sub();
  EXPECT_TRUE(shows("test_connections{protocol=\"smtp\"} -1\n"
                    "test_connections{protocol=\"pop3\"} 1"));
}

TEST(Histogram, CountsCumulatively) {
  constexpr double bounds[] = {0.1, 1, 10};
  histogram h{"test_seconds", "x", bounds};
  for (auto x : {0.05, 0.1, 0.5, 11.0})
    h.observe(x);
  EXPECT_EQ(h.count(), 4u);
  EXPECT_TRUE(shows("# TYPE test_seconds histogram\n"
                    "test_seconds_bucket{le=\"0.1\"} 2\n"
                    "test_seconds_bucket{le=\"1\"} 3\n"
                    "test_seconds_bucket{le=\"10\"} 3\n"
                    "test_seconds_bucket{le=\"+Inf\"} 4\n"
                    "test_seconds_sum 11.65\n"
                    "test_seconds_count 4"));
}

TEST(PrometheusText, EscapesHelpAndLabels) {
  counters c{"test_escaped_total", "back\\slash\nnew \"line\"", {"v", {"a\"b\\c\nd"}}};
  EXPECT_TRUE(shows("# HELP test_escaped_total back\\\\slash\\nnew \"line\"\n"
                    "# TYPE test_escaped_total counter\n"
                    "test_escaped_total{v=\"a\\\"b\\\\c\\nd\"} 0"));
}

TEST(PrometheusText, IsSortedByName) {
  counter b{"test_sorted_b", "x"};
  counter a{"test_sorted_a", "x"};
  auto text = prometheus_text();
  EXPECT_LT(text.find("test_sorted_a"), text.find("test_sorted_b"));
}

TEST(PrometheusText, TellsOfTheProcess) {
  EXPECT_GT(value_of("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value_of("process_virtual_memory_bytes"), value_of("process_resident_memory_bytes"));
  EXPECT_GE(value_of("process_open_fds"), 3);
  EXPECT_GE(value_of("process_max_fds"), value_of("process_open_fds"));
  EXPECT_GE(value_of("process_cpu_seconds_total"), 0);
  EXPECT_GE(value_of("process_threads"), 1);
  EXPECT_GT(value_of("process_start_time_seconds"), 1.6e9);
}

TEST(Metric, DeclaredTwiceIsABug) {
  counter c{"test_twice_total", "x"};
  EXPECT_DEATH((gauge{"test_twice_total", "x"}), "test_twice_total: is declared twice");
}

TEST(Metric, WithABadNameIsABug) {
  EXPECT_DEATH((counter{"no-name", "x"}), "is no name");
  EXPECT_DEATH((counter{"1st", "x"}), "is no name");
  EXPECT_DEATH((counters{"test_total", "x", {"a:b", {"x"}}}), "is no label");
  EXPECT_DEATH((counters{"test_total", "x", {"a", {}}}), "has no values");
}

} // namespace
} // namespace hamlet::metrics
