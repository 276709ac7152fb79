// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/header_address.hpp"
#include "lib/mail/header_scan.hpp"

#include <gtest/gtest.h>

namespace hamlet::mail {

namespace {

header_facts facts_of(std::initializer_list<std::string_view> lines) {
  header_scanner scan;
  for (auto x : lines)
    if (!scan.line(x))
      break;
  scan.finish();
  return scan.facts();
}

using strings = std::vector<std::string>;

} // namespace

TEST(HeaderScan, KnowsItsFieldsInAnyCaseAndForm) { // RFC 5322 §2.2, §4.5
  auto facts = facts_of({"Received: by a", "RECEIVED : by b", "received\t :by c", "Received-SPF: x",
                         "X-Received: x", "Subject: x", " Received: folded",
                         "DATE:", "message-id: <x>", "Return-Path: <>", "From: u@x"});
  EXPECT_EQ(facts.received, 3);
  EXPECT_TRUE(facts.has_date && facts.has_message_id && facts.has_return_path && facts.has_from);
  EXPECT_FALSE(facts.has_8bit);
  auto none = facts_of({"Subject: x", "Dates: x", "Resent-From: u@x", "Resent-Message-ID: x"});
  EXPECT_FALSE(none.has_date || none.has_message_id || none.has_return_path || none.has_from);
}

TEST(HeaderScan, EndsWhereTheBodyBegins) { // RFC 5322 §2.2
  for (std::string_view end :
       {"", "no field", ": x", "na\xc3\xafve: x", "a b: x", "From u@x Sat Nov 21 21:03:35 2026"}) {
    header_scanner scan;
    EXPECT_TRUE(scan.line("Subject: x"));
    EXPECT_FALSE(scan.is_done());
    EXPECT_FALSE(scan.line(end)) << end;
    EXPECT_TRUE(scan.is_done());
    EXPECT_FALSE(scan.line("Received: by a"));
    EXPECT_EQ(scan.facts().received, 0);
    EXPECT_FALSE(scan.facts().has_8bit);
  }
  header_scanner folded_first;
  EXPECT_FALSE(folded_first.line(" folded"));
}

TEST(HeaderScan, SeesOctetsAbove127) {
  EXPECT_TRUE(facts_of({"Subject: \xc3\xa9"}).has_8bit);
  EXPECT_TRUE(facts_of({"Subject: x", "\t\xff"}).has_8bit);
  EXPECT_FALSE(facts_of({"Subject: x", "", "\xff"}).has_8bit);
}

TEST(HeaderScan, FindsWhoWrote) { // RFC 5322 §3.4, §4.4
  struct {
    std::string_view body;
    strings from;
  } table[] = {
    {"u@x", {"u@x"}},
    {"<u@X>", {"u@x"}},
    {"\"A, B\" <a@b>", {"a@b"}},
    {"John Q. Public <j@x>", {"j@x"}},
    {"u@x (John (the \\) elder) Doe)", {"u@x"}},
    {"(a@b) u (c) @ (d@e) x (f)", {"u@x"}},
    {"u . v @ x . test", {"u.v@x.test"}},
    {"\"u v\"@x", {"\"u v\"@x"}},
    {"\"u\"@x", {"u@x"}},
    {"Group: a@b, C <c@d>;, e@f", {"a@b", "c@d", "e@f"}},
    {"a@b,,c@d,", {"a@b", "c@d"}},
    {"<@r.test,@s.test:u@x>", {"u@x"}},
    {"u@[192.0.2.1]", {"u@[192.0.2.1]"}},
    {"=?utf-8?q?a@b?= <u@x>", {"u@x"}},
    {"\"a@b\" <u@x>", {"u@x"}},
    {"D\xc3\xb6mi <d\xc3\xb6mi@ex\xc3\xa4mple.test>", {"d\xc3\xb6mi@xn--exmple-cua.test"}},
    {"\xff\xfe <u@x>", {"u@x"}},
  };
  for (auto& row : table) {
    auto facts = facts_of({"From: " + std::string{row.body}});
    EXPECT_EQ(facts.from, row.from) << row.body;
    EXPECT_FALSE(facts.from_is_odd) << row.body;
  }
  EXPECT_EQ(facts_of({"From: \"A,", " B\" <a@", "\tb>", "To: c@d", "from: e@f"}).from,
            (strings{"a@b", "e@f"}));
}

TEST(HeaderScan, SaysWhenFromIsOdd) {
  struct {
    std::string_view body;
    strings from;
  } table[] = {
    {"", {}},
    {"John Doe", {}},
    {"John u@x", {}},
    {"A, B <a@b>", {"a@b"}},
    {"a..b@x, u@x", {"u@x"}},
    {"<a@b> <u@x>", {}},
    {"<a@b> c@d", {}},
    {"<a@b> .x", {}},
    {"a@b <u@x", {}},
    {"\"u@x", {}},
    {"(u@x", {}},
    {"u@x)", {}},
    {"u@x: a@b", {"a@b"}},
    {"<a@b, c@d>", {}},
    {"a@b@c", {}},
  };
  for (auto& row : table) {
    auto facts = facts_of({"From: " + std::string{row.body}});
    EXPECT_EQ(facts.from, row.from) << row.body;
    EXPECT_TRUE(facts.from_is_odd) << row.body;
  }
}

TEST(HeaderScan, IsBoundedWhateverComes) {
  std::string deep = "From: " + std::string(10'000'000, '(');
  EXPECT_TRUE(facts_of({deep}).from_is_odd);
  EXPECT_TRUE(facts_of({"From: " + std::string(10'000'000, '<')}).from_is_odd);
  EXPECT_TRUE(facts_of({"From: " + std::string(10'000'000, 'a')}).from_is_odd);
  std::string many = "From: ";
  for (int i = 0; i < 1'000'000; ++i)
    many += "u@x,";
  auto facts = facts_of({many});
  EXPECT_EQ(facts.from.size(), 100u);
  EXPECT_TRUE(facts.from_is_odd);

  // What is beyond the limit is not silently left out.
  auto cut = facts_of({"From: a@b," + std::string(header_scanner::max_field, ' ') + "c@d"});
  EXPECT_EQ(cut.from, strings{"a@b"});
  EXPECT_TRUE(cut.from_is_odd);

  header_scanner folded;
  folded.line("From: a@b,");
  for (int i = 0; i < 200'000; ++i)
    folded.line(" u@x,");
  folded.line("From: c@d");
  folded.finish();
  EXPECT_EQ(folded.facts().from.size(), 100u);
  EXPECT_TRUE(
    read_address_list(std::string(60'000, '(') + std::string(60'000, ')') + "u@x", 1).is_complete);
}

} // namespace hamlet::mail
