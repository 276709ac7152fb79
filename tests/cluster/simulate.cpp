// SPDX-License-Identifier: Apache-2.0
// simulate [--seeds N] [--from N] [--jobs N] [--expect TEXT]: runs a world for each seed.
// simulate --seed N [--trace]: runs one again and tells what happens in it.
#include "tests/cluster/world.hpp"

#include <atomic>
#include <charconv>
#include <cstdio>
#include <mutex>
#include <string_view>
#include <thread>

namespace {

using namespace hamlet::simulation;

struct totals {
  std::mutex lock;
  verdict sum;
  std::uint64_t bad = 0;
  std::string first;

  void add(std::uint64_t seed, const verdict& x) {
    std::lock_guard hold{lock};
    sum.acknowledged += x.acknowledged;
    sum.said += x.said;
    sum.later += x.later;
    sum.deaths += x.deaths;
    sum.events += x.events;
    sum.owners += x.owners;
    sum.lost_lines += x.lost_lines;
    if (x.faults.empty())
      return;
    if (++bad <= 5)
      for (const auto& f : x.faults)
        std::printf("seed %lu: %s\n", static_cast<unsigned long>(seed), f.c_str());
    if (first.empty())
      first = x.faults.front();
  }
};

} // namespace

int main(int argc, char** argv) {
  std::uint64_t from = 1;
  std::uint64_t count = 10'000;
  std::uint64_t jobs = 2;
  bool trace = false;
  std::string expect;
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    auto number = [&](std::uint64_t& into) {
      std::from_chars(value.data(), value.data() + value.size(), into);
      ++i;
    };
    if (name == "--trace")
      trace = true;
    else if (name == "--seeds")
      number(count);
    else if (name == "--from")
      number(from);
    else if (name == "--jobs")
      number(jobs);
    else if (name == "--expect")
      expect = value, ++i;
    else if (name == "--seed")
      number(from), count = jobs = 1;
    else
      return std::fprintf(stderr, "simulate: what is %s?\n", argv[i]), 2;
  }
  totals all;
  std::atomic<std::uint64_t> next = from;
  std::vector<std::thread> threads;
  for (std::uint64_t j = 0; j < jobs; ++j)
    threads.emplace_back([&] {
      for (auto seed = next++; seed < from + count; seed = next++) {
        all.add(seed, world{{seed, trace}}.run());
        if (!expect.empty() && all.bad > 0)
          return;
      }
    });
  for (auto& t : threads)
    t.join();
  const auto& s = all.sum;
  std::printf(
    "%lu worlds: %lu broken; %ld faults put in, %ld deaths, %ld changes of owner; %ld mails "
    "and %ld lines acknowledged, %ld put off, %ld holes\n",
    static_cast<unsigned long>(count), static_cast<unsigned long>(all.bad), long(s.events),
    long(s.deaths), long(s.owners), long(s.acknowledged), long(s.said), long(s.later),
    long(s.lost_lines));
  if (expect.empty())
    return all.bad != 0;
  bool is_found = all.first.find(expect) != all.first.npos;
  std::printf("expected %s: %s\n", expect.c_str(), is_found ? "found" : "NOT FOUND");
  return !is_found;
}
