// SPDX-License-Identifier: Apache-2.0
#include "node/store.hpp"

#include "lib/log/log.hpp"
#include "storage/maintenance/move_store.hpp"
#include "storage/sql/durability.hpp"
#include "storage/sql/migrate.hpp"

#include <fcntl.h>
#include <sys/file.h>

namespace hamlet::node {

namespace {

/// Mail of others lies here: nobody else may look in.
result<void_t> make_private(const std::filesystem::path& folder) {
  std::error_code ec;
  auto made = std::filesystem::create_directories(folder, ec);
  if (ec)
    return fail(errc::bad_setup, "cannot make the data folder " + folder.string() + ": "
                                   + ec.message() + " (node.data_folder in the configuration)");
  if (made)
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ec);
  return void_t{};
}

bool is_remote(const config::settings& x) {
  return x.store.engine.value == config::store_engine::postgresql;
}

using access = sql::database::access;

result<sql::database> connect_to(const config::settings& x, access mode) {
  if (is_remote(x)) {
    auto where = postgres_of(x);
    where.read_only = mode == access::read_only;
    return sql::database::connect(where);
  }
  return sql::database::open(data_layout{x}.database(), mode).and_then([&](sql::database one) {
    auto kib = static_cast<std::int64_t>(x.store.page_cache.value >> 10);
    return one.set_cache(kib).map([&] { return std::move(one); });
  });
}

result<std::vector<sql::database>> connections(const config::settings& x, access mode, int n) {
  std::vector<sql::database> all;
  for (int i = 0; i < n; ++i) {
    auto one = connect_to(x, mode);
    if (!one)
      return tl::unexpected{one.error()};
    all.push_back(std::move(*one));
  }
  return all;
}

/// Mail that was acknowledged must not depend on one machine; an administrator may decide
/// otherwise, but not without knowing.
void tell_durability(sql::database& db) {
  auto found = sql::durability_of(db);
  if (!found)
    return log::warning("store", "durability unknown", {{"why", found.error().detail}});
  log::info("store", "PostgreSQL",
            {{"version", found->version},
             {"synchronous_commit", found->synchronous_commit},
             {"synchronous_standby_names", found->standby_names},
             {"standbys", found->standbys}});
  if (found->standbys < 0)
    log::info("store", "standbys unknown",
              {{"why", "the role may not see them: GRANT pg_read_all_stats TO it"}});
  for (auto& risk : found->risks)
    log::warning("store", "acknowledged mail could be lost", {{"why", risk}});
}

} // namespace

result<void_t> lock_folder(const config::settings& x) {
  data_layout at{x};
  std::error_code ec;
  std::filesystem::create_directories(at.folder, ec);
  auto fd = ::open(at.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail(errc::bad_setup, "cannot write to the data folder " + at.folder.string());
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return fail(errc::bad_setup, "another hamlet serves " + at.folder.string() + " already");
  return void_t{};
}

sql::postgres_options postgres_of(const config::settings& x) {
  return {.conninfo = x.store.postgres.value,
          .password_file = x.store.postgres_password_file.value};
}

result<sql::database> connect_store(const config::settings& x) {
  return connect_to(x, access::read_write);
}

result<std::unique_ptr<store_watch>> store::watch(const config::settings& x) {
  if (!is_remote(x))
    return nullptr;
  auto where = postgres_of(x);
  where.statement_timeout = std::chrono::seconds{2}; // it does nothing that could take longer
  auto db = sql::database::connect(where);
  if (!db)
    return tl::unexpected{db.error()};
  auto ask = [one = std::make_shared<sql::database>(std::move(*db))]() -> result<void_t> {
    return one->row<std::int64_t>("SELECT 1").map([](auto) { return void_t{}; });
  };
  return std::make_unique<store_watch>(std::move(ask), store_watch::times{});
}

store::store(std::vector<sql::database> writing, std::vector<sql::database> reading,
             blob_store blobs, crypto::server_key key, const config::settings& x,
             sql::writer::on_broken broken, connector connect)
    : connect_{std::move(connect)}, blobs_{std::move(blobs)}, key_{key},
      changes_{std::move(writing),
               {x.store.queue.value, x.store.batch.value,
                static_cast<std::int64_t>(x.store.checkpoint_pages.value)},
               std::move(broken)},
      views_{std::move(reading), x.store.queue.value} {
}

result<std::unique_ptr<store>> store::open(const config::settings& x,
                                           sql::writer::on_broken broken) {
  data_layout at{x};
  auto ready = make_private(at.folder);
  if (!ready)
    return tl::unexpected{ready.error()};
  auto key = crypto::server_key::load_or_create(at.key());
  if (!key)
    return tl::unexpected{key.error()};
  auto lanes = is_remote(x) ? x.store.connections.value : 1;
  auto writing = connections(x, access::read_write, lanes);
  if (!writing)
    return tl::unexpected{writing.error()};
  auto migrated = sql::migrate(writing->front());
  if (!migrated)
    return tl::unexpected{migrated.error()};
  if (*migrated > sql::latest_schema())
    log::info("store", "schema of a newer program",
              {{"schema", *migrated}, {"known", sql::latest_schema()}});
  if (is_remote(x)) {
    auto moving = sql::is_being_moved(writing->front());
    if (!moving || *moving)
      return fail(errc::bad_setup, !moving ? moving.error().detail
                                           : "`hamlet migrate-store` into this database has not "
                                             "ended: run it again");
    tell_durability(writing->front());
  }
  auto blobs = is_remote(x) ? blob_store::connect(postgres_of(x), static_cast<std::size_t>(lanes))
                            : blob_store::open(at.blobs(), broken);
  if (!blobs)
    return tl::unexpected{blobs.error()};
  auto reading = connections(x, access::read_only, x.store.reader_threads.value);
  if (!reading)
    return tl::unexpected{reading.error()};
  return std::unique_ptr<store>{new store{std::move(*writing), std::move(*reading),
                                          std::move(*blobs), *key, x, std::move(broken),
                                          [x] { return connect_to(x, access::read_write); }}};
}

} // namespace hamlet::node
