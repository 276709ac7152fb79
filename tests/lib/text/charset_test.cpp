// SPDX-License-Identifier: Apache-2.0
#include "lib/text/charset.hpp"

#include <gtest/gtest.h>

namespace hamlet::text {

TEST(Charset, BecomesUtf8) {
  struct {
    const char *bytes, *charset, *text;
  } table[] = {
    {"caf\xe9", "ISO-8859-1", "caf\u00e9"},
    {"\xb9", "iso-8859-2", "\u0161"},
    {"\x80", "windows-1252", "\u20ac"},
    {"\xc3\xa9", "UTF-8", "\u00e9"},
    {"\xc3\xa9", "", "\u00e9"},
    {"\xc3", "utf-8", "\ufffd"},
    {"\xd6\xd0", "GB2312", "\u4e2d"},
    {"\x1b$B$\"\x1b(B", "iso-2022-jp", "\u3042"},
    {"", "koi8-r", ""},
  };
  for (auto& x : table)
    EXPECT_EQ(to_utf8(x.bytes, x.charset), x.text) << x.charset;
}

TEST(Charset, MustBeKnown) {
  EXPECT_FALSE(to_utf8("a", "no-such-thing"));
  EXPECT_FALSE(to_utf8("a", std::string(1000, 'a')));
  EXPECT_FALSE(to_utf8("a", "../../etc/passwd"));
}

} // namespace hamlet::text
