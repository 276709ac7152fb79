// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/smtp/smtp_peer.hpp"

#include <gtest/gtest.h>

namespace hamlet::smtp {

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
    smtp_peer peer{piece};
    EXPECT_EQ(conformance::play(*chat, peer).value_or(""), "") << "in pieces of " << piece;
    EXPECT_EQ(peer.broken_rule(), "");
    if (peer.is_about_packets())
      break;
  }
}

INSTANTIATE_TEST_SUITE_P(Smtp, Chat, testing::ValuesIn(conformance::chats_in(CHATS)), name_of);

} // namespace hamlet::smtp
