// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/base/ids.hpp"
#include "node/command.hpp"
#include "node/open_store.hpp"
#include "node/terminal.hpp"
#include "storage/maintenance/backup.hpp"
#include "storage/maintenance/fsck.hpp"
#include "storage/maintenance/move_store.hpp"
#include "storage/sql/migrate.hpp"

#include <filesystem>
#include <iostream>

namespace hamlet::node {

namespace {

int list_queue(const call& c) {
  constexpr std::size_t page = 500;
  return with_store(c, [&](store& s) {
    table rows{{"ID", "ACCEPTED", "SIZE", "HELD", "FROM", "TO"}};
    for (std::int64_t after = 0;;) {
      auto some = wait<std::vector<sql::queue_entry>>(
        [&](auto f) { s.queue().list(!c.has("all"), after, page, f); });
      if (!some)
        return complain(some.error());
      for (auto& x : *some) {
        auto first = true;
        for (auto& to : x.to) {
          rows.push_back({first ? id_text(x.queue_id) : "", first ? time_text(x.accepted_at) : "",
                          first ? size_text(x.size) : "",
                          first && x.held_at != 0 ? time_text(x.held_at) : "",
                          first ? (x.from.empty() ? "<>" : x.from) : "", to.address});
          first = false;
        }
      }
      if (some->size() < page)
        break;
      after = some->back().queue_id;
    }
    if (rows.size() == 1)
      std::cout << "The queue is empty.\n";
    else
      print_table(rows);
    return 0;
  });
}

// -- copies and checks ----------------------------------------------------------

/// The store as files, for work that takes long: it must not stand in the way of the server's
/// writer, so it has a connection of its own.
struct open_files {
  sql::database db;
  blob_store blobs;
};

result<open_files> open_store_files(const call& c) {
  if (c.settings.store.engine.value == config::store_engine::postgresql)
    return fail(errc::bad_setup, "this store is in PostgreSQL: use pg_basebackup, pg_dump and "
                                 "pg_amcheck (docs/operating.md)");
  data_layout at{c.settings};
  if (!std::filesystem::exists(at.database()))
    return fail(errc::not_found, "there is no store in " + at.folder.string());
  auto db = sql::database::open(at.database(), sql::database::access::read_write);
  if (!db)
    return tl::unexpected{db.error()};
  auto blobs = blob_store::open(at.blobs());
  if (!blobs)
    return tl::unexpected{blobs.error()};
  return open_files{std::move(*db), std::move(*blobs)};
}

int describe(const char* done, const sql::manifest& x, const std::string& folder) {
  std::cout << done << ' ' << folder << ": " << size_text(x.database_octets + x.blob_octets)
            << ", database and " << x.blobs << " large texts.\n";
  return 0;
}

int make_backup(const call& c) {
  auto files = open_store_files(c);
  if (!files)
    return complain(files.error());
  auto made = sql::backup(files->db, files->blobs, c.words[0], unix_seconds());
  if (!made)
    return complain(made.error());
  std::cerr << "Keep a copy of " << data_layout{c.settings}.key().string()
            << " apart from it: the key that opens device passwords is not in a backup.\n";
  return describe("Copied to", *made, c.words[0]);
}

int restore_backup(const call& c) {
  auto target = data_layout{c.settings}.folder;
  auto made = sql::restore(c.words[0], target);
  return made ? describe("Restored to", *made, target.string()) : complain(made.error());
}

/// 0: sound, or all is repaired; 3: something is wrong.
int check_store(const call& c) {
  auto files = open_store_files(c);
  if (!files)
    return complain(files.error());
  auto report =
    sql::fsck(files->db, files->blobs, {c.has("repair"), c.has("deep"), unix_seconds()});
  if (!report)
    return complain(report.error());
  auto left = 0;
  for (auto& x : report->findings) {
    std::cout << to_string(x.kind) << "  " << x.name << "  " << x.detail
              << (x.repaired ? "  (repaired)" : "") << '\n';
    left += x.repaired ? 0 : 1;
  }
  std::cout << report->accounts << " accounts, " << report->messages << " messages, "
            << report->queued << " queued, " << report->blobs << " large texts; "
            << report->findings.size() << " findings, " << left << " left";
  if (report->quarantined > 0)
    std::cout << "; " << report->quarantined << " rows in quarantine";
  std::cout << ".\n";
  if (left > 0 && !c.has("repair"))
    std::cout << "`hamlet fsck --repair` mends what can be mended and sets the rest aside.\n";
  return left > 0 ? 3 : 0;
}

/// With the server stopped: what comes in meanwhile would stay behind.
int move_to_postgres(const call& c) {
  data_layout at{c.settings};
  if (c.settings.store.engine.value != config::store_engine::postgresql)
    return complain({errc::bad_setup, "set store.engine = \"postgresql\" and store.postgres first: "
                                      "that is where the store moves to"});
  if (!std::filesystem::exists(at.database()))
    return complain({errc::not_found, "there is no store in " + at.folder.string()});
  auto alone = lock_folder(c.settings);
  if (!alone)
    return complain(alone.error());
  auto from = sql::database::open(at.database(), sql::database::access::read_write);
  auto to = sql::database::connect(postgres_of(c.settings));
  auto files = blob_store::open(at.blobs());
  auto texts = blob_store::connect(postgres_of(c.settings), 1);
  for (auto* why : {from ? nullptr : &from.error(), to ? nullptr : &to.error(),
                    files ? nullptr : &files.error(), texts ? nullptr : &texts.error()})
    if (why)
      return complain(*why);
  for (auto* db : {&*from, &*to})
    if (auto ready = sql::migrate(*db); !ready)
      return complain(ready.error());
    else if (*ready != sql::latest_schema()) // it would leave behind what it does not know
      return complain(
        {errc::bad_setup, "a newer hamlet has used one of the two stores: take that"});
  auto tell = [](const std::string& what, std::int64_t done, std::int64_t total) {
    std::cerr << what << ": " << done << " of " << total << '\n';
  };
  auto made = sql::move_store(*from, *files, *to, *texts, tell);
  if (!made)
    return complain(made.error());
  std::cout << "Copied and compared: " << made->tables << " tables with " << made->rows
            << " rows, and " << made->blobs << " large texts. " << at.database().string()
            << " is as it was; `hamlet serve` uses PostgreSQL from now on.\n";
  return 0;
}

constexpr command commands[] = {
  {"queue list", "[--all]", 0, 0, "all,", "Mail for other hosts; --all: any mail.", list_queue},
  {"backup", "FOLDER", 1, 1, "", "Copies the store, also of a running node.", make_backup},
  {"restore", "FOLDER", 1, 1, "", "Fills an empty data folder from a backup.", restore_backup},
  {"migrate-store", "", 0, 0, "", "Copies the store in the data folder into PostgreSQL.",
   move_to_postgres},
  {"fsck", "[--repair] [--deep]", 0, 0, "repair,deep,", "Looks for damage; --deep reads all files.",
   check_store},
};

} // namespace

std::span<const command> store_commands() {
  return commands;
}

} // namespace hamlet::node
