// SPDX-License-Identifier: Apache-2.0
#include "lib/config/checks.hpp"
#include "lib/config/text.hpp"

#include <gtest/gtest.h>

namespace hamlet::config {
namespace {

using namespace std::chrono_literals;

TEST(Durations, AreANumberAndAUnit) {
  struct {
    const char* text;
    std::optional<std::chrono::milliseconds> expected;
  } const cases[] = {
    {"250ms", 250ms},
    {"30s", 30s},
    {"5m", 5min},
    {"1h", 1h},
    {"7d", 168h},
    {"0s", 0s},
    {"36500d", 876'000h},
    {"36501d", std::nullopt},
    {"99999999999999999999d", std::nullopt},
    {"213503982334602d", std::nullopt}, // wraps around in 64 bits
    {"", std::nullopt},
    {"5", std::nullopt},
    {"m", std::nullopt},
    {"5 m", std::nullopt},
    {"5M", std::nullopt},
    {"-5m", std::nullopt},
    {"+5m", std::nullopt},
    {"1.5h", std::nullopt},
    {"1h30m", std::nullopt},
    {"5min", std::nullopt},
  };
  for (const auto& x : cases)
    EXPECT_EQ(duration_of(x.text), x.expected) << x.text;
}

TEST(Durations, AreShownInTheLargestUnitThatFits) {
  EXPECT_EQ(duration_text(0s), "0s");
  EXPECT_EQ(duration_text(1500ms), "1500ms");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(3600s), "1h");
  EXPECT_EQ(duration_text(48h), "2d");
}

TEST(Sizes, AreANumberAndAUnit) {
  struct {
    const char* text;
    std::optional<std::uint64_t> expected;
  } const cases[] = {
    {"512B", 512u},
    {"64KiB", 64u << 10},
    {"50MiB", 50u << 20},
    {"1GiB", 1u << 30},
    {"2TiB", std::uint64_t{2} << 40},
    {"16777216TiB", std::nullopt}, // wraps around in 64 bits
    {"64", std::nullopt},
    {"64KB", std::nullopt},
    {"64kib", std::nullopt},
    {"64 KiB", std::nullopt},
    {"KiB", std::nullopt},
  };
  for (const auto& x : cases)
    EXPECT_EQ(octets_of(x.text), x.expected) << x.text;
  EXPECT_EQ(octets_text(12'288), "12KiB");
  EXPECT_EQ(octets_text(2049), "2049B");
}

TEST(Endpoints, ReadWhatTheyWrite) {
  for (auto* text : {"0.0.0.0:25", "[::]:25", "127.0.0.1:0", "[2001:db8::1]:65535"})
    EXPECT_EQ(endpoint::of(text)->text(), text);
  for (auto* text :
       {"", "25", ":25", "::25", "[::]", "[::]25", "0.0.0.0", "0.0.0.0:", "0.0.0.0:65536",
        "0.0.0.0:-1", "[0.0.0.0]:25", "[]:25", "localhost:25", "0.0.0.0:25 "})
    EXPECT_FALSE(endpoint::of(text)) << text;
}

TEST(Checks, TellNamesFromWhatIsNone) {
  for (auto* text : {"localhost", "mail.example.org", "xn--bcher-kva.example", "1.2.example"})
    EXPECT_TRUE(is_domain(text)) << text;
  for (auto* text : {"mail", "mail.", ".org", "a..b", "-a.b", "a-.b", "192.0.2.1", "a b.c",
                     "b\xc3\xbc"
                     "cher.example",
                     "a_b.c"})
    EXPECT_FALSE(is_domain(text)) << text;
  EXPECT_FALSE(is_domain(std::string(64, 'a') + ".org"));
  EXPECT_TRUE(is_separator("+"));
  for (auto* text : {"", "++", "a", "1", ".", "@", " ", "\""})
    EXPECT_FALSE(is_separator(text)) << text;
  EXPECT_FALSE(is_absolute_path("var/lib"));
  EXPECT_FALSE(is_printable_word("two words"));
}

} // namespace
} // namespace hamlet::config
