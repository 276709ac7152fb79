// SPDX-License-Identifier: Apache-2.0
#include "lib/log/escape.hpp"
#include "lib/log/render.hpp"

#include <gtest/gtest.h>

namespace hamlet::log {
namespace {

using namespace std::string_view_literals;

std::string quoted(std::string_view value) {
  std::string out;
  append_quoted(out, value);
  return out;
}

std::string json(std::string_view value) {
  std::string out;
  append_json(out, value);
  return out;
}

// 2026-11-21T21:03:35.123Z
const std::chrono::system_clock::time_point when{std::chrono::milliseconds{1'795'295'015'123}};

line example(std::initializer_list<field> fields) {
  return {when, level::info, "smtp", 0x14b, "accepted", fields};
}

TEST(LogText, IsALineOfTimeLevelAreaConnectionEventAndFields) {
  EXPECT_EQ(
    as_text(example({{"queue", "0D4K3P8Z1G000"}, {"size", 123}, {"tls", true}})),
    "2026-11-21T21:03:35.123Z info smtp c=AB accepted queue=0D4K3P8Z1G000 size=123 tls=true\n");
  EXPECT_EQ(as_text({when, level::error, "store", {}, "cannot sync", {}}),
            "2026-11-21T21:03:35.123Z error store cannot sync\n");
}

TEST(LogText, ShowsNumbersOfAllKinds) {
  EXPECT_TRUE(as_text(example({{"a", -1}, {"b", ~std::uint64_t{0}}, {"c", 0.5}, {"d", 0.0 / 0.0}}))
                .ends_with(" a=-1 b=18446744073709551615 c=0.5 d=null\n"));
}

TEST(LogText, QuotesWhatCouldBeTakenForAnotherFieldOrLine) {
  struct {
    std::string_view value;
    std::string_view expected;
  } const cases[] = {
    {"plain", "plain"},
    {"a@example.org", "a@example.org"},
    {"", R"("")"},
    {"two words", R"("two words")"},
    {"x=1", R"("x=1")"},
    {R"(say "hi")", R"("say \"hi\"")"},
    {R"(back\slash)", R"("back\\slash")"},
    {"a\r\n2026-11-21T21:03:35.123Z info smtp forged",
     R"("a\r\n2026-11-21T21:03:35.123Z info smtp forged")"},
    {"tab\there", R"("tab\there")"},
    {"\x1b[2J", R"("\x1b[2J")"},
    {"nul\0"sv, R"("nul\x00")"},
    {"\x7f", R"("\x7f")"},
    {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
    {"\xc2\x9b", R"("\u{009b}")"},         // CSI in one character
    {"\xe2\x80\xa8", R"("\u{2028}")"},     // LINE SEPARATOR
    {"\xe2\x80\xae", R"("\u{202e}")"},     // right-to-left override
    {"\xff\xc3", R"("\xff\xc3")"},         // no UTF-8
    {"\xc0\x8a", R"("\xc0\x8a")"},         // LF, too long
    {"\xed\xa0\x80", R"("\xed\xa0\x80")"}, // half of a surrogate pair
    {"\xf4\x90\x80\x80", R"("\xf4\x90\x80\x80")"},
  };
  for (const auto& x : cases)
    EXPECT_EQ(quoted(x.value), x.expected);
}

TEST(LogText, NoValueEndsTheLine) {
  for (int c = 0; c < 256; ++c) {
    std::string value{"a"};
    value += static_cast<char>(c);
    auto text = as_text(example({{"v", value}}));
    EXPECT_EQ(text.find_first_of("\r\n"), text.size() - 1) << c;
  }
}

TEST(LogText, CutsALongValue) {
  std::string value(100'000, 'x');
  EXPECT_LT(as_text(example({{"v", value}})).size(), max_value + 100);
}

TEST(LogJson, IsOneObjectALine) {
  EXPECT_EQ(as_json(example({{"queue", "a b"}, {"size", 123}, {"ok", false}})),
            R"({"time":"2026-11-21T21:03:35.123Z","level":"info","area":"smtp","connection":"AB",)"
            R"("event":"accepted","queue":"a b","size":123,"ok":false})"
            "\n");
}

TEST(LogJson, EscapesWhatAStringMayNotHold) {
  EXPECT_EQ(json("say \"hi\"\\\r\n\t"), R"("say \"hi\"\\\r\n\t")");
  EXPECT_EQ(json("\x1b\x01\x7f"), R"("\u001b\u0001\u007f")");
  EXPECT_EQ(json("\xff"), R"("\ufffd")");
  EXPECT_EQ(json("gr\xc3\xbc\xc3\x9f"), "\"gr\xc3\xbc\xc3\x9f\"");
  EXPECT_EQ(json("\xe2\x80\xae"), R"("\u202e")");
}

} // namespace
} // namespace hamlet::log
