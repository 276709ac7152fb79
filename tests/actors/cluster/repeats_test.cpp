// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/repeats.hpp"

#include <gtest/gtest.h>

namespace hamlet::cluster {

namespace {

struct heard {
  std::vector<std::string> all;
  on_reply next() {
    return [this](const reply& x) { all.push_back(x.payload); };
  }
};

reply done(const std::string& payload) {
  return {delivery::ok, 0, 0, payload, errc::none, {}};
}

TEST(Repeats, ACommandIsDoneOnceAndAnsweredEachTime) {
  repeats x;
  heard h;
  auto first = h.next(), second = h.next(), third = h.next();
  EXPECT_TRUE(x.begin({1, 1}, first));
  EXPECT_FALSE(x.begin({1, 1}, second)); // while the first is being done
  x.finish({1, 1}, done("a"));
  EXPECT_EQ(h.all, (std::vector<std::string>{"a", "a"}));
  EXPECT_FALSE(x.begin({1, 1}, third));
  EXPECT_EQ(h.all.size(), 3u);
}

TEST(Repeats, WhatWasNotDoneIsDoneTheNextTime) {
  for (auto code : {errc::wrong_owner, errc::shutting_down, errc::busy}) {
    repeats x;
    heard h;
    auto first = h.next(), second = h.next();
    EXPECT_TRUE(x.begin({1, 1}, first));
    x.finish({1, 1}, {delivery::failed, 0, 0, {}, code, {}});
    EXPECT_TRUE(x.begin({1, 1}, second));
  }
}

TEST(Repeats, TheOldestAreForgotten) {
  repeats x{{.answers = 3, .octets = 100}};
  heard h;
  auto ask = [&](std::uint64_t n) {
    auto answer = h.next();
    return x.begin({1, n}, answer);
  };
  for (std::uint64_t n = 1; n <= 4; ++n) {
    EXPECT_TRUE(ask(n));
    x.finish({1, n}, done("x"));
  }
  EXPECT_EQ(x.size(), 3u);
  EXPECT_FALSE(ask(2));
  EXPECT_TRUE(ask(1));
  x.finish({1, 1}, done(std::string(99, 'x'))); // with it there is room for one octet more
  EXPECT_EQ(x.size(), 2u);
}

} // namespace

} // namespace hamlet::cluster
