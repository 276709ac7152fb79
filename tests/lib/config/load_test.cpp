// SPDX-License-Identifier: Apache-2.0
#include "lib/config/describe.hpp"
#include "lib/config/load.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace hamlet::config {
namespace {

complaints complaints_of(std::string_view text) {
  auto loaded = load(text, "f");
  return loaded ? complaints{} : loaded.error();
}

TEST(Load, EmptyTextGivesTheDefaults) {
  auto loaded = load("", "f");
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(changes(settings{}, *loaded).empty());
  EXPECT_EQ(loaded->smtp.max_message.value, 50u << 20);
}

TEST(Load, TakesEveryKindOfValue) {
  auto loaded = load(R"(
    [node]
    hostname = "mail.example.org"
    io_threads = 3
    [listen]
    smtp = ["127.0.0.1:2525", "[::1]:2525"]
    pop3 = []
    proxy_from = ["192.0.2.0/24"]
    [tls]
    min_version = "1.3"
    [[tls.certificate]]
    chain = "/a/chain.pem"
    key = "/a/key.pem"
    [[tls.certificate]]
    chain = "/b/chain.pem"
    key = "/b/key.pem"
    [smtp]
    idle_timeout = "90s"
    max_message = "1MiB"
    max_line = 1000
    [pop3]
    offers_apop = false
    [log]
    level = "warning"
    format = "json"
  )",
                     "f");
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(loaded->node.hostname.value, "mail.example.org");
  EXPECT_EQ(loaded->node.io_threads.value, 3);
  ASSERT_EQ(loaded->listen.smtp.value.size(), 2u);
  EXPECT_EQ(loaded->listen.smtp.value[1].text(), "[::1]:2525");
  EXPECT_TRUE(loaded->listen.pop3.value.empty());
  EXPECT_TRUE(any_contains(loaded->listen.proxy_from.value, "192.0.2.7"));
  ASSERT_EQ(loaded->tls.certificates.value.size(), 2u);
  EXPECT_EQ(loaded->tls.certificates.value[1],
            (tls::certificate_files{"/b/chain.pem", "/b/key.pem"}));
  EXPECT_EQ(loaded->tls.min_version.value, tls::version::tls_1_3);
  EXPECT_EQ(loaded->smtp.idle_timeout.value, 90s);
  EXPECT_EQ(loaded->smtp.max_message.value, 1u << 20);
  EXPECT_EQ(loaded->smtp.max_line.value, 1000u);
  EXPECT_FALSE(loaded->pop3.offers_apop.value);
  EXPECT_EQ(loaded->log.level.value, log::level::warning);
  EXPECT_EQ(loaded->log.format.value, log::format::json);
}

