// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/random.hpp"
#include "lib/pki/folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace hamlet::pki {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t now = 1'800'000'000;

class Folder : public ::testing::Test {
protected:
  Folder() : root{fs::temp_directory_path() / ("hamlet-" + crypto::random_text(12))} {
    fs::create_directories(root);
  }
  ~Folder() override { fs::remove_all(root); }

  std::string join(const std::string& name, std::int64_t at = now) {
    auto text = first.new_token(at, 3600)->text;
    auto request = second.begin_join(name, text);
    return *first.answer_join(*request, at);
  }

  fs::path root;
  folder first{root / "a" / "cluster"}, second{root / "b" / "cluster"};
};

TEST_F(Folder, TheFirstNodeBelievesItself) {
  ASSERT_TRUE(first.init("tea", "alpha", now));
  auto own = first.load();
  ASSERT_TRUE(own);
  EXPECT_EQ(own->node, "alpha");
  EXPECT_EQ(own->believes.cluster(), "tea");
  EXPECT_TRUE(own->believes.check(own->certificate, now).good());
  EXPECT_EQ(first.init("tea", "alpha", now).error().code, errc::already_exists);
}

TEST_F(Folder, NobodyElseReadsItsFiles) {
  ASSERT_TRUE(first.init("tea", "alpha", now));
  join("beta");
  for (auto& file : fs::recursive_directory_iterator{root / "a" / "cluster"})
    EXPECT_EQ(fs::status(file).permissions() & fs::perms::all,
              fs::perms::owner_read | fs::perms::owner_write)
      << file.path();
}

TEST_F(Folder, AnotherNodeJoins) {
  ASSERT_TRUE(first.init("tea", "alpha", now));
  ASSERT_TRUE(second.finish_join(join("beta"), now));
  auto alpha = *first.load();
  auto beta = *second.load();
  EXPECT_EQ(beta.node, "beta");
  EXPECT_TRUE(alpha.believes.check(beta.certificate, now).good());
  EXPECT_TRUE(beta.believes.check(alpha.certificate, now).good());
  EXPECT_FALSE(second.new_token(now, 1)); // the authority is elsewhere
}

TEST_F(Folder, ATokenIsForOneNodeAndForAnHour) {
  ASSERT_TRUE(first.init("tea", "alpha", now));
  auto text = first.new_token(now, 3600)->text;
  auto request = *second.begin_join("beta", text);
  EXPECT_TRUE(first.answer_join(request, now));
  EXPECT_EQ(first.answer_join(request, now).error().code, errc::not_found);
  auto late = *second.begin_join("beta", first.new_token(now, 3600)->text);
  EXPECT_FALSE(first.answer_join(late, now + 3600));
}

TEST_F(Folder, ARequestThatWasChangedOnItsWaySpendsTheToken) {
  ASSERT_TRUE(first.init("tea", "alpha", now));
  auto request = *second.begin_join("beta", first.new_token(now, 3600)->text);
  auto changed = request;
  changed.replace(changed.find("node beta"), 9, "node evil");
  EXPECT_FALSE(first.answer_join(changed, now));
  EXPECT_FALSE(first.answer_join(request, now));
}

TEST_F(Folder, AnAnswerOfAnotherAuthorityIsNotTaken) {
  ASSERT_TRUE(first.init("tea", "alpha", now));
  folder other{root / "c" / "cluster"};
  ASSERT_TRUE(other.init("tea", "alpha", now));
  auto ours = first.new_token(now, 3600)->text;
  ASSERT_TRUE(second.begin_join("beta", ours));
  folder third{root / "d" / "cluster"};
  auto theirs = *third.begin_join("beta", other.new_token(now, 3600)->text);
  EXPECT_FALSE(second.finish_join(*other.answer_join(theirs, now), now));
  EXPECT_FALSE(second.load());
}

TEST_F(Folder, ANameThatJoinsAgainLosesItsOldCertificate) {
  ASSERT_TRUE(first.init("tea", "alpha", now));
  ASSERT_TRUE(second.finish_join(join("beta"), now));
  auto before = second.load()->certificate;
  ASSERT_TRUE(second.finish_join(join("beta", now + 10), now + 10));
  auto believes = first.load()->believes;
  EXPECT_EQ(believes.check(before, now + 10).what, verdict::revoked);
  EXPECT_TRUE(believes.check(second.load()->certificate, now + 10).good());
}

TEST_F(Folder, WhatIsRevokedIsInTheList) {
  ASSERT_TRUE(first.init("tea", "alpha", now));
  ASSERT_TRUE(second.finish_join(join("beta"), now));
  auto beta = second.load()->certificate;
  EXPECT_EQ(*first.revoke("beta", now), 1u);
  EXPECT_FALSE(first.revoke("beta", now));
  auto list = first.load()->believes.revocations();
  EXPECT_TRUE(list.has(first.load()->believes.check(beta, now).serial));
  auto told = second.load()->believes.with(list.pem());
  ASSERT_TRUE(told);
  ASSERT_TRUE(second.save_revocations(list.pem()));
  EXPECT_EQ(second.load()->believes.check(beta, now).what, verdict::revoked);
}

TEST_F(Folder, RenewalKeepsWhatWasSigned) {
  ASSERT_TRUE(first.init("tea", "alpha", now));
  ASSERT_TRUE(second.finish_join(join("beta"), now));
  auto later = now + 300 * day;
  ASSERT_TRUE(first.renew(later));
  auto alpha = *first.load();
  EXPECT_GT(alpha.not_after, now + node_life);
  EXPECT_TRUE(alpha.believes.check(second.load()->certificate, later).good());
  EXPECT_TRUE(second.load()->believes.check(alpha.certificate, later).good());
}

TEST_F(Folder, TheTokenIsInNoFile) {
  ASSERT_TRUE(first.init("tea", "alpha", now));
  auto text = first.new_token(now, 3600)->text;
  auto secret = text.substr(text.rfind('-') + 1);
  ASSERT_TRUE(second.begin_join("beta", text));
  for (auto& file : fs::recursive_directory_iterator{root}) {
    std::ostringstream all;
    all << std::ifstream{file.path()}.rdbuf();
    EXPECT_EQ(all.str().find(secret), std::string::npos) << file.path();
  }
}

} // namespace

} // namespace hamlet::pki
