// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/digest.hpp"
#include "storage/blobs/blob_store.hpp"
#include "tests/support/temp_store.hpp"

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

class BlobStore : public TempStore {
protected:
  std::string put(const std::string& text) {
    auto writer = store.create().value();
    EXPECT_TRUE(writer.append(text).has_value());
    return writer.publish().value();
  }

  void make_older(const std::string& sha256, int seconds) const {
    if (on_postgres())
      return change("UPDATE blob SET renewed_at = renewed_at - " + std::to_string(seconds));
    auto path = store.path_of(sha256);
    fs::last_write_time(path, fs::last_write_time(path) - std::chrono::seconds{seconds});
  }

  std::vector<std::string> all() const {
    std::vector<std::string> found;
    EXPECT_TRUE(store.each([&](const std::string& name, std::int64_t) { found.push_back(name); })
                  .has_value());
    return found;
  }

  /// Texts that are being written, or that nobody has cleared away.
  std::int64_t unfinished() const {
    if (on_postgres())
      return number("SELECT (SELECT count(*) FROM blob_draft) + (SELECT count(*) FROM blob_chunk c "
                    "WHERE NOT EXISTS (SELECT 1 FROM blob b WHERE b.blob_id = c.blob_id))");
    return std::distance(fs::directory_iterator{files / "tmp"}, fs::directory_iterator{});
  }

  fs::path files = fs::path{folder} / "blobs";
  blob_store store = blobs();
};

class SqliteBlobFiles : public BlobStore {};

