// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/texts.hpp"
#include "lib/text/utf8.hpp"

#include <gtest/gtest.h>

#include <set>

namespace hamlet::pop3 {

namespace {

std::size_t gaps(std::string_view sentence) {
  std::size_t n = 0;
  for (auto at = sentence.find("{}"); at != sentence.npos; at = sentence.find("{}", at + 1))
    ++n;
  return n;
}

} // namespace

TEST(Texts, AreThereInEachLanguageAndFitOneLine) {
  for (int i = 0; i < static_cast<int>(text::count_); ++i) {
    auto which = static_cast<text>(i);
    auto english = say(which, language::english);
    EXPECT_TRUE(utf8::is_ascii(english)) << english; // RFC 1939 §3
    for (auto in : {language::english, language::vietnamese, language::chinese}) {
      auto sentence = say(which, in);
      EXPECT_FALSE(sentence.empty()) << i;
      EXPECT_TRUE(utf8::is_valid(sentence)) << sentence; // RFC 6856 §3.2
      EXPECT_EQ(utf8::to_nfc(sentence), sentence) << sentence;
      EXPECT_EQ(gaps(sentence), gaps(english)) << sentence;
      EXPECT_LT(sentence.size(), 250u) << sentence;        // RFC 2449 §4: 512 octets a line
      EXPECT_FALSE(sentence.starts_with('[')) << sentence; // RFC 2449 §6.4
      EXPECT_EQ(sentence.find_first_of("\r\n"), sentence.npos);
    }
  }
}

TEST(Texts, AreTranslated) {
  for (int i = 0; i < static_cast<int>(text::count_); ++i) {
    auto which = static_cast<text>(i);
    std::set<std::string> different{say(which, language::english), say(which, language::vietnamese),
                                    say(which, language::chinese)};
    EXPECT_EQ(different.size(), 3u) << say(which, language::english);
  }
}

TEST(Texts, TakeTheirValuesInOrder) {
  EXPECT_EQ(say(text::messages, language::english, {"2", "320"}), "2 messages (320 octets)");
  EXPECT_EQ(say(text::noop, language::english, {"2"}), "still here");
}

TEST(Languages, AreFoundByTheRangeThatFits) { // RFC 4647 §3.4
  struct {
    std::string_view range, tag;
  } table[] = {
    {"en", "en"},
    {"EN", "en"},
    {"en-GB", "en"},
    {"vi-VN", "vi"},
    {"zh", "zh"},
    {"zh-Hans-CN", "zh"},
    {"zh-x-private", "zh"},
    {"i-default", "i-default"},
    {"de", ""},
    {"e", ""},
    {"eng", ""},
    {"", ""},
    {"-", ""},
    {"-en", ""},
    {"*", ""},
    {"i", ""},
  };
  for (auto& [range, tag] : table) {
    auto found = language_for(range);
    EXPECT_EQ(found ? found->tag : "", tag) << range;
  }
}

} // namespace hamlet::pop3
