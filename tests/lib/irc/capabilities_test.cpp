// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/capabilities.hpp"

#include <gtest/gtest.h>

#include <set>

namespace hamlet::irc {

namespace {

const cap_set offered = cap_set::all() - cap_set{cap::channel_rename};

std::string shown(const std::optional<cap_change>& x) {
  if (!x)
    return "NAK";
  return "+" + format_caps(x->add, 1000)[0] + " -" + format_caps(x->remove, 1000)[0];
}

} // namespace

TEST(Capabilities, AreKnownByAllTheirNames) {
  EXPECT_EQ(cap_named("sasl"), cap::sasl);
  EXPECT_EQ(cap_named("extended-monitor"), cap::extended_monitor);
  EXPECT_EQ(cap_named("draft/extended-monitor"), cap::extended_monitor);
  EXPECT_EQ(cap_named("draft/no-implicit-names"), cap::no_implicit_names);
  for (auto name : {"", "SASL", "chathistory", "draft/sasl", "sasl=PLAIN", " sasl"})
    EXPECT_EQ(cap_named(name), std::nullopt) << name;
  std::set<std::string_view> names;
  for (auto& x : cap_table) {
    EXPECT_TRUE(names.insert(x.name).second) << x.name;
    EXPECT_EQ(cap_named(x.name), x.what);
    EXPECT_EQ(to_string(x.what), x.name);
  }
}

TEST(CapReq, IsTakenAsAWholeOrRefused) { // IRCv3 capability-negotiation (CAP REQ)
  std::pair<std::string_view, std::string_view> requests[] = {
    {"multi-prefix sasl", "+multi-prefix sasl -"},
    {"-userhost-in-names", "+ -userhost-in-names"},
    {"  multi-prefix   -sasl ", "+multi-prefix -sasl"},
    {"sasl -sasl", "+ -sasl"},
    {"-sasl sasl", "+sasl -"},
    {"", "+ -"},
    {"multi-prefix nonsense", "NAK"},
    {"multi-prefix -nonsense", "NAK"},
    {"draft/channel-rename", "NAK"}, // not offered
    {"sts", "NAK"},                  // IRCv3 sts
    {"-cap-notify", "NAK"},          // IRCv3 capability-negotiation (cap-notify)
    {"--sasl", "NAK"},
    {"-", "NAK"},
  };
  for (auto& [text, expected] : requests)
    EXPECT_EQ(shown(parse_cap_req(text, offered, true)), expected) << text;
  EXPECT_EQ(shown(parse_cap_req("-cap-notify", offered, false)), "+ -cap-notify");
}

TEST(Capabilities, ThatNeedOthersWaitForThem) {
  cap_set x{cap::labeled_response, cap::multiline, cap::echo_message};
  EXPECT_EQ(usable(x), cap_set{cap::echo_message});
  x.add(cap::batch);
  EXPECT_EQ(usable(x), x);
  EXPECT_EQ(usable(cap_set::all()), cap_set::all());
  EXPECT_EQ(usable({cap::message_redaction}), cap_set{}); // IRCv3 message-redaction
  EXPECT_FALSE(takes_tags({cap::echo_message}));
  EXPECT_TRUE(takes_tags({cap::server_time}));
}

TEST(Capabilities, AreListedInLinesThatFit) { // IRCv3 capability-negotiation (CAP LS)
  std::vector<cap_value> values{
    {cap::sasl, "PLAIN,EXTERNAL"}, {cap::sts, "port=6697"}, {cap::batch, "none"}};
  cap_set some{cap::batch, cap::extended_monitor, cap::sasl};
  using lines = std::vector<std::string>;
  EXPECT_EQ(format_caps(some, 400, values), (lines{"batch extended-monitor sasl"}));
  EXPECT_EQ(format_caps(some, 400, values, true, true),
            (lines{"batch extended-monitor draft/extended-monitor sasl=PLAIN,EXTERNAL"}));
  EXPECT_EQ(format_caps(some, 22), (lines{"batch extended-monitor", "sasl"}));
  EXPECT_EQ(format_caps(some, 21), (lines{"batch", "extended-monitor sasl"}));
  EXPECT_EQ(format_caps({}, 400), lines{""});
}

TEST(CapSet, IsASetOfBits) {
  cap_set x{cap::sasl, cap::batch};
  EXPECT_EQ(cap_set{x.bits()}, x);
  EXPECT_EQ(cap_set{~std::uint64_t{0}}, cap_set::all());
  EXPECT_TRUE(x.has_all({cap::sasl}));
  EXPECT_FALSE(x.has_all({cap::sasl, cap::sts}));
  EXPECT_TRUE(x.has_any({cap::sasl, cap::sts}));
  x.remove(cap::sasl);
  EXPECT_EQ(x, cap_set{cap::batch});
}

} // namespace hamlet::irc