TEST_F(BlobStore, KeepsBytesUnderTheirDigest) {
  std::string text(300'000, 'x');
  text[7] = '\0';
  auto name = put(text);
  EXPECT_EQ(name, crypto::sha256(text));
  EXPECT_EQ(store.read(name, 0, 1'000'000).value(), text);
  EXPECT_EQ(store.size_of(name).value(), text.size());
  EXPECT_TRUE(store.is_sound(name).value());
  EXPECT_EQ(unfinished(), 0);
}

TEST_F(SqliteBlobFiles, LieInFoldersByTheirName) {
  EXPECT_EQ(store.path_of(put("x")).parent_path().parent_path().parent_path(), files);
}

TEST_F(BlobStore, ReadsAnyRangeOfALargeText) {
  constexpr std::size_t piece = 256 * 1024; // chunk_store has such
  std::string text;
  for (std::size_t n = 0; text.size() < 3 * piece + 100; ++n)
    text += std::to_string(n) + ' ';
  text.resize(3 * piece + 100);
  auto name = put(text);
  for (auto at : {std::size_t{0}, piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 99})
    for (auto octets : {std::size_t{1}, std::size_t{2}, piece, piece + 1, text.size()})
      EXPECT_EQ(store.read(name, at, octets).value(), text.substr(at, octets))
        << at << ' ' << octets;
}

TEST_F(BlobStore, KeepsATextThatFillsItsPiecesAndAnEmptyOne) {
  for (std::size_t octets : {std::size_t{0}, std::size_t{512 * 1024}}) {
    auto name = put(std::string(octets, 'x'));
    EXPECT_EQ(store.size_of(name).value(), octets);
    EXPECT_EQ(store.read(name, 0, octets + 1).value().size(), octets);
    EXPECT_TRUE(store.is_sound(name).value());
  }
}

TEST_F(BlobStore, ReadsAnyRange) {
  auto name = put("0123456789");
  EXPECT_EQ(store.read(name, 3, 4).value(), "3456");
  EXPECT_EQ(store.read(name, 8, 4).value(), "89");
  EXPECT_EQ(store.read(name, 10, 4).value(), "");
  EXPECT_EQ(store.read(name, 99, ~std::uint64_t{0}).value(), "");
}

TEST_F(SqliteBlobFiles, IsForItsOwnerAlone) {
  auto path = store.path_of(put("secret"));
  for (auto x = path; x != files.parent_path(); x = x.parent_path()) {
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
  EXPECT_EQ(unfinished(), 0);
}

TEST_F(SqliteBlobFiles, RemovesWhatADeadProcessLeftButNotWhatIsBeingWritten) {
  std::ofstream{files / "tmp" / "left"} << "over";
  auto writer = store.create().value(); // of a server; then a command opens the store too
  ASSERT_TRUE(writer.append("text").has_value());
  auto second = blob_store::open(files).value();
  EXPECT_FALSE(fs::exists(files / "tmp" / "left"));
  EXPECT_EQ(second.read(writer.publish().value(), 0, 9).value(), "text");
}

TEST_F(BlobStore, RenewsTheTimeOfWhatIsThereAlready) {
  auto name = put("again");
  make_older(name, 1000);
  EXPECT_EQ(put("again"), name);
  EXPECT_FALSE(store.sweep(name, 100).value());
  EXPECT_EQ(all().size(), 1u);
  EXPECT_EQ(unfinished(), 0);
}

TEST_F(SqliteBlobFiles, HealsAFileThatWasCutShort) {
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

TEST_F(SqliteBlobFiles, SetsADamagedFileAside) {
  auto name = put("damaged");
  ASSERT_TRUE(store.set_aside(name).has_value());
  EXPECT_EQ(store.read(name, 0, 9).error().code, errc::not_found);
  EXPECT_TRUE(all().empty());
  EXPECT_TRUE(fs::exists(files / "quarantine" / store.path_of(name).filename()));
}

TEST_F(SqliteBlobFiles, RefusesWhatTheDiskCannotHold) {
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

TEST_F(SqliteBlobFiles, IsBrokenAfterAFailedFsync) {
  std::vector<errc> told;
  auto watched = blob_store::open(files, [&](const error& why) { told.push_back(why.code); });
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

TEST_F(SqliteBlobFiles, SaysThatItsFolderCannotBeMade) {
  auto refused = blob_store::open("/proc/no/blobs");
  EXPECT_EQ(refused.error().code, errc::bad_setup);
}

class PostgresBlobs : public BlobStore {};

TEST_F(PostgresBlobs, SaysThatAPieceIsMissing) {
  auto name = put(std::string(600'000, 'x'));
  change("DELETE FROM blob_chunk WHERE n = 1");
  EXPECT_EQ(store.read(name, 0, 600'000).error().code, errc::store_failed);
  EXPECT_EQ(store.read(name, 0, 1000).value().size(), 1000u);
  EXPECT_FALSE(store.is_sound(name).value());
}

TEST_F(PostgresBlobs, PublishesNothingOfWhichThePiecesWereLost) {
  auto writer = store.create().value();
  ASSERT_TRUE(writer.append(std::string(600'000, 'x')).has_value());
  change("DELETE FROM blob_chunk WHERE n = 1"); // as a server that fell over
  EXPECT_EQ(writer.publish().error().code, errc::store_failed);
  EXPECT_TRUE(all().empty());
}

TEST_F(PostgresBlobs, SweepsWhatADeadNodeLeft) {
  {
    auto writer = std::make_unique<blob_writer>(store.create().value());
    ASSERT_TRUE(writer->append(std::string(600'000, 'x')).has_value());
    EXPECT_TRUE(all().empty());
    EXPECT_EQ(unfinished(), 3);
    change("UPDATE blob_draft SET begun_at = begun_at - 100000");
    EXPECT_TRUE(all().empty()); // who looks at all clears away
    EXPECT_EQ(unfinished(), 0);
    EXPECT_FALSE(writer->publish().has_value()); // it was not dead, only slow
  }
  EXPECT_EQ(unfinished(), 0);
}

TEST_F(PostgresBlobs, DropsNothingThatMayHaveBeenPublished) {
  // A COMMIT that nobody knew the end of: the row is there, and so are its pieces.
  auto writer = std::make_unique<blob_writer>(store.create().value());
  ASSERT_TRUE(writer->append(std::string(300'000, 'x')).has_value());
  change("INSERT INTO blob_chunk (blob_id, n, bytes) SELECT blob_id, 1, 'x' FROM blob_draft;"
         "INSERT INTO blob (sha256, blob_id, size, renewed_at) SELECT 'name', blob_id, 262145, 0 "
         "FROM blob_draft; DELETE FROM blob_draft");
  writer.reset();
  EXPECT_EQ(number("SELECT count(*) FROM blob_chunk"), 2);
}

} // namespace hamlet
