// SPDX-License-Identifier: Apache-2.0
#include "lib/config/describe.hpp"
#include "lib/config/load.hpp"
#include "lib/config/text.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace hamlet::config {
namespace {

TEST(Settings, AreNamedByTheirSectionAndOnce) {
  settings all;
  std::set<std::string_view> names;
  each_section(all, [&](const auto& section) {
    each_in(section, [&](const auto& x) {
      EXPECT_TRUE(x.name.starts_with(std::string{section.section} + ".")) << x.name;
      EXPECT_TRUE(names.insert(x.name).second) << x.name;
    });
  });
}

// A setting that all() forgets would never be read, nor stand in the manual.
TEST(Settings, AreAllVisited) {
  settings all;
  std::size_t of_sections = 0;
  each_section(all, [&](const auto& section) {
    std::size_t of_settings = 0;
    each_in(section, [&](const auto& x) { of_settings += sizeof x; });
    EXPECT_EQ(of_settings, sizeof section) << section.section;
    of_sections += sizeof section;
  });
  EXPECT_EQ(of_sections, sizeof all);
}

TEST(Settings, HaveDefaultsThatTheyAllow) {
  settings all;
  each_setting(all, []<class T>(const setting<T>& x) {
    EXPECT_TRUE(is_allowed(x, x.value)) << x.name;
    if constexpr (measured<T>) {
      EXPECT_LT(x.min, x.max) << x.name;
    }
    if constexpr (number<T>) {
      EXPECT_FALSE(x.unit.empty()) << x.name;
    }
    EXPECT_TRUE(x.doc.ends_with(".")) << x.name;
    EXPECT_EQ(x.is_valid == nullptr, x.expects.empty()) << x.name;
  });
}

TEST(Manual, IsTheCommittedOne) {
  std::ifstream in{HAMLET_SOURCE_DIR "/docs/config.md"};
  std::string committed{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_TRUE(committed == manual()) << "run hamlet_config_manual > docs/config.md";
}

TEST(Describe, TellsOfOneSetting) {
  EXPECT_EQ(describe({}, "smtp.max_errors"), "smtp.max_errors = 20\n"
                                             "    On one connection; then 421.\n"
                                             "    Takes a number of errors from 1 to 1000.\n"
                                             "    Takes effect for new connections.\n");
}

TEST(Describe, ShowsTheDefaultBesideAnotherValue) {
  settings x;
  x.smtp.max_message.value = 1u << 20;
  EXPECT_TRUE(describe(x, "smtp.max_message")
                ->starts_with("smtp.max_message = \"1MiB\"   (default \"50MiB\")\n"));
}

TEST(Describe, TellsOfASectionOrAll) {
  auto all = *describe({}, "");
  auto pop3 = *describe({}, "pop3");
  EXPECT_TRUE(pop3.starts_with("[pop3] "));
  EXPECT_NE(all.find(pop3), std::string::npos);
  EXPECT_EQ(pop3.find("smtp."), std::string::npos);
  settings x;
  each_setting(x, [&](const auto& s) {
    EXPECT_NE(all.find("\n" + std::string{s.name} + " = "), std::string::npos) << s.name;
  });
}

TEST(Describe, KnowsNothingOfOtherNames) {
  EXPECT_EQ(describe({}, "smtp.none"), std::nullopt);
  EXPECT_EQ(describe({}, "smt"), std::nullopt);
}

TEST(NearestName, IsFoundThroughTypingErrors) {
  EXPECT_EQ(nearest_name("smtp.max_mesage"), "smtp.max_message");
  EXPECT_EQ(nearest_name("smtp.max_messages"), "smtp.max_message");
  EXPECT_EQ(nearest_name("smtp.maxmessage"), "smtp.max_message");
  EXPECT_EQ(nearest_name("smtp.mxa_message"), "smtp.max_message");
  EXPECT_EQ(nearest_name("smtp.subaddress_separator"), "accounts.subaddress_separator");
  EXPECT_EQ(nearest_name("logs"), "log");
  EXPECT_EQ(nearest_name("smpt"), "smtp");
}

TEST(NearestName, IsNotFoundForSomethingElse) {
  EXPECT_EQ(nearest_name(""), std::nullopt);
  EXPECT_EQ(nearest_name("entirely_different"), std::nullopt);
  EXPECT_EQ(nearest_name("smtp.colour_of_the_web_site"), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(1'000'000, 'x')), std::nullopt);
}

settings unlike_the_defaults() {
  settings x;
  x.node.hostname.value = "mail.example.org";
  x.listen.pop3.value.clear();
  x.listen.proxy_from.value = {*network::of("192.0.2.0/24")};
  x.tls.certificates.value = {{"/a/\"chain\".pem", "/a/key.pem"}, {"/b", "/c"}};
  x.tls.min_version.value = tls::version::tls_1_3;
  x.smtp.max_message.value = 1'000'001;
  x.smtp.idle_timeout.value = 12'345ms;
  x.pop3.offers_apop.value = false;
  x.accounts.default_quota.value = 0;
  return x;
}

TEST(FileText, IsReadBackAsTheSame) {
  for (const auto& x : {settings{}, unlike_the_defaults()})
    for (auto only_changed : {false, true}) {
      auto text = file_text(x, only_changed);
      auto again = load(text, "f");
      ASSERT_TRUE(again) << again.error()[0] << "\n" << text;
      EXPECT_TRUE(changes(x, *again).empty());
    }
}

TEST(FileText, LeavesOutWhatHasItsDefault) {
  EXPECT_EQ(file_text({}, true), "");
  settings x;
  x.smtp.max_errors.value = 7;
  EXPECT_EQ(file_text(x, true), "[smtp]\nmax_errors = 7\n");
}

TEST(Changes, AreNamedWithWhenTheyCount) {
  settings before, after;
  after.smtp.max_message.value = 1u << 20;
  after.node.io_threads.value = 2;
  auto found = changes(before, after);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "node.io_threads");
  EXPECT_EQ(found[0].when, takes_effect::on_restart);
  EXPECT_EQ(found[1].before, "\"50MiB\"");
  EXPECT_EQ(found[1].after, "\"1MiB\"");
  EXPECT_EQ(found[1].when, takes_effect::for_new_connections);
}

TEST(Reloaded, KeepsWhatOnlyARestartCanChange) {
  settings running, fresh;
  running.node.io_threads.value = 4;
  fresh.node.io_threads.value = 2;
  fresh.smtp.max_errors.value = 7;
  auto now = reloaded(running, fresh);
  EXPECT_EQ(now.node.io_threads.value, 4);
  EXPECT_EQ(now.smtp.max_errors.value, 7);
}

} // namespace
} // namespace hamlet::config
