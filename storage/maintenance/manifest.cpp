// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/manifest.hpp"

#include "lib/crypto/private_file.hpp"
#include "lib/text/hex.hpp"

#include <charconv>
#include <map>

namespace hamlet::sql {

namespace {

constexpr std::string_view first_line = "hamlet-backup = 1\n";
constexpr std::size_t longest = 4096;

std::string file_in(const std::filesystem::path& folder) {
  return folder / "manifest";
}

/// "name = value" lines; anything else is skipped, for later programs may say more.
std::map<std::string, std::string, std::less<>> values_of(std::string_view text) {
  std::map<std::string, std::string, std::less<>> found;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (auto at = line.find(" = "); at != line.npos)
      found.emplace(line.substr(0, at), line.substr(at + 3));
  }
  return found;
}

bool read(std::string_view text, auto& x) {
  auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), x);
  return wrong == std::errc{} && end == text.data() + text.size();
}

} // namespace

result<void> write_manifest(const std::filesystem::path& folder, const manifest& x) {
  std::string text{first_line};
  auto add = [&](std::string_view name, const std::string& value) {
    text.append(name).append(" = ").append(value).append("\n");
  };
  add("schema", std::to_string(x.schema));
  add("database-sha256", to_hex(x.database_sha256));
  add("database-octets", std::to_string(x.database_octets));
  add("blobs", std::to_string(x.blobs));
  add("blob-octets", std::to_string(x.blob_octets));
  add("made-at", std::to_string(x.made_at));
  return crypto::write_private_file(file_in(folder), text, crypto::existing::keep);
}

result<manifest> read_manifest(const std::filesystem::path& folder) {
  auto text = crypto::read_private_file(file_in(folder), longest);
  if (!text)
    return fail(errc::bad_setup,
                "no complete backup in " + folder.string() + ": " + text.error().detail);
  auto values = values_of(*text);
  manifest x;
  auto digest = from_hex(values["database-sha256"]);
  if (!text->starts_with(first_line) || !digest || !read(values["schema"], x.schema)
      || !read(values["database-octets"], x.database_octets) || !read(values["blobs"], x.blobs)
      || !read(values["blob-octets"], x.blob_octets) || !read(values["made-at"], x.made_at))
    return fail(errc::bad_setup, file_in(folder) + " is not the manifest of a backup");
  x.database_sha256 = std::move(*digest);
  return x;
}

} // namespace hamlet::sql
