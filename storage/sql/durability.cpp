// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/durability.hpp"

#include "lib/metrics/metrics.hpp"
#include "storage/sql/rows.hpp"

namespace hamlet::sql {

namespace {

metrics::gauge standbys{"hamlet_store_synchronous_standbys",
                        "Standbys of PostgreSQL that confirm each COMMIT; -1: the role may not see "
                        "them (GRANT pg_read_all_stats)."};
metrics::gauge risks{"hamlet_store_durability_risks",
                     "Ways in which acknowledged mail could be lost; the log names them."};

constexpr query ask = //
  "SELECT current_setting('server_version'), current_setting('synchronous_commit'), "
  "current_setting('synchronous_standby_names'), current_setting('fsync'), "
  "current_setting('full_page_writes'), "
  "CASE WHEN pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') "
  "THEN (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')) "
  "ELSE -1 END";

} // namespace

result<durability> durability_of(database& db) {
  using text = std::string;
  auto found = needed(db.row<text, text, text, text, text, std::int64_t>(ask));
  if (!found)
    return tl::unexpected{found.error()};
  auto& [version, commit, names, fsync, pages, count] = *found;
  durability x{version, commit, names, count, {}};
  auto risk = [&](bool there, const char* what) {
    if (there)
      x.risks.emplace_back(what);
  };
  risk(fsync != "on", "fsync is off: with the power of the server's machine");
  risk(pages != "on", "full_page_writes is off: with the power of the server's machine");
  risk(commit == "off", "synchronous_commit is off: with the process of the server");
  risk(names.empty(), "synchronous_standby_names is empty: with the disk of the server, or when "
                      "another one takes over");
  risk(!names.empty() && (commit == "local" || commit == "remote_write"),
       "synchronous_commit does not wait for the disk of a standby: when that takes over");
  standbys.set(count);
  risks.set(static_cast<std::int64_t>(x.risks.size()));
  return x;
}

} // namespace hamlet::sql
