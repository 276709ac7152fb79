// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/backup.hpp"

#include "storage/maintenance/copying.hpp"
#include "storage/sql/migrate.hpp"

namespace hamlet::sql {

namespace fs = std::filesystem;

namespace {

database::progress stage(const backup_progress& tell, backup_stage at) {
  if (!tell)
    return {};
  return [&tell, at](std::int64_t done, std::int64_t total) { tell(at, done, total); };
}

result<manifest> describe(const fs::path& target, const copied& blobs, std::int64_t now) {
  auto db = database::open(database_of(target), database::access::archived);
  auto schema = db.and_then([](database& x) { return schema_version(x); });
  auto digest = digest_of(database_of(target));
  if (!schema || !digest)
    return tl::unexpected{schema ? digest.error() : schema.error()};
  return manifest{*schema, digest->first, digest->second, blobs.files, blobs.octets, now};
}

result<copied> copy_referred_to(const fs::path& target, const blob_store& from,
                                const backup_progress& tell) {
  auto db = database::open(database_of(target), database::access::archived);
  auto names = db.and_then([](database& x) { return blobs_in(x); });
  auto to = blob_store::open(blobs_of(target));
  if (!names || !to)
    return tl::unexpected{names ? to.error() : names.error()};
  return copy_blobs(*names, from, *to, stage(tell, backup_stage::blobs));
}

} // namespace

result<manifest> backup(database& db, const blob_store& blobs, const fs::path& target,
                        std::int64_t now, const backup_progress& tell) {
  auto kept = blobs.keep_all(); // before the moment that is copied
  if (!kept)
    return tl::unexpected{kept.error()};
  return make_empty_folder(target)
    .and_then([&] { return db.copy_to(database_of(target), stage(tell, backup_stage::database)); })
    .and_then([&] { return copy_referred_to(target, blobs, tell); })
    .and_then([&](const copied& x) { return describe(target, x, now); })
    .and_then([&](const manifest& x) { return write_manifest(target, x).map([&] { return x; }); });
}

result<manifest> verify_backup(const fs::path& folder) {
  auto said = read_manifest(folder);
  auto digest = digest_of(database_of(folder));
  if (!said)
    return said;
  if (!digest || digest->first != said->database_sha256 || digest->second != said->database_octets)
    return fail(errc::bad_setup, database_of(folder).string() + " is not what was backed up");
  if (said->schema > latest_schema())
    return fail(errc::bad_setup,
                "the backup has schema " + std::to_string(said->schema) + ": use a newer hamlet");
  auto blobs = blob_store::open(blobs_of(folder));
  auto db = database::open(database_of(folder), database::access::archived);
  auto names = db.and_then([](database& x) { return blobs_in(x); });
  if (!blobs || !names)
    return tl::unexpected{blobs ? names.error() : blobs.error()};
  if (static_cast<std::int64_t>(names->size()) != said->blobs)
    return fail(errc::bad_setup, "the number of files is not that of the manifest");
  for (auto& name : *names)
    if (!blobs->is_sound(name).value_or(false))
      return fail(errc::bad_setup, "missing or damaged: " + blobs->path_of(name).string());
  return said;
}

} // namespace hamlet::sql
