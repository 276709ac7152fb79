// SPDX-License-Identifier: Apache-2.0
#include "lib/text/hex.hpp"
#include "storage/maintenance/fsck_state.hpp"

#include <set>

namespace hamlet::sql {

namespace {

using std::int64_t;

struct reference {
  int64_t body_id, size;
  std::string sha256;
};

constexpr query find_references =
  "SELECT body_id, size, sha256 FROM body WHERE sha256 IS NOT NULL ORDER BY body_id";

enum class state : std::uint8_t { sound, missing, damaged };

state look_at(const fsck_state& x, const reference& r) {
  auto size = x.blobs.size_of(r.sha256);
  if (!size)
    return size.error().code == errc::not_found ? state::missing : state::damaged;
  if (static_cast<int64_t>(*size) != r.size)
    return state::damaged;
  if (x.options.deep && !x.blobs.is_sound(r.sha256).value_or(false))
    return state::damaged;
  return state::sound;
}

void report(fsck_state& x, const reference& r, state s) {
  auto hex = to_hex(r.sha256);
  auto name = "body " + std::to_string(r.body_id);
  if (s == state::missing)
    return x.found(flaw::blob_missing, name, "file " + hex + " is gone",
                   [&] { return quarantine_body(x, r.body_id, "file " + hex + " is gone"); });
  x.found(flaw::blob_damaged, name, "file " + hex + " is damaged", [&] {
    (void)x.blobs.set_aside(r.sha256); // gone already when two texts have the same bytes
    return quarantine_body(x, r.body_id, "file " + hex + " is damaged, see blobs/quarantine");
  });
}

} // namespace

void check_blobs(fsck_state& x) {
  std::vector<reference> all;
  auto keep = [&](int64_t id, int64_t size, std::string sha256) {
    all.push_back({id, size, std::move(sha256)});
  };
  if (auto read = x.db.each<int64_t, int64_t, std::string>(find_references, keep); !read)
    x.found(flaw::unreadable, "blobs", read.error().detail);
  std::set<std::string> names;
  for (auto& r : all) {
    names.insert(r.sha256);
    if (auto s = look_at(x, r); s != state::sound)
      report(x, r, s);
  }
  auto count = [&](const std::string& sha256, int64_t) {
    x.report.blobs += 1;
    x.report.orphans += !names.contains(sha256);
  };
  if (auto read = x.blobs.each(count); !read)
    x.found(flaw::unreadable, "blobs", read.error().detail);
}

} // namespace hamlet::sql