TEST(Load, RefusesWithPlaceValueAndWhatItWants) {
  struct {
    const char* text;
    const char* complaint;
  } const cases[] = {
    {"[smtp]\nmax_message = \"2GiB\"",
     R"(f:2:15: smtp.max_message is "2GiB", must be a size from "64KiB" to "1GiB")"},
    {"[smtp]\nmax_message = \"64KB\"",
     R"(f:2:15: smtp.max_message is "64KB", must be a size from "64KiB" to "1GiB")"},
    {"[smtp]\nmax_message = -1",
     R"(f:2:15: smtp.max_message is -1, must be a size from "64KiB" to "1GiB")"},
    {"[smtp]\nmax_recipients = 99",
     "f:2:18: smtp.max_recipients is 99, must be a number of recipients from 100 to 100000"},
    {"[smtp]\nmax_errors = 3000000000",
     "f:2:14: smtp.max_errors is 3000000000, must be a number of errors from 1 to 1000"},
    {"[smtp]\nmax_errors = \"5\"",
     R"(f:2:14: smtp.max_errors is "5", must be a number of errors from 1 to 1000)"},
    {"[smtp]\nidle_timeout = 300",
     R"(f:2:16: smtp.idle_timeout is 300, must be a duration from "10s" to "1h")"},
    {"[pop3]\nidle_timeout = \"9m\"", // RFC 1939 §3
     R"(f:2:16: pop3.idle_timeout is "9m", must be a duration from "10m" to "1d")"},
    {"[pop3]\noffers_apop = 1", "f:2:15: pop3.offers_apop is 1, must be true or false"},
    {"[pop3]\nlogin_delay = \"1500ms\"",
     R"(f:2:15: pop3.login_delay is "1500ms", must be a duration from "1s" to "1h", in whole seconds ("0s": none))"},
    {"[tls]\nmin_version = 1.2",
     R"(f:2:15: tls.min_version is a date, time or fraction, must be one of "1.2", "1.3")"},
    {"[log]\nlevel = \"loud\"",
     R"(f:2:9: log.level is "loud", must be one of "debug", "info", "warning", "error", "off")"},
    {"[log]\nfile = \"x.log\"",
     R"(f:2:8: log.file is "x.log", must be an absolute path ("": standard error))"},
    {"[node]\ndata_folder = \"\"", R"(f:2:15: node.data_folder is "", must be an absolute path)"},
    {"[listen]\nsmtp = [\"0.0.0.0:25\", \"here\"]",
     R"(f:2:23: listen.smtp has "here", must be a list of addresses with ports, such as ["0.0.0.0:25", "[::]:25"] ([]: off))"},
    {"[listen]\nsmtp = \"0.0.0.0:25\"",
     R"(f:2:8: listen.smtp is "0.0.0.0:25", must be a list of addresses with ports, such as ["0.0.0.0:25", "[::]:25"] ([]: off))"},
    {"[limits]\nexempt = [7]",
     R"(f:2:11: limits.exempt has 7, must be a list of networks, such as ["192.0.2.0/24", "2001:db8::/32", "::1"] ([]: nobody))"},
    {"[[tls.certificate]]\nchain = \"/a\"", "f:1:1: tls.certificate has no key"},
    {"[[tls.certificate]]\nchain = \"/a\"\nkey = \"b\"",
     R"(f:3:7: tls.certificate.key is "b", must be an absolute path)"},
    {"[[tls.certificate]]\nchain = \"/a\"\nkey = \"/b\"\npassword = \"x\"",
     R"(f:4:1: unknown setting "password" in tls.certificate, which has chain and key)"},
    {"smtp = 5", "f:1:8: smtp is 5, must be a section: [smtp]"},
    {"[smtp]\nmax_mesage = 5",
     R"(f:2:1: unknown setting "smtp.max_mesage"; did you mean smtp.max_message?)"},
    {"[smtp]\nhostname = \"x\"",
     R"(f:2:1: unknown setting "smtp.hostname"; did you mean node.hostname?)"},
    {"[smpt]\nmax_message = 5", R"(f:1:2: unknown section "smpt"; did you mean smtp?)"},
    {"colour = \"red\"", R"(f:1:1: unknown section "colour")"},
    {"[smtp]\n\"a\\nb\" = 5", R"(f:2:1: unknown setting "smtp.a\nb")"},
    {"[limits]\nwrite_pause = \"16MiB\"",
     "f: limits.write_pause is more than limits.write_queue: clients would be cut before they are "
     "made to wait"},
    {"[queue]\nunconfirmed_expiry = \"30m\"",
     "f: queue.unconfirmed_expiry is less than smtp.resend_window: a message sent again could be "
     "delivered twice"},
    {"[listen]\npop3 = [\"0.0.0.0:25\"]", "f: 0.0.0.0:25 is in listen.smtp and in listen.pop3"},
  };
  for (const auto& x : cases) {
    auto all = complaints_of(x.text);
    ASSERT_EQ(all.size(), 1u) << x.text;
    EXPECT_EQ(all[0], x.complaint);
  }
}

TEST(Load, ComplainsOfEverythingAtOnce) {
  EXPECT_EQ(complaints_of("[smtp]\nmax_errors = 0\nmax_line = 1\nx = 1\n[nothing]\na = 1").size(),
            4u);
  EXPECT_EQ(complaints_of("[limits]\nexempt = [\"a\", \"::1\", \"b\"]").size(), 2u);
}

TEST(Load, ComplainsOfSyntaxAndValuesTogether) {
  EXPECT_EQ(complaints_of("[smtp]\nmax_errors = = 5\nmax_line = 5"),
            (complaints{"f:2:14: a value was expected here",
                        "f:3:12: smtp.max_line is 5, must be a size from \"512B\" to \"64KiB\""}));
}

TEST(Load, ShowsNoMoreOfALongValueThanALine) {
  auto all = complaints_of("[log]\nlevel = \"" + std::string(100'000, 'x') + "\"");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_LT(all[0].size(), 300u);
}

TEST(Load, ZeroMeansWhatTheSettingSays) {
  auto loaded = load("[accounts]\ndefault_quota = 0\n[limits]\nconnections = 0\n", "f");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->accounts.default_quota.value, 0u);
  EXPECT_EQ(complaints_of("[smtp]\nmax_line = 0").size(), 1u);
}

class ConfigFile : public testing::Test {
protected:
  ~ConfigFile() override { std::filesystem::remove(file_); }

  std::filesystem::path file_ =
    std::filesystem::temp_directory_path() / ("hamlet-config-" + std::to_string(::getpid()));
};

TEST_F(ConfigFile, IsNamedInTheComplaints) {
  std::ofstream{file_} << "[smtp]\nmax_errors = 0";
  auto loaded = load_file(file_);
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(loaded.error()[0].starts_with(file_.string() + ":2:14: ")) << loaded.error()[0];
}

TEST_F(ConfigFile, ThatIsNotThereIsAComplaint) {
  auto loaded = load_file(file_);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error(), complaints{file_.string() + ": No such file or directory"});
}

TEST_F(ConfigFile, ThatIsAFolderIsAComplaint) {
  EXPECT_FALSE(load_file("/"));
}

TEST_F(ConfigFile, OfMoreThanAMebioctetIsRefused) {
  std::ofstream{file_} << std::string((1u << 20) + 1, '#');
  EXPECT_FALSE(load_file(file_));
  std::ofstream{file_} << std::string(1u << 20, '#');
  EXPECT_TRUE(load_file(file_));
}

} // namespace
} // namespace hamlet::config
