// SPDX-License-Identifier: Apache-2.0
#include "storage/maintenance/move_store.hpp"

#include "lib/crypto/digest.hpp"
#include "storage/maintenance/copying.hpp"
#include "storage/sql/rows.hpp"
#include "storage/sql/transaction.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using std::uint64_t;

constexpr int64_t rows_at_once = 500;
constexpr std::size_t octets_at_once = 2 << 20;

// In the order in which they were made: none refers to a later one. Large texts go another way.
constexpr query list_tables = //
  "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
  "AND name NOT IN ('schema_version', 'blob', 'blob_draft', 'blob_chunk') ORDER BY rowid";
constexpr query list_columns = "SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid";

constexpr const char* make_progress = //
  "CREATE TABLE IF NOT EXISTS moving_store "
  "(name TEXT PRIMARY KEY, rows BIGINT NOT NULL, verified BIGINT NOT NULL)";
constexpr query find_progress = "SELECT rows, verified FROM moving_store WHERE name = $1";
constexpr query set_progress = //
  "INSERT INTO moving_store (name, rows, verified) VALUES ($1, $2, $3) "
  "ON CONFLICT (name) DO UPDATE SET rows = excluded.rows, verified = excluded.verified";
constexpr query is_moving = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('moving_store')";
constexpr query is_in_use =
  "SELECT (SELECT count(*) FROM domain) + (SELECT count(*) FROM chat_event)";

struct column {
  std::string name, type;
  int64_t key; ///< place in the primary key, from 1; 0: not of it
};

/// The statements about one table are made of the names in its schema and of nothing else.
class table {
public:
  table(std::string name, std::vector<column> columns)
      : name_{std::move(name)}, columns_{std::move(columns)} {}

  const std::string& name() const { return name_; }

  std::string count() const { return "SELECT count(*) FROM " + name_; }

  /// SQLite: each row as values of PostgreSQL, and its digest form.
  std::string rows_of_sqlite() const {
    std::string key;
    for (int64_t n = 1; n <= static_cast<int64_t>(columns_.size()); ++n)
      for (auto& c : columns_)
        if (c.key == n)
          key += (key.empty() ? " ORDER BY " : ", ") + c.name;
    return "SELECT " + joined(" || ',' || ", literal) + ", " + joined(" || ',' || ", hex_of_sqlite)
           + " FROM " + name_ + key;
  }

  std::string insert() const {
    return "INSERT INTO " + name_ + " (" + joined(", ", [](const column& c) { return c.name; })
           + ") VALUES ";
  }

  /// PostgreSQL: the number of rows, and a sum over all of 60 bits of the SHA-256 of each.
  std::string digest_of_postgres() const {
    return "SELECT count(*), coalesce(sum(('x' || substr(encode(sha256(convert_to("
           + joined(" || ',' || ", hex_of_postgres)
           + ", 'UTF8')), 'hex'), 1, 15))::bit(60)::bigint), 0) FROM " + name_;
  }

private:
  template <class F>
  std::string joined(const char* between, F f) const {
    std::string all;
    for (auto& c : columns_)
      all += (all.empty() ? "" : between) + f(c);
    return all;
  }

  static std::string or_else(const column& c, const std::string& otherwise, const char* null) {
    return "CASE WHEN " + c.name + " IS NULL THEN '" + null + "' ELSE " + otherwise + " END";
  }
  static std::string literal(const column& c) {
    if (c.type == "INTEGER")
      return or_else(c, c.name, "NULL");
    if (c.type == "BLOB")
      return or_else(c, "'''\\x' || hex(" + c.name + ") || ''''", "NULL");
    return or_else(c, "'''' || replace(" + c.name + ", '''', '''''') || ''''", "NULL");
  }
  static std::string hex_of_sqlite(const column& c) {
    return or_else(c, c.type == "INTEGER" ? c.name : "lower(hex(" + c.name + "))", "-");
  }
  static std::string hex_of_postgres(const column& c) {
    if (c.type == "INTEGER")
      return or_else(c, c.name + "::text", "-");
    auto octets = c.type == "BLOB" ? c.name : "convert_to(" + c.name + ", 'UTF8')";
    return or_else(c, "encode(" + octets + ", 'hex')", "-");
  }

  std::string name_;
  std::vector<column> columns_;
};

/// What a table holds, whatever the order of its rows.
struct sum {
  int64_t rows = 0;
  uint64_t digest = 0;
  bool operator==(const sum&) const = default;

  void add(std::string_view row) {
    auto hash = crypto::sha256(row);
    uint64_t bits = 0;
    for (int n = 0; n < 8; ++n)
      bits = bits << 8 | static_cast<unsigned char>(hash[static_cast<std::size_t>(n)]);
    digest += bits >> 4;
    ++rows;
  }
};

class mover {
public:
  mover(database& from, const blob_store& files, database& to, blob_store& texts,
        const move_progress& tell)
      : from_{from}, files_{files}, to_{to}, texts_{texts}, tell_{tell} {}

