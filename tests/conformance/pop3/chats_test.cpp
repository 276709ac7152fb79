// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/pop3/pop3_peer.hpp"

#include <gtest/gtest.h>

namespace hamlet::pop3 {

namespace {

struct Chat : testing::TestWithParam<std::filesystem::path> {};

std::string name_of(const testing::TestParamInfo<std::filesystem::path>& info) {
  auto name = info.param.stem().string();
  for (auto& x : name)
    if (std::isalnum(static_cast<unsigned char>(x)) == 0)
      x = '_';
  return name;
}

} // namespace

TEST_P(Chat, IsAnsweredAsWritten) {
  auto chat = conformance::read(GetParam());
  ASSERT_TRUE(chat) << chat.error().detail;
  for (std::size_t piece : {0u, 1u, 3u}) {
    pop3_peer peer{piece};
    EXPECT_EQ(conformance::play(*chat, peer).value_or(""), "") << "in pieces of " << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(Pop3, Chat, testing::ValuesIn(conformance::chats_in(CHATS)), name_of);

} // namespace hamlet::pop3
