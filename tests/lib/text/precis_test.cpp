// SPDX-License-Identifier: Apache-2.0
#include "lib/text/precis.hpp"

#include <gtest/gtest.h>

namespace hamlet::text {

using namespace std::string_view_literals;

namespace {

std::string name_of(std::string_view text) {
  return canonical_name(text).value_or("(refused)");
}

std::string password_of(std::string_view text) {
  return opaque_string(text).value_or("(refused)");
}

} // namespace

TEST(Name, HasOneFormForEachPerson) { // RFC 8265 §3.3.2
  std::pair<std::string_view, std::string_view> names[] = {
    {"romeo", "romeo"},
    {"Romeo", "romeo"},
    {"romeo@example.org", "romeo@example.org"},
    {"fu\u00dfball", "fu\u00dfball"},
    {"\u03c0", "\u03c0"},
    {"\u03a3", "\u03c3"},
    {"\u03c3", "\u03c3"},
    {"\u03c2", "\u03c2"},
    {"D\u00d6MI", "d\u00f6mi"},
    {"do\u0308mi", "d\u00f6mi"},                 // NFC
    {"\uff32\uff4f\uff4d\uff45\uff4f", "romeo"}, // full width
    {"\uff76\uff9e", "\u30ac"},                  // half-width KA and its mark
    {"\u7528\u6237", "\u7528\u6237"},
    {"col\u00b7lega", "col\u00b7lega"},
    {"\u05d0\u05d1\u05d2", "\u05d0\u05d1\u05d2"},
    {"\u05d0\u05d11", "\u05d0\u05d11"},
    {"\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"},
    {"\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc"},
    {"\u30a2\u30fb\u30a4", "\u30a2\u30fb\u30a4"},
  };
  for (auto& [text, form] : names) {
    EXPECT_EQ(name_of(text), form) << text;
    EXPECT_EQ(name_of(form), form) << text;
  }
  EXPECT_EQ(name_of("\u0130x"), "i\u0307x"); // the same in each locale
}

TEST(Name, RefusesWhatIsNone) { // RFC 8265 §3.5, RFC 8264 §4.2
  for (auto text : {""sv,
                    "foo bar"sv,
                    " romeo"sv,
                    "a\0b"sv,
                    "a\tb"sv,
                    "a\r\nb"sv,
                    "a\x7f"sv,
                    "\xff"sv,
                    "henry\u2163"sv,
                    "\u265a"sv,
                    "\u221e"sv,
                    "a\u00a0b"sv,
                    "a\u3000b"sv,
                    "a\u200bb"sv,
                    "a\u00adb"sv,
                    "a\u2028b"sv,
                    "a\u0085b"sv,
                    "\ufb01sh"sv,
                    "a\u2014b"sv,
                    "\u0378"sv,
                    "\ue000"sv,
                    "\ufdd0"sv,
                    "\ufeff"sv,
                    "a\u0640"sv,
                    "\u7528\u303b"sv,
                    "\u1100"sv,
                    "\U000e0041"sv,
                    "\U0001f600"sv,
                    "\u01c5"sv,
                    "a\u202eb"sv,
                    "a\u00b7b"sv,
                    "l\u00b7"sv,
                    "\u200dx"sv,
                    "a\u200cb"sv,
                    "\u0375x"sv,
                    "x\u05f3"sv,
                    "a\u30fbb"sv,
                    "\u0661\u06f1"sv,
                    "\u05d0a"sv,
                    "a\u05d0"sv,
                    "1\u05d0"sv,
                    "\u0627\u0661"
                    "1"sv,
                    "\u0661"sv,
                    "\u05d0-"sv})
    EXPECT_EQ(name_of(text), "(refused)") << text;
}

TEST(Name, IsBounded) {
  EXPECT_EQ(name_of(std::string(1023, 'a')).size(), 1023u);
  EXPECT_EQ(name_of(std::string(1024, 'a')), "(refused)");
  EXPECT_EQ(canonical_name("foo bar").error().code, errc::bad_request);
  EXPECT_EQ(canonical_name("foo bar").error().detail.find("foo"), std::string::npos);
}

TEST(Password, KeepsAllButSpacesAndComposition) { // RFC 8265 §4.2.2, §4.3
  std::pair<std::string_view, std::string_view> words[] = {
    {"correct horse battery staple", "correct horse battery staple"},
    {"Correct Horse Battery Staple", "Correct Horse Battery Staple"},
    {"\u03c0\u00df\u00e5", "\u03c0\u00df\u00e5"},
    {"a\u030a", "\u00e5"},
    {"Jack of \u2666s", "Jack of \u2666s"},
    {"foo\u1680bar", "foo bar"},
    {"a\u00a0b\u3000c", "a b c"},
    {" x ", " x "},
    {"\uff32", "\uff32"},
    {"\u05d0a1", "\u05d0a1"},
  };
  for (auto& [text, form] : words)
    EXPECT_EQ(password_of(text), form) << text;
  for (auto text : {""sv, "my cat is a \tby"sv, "a\0b"sv, "a\nb"sv, "\xff"sv, "a\u200bb"sv})
    EXPECT_EQ(password_of(text), "(refused)") << text;
  EXPECT_EQ(password_of(std::string(1024, 'a')), "(refused)");
}

} // namespace hamlet::text
