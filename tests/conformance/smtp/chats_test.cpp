// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/smtp/smtp_peer.hpp"

namespace hamlet::smtp {

using Chat = conformance::ChatTest;

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

INSTANTIATE_TEST_SUITE_P(Smtp, Chat, testing::ValuesIn(conformance::chats_in(CHATS)),
                         conformance::chat_name);

} // namespace hamlet::smtp
