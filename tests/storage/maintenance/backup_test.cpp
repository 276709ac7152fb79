// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/backup.hpp"
#include "storage/maintenance/fsck.hpp"
#include "tests/storage/maintenance/maintained_store.hpp"

#include <fstream>

namespace hamlet::sql {

class SqliteBackup : public MaintainedStore {
protected:
  result<manifest> make(const backup_progress& tell = {}) {
    return backup(own, program->blobs, copy, start, tell);
  }

  /// Goes on with what was restored as if it were the store.
  void use(const std::filesystem::path& restored) {
    program.reset();
    own = database::open(database_of(restored), database::access::read_write).value();
    std::filesystem::remove_all(first);
    first = std::exchange(folder, restored.string());
    program.emplace(*this);
  }
  ~SqliteBackup() override {
    program.reset();
    std::filesystem::remove_all(first);
  }

  std::string first;
  std::string name = large_name();
  std::filesystem::path parent = folder;
  std::filesystem::path copy = parent.string() + "-backup";
  std::filesystem::path again = parent.string() + "-restored";
  struct cleaner {
    std::filesystem::path a, b;
    ~cleaner() {
      std::filesystem::remove_all(a);
      std::filesystem::remove_all(b);
    }
  } cleaner_{copy, again};
};

TEST_F(SqliteBackup, BringsEverythingBack) {
  auto before = everything();
  ASSERT_EQ(before.size(), 3u);
  auto made = make().value();
  EXPECT_EQ(made.schema, latest_schema());
  EXPECT_EQ(made.blobs, 1);
  EXPECT_EQ(made.blob_octets, 100'000);
  EXPECT_EQ(verify_backup(copy).value(), made);
  EXPECT_EQ(restore(copy, again).value(), made);
  use(again);
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(collect(bob)->messages, 1); // what waited in the queue waits again
  EXPECT_TRUE(fsck(own, program->blobs, {.deep = true})->findings.empty());
}

TEST_F(SqliteBackup, BringsChatBack) {
  chat();
  auto rows = [&] {
    return number("SELECT (SELECT count(*) FROM channel) + (SELECT count(*) FROM channel_access) + "
                  "(SELECT count(*) FROM channel_list) + (SELECT count(*) FROM chat_nick) + "
                  "(SELECT count(*) FROM chat_certificate) + (SELECT count(*) FROM chat_setting) + "
                  "(SELECT count(*) FROM chat_metadata) + (SELECT count(*) FROM chat_marker) + "
                  "(SELECT count(*) FROM chat_session) + (SELECT count(*) FROM chat_direct) + "
                  "(SELECT count(*) FROM chat_event) + (SELECT count(*) FROM network_ban) + "
                  "(SELECT count(*) FROM chat_filter) + (SELECT count(*) FROM oper_audit)");
  };
  ASSERT_EQ(rows(), 17); // each table has one, some have two
  ASSERT_TRUE(make().has_value());
  ASSERT_TRUE(restore(copy, again).has_value());
  use(again);
  EXPECT_EQ(rows(), 17);
  EXPECT_EQ(number("SELECT count(*) FROM chat_event WHERE text = 'hi' AND target = '#a 1'"), 1);
  EXPECT_GT(number("SELECT value FROM counter WHERE name = 'channel'"), 1'000); // lost ones too
  EXPECT_TRUE(fsck(own, program->blobs, {})->findings.empty());
}

TEST_F(SqliteBackup, IsOfOneMomentThoughTheServerWritesOn) {
  auto before = everything();
  std::int64_t id = 100;
  auto meanwhile = [&](backup_stage, std::int64_t, std::int64_t) {
    ASSERT_TRUE(enqueue(mail(++id, {alice})).has_value());
    ASSERT_EQ(collect(alice)->messages, 1);
    remove(alice, {2}); // the large one; its file is old, and a sweeper comes by
    make_older(name);
    (void)program->blobs.sweep(name, 1);
  };
  ASSERT_TRUE(make(meanwhile).has_value());
  EXPECT_GT(id, 101);
  ASSERT_TRUE(restore(copy, again).has_value());
  use(again);
  EXPECT_EQ(everything(), before);
}

TEST_F(SqliteBackup, NeverGivesAUidThatTheLostTimeMayHaveGiven) { // RFC 9051 §2.3.1.1
  make();
  enqueue(mail(100, {alice}));
  collect(alice);
  auto lost = list(alice)->messages.back().uid;
  ASSERT_TRUE(restore(copy, again).has_value());
  use(again);
  enqueue(mail(101, {alice}));
  collect(alice);
  EXPECT_GT(list(alice)->messages.back().uid, lost);
  EXPECT_GT(create("carol").value(), bob + 1);
}

TEST_F(SqliteBackup, GoesIntoAnEmptyFolderOnly) {
  std::filesystem::create_directory(copy);
  std::ofstream{copy / "something"} << "x";
  EXPECT_EQ(make().error().code, errc::bad_setup);
  EXPECT_FALSE(std::filesystem::exists(copy / "hamlet.db"));
  std::filesystem::remove(copy / "something");
  ASSERT_TRUE(make().has_value());
  EXPECT_EQ(make().error().code, errc::bad_setup);
  EXPECT_EQ(restore(copy, folder).error().code, errc::bad_setup); // never over a store
}

TEST_F(SqliteBackup, SaysWhatIsWrongWithADamagedOne) {
  ASSERT_TRUE(make().has_value());
  auto flip = [](const std::filesystem::path& file) {
    std::fstream f{file, std::ios::in | std::ios::out | std::ios::binary};
    f.seekg(5000);
    auto c = static_cast<char>(f.get());
    f.seekp(5000);
    f.put(static_cast<char>(c ^ 1));
  };
  auto blob = blob_store::open(blobs_of(copy))->path_of(name);
  for (auto& file : {database_of(copy), blob}) {
    flip(file);
    auto refused = restore(copy, again);
    EXPECT_EQ(refused.error().code, errc::bad_setup);
    EXPECT_NE(refused.error().detail.find(file.filename().string()), std::string::npos);
    flip(file);
  }
  EXPECT_TRUE(verify_backup(copy).has_value());
  std::filesystem::remove(blob);
  EXPECT_FALSE(verify_backup(copy).has_value());
  std::filesystem::remove(copy / "manifest");
  EXPECT_EQ(restore(copy, again).error().code, errc::bad_setup); // it was never finished
  EXPECT_FALSE(std::filesystem::exists(again));
}

TEST_F(SqliteBackup, RefusesToCopyADamagedFile) {
  std::filesystem::resize_file(program->blobs.path_of(name), 5);
  auto refused = make();
  EXPECT_EQ(refused.error().code, errc::store_failed);
  EXPECT_FALSE(std::filesystem::exists(copy / "manifest"));
}

TEST_F(SqliteBackup, RefusesOneOfANewerProgram) {
  ASSERT_TRUE(make().has_value());
  auto x = read_manifest(copy).value();
  x.schema = 77;
  std::filesystem::remove(copy / "manifest");
  ASSERT_TRUE(write_manifest(copy, x).has_value());
  EXPECT_NE(restore(copy, again).error().detail.find("77"), std::string::npos);
}

} // namespace hamlet::sql
