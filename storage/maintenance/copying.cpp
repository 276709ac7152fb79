// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/copying.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/text/hex.hpp"
#include "storage/blobs/files.hpp"

#include <fcntl.h>

namespace hamlet::sql {

namespace {

constexpr std::size_t piece = 256 * 1024;

/// Calls `f` with each piece of a file.
template <class F>
result<void> read_all(const std::filesystem::path& name, F f) {
  auto file = files::open(name, O_RDONLY);
  if (!file)
    return tl::unexpected{file.error()};
  for (std::uint64_t at = 0;;) {
    auto bytes = files::read_some(*file, at, piece, name);
    if (!bytes)
      return tl::unexpected{bytes.error()};
    if (auto done = f(std::string_view{*bytes}); !done)
      return done;
    at += bytes->size();
    if (bytes->size() < piece)
      return {};
  }
}

result<std::int64_t> copy_blob(const std::string& name, const blob_store& from, blob_store& to) {
  auto writer = to.create();
  if (!writer)
    return tl::unexpected{writer.error()};
  std::int64_t octets = 0;
  return read_all(from.path_of(name),
                  [&](std::string_view bytes) {
                    octets += static_cast<std::int64_t>(bytes.size());
                    return writer->append(bytes);
                  })
    .and_then([&] { return writer->publish(); })
    .and_then([&](const std::string& made) -> result<std::int64_t> {
      if (made == name)
        return octets;
      (void)to.remove(made);
      return fail(errc::store_failed, "damaged file: " + from.path_of(name).string());
    });
}

} // namespace

result<std::vector<std::string>> blobs_in(database& db) {
  std::vector<std::string> found;
  auto keep = [&](std::string name) { found.push_back(std::move(name)); };
  return db.each<std::string>("SELECT DISTINCT sha256 FROM body WHERE sha256 IS NOT NULL", keep)
    .map([&] { return std::move(found); });
}

result<copied> copy_blobs(const std::vector<std::string>& names, const blob_store& from,
                          blob_store& to, const database::progress& tell) {
  copied done;
  for (auto& name : names) {
    auto octets = copy_blob(name, from, to);
    if (!octets)
      return tl::unexpected{octets.error()};
    done.files += 1;
    done.octets += *octets;
    if (tell)
      tell(done.files, static_cast<std::int64_t>(names.size()));
  }
  return done;
}

result<std::pair<std::string, std::int64_t>> digest_of(const std::filesystem::path& file) {
  crypto::sha256_stream digest;
  std::int64_t octets = 0;
  return read_all(file,
                  [&](std::string_view bytes) -> result<void> {
                    digest.add(bytes);
                    octets += static_cast<std::int64_t>(bytes.size());
                    return {};
                  })
    .map([&] {
      return std::pair{digest.finish(), octets};
    });
}

result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  auto file = files::open(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!file)
    return tl::unexpected{file.error()};
  return read_all(from, [&](std::string_view bytes) { return files::write_all(*file, bytes, to); })
    .and_then([&] { return files::sync(*file, to); })
    .and_then([&] { return files::sync_folder(to.parent_path()); });
}

result<void> make_empty_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  auto made = files::make_folder(folder);
  auto is_empty = made && std::filesystem::is_empty(folder, failed);
  if (!made || failed)
    return fail(errc::bad_setup,
                made ? folder.string() + ": " + failed.message() : made.error().detail);
  if (!is_empty)
    return fail(errc::bad_setup, folder.string() + " is not empty");
  return files::sync_folder(std::filesystem::absolute(folder).parent_path());
}

} // namespace hamlet::sql
