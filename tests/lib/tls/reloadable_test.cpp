// SPDX-License-Identifier: Apache-2.0
#include "lib/tls/reloadable.hpp"
#include "tests/lib/tls/support.hpp"

namespace hamlet::tls {

namespace fs = std::filesystem;

namespace {

class Reloadable : public tls_test {
protected:
  void overwrite(const certificate_files& old, const certificate_files& with) {
    fs::copy_file(with.chain_file, old.chain_file, fs::copy_options::overwrite_existing);
    fs::copy_file(with.key_file, old.key_file, fs::copy_options::overwrite_existing);
  }
};

} // namespace

TEST_F(Reloadable, GivesNewClientsTheNewCertificateAndDropsNobody) {
  auto files = make("old", "DNS:a.example");
  auto holder = reloadable::open({files}).value();
  connection before{holder->current(), {}};
  overwrite(files, make("new", "DNS:a.example"));
  ASSERT_TRUE(holder->reload());
  EXPECT_EQ(connection(holder->current()).common_name(), "new");
  EXPECT_EQ(before.common_name(), "old");
  EXPECT_TRUE(before.echoes());
}

TEST_F(Reloadable, LetsAHandshakeThatHasBegunEndWithTheOldOne) {
  auto files = make("old", "DNS:a.example");
  auto holder = reloadable::open({files, make("b", "DNS:b.example")}).value();
  std::optional<context> taken = holder->current();
  auto drop = [&] {
    taken.reset(); // the channel is the last one to hold it
    ASSERT_TRUE(holder->reload({make("new", "DNS:a.example")}));
  };
  connection c{*taken, {.server_name = "b.example", .after_accept = drop}};
  EXPECT_EQ(c.common_name(), "b");
  EXPECT_TRUE(c.echoes());
}

TEST_F(Reloadable, KeepsTheOldOneWhenTheNewFilesAreBad) {
  auto files = make("old", "DNS:a.example");
  auto holder = reloadable::open({files}).value();
  fs::copy_file(make("x", "DNS:x").key_file, files.key_file, fs::copy_options::overwrite_existing);
  EXPECT_EQ(holder->reload().error().code, errc::bad_setup);
  EXPECT_FALSE(holder->reload({{folder + "/none", folder + "/none"}}));
  EXPECT_EQ(connection(holder->current()).common_name(), "old");
  overwrite(files, make("mended", "DNS:a.example"));
  EXPECT_TRUE(holder->reload()) << "of the files that it had";
  EXPECT_EQ(connection(holder->current()).common_name(), "mended");
}

TEST_F(Reloadable, TakesOtherFilesAndRules) {
  auto holder = reloadable::open({make("a", "DNS:a")}).value();
  ASSERT_TRUE(holder->reload({make("b", "DNS:b")}, {version::tls_1_3}));
  EXPECT_EQ(connection(holder->current()).common_name(), "b");
  ASSERT_TRUE(holder->reload());
  EXPECT_EQ(connection(holder->current()).common_name(), "b");
  EXPECT_FALSE(connection(holder->current(), {.newest = TLS1_2_VERSION}).is_up());
}

TEST_F(Reloadable, LetsClientsResumeAcrossAReload) { // RFC 8446 §4.6.1, RFC 5077 §3.1
  for (auto newest : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto holder = reloadable::open({make("a", "DNS:a"), make("b", "DNS:b")}).value();
    connection first{holder->current(), {.server_name = "b", .newest = newest}};
    ASSERT_TRUE(first.echoes()) << "the tickets come with the first bytes";
    EXPECT_FALSE(SSL_session_reused(first.client()));
    auto* session = SSL_get1_session(first.client());
    ASSERT_TRUE(holder->reload());
    connection again{holder->current(), {.server_name = "b", .newest = newest, .resume = session}};
    EXPECT_TRUE(again.is_up());
    EXPECT_TRUE(SSL_session_reused(again.client())) << newest;
    connection elsewhere{reloadable::open({make("b", "DNS:b")}).value()->current(),
                         {.server_name = "b", .newest = newest, .resume = session}};
    EXPECT_FALSE(SSL_session_reused(elsewhere.client())) << "another server's keys";
    SSL_SESSION_free(session);
  }
}

TEST_F(Reloadable, NeverChangesAFixedOne) {
  reloadable holder{context::self_signed("a.example").value()};
  EXPECT_TRUE(holder.reload());
  EXPECT_EQ(connection(holder.current()).common_name(), "a.example");
}

} // namespace hamlet::tls
