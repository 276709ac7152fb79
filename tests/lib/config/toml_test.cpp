// SPDX-License-Identifier: Apache-2.0
#include "lib/base/overload.hpp"
#include "lib/config/tree.hpp"

#include <gtest/gtest.h>

namespace hamlet::config {
namespace {

/// {a=1,b=[true,'x'],c=other}
std::string shown(const tree& x) {
  auto joined = [](const auto& all, auto&& f) {
    std::string out;
    for (const auto& item : all)
      out += (out.empty() ? "" : ",") + f(item);
    return out;
  };
  return std::visit(
    overload{
      [](tree::other) { return std::string{"other"}; },
      [](bool b) { return std::string{b ? "true" : "false"}; },
      [](std::int64_t n) { return std::to_string(n); },
      [](const std::string& s) { return "'" + s + "'"; },
      [&](const tree::list& l) { return "[" + joined(l, shown) + "]"; },
      [&](const tree::table& t) {
        return "{" + joined(t, [](const member& m) { return m.key + "=" + shown(m.value); }) + "}";
      },
    },
    x.value);
}

std::string faults_of(const toml_file& file) {
  std::string out;
  for (const auto& [at, why] : file.faults)
    out += std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + why + "\n";
  return out;
}

TEST(Toml, IsRead) {
  using namespace std::string_literals;
  struct {
    std::string text;
    const char* expected;
  } const cases[] = {
    {"", "{}"},
    {"\n # only a comment", "{}"},
    {"\xef\xbb\xbf"
     "a = 1",
     "{a=1}"},
    {"a=1\r\nb =2 # c\r\n", "{a=1,b=2}"},
    {"a = true\nb = false", "{a=true,b=false}"},
    {"a = [0, +7, -7, 1_000, 0xfF, 0o17, 0b101]", "{a=[0,7,-7,1000,255,15,5]}"},
    {"a = [9223372036854775807, -9223372036854775808]",
     "{a=[9223372036854775807,-9223372036854775808]}"},
    {"a = [1.5, 1e3, inf, -nan, 07:32:00, 1979-05-27T07:32:00Z]",
     "{a=[other,other,other,other,other,other]}"},
    {R"(a = "\b\t\n\f\r\"\\\u00e9\U0001F600")", "{a='\b\t\n\f\r\"\\\u00e9\U0001F600'}"},
    {R"(a = 'C:\x "y"')", "{a='C:\\x \"y\"'}"},
    {"a = \"\"\"\nx\ny \\\n\n   z\"\"\"\"\"", "{a='x\ny z\"\"'}"},
    {"a = '''\r\nx\\\r\n'y'''''", "{a='x\\\n'y'''}"},
    {"a.b.c = 1\na.b.d = 2\n'x y'.\"z\" = 3", "{a={b={c=1,d=2}},x y={z=3}}"},
    {"[a]\nb = 1\n[c . d]\ne = 2\n[c]\nf = 3", "{a={b=1},c={d={e=2},f=3}}"},
    {"[[a]]\nb = 1\n[a.c]\nd = 2\n[[a]]\nb = 3", "{a=[{b=1,c={d=2}},{b=3}]}"},
    {"a = {}\nb = {c = 1, d.e = [2, {f = 3}]}", "{a={},b={c=1,d={e=[2,{f=3}]}}}"},
    {"a = [ # one\n 1,\n\n 2, # two\n]", "{a=[1,2]}"},
    {"a.b = 1\n[a.c]\nd = 2", "{a={b=1,c={d=2}}}"},
    {"\"\" = 1", "{=1}"},
  };
  for (const auto& x : cases) {
    auto file = read_toml(x.text);
    EXPECT_EQ(faults_of(file), "") << x.text;
    EXPECT_EQ(shown(file.top), x.expected);
  }
}

TEST(Toml, IsRefusedWithThePlaceOfTheFault) {
  using namespace std::string_literals;
  struct {
    std::string text;
    const char* fault;
  } const cases[] = {
    {"a", "1:2: expected =\n"},
    {"a =", "1:4: a value was expected here\n"},
    {"a = = 1", "1:5: a value was expected here\n"},
    {"= 1", "1:1: a name was expected here\n"},
    {"a. = 1", "1:4: a name was expected here\n"},
    {"a = 1 b = 2", "1:7: the line should end here\n"},
    {"a = 1\rb = 2", "1:6: the line should end here\n"},
    {"a = 5m", ""}, // looks like a date or fraction: load() refuses it
    {"a = yes", "1:5: a string is written in quotation marks\n"},
    {"a = +true", "1:5: a string is written in quotation marks\n"},
    {"a = 01", "1:5: a number does not begin with 0\n"},
    {"a = 1__0", "1:5: _ stands between two digits\n"},
    {"a = 1_", "1:5: _ stands between two digits\n"},
    {"a = 0x", "1:5: no number\n"},
    {"a = 0b2", "1:5: no number\n"},
    {"a = 0x-1", "1:5: no number\n"},
    {"a = 9223372036854775808", "1:5: a number too large\n"},
    {"a = \"x", "1:5: a string without its end\n"},
    {"a = 'x\n'", "1:5: a string without its end\n2:1: a string without its end\n"},
    {"a = '''x''", "1:5: a string without its end\n"},
    {"'''a''' = 1", "1:1: a name may not span lines: one quotation mark, not three\n"},
    {R"(a = "\x")",
     R"(1:6: \ begins an escape; for itself it is written \\, or the string in '...')"
     "\n"},
    {R"(a = "\u00g0")", "1:6: an escape with too few digits\n"},
    {R"(a = "\ud800")", "1:6: an escape that stands for no character\n"},
    {R"(a = "\U00110000")", "1:6: an escape that stands for no character\n"},
    {"a = \"\x01\"", "1:6: a control character in a string\n"},
    {"# \x7f", "1:3: a control character in a comment\n"},
    {"a = \"\xc3\xbc\xff\"", "1:7: this is no UTF-8\n"},
    {"\xc3\xbc = 1", "1:1: a name was expected here\n"},
    {"a = [1 2]", "1:8: expected , or ]\n"},
    {"a = [1, 2", "1:10: expected , or ]\n"},
    {"a = [,]", "1:6: a value was expected here\n"},
    {"a = {b = 1,}", "1:12: a name was expected here\n"},
    {"a = {b = 1", "1:11: expected , or }\n"},
    {"a = {\nb = 1}", "1:6: a name was expected here\n2:6: the line should end here\n"},
    {"[a", "1:3: expected ]\n"},
    {"[[a]", "1:4: expected ]]\n"},
    {"[]", "1:2: a name was expected here\n"},
    {"[\x17]", "1:2: a name was expected here\n"},
    {"a = 1\na = 2", "2:1: a is there already, since line 1\n"},
    {"a = 1\na.b = 2", "2:1: a is there already, since line 1\n"},
    {"'a\tb' = 1\n'a\tb' = 2", "2:1: \"a\\tb\" is there already, since line 1\n"},
    {"[a]\n[a]", "2:2: a is there already, since line 1\n"},
    {"[a]\n[[a]]", "2:3: a is there already, since line 1\n"},
    {"[[a]]\n[a]", "2:2: a is there already, since line 1\n"},
    {"a = []\n[[a]]", "2:3: a is there already, since line 1\n"},
    {"a = {b = 1}\n[a.c]", "2:2: a has a value already\n"},
    {"a.b = 1\n[a]", "2:2: a is there already, since line 1\n"},
    {"[a.b]\nc = 1\n[a]\nb.d = 2", "4:1: b is there already, since line 1\n"},
  };
  for (const auto& x : cases)
    EXPECT_EQ(faults_of(read_toml(x.text)), x.fault) << x.text;
}

TEST(Toml, GoesOnInTheNextLine) {
  auto file = read_toml("a = \nb = 2\n[c\nd = 3\n[e]\nf = 4\ng\n");
  EXPECT_EQ(shown(file.top), "{b=2,e={f=4}}"); // d belongs to nobody knows what
  EXPECT_EQ(file.faults.size(), 3u);
}

TEST(Toml, StopsWhereNobodyKnowsTheNextLine) {
  auto file = read_toml("a = [\n1,\n2 3,\n]\nb = = 1\n");
  EXPECT_EQ(faults_of(file), "3:3: expected , or ]\n");
}

TEST(Toml, IsBounded) {
  std::string many;
  for (int i = 0; i < 3000; ++i)
    many += "[a" + std::to_string(i) + "]\n";
  EXPECT_EQ(read_toml(many).faults.size(), 1u);
  many = "a = [";
  for (int i = 0; i < 30'000; ++i)
    many += "1,";
  EXPECT_EQ(read_toml(many + "]").faults.size(), 1u);
  EXPECT_EQ(read_toml("a = " + std::string(100'000, '[')).faults.size(), 1u);
  EXPECT_EQ(read_toml("a = " + std::string(10, '[') + std::string(10, ']')).faults.size(), 0u);
  std::string wrong;
  for (int i = 0; i < 1000; ++i)
    wrong += "=\n";
  EXPECT_EQ(read_toml(wrong).faults.size(), 20u);
}

} // namespace
} // namespace hamlet::config
