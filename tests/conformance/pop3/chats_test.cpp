// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/pop3/pop3_peer.hpp"

namespace hamlet::pop3 {

using Chat = conformance::ChatTest;

TEST_P(Chat, IsAnsweredAsWritten) {
  auto chat = conformance::read(GetParam());
  ASSERT_TRUE(chat) << chat.error().detail;
  for (std::size_t piece : {0u, 1u, 3u}) {
    pop3_peer peer{piece};
    EXPECT_EQ(conformance::play(*chat, peer).value_or(""), "") << "in pieces of " << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(Pop3, Chat, testing::ValuesIn(conformance::chats_in(CHATS)),
                         conformance::chat_name);

} // namespace hamlet::pop3
