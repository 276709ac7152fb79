// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/sasl_chunks.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {

using step = sasl_chunks::step;

TEST(SaslChunks, ArePutTogetherAgain) { // IRCv3 sasl-3.1 (AUTHENTICATE)
  for (std::size_t size : {0u, 1u, 299u, 300u, 301u, 600u, 4000u}) {
    std::string bytes(size, '\xa5');
    sasl_chunks x;
    auto chunks = split_sasl(bytes);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      EXPECT_LE(chunks[i].size(), 400u);
      EXPECT_EQ(x.add(chunks[i]), i + 1 < chunks.size() ? step::more : step::done) << size;
    }
    EXPECT_EQ(x.take(), bytes) << size;
    EXPECT_EQ(x.take(), "");
  }
  EXPECT_EQ(split_sasl(""), (std::vector<std::string>{"+"}));
  EXPECT_EQ(split_sasl(std::string(300, 'x')).back(), "+"); // the last one is full
}

TEST(SaslChunks, EndInErrors) { // IRCv3 sasl-3.1
  std::string full(400, 'A');
  sasl_chunks x;
  EXPECT_EQ(x.add("*"), step::aborted);
  EXPECT_EQ(x.add(full + "A"), step::too_long);
  EXPECT_EQ(x.add("!"), step::bad);
  EXPECT_EQ(x.add(""), step::done);
  EXPECT_EQ(x.add(full), step::more);
  EXPECT_EQ(x.add("*"), step::aborted);
  EXPECT_EQ(x.add("QQ=="), step::done); // nothing of what was before
  EXPECT_EQ(x.take(), "A");
}

TEST(SaslChunks, AreBoundedInAll) {
  std::string full(400, 'A');
  sasl_chunks x{1000};
  EXPECT_EQ(x.add(full), step::more);
  EXPECT_EQ(x.add(full), step::more);
  EXPECT_EQ(x.add(full), step::too_long);
  EXPECT_EQ(x.add("QQ=="), step::done);
}

} // namespace hamlet::irc
