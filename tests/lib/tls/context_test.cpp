// SPDX-License-Identifier: Apache-2.0
#include "tests/lib/tls/support.hpp"

#include <fstream>

namespace hamlet::tls {

namespace {

class Context : public tls_test {};

} // namespace

TEST_F(Context, ChoosesTheCertificateByTheNameAskedFor) { // RFC 6066 §3, RFC 9525 §6.3
  auto ctx = context::load({
                             make("first", "DNS:mail.example.org"),
                             make("wild", "DNS:*.example.org,DNS:Example.Net"),
                             make("third", "DNS:www.example.org,DNS:mail.example.org"),
                             make("named.example", ""),
                             make("not-a-name", "DNS:other.example"),
                           })
               .value();
  struct {
    const char* asked;
    const char* got;
  } table[] = {
    {"", "first"},
    {"mail.example.org", "first"}, // of two, the first
    {"MAIL.Example.ORG", "first"},
    {"www.example.org", "third"}, // exact before wild
    {"pop.example.org", "wild"},
    {"a.pop.example.org", "first"}, // "*" stands for one label
    {"example.org", "first"},
    {"example.net", "wild"},
    {"named.example", "named.example"},
    {"not-a-name", "first"}, // the common name counts only alone
    {"unknown.example", "first"},
    {".example.org", "first"},
  };
  for (auto newest : {TLS1_2_VERSION, TLS1_3_VERSION})
    for (auto& [asked, got] : table) {
      connection c{ctx, {.server_name = asked, .newest = newest}};
      EXPECT_TRUE(c.is_up()) << asked;
      EXPECT_EQ(c.common_name(), got) << asked;
    }
}

TEST_F(Context, KeepsItsMinimumVersion) { // RFC 9325 §3.1.1
  auto files = make("a", "DNS:a");
  auto strict = context::load({files}, {version::tls_1_3}).value();
  EXPECT_TRUE(connection(strict).is_up());
  EXPECT_FALSE(connection(strict, {.newest = TLS1_2_VERSION}).is_up());
  auto usual = context::load(files.chain_file, files.key_file).value();
  EXPECT_TRUE(connection(usual, {.newest = TLS1_2_VERSION}).is_up());
  EXPECT_FALSE(connection(usual, {.newest = TLS1_1_VERSION}).is_up());
}

TEST_F(Context, KeepsItsMinimumVersionForEveryName) {
  auto ctx =
    context::load({make("a", "DNS:a.example"), make("b", "DNS:b.example")}, {version::tls_1_3})
      .value();
  EXPECT_FALSE(connection(ctx, {.server_name = "b.example", .newest = TLS1_2_VERSION}).is_up());
  EXPECT_TRUE(connection(ctx, {.server_name = "b.example"}).is_up());
}

TEST_F(Context, SaysWhichFileCannotBeUsed) {
  auto a = make("a", "DNS:a"), b = make("b", "DNS:b");
  struct {
    certificate_files files;
    std::string blamed;
  } table[] = {
    {{folder + "/none.pem", a.key_file}, folder + "/none.pem"},
    {{a.chain_file, folder + "/none.key"}, folder + "/none.key"},
    {{a.chain_file, b.key_file}, b.key_file},
    {{a.key_file, a.key_file}, a.key_file},
  };
  for (auto& row : table) {
    auto loaded = context::load({a, row.files});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, errc::bad_setup);
    EXPECT_NE(loaded.error().detail.find(row.blamed), std::string::npos) << loaded.error().detail;
  }
  EXPECT_EQ(context::load(std::vector<certificate_files>{}).error().code, errc::bad_setup);
}

TEST_F(Context, MakesCertificatesForHostsOnly) {
  for (auto host : {"", "a b", "a,DNS:evil.example", "ü.example", "a\nb"})
    EXPECT_EQ(context::self_signed(host).error().code, errc::bad_setup) << host;
  for (auto& host : {std::string{"localhost"}, std::string{"2001:db8::1"}, std::string(200, 'a')})
    EXPECT_TRUE(context::self_signed(host)) << host;
}

} // namespace hamlet::tls
