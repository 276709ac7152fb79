// SPDX-License-Identifier: Apache-2.0
#include "lib/tls/self_signed.hpp"
#include "tests/lib/tls/support.hpp"

#include <fstream>
#include <iterator>

namespace hamlet::tls {

namespace fs = std::filesystem;

namespace {

class SelfSigned : public tls_test {
protected:
  static std::string content(const std::string& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
};

} // namespace

TEST_F(SelfSigned, CanBePinnedForItsHostAndLocalClients) { // RFC 9525 §6
  auto files = ensure_self_signed(folder, "mail.example.org").value();
  auto ctx = context::load({files}).value();
  auto trusts = [&](const std::string& host) {
    return connection(ctx, {.trusted_file = files.chain_file, .verify_host = host}).is_up();
  };
  EXPECT_TRUE(trusts("mail.example.org"));
  EXPECT_TRUE(trusts("localhost"));
  EXPECT_TRUE(trusts("127.0.0.1"));
  EXPECT_FALSE(trusts("other.example.org"));
  EXPECT_FALSE(trusts("127.0.0.2"));
}

TEST_F(SelfSigned, StaysWhatItIs) {
  auto files = ensure_self_signed(folder, "mail.example.org").value();
  auto chain = content(files.chain_file), key = content(files.key_file);
  EXPECT_EQ(ensure_self_signed(folder, "mail.example.org"), files);
  EXPECT_EQ(content(files.chain_file), chain);
  EXPECT_EQ(content(files.key_file), key);
  EXPECT_EQ(fs::status(files.key_file).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(SelfSigned, IsMadeAnewForAnotherHostOrWhenItIsBroken) {
  auto files = ensure_self_signed(folder, "mail.example.org").value();
  auto chain = content(files.chain_file);
  ASSERT_TRUE(ensure_self_signed(folder, "192.0.2.1"));
  auto of_address = content(files.chain_file);
  EXPECT_NE(of_address, chain);
  ASSERT_TRUE(ensure_self_signed(folder, "192.0.2.1"));
  EXPECT_EQ(content(files.chain_file), of_address);
  fs::remove(files.key_file);
  ASSERT_TRUE(ensure_self_signed(folder, "192.0.2.1"));
  EXPECT_TRUE(context::load({files}));
  auto foreign = make("x", "DNS:192.0.2.1,IP:192.0.2.1"); // ends within the hour
  fs::copy_file(foreign.chain_file, files.chain_file, fs::copy_options::overwrite_existing);
  fs::copy_file(foreign.key_file, files.key_file, fs::copy_options::overwrite_existing);
  ASSERT_TRUE(ensure_self_signed(folder, "192.0.2.1"));
  EXPECT_NE(content(files.chain_file), content(foreign.chain_file));
}

TEST_F(SelfSigned, NeedsAHostAndAFolder) {
  EXPECT_EQ(ensure_self_signed(folder, "a,b").error().code, errc::bad_setup);
  EXPECT_FALSE(ensure_self_signed(folder + "/none", "mail.example.org"));
}

} // namespace hamlet::tls
