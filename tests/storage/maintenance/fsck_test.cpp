// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/fsck.hpp"
#include "tests/storage/maintenance/maintained_store.hpp"

#include <algorithm>
#include <fstream>

namespace hamlet::sql {

class SqliteFsck : public MaintainedStore {
protected:
  fsck_report run(bool repair = false, bool deep = false) {
    return fsck(own, program->blobs, {.repair = repair, .deep = deep, .now = start}).value();
  }

  static std::vector<flaw> kinds(const fsck_report& x) {
    std::vector<flaw> all;
    for (auto& f : x.findings)
      all.push_back(f.kind);
    return all;
  }
};

TEST_F(SqliteFsck, FindsNothingInASoundStore) {
  auto found = run(false, true);
  EXPECT_TRUE(found.findings.empty());
  EXPECT_EQ(found.accounts, 3);
  EXPECT_EQ(found.messages, 3);
  EXPECT_EQ(found.queued, 1);
  EXPECT_EQ(found.bodies, 3);
  EXPECT_EQ(found.blobs, 1);
  EXPECT_EQ(found.orphans, 0);
  EXPECT_EQ(found.quarantined, 0);
}

struct damage {
  const char* name;
  const char* script; ///< alice is 2, bob is 3
  flaw kind;
  std::int64_t quarantined;
};

class SqliteFsckDamage : public SqliteFsck, public ::testing::WithParamInterface<damage> {
protected:
  SqliteFsckDamage() { chat(); }
};

TEST_P(SqliteFsckDamage, IsFoundRepairedAndFoundNoMore) {
  auto& x = GetParam();
  change(std::string{"PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;"}
         + x.script);
  auto before = run();
  ASSERT_EQ(std::ranges::count(kinds(before), x.kind), 1) << before.findings.size();
  EXPECT_FALSE(before.findings[0].repaired);
  EXPECT_EQ(before.quarantined, 0); // only looked
  auto mended = run(true);
  for (auto& f : mended.findings)
    EXPECT_TRUE(f.repaired) << f.name << ": " << f.detail;
  EXPECT_EQ(mended.quarantined, x.quarantined);
  auto after = run(true, true);
  EXPECT_TRUE(after.findings.empty()) << after.findings[0].name << after.findings[0].detail;
  EXPECT_TRUE(enqueue(mail(50, {bob})).has_value()); // the rest stays in use
  EXPECT_GE(collect(bob)->messages, 1);
}

INSTANTIATE_TEST_SUITE_P(
  Each, SqliteFsckDamage,
  ::testing::Values(
    damage{"MailboxMissing", "DELETE FROM folder WHERE mailbox_id = 3", flaw::mailbox_missing, 0},
    damage{"FolderMissing", "UPDATE message SET folder_id = 9 WHERE mailbox_id = 3",
           flaw::folder_missing, 1},
    damage{"BodyMissing", "UPDATE message SET body_id = 999 WHERE mailbox_id = 3",
           flaw::body_missing, 1},
    damage{"QueueBodyMissing", "DELETE FROM body WHERE body_id = 12", flaw::queue_body_missing, 2},
    damage{"RecipientWithoutMessage",
           "INSERT INTO recipient (queue_id, n, account_id, address, original, notify) "
           "VALUES (999, 0, 3, 'bob', '', 0)",
           flaw::recipient_lost, 1},
    damage{"RecipientWithoutAccount", "UPDATE recipient SET account_id = 999", flaw::recipient_lost,
           1},
    damage{"QueueFinished",
           "INSERT INTO body (body_id, size, bytes) VALUES (13, 0, x''); INSERT INTO queue "
           "(queue_id, reverse_path, trace, size, envid, ret, utf8, accepted_at, confirmed) "
           "VALUES (13, '', x'', 0, '', '', 0, 0, 1)",
           flaw::queue_finished, 0},
    damage{"BodyOrphan", "INSERT INTO body (body_id, size, bytes) VALUES (13, 0, x'')",
           flaw::body_orphan, 0},
    damage{"BodySize", "UPDATE body SET size = 1 WHERE body_id = 12", flaw::body_size, 0},
    damage{"MessageSize", "UPDATE message SET size = 1 WHERE mailbox_id = 3", flaw::message_size,
           0},
    damage{"UidTaken", "UPDATE folder SET next_uid = 1 WHERE mailbox_id = 3", flaw::uid_taken, 0},
    damage{"UsageWrong", "UPDATE mailbox SET used_bytes = used_bytes + 1 WHERE mailbox_id = 3",
           flaw::usage_wrong, 0},
    damage{"MessagesWrong", "UPDATE mailbox SET used_messages = 7 WHERE mailbox_id = 3",
           flaw::usage_wrong, 0},
    damage{"CounterBehind", "UPDATE counter SET value = 1 WHERE name = 'account'",
           flaw::counter_behind, 0},
    damage{"ChannelCounterBehind", "UPDATE counter SET value = 0 WHERE name = 'channel'",
           flaw::counter_behind, 0},
    damage{"FounderMissing", "UPDATE channel SET founder_account = 999", flaw::chat_orphan, 0},
    damage{"AccessOfNoAccount", "UPDATE channel_access SET account_id = 999", flaw::chat_orphan, 0},
    damage{"AccessToNoChannel", "UPDATE channel_access SET channel_id = 999", flaw::chat_orphan, 0},
    damage{"ListOfNoChannel", "UPDATE channel_list SET channel_id = 999", flaw::chat_orphan, 0},
    damage{"NickOfNobody", "UPDATE chat_nick SET account_id = 999", flaw::chat_orphan, 0},
    damage{"CertificateOfNobody", "UPDATE chat_certificate SET account_id = 999", flaw::chat_orphan,
           0},
    damage{"SettingOfNobody", "UPDATE chat_setting SET account_id = 999", flaw::chat_orphan, 0},
    damage{"MarkerOfNobody", "UPDATE chat_marker SET account_id = 999", flaw::chat_orphan, 0},
    damage{"SessionOfNobody", "UPDATE chat_session SET account_id = 999", flaw::chat_orphan, 0},
    damage{"MetadataOfNobody", "UPDATE chat_metadata SET owner = 'a999' WHERE owner = 'a3'",
           flaw::chat_orphan, 0},
    damage{"MetadataOfNoChannel", "UPDATE chat_metadata SET owner = 'c999' WHERE owner = 'c1'",
           flaw::chat_orphan, 0},
    damage{"DirectOfNobody", "UPDATE chat_direct SET account_id = 999 WHERE account_id = 3",
           flaw::chat_orphan, 0}),
  [](const auto& x) { return std::string{x.param.name}; });

TEST_F(SqliteFsck, IsolatesMessagesWhoseFileIsGone) {
  std::filesystem::remove(program->blobs.path_of(large_name()));
  EXPECT_EQ(kinds(run()), std::vector{flaw::blob_missing});
  auto mended = run(true);
  EXPECT_EQ(mended.quarantined, 1);
  EXPECT_TRUE(run(true, true).findings.empty());
  EXPECT_EQ(list(alice)->messages.size(), 1u);
  EXPECT_TRUE(read(alice, 1).has_value());
}

TEST_F(SqliteFsck, FindsADamagedFileOnlyWhenItReadsAll) {
  auto path = program->blobs.path_of(large_name());
  std::fstream{path, std::ios::in | std::ios::out | std::ios::binary}.put('y');
  EXPECT_TRUE(run().findings.empty());
  EXPECT_EQ(kinds(run(false, true)), std::vector{flaw::blob_damaged});
  EXPECT_TRUE(run(true, true).findings[0].repaired);
  EXPECT_TRUE(std::filesystem::exists(folder + "/blobs/quarantine/" + path.filename().string()));
  EXPECT_TRUE(run(true, true).findings.empty());
}

TEST_F(SqliteFsck, FindsAFileThatWasCutShort) {
  std::filesystem::resize_file(program->blobs.path_of(large_name()), 5);
  EXPECT_EQ(kinds(run()), std::vector{flaw::blob_damaged});
}

TEST_F(SqliteFsck, CountsOrphanFilesWithoutCallingThemDamage) {
  large_name('o');
  auto found = run();
  EXPECT_EQ(found.orphans, 1);
  EXPECT_TRUE(found.findings.empty());
}

TEST_F(SqliteFsck, KeepsWhatIsLeftOfAMessage) {
  change("PRAGMA foreign_keys = OFF; UPDATE message SET folder_id = 9 WHERE mailbox_id = 3");
  auto whole = "one\r\n";
  run(true);
  auto row = own.row<std::string, std::string, std::string>(
    "SELECT kind, name, octets FROM quarantine WHERE moved_at = 1700000000");
  auto& [kind, name, octets] = **row;
  EXPECT_EQ(kind, "message");
  EXPECT_EQ(name, "3/9/1");
  EXPECT_TRUE(octets.starts_with("Return-Path: "));
  EXPECT_TRUE(octets.ends_with(whole));
}

TEST_F(SqliteFsck, ReportsAFileThatIsTornAndGoesOn) {
  program.reset();
  own = open();
  ASSERT_TRUE(own.checkpoint(database::checkpoint_mode::whole).has_value());
  auto page = number("SELECT rootpage FROM sqlite_schema WHERE name = 'message_body'");
  {
    std::fstream file{folder + "/hamlet.db", std::ios::in | std::ios::out | std::ios::binary};
    file.seekp((page - 1) * 4096);
    file << std::string(4096, '\xff');
  }
  own = open();
  auto blobs_here = blobs();
  auto found = fsck(own, blobs_here, {}).value();
  EXPECT_NE(std::ranges::count(kinds(found), flaw::integrity), 0);
  EXPECT_EQ(found.accounts, 3); // what can be read was read
  program.emplace(*this);
}

TEST_F(SqliteFsck, RefusesAnotherSchema) {
  change("INSERT INTO schema_version (version) VALUES (77)");
  EXPECT_EQ(fsck(own, program->blobs, {}).error().code, errc::bad_setup);
}

} // namespace hamlet::sql
