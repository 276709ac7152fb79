// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/digest.hpp"
#include "storage/blobs/blob_store.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {
int fsync_error = 0; // of every fsync of this program, which has one thread
}

// In place of the C library's.
extern "C" int fsync(int fd) {
  if (fsync_error != 0) {
    errno = fsync_error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fsync, fd));
}

namespace hamlet {

namespace fs = std::filesystem;

class BlobStore : public ::testing::Test {
protected:
  ~BlobStore() override { fs::remove_all(folder); }

  std::string put(const std::string& text) {
    auto writer = store.create().value();
    EXPECT_TRUE(writer.append(text).has_value());
    return writer.publish().value();
  }

  void make_older(const std::string& sha256, int seconds) const {
    auto path = store.path_of(sha256);
    fs::last_write_time(path, fs::last_write_time(path) - std::chrono::seconds{seconds});
  }

  std::vector<std::string> all() const {
    std::vector<std::string> found;
    EXPECT_TRUE(store.each([&](const std::string& name, std::int64_t) { found.push_back(name); })
                  .has_value());
    return found;
  }

  std::size_t unfinished() const {
    return static_cast<std::size_t>(
      std::distance(fs::directory_iterator{folder / "tmp"}, fs::directory_iterator{}));
  }

  fs::path folder = [] {
    std::string name = fs::temp_directory_path() / "hamlet-XXXXXX";
    return fs::path{mkdtemp(name.data())} / "blobs";
  }();
  blob_store store = blob_store::open(folder).value();
};

TEST_F(BlobStore, KeepsBytesUnderTheirDigest) {
  std::string text(300'000, 'x');
  text[7] = '\0';
  auto name = put(text);
  EXPECT_EQ(name, crypto::sha256(text));
  EXPECT_EQ(store.read(name, 0, 1'000'000).value(), text);
  EXPECT_EQ(store.size_of(name).value(), text.size());
  EXPECT_TRUE(store.is_sound(name).value());
  EXPECT_EQ(store.path_of(name).parent_path().parent_path().parent_path(), folder);
  EXPECT_EQ(unfinished(), 0u);
}

TEST_F(BlobStore, ReadsAnyRange) {
  auto name = put("0123456789");
  EXPECT_EQ(store.read(name, 3, 4).value(), "3456");
  EXPECT_EQ(store.read(name, 8, 4).value(), "89");
  EXPECT_EQ(store.read(name, 10, 4).value(), "");
  EXPECT_EQ(store.read(name, 99, ~std::uint64_t{0}).value(), "");
}

TEST_F(BlobStore, IsForItsOwnerAlone) {
  auto path = store.path_of(put("secret"));
  for (auto x = path; x != folder.parent_path(); x = x.parent_path()) {
    struct stat seen {};
    ASSERT_EQ(::stat(x.c_str(), &seen), 0);
    EXPECT_EQ(seen.st_mode & 077, 0u) << x;
  }
}

TEST_F(BlobStore, ShowsNothingBeforeItIsPublished) {
  auto writer = store.create().value();
  ASSERT_TRUE(writer.append("half").has_value());
  EXPECT_TRUE(all().empty());
  EXPECT_EQ(store.read(crypto::sha256("half"), 0, 9).error().code, errc::not_found);
}

TEST_F(BlobStore, ForgetsWhatWasNotPublished) {
  { auto writer = store.create(); }
  EXPECT_EQ(unfinished(), 0u);
}

TEST_F(BlobStore, RemovesWhatADeadProcessLeftButNotWhatIsBeingWritten) {
  std::ofstream{folder / "tmp" / "left"} << "over";
  auto writer = store.create().value(); // of a server; then a command opens the store too
  ASSERT_TRUE(writer.append("text").has_value());
  auto second = blob_store::open(folder).value();
  EXPECT_FALSE(fs::exists(folder / "tmp" / "left"));
  EXPECT_EQ(second.read(writer.publish().value(), 0, 9).value(), "text");
}

TEST_F(BlobStore, RenewsTheTimeOfWhatIsThereAlready) {
  auto name = put("again");
  make_older(name, 1000);
  auto before = fs::last_write_time(store.path_of(name));
  EXPECT_EQ(put("again"), name);
  EXPECT_GT(fs::last_write_time(store.path_of(name)), before);
  EXPECT_EQ(all().size(), 1u);
  EXPECT_EQ(unfinished(), 0u);
}

TEST_F(BlobStore, HealsAFileThatWasCutShort) {
  auto name = put("again");
  fs::resize_file(store.path_of(name), 2);
  EXPECT_FALSE(store.is_sound(name).value());
  put("again");
  EXPECT_TRUE(store.is_sound(name).value());
}

TEST_F(BlobStore, SweepsOnlyWhatIsOld) {
  auto name = put("orphan");
  EXPECT_FALSE(store.sweep(name, 100).value());
  make_older(name, 101);
  EXPECT_TRUE(store.sweep(name, 100).value());
  EXPECT_FALSE(store.sweep(name, 100).value()); // gone
  EXPECT_EQ(store.remove(name).error().code, errc::not_found);
}

TEST_F(BlobStore, NeverSweepsWhatHasJustBeenPublished) {
  // A publication of the same bytes beside a sweeper that thinks them old.
  auto name = put("same");
  for (int i = 0; i < 300; ++i) {
    make_older(name, 1000);
    std::thread sweeper{[&] { (void)store.sweep(name, 100); }};
    put("same");
    EXPECT_TRUE(store.is_sound(name).value_or(false));
    sweeper.join();
    EXPECT_TRUE(store.is_sound(name).value_or(false));
  }
}

TEST_F(BlobStore, SetsADamagedFileAside) {
  auto name = put("damaged");
  ASSERT_TRUE(store.set_aside(name).has_value());
  EXPECT_EQ(store.read(name, 0, 9).error().code, errc::not_found);
  EXPECT_TRUE(all().empty());
  EXPECT_TRUE(fs::exists(folder / "quarantine" / store.path_of(name).filename()));
}

TEST_F(BlobStore, RefusesWhatTheDiskCannotHold) {
  // A limit of the process stands for a full disk; publish() must not let a part pass for the
  // whole.
  auto writer = store.create().value();
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  auto refused = writer.append(std::string(5000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(refused.error().code, errc::disk_full);
  EXPECT_FALSE(writer.append("more").has_value());
  EXPECT_EQ(writer.publish().error().code, errc::disk_full);
  EXPECT_TRUE(all().empty());
}

TEST_F(BlobStore, IsBrokenAfterAFailedFsync) {
  std::vector<errc> told;
  auto watched = blob_store::open(folder, [&](const error& why) { told.push_back(why.code); });
  for (auto [number, code] : {std::pair{ENOSPC, errc::disk_full}, {EIO, errc::store_failed}}) {
    auto another = watched->create().value();
    ASSERT_TRUE(another.append("text").has_value());
    fsync_error = number;
    auto refused = another.publish();
    fsync_error = 0;
    EXPECT_EQ(refused.error().code, code);
  }
  EXPECT_EQ(told, std::vector{errc::store_failed}); // what was only full can go on
  EXPECT_TRUE(all().empty());
}

TEST_F(BlobStore, SaysThatItsFolderCannotBeMade) {
  auto refused = blob_store::open("/proc/no/blobs");
  EXPECT_EQ(refused.error().code, errc::bad_setup);
}

} // namespace hamlet
