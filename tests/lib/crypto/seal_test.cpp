// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/private_file.hpp"
#include "lib/crypto/random.hpp"
#include "lib/crypto/seal.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace hamlet::crypto {

namespace fs = std::filesystem;

namespace {

class ServerKey : public testing::Test {
protected:
  ServerKey() : folder{fs::temp_directory_path() / ("hamlet-" + random_text(12))} {
    fs::create_directory(folder);
  }
  ~ServerKey() override { fs::remove_all(folder); }

  std::string path() const { return folder / "server.key"; }

  fs::path folder;
  server_key key{std::string(32, 'k')};
};

} // namespace

TEST_F(ServerKey, OpensWhatItSealedForTheSameContextAlone) {
  auto sealed = key.seal("secret", "device 7");
  EXPECT_EQ(sealed.size(), 6u + 41u);
  EXPECT_EQ(key.unseal(sealed, "device 7"), "secret");
  EXPECT_EQ(key.unseal(sealed, "device 8"), std::nullopt);
  EXPECT_EQ(server_key{std::string(32, 'l')}.unseal(sealed, "device 7"), std::nullopt);
  EXPECT_NE(key.seal("secret", "device 7"), sealed) << "each has its own nonce";
  EXPECT_EQ(key.unseal(key.seal("", ""), ""), "");
}

TEST_F(ServerKey, OpensNothingThatWasChangedOrCut) {
  const auto sealed = key.seal("secret", "device 7");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(key.unseal(changed, "device 7"), std::nullopt) << i;
    EXPECT_EQ(key.unseal(sealed.substr(0, i), "device 7"), std::nullopt) << i;
  }
}

TEST_F(ServerKey, DerivesAnotherSecretForEachPurpose) {
  EXPECT_EQ(key.derive("salts"), key.derive("salts"));
  EXPECT_NE(key.derive("salts"), key.derive("seal"));
  EXPECT_EQ(key.derive("salts").size(), 32u);
}

TEST_F(ServerKey, IsMadeOnceAndReadAgain) {
  EXPECT_EQ(server_key::load(path()).error().code, errc::not_found);
  auto made = server_key::load_or_create(path());
  ASSERT_TRUE(made) << made.error().detail;
  auto again = server_key::load_or_create(path());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->unseal(made->seal("x", ""), ""), "x");
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator{folder}, {}), 1) << "no draft stays behind";
}

TEST_F(ServerKey, IsRefusedWhenOthersMayReadIt) {
  ASSERT_TRUE(server_key::load_or_create(path()));
  for (auto perms : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write}) {
    fs::permissions(path(), fs::perms::owner_read | perms);
    EXPECT_EQ(server_key::load(path()).error().code, errc::bad_setup);
    EXPECT_EQ(server_key::load_or_create(path()).error().code, errc::bad_setup);
  }
  fs::permissions(path(), fs::perms::owner_read);
  EXPECT_TRUE(server_key::load(path()));
}

TEST_F(ServerKey, IsRefusedWhenItsSizeIsWrong) {
  for (auto size : {0u, 31u, 33u, 1000u}) {
    ASSERT_TRUE(write_private_file(path(), std::string(size, 'x'), existing::replace));
    EXPECT_EQ(server_key::load(path()).error().code, errc::bad_setup) << size;
  }
  EXPECT_EQ(server_key::load(folder).error().code, errc::bad_setup) << "a folder";
}

TEST_F(ServerKey, IsNeverWrittenOver) {
  ASSERT_TRUE(write_private_file(path(), "first", existing::keep));
  ASSERT_TRUE(write_private_file(path(), "second", existing::keep));
  EXPECT_EQ(read_private_file(path(), 10), "first");
  ASSERT_TRUE(write_private_file(path(), "third", existing::replace));
  EXPECT_EQ(read_private_file(path(), 10), "third");
  EXPECT_FALSE(write_private_file(folder / "no" / "folder", "x", existing::keep));
}

} // namespace hamlet::crypto
