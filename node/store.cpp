// SPDX-License-Identifier: Apache-2.0
#include "node/store.hpp"

#include "storage/sql/migrate.hpp"

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

} // namespace

store::store(sql::database db, std::vector<sql::database> connections, blob_store blobs,
             crypto::server_key key, const config::settings& x, sql::writer::on_broken broken)
    : blobs_{std::move(blobs)}, key_{key}, changes_{std::move(db),
                                                    {x.store.queue.value, x.store.batch.value,
                                                     static_cast<std::int64_t>(
                                                       x.store.checkpoint_pages.value)},
                                                    std::move(broken)},
      views_{std::move(connections), x.store.queue.value} {
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
  auto blobs = blob_store::open(at.blobs(), broken);
  if (!blobs)
    return tl::unexpected{blobs.error()};
  auto connect = [&](sql::database::access mode) {
    return sql::database::open(at.database(), mode).and_then([&](sql::database one) {
      auto kib = static_cast<std::int64_t>(x.store.page_cache.value >> 10);
      return one.set_cache(kib).map([&] { return std::move(one); });
    });
  };
  auto db = connect(sql::database::access::read_write);
  if (!db)
    return tl::unexpected{db.error()};
  if (auto migrated = sql::migrate(*db); !migrated)
    return tl::unexpected{migrated.error()};
  std::vector<sql::database> connections;
  for (int i = 0; i < x.store.reader_threads.value; ++i) {
    auto one = connect(sql::database::access::read_only);
    if (!one)
      return tl::unexpected{one.error()};
    connections.push_back(std::move(*one));
  }
  return std::unique_ptr<store>{new store{std::move(*db), std::move(connections), std::move(*blobs),
                                          *key, x, std::move(broken)}};
}

} // namespace hamlet::node
