// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "storage/sql/postgres_values.hpp"

#include <chrono>
#include <deque>
#include <span>
#include <unordered_map>

struct pg_conn;

namespace hamlet::sql {

/// How a node reaches its PostgreSQL.
struct postgres_options {
  std::string conninfo = {};      ///< as libpq reads it, without a password; may name several hosts
  std::string password_file = {}; ///< for its owner alone; empty: PGPASSFILE, or none is needed
  std::chrono::milliseconds statement_timeout{10'000};
  std::chrono::milliseconds patience{15'000}; ///< with a store that is away, before it is given up
  bool read_only = false;
};

/// A connection to PostgreSQL in pipeline mode: what is told travels with the next thing that is
/// asked, so a transaction costs one round trip for each answer that somebody waits for. A
/// connection that is lost is made anew at the next begin(). One thread at a time.
class postgres {
public:
  /// bad_setup: there is no such server, it has no such database, a password is where it must not
  /// be.
  static result<std::unique_ptr<postgres>> connect(postgres_options where);
  ~postgres();

  /// Sends a statement whose answer nobody waits for. Inside a transaction an error shows at the
  /// next ask(), settle() or commit(), which then does nothing.
  /// @param as What it means when this statement divides by zero.
  result<void> tell(query text, std::span<const parameter> with, errc as = errc::none);
  /// Sends a statement and waits for its rows.
  result<rows> ask(query text, std::span<const parameter> with);
  /// Waits until all that was told is done.
  result<void> settle();
  /// Several statements without parameters.
  result<void> script(const std::string& text);

  result<void> begin();      ///< told
  result<void> begin_view(); ///< told; one view for all statements, which only read
  result<void> commit();     ///< waits. See verdict() after a failure
  void end_view();           ///< sent, and waits for nothing
  void rollback();
  result<void> savepoint();   ///< told
  result<void> release();     ///< settles: what failed since savepoint() shows here
  result<void> rollback_to(); ///< settles
  bool in_transaction() const { return in_transaction_; }

  /// What can be done about the last failure.
  enum class verdict : std::uint8_t {
    final,   ///< it would fail again
    again,   ///< a deadlock or a conflict with others: the whole transaction, once more
    lost,    ///< the connection broke before COMMIT was sent: the whole transaction, once more
    unknown, ///< it broke while COMMIT was under way: what was asked may have happened
  };
  verdict last_verdict() const { return verdict_; }
  /// A statement of this transaction failed: nothing but rollback() or rollback_to() goes on.
  const std::optional<error>& failure() const { return failed_; }
  /// How long to wait before the transaction is tried once more; nullopt: no more.
  std::optional<std::chrono::milliseconds> retry_after(int tries) const;

  std::int64_t changed() const { return changed_; }
  std::int64_t total_changed() const { return total_changed_; } ///< with what was told
  /// A number that the server gives, such as pg_backend_pid(). For tests and statistics.
  int backend() const;

private:
  using clock = std::chrono::steady_clock;

  struct statement {
    std::string name;
    bool prepared = false; ///< or on its way to be
  };
  struct key { // one text with numbers and with texts for parameters are two statements
    const char* text;
    std::uint64_t types;
    bool operator==(const key&) const = default;
  };
  struct hash {
    std::size_t operator()(const key& x) const {
      return std::hash<const char*>{}(x.text) ^ (x.types * 0x9E3779B97F4A7C15u);
    }
  };
  /// What the server has yet to answer, in its order.
  struct pending {
    enum class kind : std::uint8_t { prepare, statement, commit, sync };
    kind what;
    statement* of = nullptr;
    errc as = errc::none;
    bool ignored = false;
  };
  struct close {
    void operator()(pg_conn* x) const;
  };

  explicit postgres(postgres_options where) : where_{std::move(where)} {}
  result<void> reconnect();
  result<void> prepare_session();
  result<void> ready(); ///< connected, also when the server has closed what was there
  bool is_closed_by_peer() const;
  bool wait_for_answer();
  bool send(query text, std::span<const parameter> with, pending as);
  bool sync();
  result<rows> collect(); ///< all answers; the last one's rows
  void take(const pending& of, rows answer, std::optional<error>& first);
  error refused(const pending& of, const rows& answer);
  tl::unexpected<error> lose();
  tl::unexpected<error> lose(std::string why, std::optional<pending::kind> last = {});
  result<void> begin(query how);
  tl::unexpected<error> fail_now();
  static void on_notice(void* self, const pg_result* notice);

  postgres_options where_;
  std::unique_ptr<pg_conn, close> connection_;
  std::unordered_map<key, statement, hash> statements_;
  std::deque<pending> pending_;
  std::size_t told_ = 0; ///< since the last answer
  rows last_;
  bool in_transaction_ = false;
  bool warned_ = false; ///< the server has said something while COMMIT was under way
  std::optional<error> failed_;
  verdict verdict_ = verdict::final;
  std::int64_t changed_ = 0;
  std::int64_t total_changed_ = 0;
  std::optional<clock::time_point> away_since_;
  clock::time_point next_attempt_{};
  std::chrono::milliseconds pause_{0};
};

} // namespace hamlet::sql
