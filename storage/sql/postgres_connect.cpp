// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/postgres.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/stat.h>

namespace hamlet::sql {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{50};
constexpr milliseconds longest_pause{1'000};

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  return text;
}

/// The first line. An empty name: an empty password.
result<std::string> password_of(const std::string& file) {
  if (file.empty())
    return "";
  struct stat seen {};
  if (::stat(file.c_str(), &seen) != 0)
    return fail(errc::bad_setup, "cannot read the password file " + file);
  if ((seen.st_mode & 077) != 0)
    return fail(errc::bad_setup, "others can read the password file " + file + ": chmod 600");
  std::ifstream in{file, std::ios::binary};
  std::string line;
  if (!std::getline(in, line))
    return fail(errc::bad_setup, "cannot read the password file " + file);
  return trimmed(std::move(line));
}

/// A password on a command line, in a log or in a copy of the settings is known to too many.
result<void> without_password(const std::string& conninfo) {
  char* why = nullptr;
  auto* parsed = PQconninfoParse(conninfo.c_str(), &why);
  if (!parsed) {
    std::string text = why ? why : "out of memory";
    PQfreemem(why);
    return fail(errc::bad_setup, "store.postgres: " + trimmed(text));
  }
  auto found = false;
  for (auto* x = parsed; x->keyword; ++x)
    found = found || (std::strcmp(x->keyword, "password") == 0 && x->val && *x->val);
  PQconninfoFree(parsed);
  if (found)
    return fail(errc::bad_setup, "store.postgres has a password: it belongs into a file of its own "
                                 "(store.postgres_password_file) or into PGPASSFILE");
  return {};
}

} // namespace

void postgres::close::operator()(pg_conn* x) const {
  PQfinish(x);
}

postgres::~postgres() = default;

result<std::unique_ptr<postgres>> postgres::connect(postgres_options where) {
  if (auto fine = without_password(where.conninfo); !fine)
    return tl::unexpected{fine.error()};
  std::unique_ptr<postgres> made{new postgres{std::move(where)}};
  if (auto there = made->reconnect(); !there)
    return fail(errc::bad_setup, there.error().detail);
  return made;
}

result<void> postgres::reconnect() {
  auto password = password_of(where_.password_file);
  if (!password)
    return tl::unexpected{password.error()};
  connection_.reset();
  statements_.clear();
  pending_.clear();
  told_ = 0;
  in_transaction_ = false;
  failed_.reset();
  // Ours come first where the administrator may say otherwise.
  const char* names[] = {"application_name",
                         "connect_timeout",
                         "tcp_user_timeout",
                         "keepalives_idle",
                         "keepalives_interval",
                         "keepalives_count",
                         "dbname",
                         "client_encoding",
                         "target_session_attrs",
                         password->empty() ? nullptr : "password",
                         nullptr};
  const char* values[] = {
    "hamlet", "5",          "15000",           "5",    "3", "3", where_.conninfo.c_str(),
    "UTF8",   "read-write", password->c_str(), nullptr};
  connection_.reset(PQconnectdbParams(names, values, 1));
  auto* c = connection_.get();
  auto done = PQstatus(c) == CONNECTION_OK
                ? prepare_session()
                : fail(errc::store_failed, trimmed(c ? PQerrorMessage(c) : "out of memory"));
  if (done) {
    away_since_.reset();
    pause_ = milliseconds{0};
    return {};
  }
  connection_.reset();
  auto now = clock::now();
  if (!away_since_)
    away_since_ = now;
  pause_ = std::clamp(pause_ * 2, first_pause, longest_pause);
  next_attempt_ = now + pause_;
  return done;
}

result<void> postgres::prepare_session() {
  auto* c = connection_.get();
  PQsetNoticeReceiver(c, on_notice, this);
  if (auto* encoding = PQparameterStatus(c, "server_encoding");
      !encoding || std::strcmp(encoding, "UTF8") != 0)
    return fail(errc::bad_setup, "the database must have ENCODING 'UTF8'");
  // Not by the start packet: a pooler in between would refuse them.
  auto text = "SET statement_timeout = " + std::to_string(where_.statement_timeout.count())
              + "; SET idle_in_transaction_session_timeout = 2000" // one who freezes holds no lock
                "; SET default_transaction_isolation = 'read committed'";
  if (where_.read_only)
    text += "; SET default_transaction_read_only = on";
  rows answer{PQexec(c, text.c_str())};
  if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK || PQenterPipelineMode(c) != 1)
    return fail(errc::store_failed, trimmed(PQerrorMessage(c)));
  return {};
}

bool postgres::is_closed_by_peer() const {
  pollfd x{PQsocket(connection_.get()), POLLRDHUP, 0};
  return ::poll(&x, 1, 0) > 0 && (x.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

result<void> postgres::ready() {
  if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK && !is_closed_by_peer())
    return {};
  if (away_since_ && clock::now() < next_attempt_) {
    verdict_ = verdict::lost;
    return fail(errc::store_failed, "PostgreSQL is away");
  }
  auto done = reconnect();
  verdict_ = done ? verdict::final : verdict::lost;
  return done;
}

std::optional<milliseconds> postgres::retry_after(int tries) const {
  constexpr int most_tries = 12, most_losses = 50;
  if (verdict_ == verdict::again && tries < most_tries) // apart from each other, more each time
    return milliseconds{static_cast<std::int64_t>(
      static_cast<std::uint64_t>(clock::now().time_since_epoch().count()) / 64 % (2u << tries))};
  if (verdict_ != verdict::lost)
    return {};
  if (!away_since_) // it is there again, and what was lost is no reason to wait
    return tries < most_losses ? std::optional{milliseconds{0}} : std::nullopt;
  auto now = clock::now();
  if (now - *away_since_ >= where_.patience)
    return {};
  return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(next_attempt_ - now));
}

int postgres::backend() const {
  return connection_ ? PQbackendPID(connection_.get()) : 0;
}

void postgres::on_notice(void* self, const pg_result* notice) {
  auto* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity && std::strcmp(severity, "WARNING") == 0)
    static_cast<postgres*>(self)->warned_ = true;
}

} // namespace hamlet::sql
