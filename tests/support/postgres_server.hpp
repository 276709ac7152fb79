// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/unique_id.hpp"
#include "storage/sql/migrate.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hamlet {

/// The environment says HAMLET_STORE=postgresql: tests of the store are to run on it.
bool wants_postgres();

/// A PostgreSQL that runs as long as this object lives, on a socket in a folder of its own.
class postgres_server {
public:
  postgres_server();
  ~postgres_server();
  postgres_server(postgres_server&&) = delete;

  /// The one that ctest has started for all; one for this process where there is none.
  static const postgres_server& shared();

  const std::string& folder() const { return folder_; }
  /// For libpq: this server, user hamlet. @param options More of the same.
  std::string conninfo(const std::string& database, const std::string& options = {}) const;
  /// With one statement on a connection of its own.
  void command(const std::string& database, const std::string& text) const;

private:
  explicit postgres_server(std::string folder) : folder_{std::move(folder)} {}

  std::string folder_;
  int input_ = -1; ///< of the script that runs the server: it ends when this is closed
  int child_ = 0;
};

/// A database of its own, at the latest schema; gone with this object.
class postgres_database {
public:
  explicit postgres_database(const postgres_server& of = postgres_server::shared());
  /// A copy of this one instead: "template1" is empty.
  explicit postgres_database(const std::string& original,
                             const postgres_server& of = postgres_server::shared());
  ~postgres_database();
  postgres_database(postgres_database&&) = delete;

  sql::database connect(bool read_only = false) const;
  std::string conninfo(const std::string& options = {}) const;
  const std::string& name() const { return name_; }
  const postgres_server& server() const { return *server_; }

private:
  const postgres_server* server_;
  std::string name_;
};

namespace postgres_testing {

[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

/// bin/ of a build folder, which is build/PRESET.
inline std::filesystem::path build_folder() {
  return std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
}

/// Of a server that ctest has started.
inline std::string folder_of_ctest() {
  std::string folder;
  std::ifstream file{build_folder() / "postgresql.run"};
  std::getline(file, folder);
  return !folder.empty() && std::filesystem::exists(folder) ? folder : "";
}

/// A database to copy: each new one is then a matter of ten milliseconds.
inline std::string template_of(const postgres_server& server) {
  static std::map<std::string, std::string> known;
  if (auto found = known.find(server.folder()); found != known.end())
    return found->second;
  std::string schema;
  for (int n = 1; n <= sql::latest_schema(); ++n)
    schema += sql::migration(n, sql::postgres_dialect);
  auto name = "hamlet_" + std::to_string(std::hash<std::string>{}(schema));
  auto must = [](const auto& done) {
    if (!done)
      give_up("a database for tests: " + done.error().detail);
  };
  auto db = sql::database::connect({.conninfo = server.conninfo("postgres")}).value();
  must(db.script("SELECT pg_advisory_lock(1)")); // other processes may be about to make it
  auto found = db.row<std::int64_t>("SELECT count(*) FROM pg_database WHERE datname = $1", name);
  must(found);
  if (std::get<0>(**found) == 0) {
    must(db.script("DROP DATABASE IF EXISTS making"));
    must(db.script("CREATE DATABASE making ENCODING 'UTF8'"));
    {
      auto fresh = sql::database::connect({.conninfo = server.conninfo("making")}).value();
      must(sql::migrate(fresh));
    }
    must(db.script("ALTER DATABASE making RENAME TO " + name));
  }
  known.emplace(server.folder(), name);
  return name;
}

} // namespace postgres_testing

inline bool wants_postgres() {
  auto* store = std::getenv("HAMLET_STORE");
  return store && std::strcmp(store, "postgresql") == 0;
}

inline postgres_server::postgres_server() {
  auto script =
    (postgres_testing::build_folder().parent_path().parent_path() / "tests/support/postgres.py")
      .string();
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
    postgres_testing::give_up("no pipe");
  child_ = ::fork();
  if (child_ == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::execl("/usr/bin/python3", "python3", script.c_str(), "run", nullptr);
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  for (char c; ::read(out[0], &c, 1) == 1 && c != '\n';)
    folder_ += c;
  ::close(out[0]);
  if (folder_.empty())
    postgres_testing::give_up("PostgreSQL does not start: is the package postgresql installed?");
}

inline postgres_server::~postgres_server() {
  if (child_ == 0)
    return;
  ::close(input_);
  ::waitpid(child_, nullptr, 0);
}

inline const postgres_server& postgres_server::shared() {
  static auto folder = postgres_testing::folder_of_ctest();
  if (folder.empty()) {
    static const postgres_server own;
    return own;
  }
  static const postgres_server others{folder};
  return others;
}

inline std::string postgres_server::conninfo(const std::string& database,
                                             const std::string& options) const {
  return "host=" + folder_ + " user=hamlet dbname=" + database + " " + options;
}

inline void postgres_server::command(const std::string& database, const std::string& text) const {
  auto done =
    sql::database::connect({.conninfo = conninfo(database)}).and_then([&](sql::database db) {
      return db.script(text);
    });
  if (!done)
    postgres_testing::give_up(text + ": " + done.error().detail);
}

inline postgres_database::postgres_database(const postgres_server& of)
    : postgres_database{postgres_testing::template_of(of), of} {
}

inline postgres_database::postgres_database(const std::string& original, const postgres_server& of)
    : server_{&of}, name_{"t_" + unique_id()} {
  of.command("postgres", "CREATE DATABASE \"" + name_ + "\" TEMPLATE " + original);
}

inline postgres_database::~postgres_database() {
  server_->command("postgres", "DROP DATABASE \"" + name_ + "\" WITH (FORCE)");
}

inline sql::database postgres_database::connect(bool read_only) const {
  return sql::database::connect({.conninfo = conninfo(), .read_only = read_only}).value();
}

inline std::string postgres_database::conninfo(const std::string& options) const {
  return server_->conninfo("'" + name_ + "'", options);
}

} // namespace hamlet
