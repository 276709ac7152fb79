// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/irc/world.hpp"

#include <cctype>

namespace hamlet::irc {

using chat_file = std::tuple<std::filesystem::path, std::size_t>;

class Chat : public ChatWorld, public testing::WithParamInterface<chat_file> {};

std::string chat_file_name(const testing::TestParamInfo<chat_file>& info) {
  auto name = std::get<0>(info.param).stem().string();
  std::ranges::replace_if(
    name, [](unsigned char x) { return std::isalnum(x) == 0; }, '_');
  return name + (std::get<1>(info.param) == 0 ? "_whole" : "_by_octets");
}

TEST_P(Chat, IsAnsweredAsWritten) {
  auto& [file, piece] = GetParam();
  auto what = read_dialogue(file);
  ASSERT_TRUE(what) << what.error().detail;
  begin(*what, piece);
  EXPECT_EQ(play(*what, *this).value_or(""), "");
}

INSTANTIATE_TEST_SUITE_P(Irc, Chat,
                         testing::Combine(testing::ValuesIn(conformance::chats_in(CHATS)),
                                          testing::Values(0u, 1u)),
                         chat_file_name);

} // namespace hamlet::irc
