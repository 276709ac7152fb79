// SPDX-License-Identifier: Apache-2.0
#include "lib/text/search_form.hpp"

#include <gtest/gtest.h>

namespace hamlet::text {

TEST(SearchForm, IsTheSameForWordsThatDifferInCaseAndAccentsOnly) {
  struct {
    const char *text, *form;
  } cases[] = {
    {"", ""},
    {"Hello, World_1", "hello, world_1"},
    {"\xc3\x89t\xc3\xa9", "ete"},   // É, é
    {"E\xcc\x81te\xcc\x81", "ete"}, // the same with combining marks
    {"STRA\xc3\x9f"
     "E",
     "strasse"},                                              // ß
    {"\xc3\x85ngstr\xc3\xb6m", "angstrom"},                   // Å, ö
    {"\xce\xa3\xce\xa3\xcf\x82", "\xcf\x83\xcf\x83\xcf\x83"}, // Greek: the final sigma too
    {"\xd0\x9f\xd0\xa0", "\xd0\xbf\xd1\x80"},                 // Cyrillic
    {"\xef\xbc\xa1\xef\xbd\x82", "ab"},                       // full width
    {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},                 // beyond 16 bits
  };
  for (auto& [text, form] : cases) {
    EXPECT_EQ(search_form(text), form) << text;
    EXPECT_EQ(search_form(form), form) << text; // once is enough
  }
}

TEST(SearchForm, TakesOctetsThatAreNoText) {
  EXPECT_NE(search_form("a\xff"
                        "b"),
            "ab");
  EXPECT_FALSE(search_form("\xc3").empty());
}

} // namespace hamlet::text