  result<moved> operator()() {
    return begin()
      .and_then([&] { return tables(); })
      .and_then([&](const std::vector<table>& all) {
        return for_all(all, [&](const table& x) { return move_table(x); });
      })
      .and_then([&] { return move_blobs(); })
      .and_then([&] { return to_.script("DROP TABLE moving_store"); })
      .map([&] { return done_; });
  }

private:
  result<void> begin() {
    auto again = is_being_moved(to_);
    if (!again)
      return tl::unexpected{again.error()};
    if (*again)
      return {};
    auto used = value(to_.row<int64_t>(is_in_use));
    if (!used)
      return tl::unexpected{used.error()};
    if (*used != 0)
      return fail(errc::bad_setup,
                  "the database in PostgreSQL is in use already: give an empty one");
    return to_.script(make_progress);
  }

  result<std::vector<table>> tables() {
    std::vector<std::string> names;
    std::vector<table> all;
    auto keep = [&](std::string name) { names.push_back(std::move(name)); };
    return from_.each<std::string>(list_tables, keep)
      .and_then([&] {
        return for_all(names, [&](const std::string& name) {
          std::vector<column> columns;
          auto add = [&](std::string x, std::string type, int64_t key) {
            columns.push_back({std::move(x), std::move(type), key});
          };
          return from_.each<std::string, std::string, int64_t>(list_columns, add, name).map([&] {
            all.emplace_back(name, std::move(columns));
          });
        });
      })
      .map([&] { return std::move(all); });
  }

  result<void> move_table(const table& x) {
    auto at = to_.row<int64_t, int64_t>(find_progress, x.name());
    auto total = value(from_.row<int64_t>(from_.from_schema(x.count())));
    if (!at || !total)
      return tl::unexpected{!at ? at.error() : total.error()};
    auto [there, verified] = at->value_or(std::tuple<int64_t, int64_t>{0, 0});
    done_.tables += 1;
    done_.rows += *total;
    if (verified)
      return {};
    if (!*at) // what the migrations put there
      if (auto cleared = to_.script("DELETE FROM " + x.name()); !cleared)
        return cleared;
    return copy(x, there, *total).and_then([&](const sum& sent) { return verify(x, sent); });
  }

  /// @param there Rows that an earlier call has copied.
  result<sum> copy(const table& x, int64_t there, int64_t total) {
    sum all;
    std::string values;
    int64_t gathered = 0;
    result<void> written;
    auto flush = [&] {
      if (gathered == 0)
        return;
      written = in_transaction(to_, [&] {
        return to_.script(x.insert() + values).and_then([&] {
          return to_.run(set_progress, x.name(), all.rows, 0);
        });
      });
      if (!written)
        written =
          fail(written.error().code, "table " + x.name() + ", rows before "
                                       + std::to_string(all.rows) + ": " + written.error().detail);
      values.clear();
      gathered = 0;
      if (tell_)
        tell_(x.name(), all.rows, total);
    };
    auto row = [&](std::string_view literals, std::string_view form) {
      if (!written)
        return;
      all.add(form);
      if (all.rows <= there)
        return;
      values.append(gathered++ == 0 ? "(" : ", (").append(literals).append(")");
      if (gathered == rows_at_once || values.size() >= octets_at_once)
        flush();
    };
    auto read =
      from_.each<std::string_view, std::string_view>(from_.from_schema(x.rows_of_sqlite()), row);
    if (written)
      flush();
    if (!read || !written)
      return tl::unexpected{!read ? read.error() : written.error()};
    return all;
  }

  result<void> verify(const table& x, const sum& sent) {
    auto found = needed(to_.row<int64_t, int64_t>(to_.from_schema(x.digest_of_postgres())));
    if (!found)
      return tl::unexpected{found.error()};
    auto [rows, digest] = *found;
    if (sum{rows, static_cast<uint64_t>(digest)} != sent)
      return fail(errc::store_failed, "table " + x.name() + " is not the same in PostgreSQL: "
                                        + std::to_string(sent.rows) + " rows were read, "
                                        + std::to_string(rows)
                                        + " are there; drop that database and begin anew");
    return to_.run(set_progress, x.name(), rows, 1);
  }

  /// Each is found under its digest, so it is verified by its name.
  result<void> move_blobs() {
    auto names = blobs_in(from_);
    if (!names)
      return tl::unexpected{names.error()};
    std::vector<std::string> missing;
    for (auto& name : *names)
      if (!texts_.size_of(name))
        missing.push_back(name);
    auto total = static_cast<int64_t>(names->size());
    auto before = total - static_cast<int64_t>(missing.size());
    done_.blobs = total;
    auto tell = [&](int64_t n, int64_t) {
      if (tell_)
        tell_("large texts", before + n, total);
    };
    return copy_blobs(missing, files_, texts_, tell).map([](const copied&) {});
  }

  database& from_;
  const blob_store& files_;
  database& to_;
  blob_store& texts_;
  const move_progress& tell_;
  moved done_;
};

} // namespace

result<moved> move_store(database& from, const blob_store& files, database& to, blob_store& texts,
                         const move_progress& tell) {
  return mover{from, files, to, texts, tell}();
}

result<bool> is_being_moved(database& to) {
  return value(to.row<int64_t>(is_moving)).map([](int64_t n) { return n != 0; });
}

} // namespace hamlet::sql
