// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/postgres.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <libpq-fe.h>
#include <poll.h>

namespace hamlet::sql {

namespace {

constexpr query begin_text = "BEGIN";
constexpr query begin_view_text = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr query commit_text = "COMMIT";
constexpr query rollback_text = "ROLLBACK";
constexpr query savepoint_text = "SAVEPOINT operation";
constexpr query release_text = "RELEASE operation";
constexpr query rollback_to_text = "ROLLBACK TO operation";

/// The server's answers to what was told must fit into the buffers of the socket: else it would
/// wait for us to read while we wait for it to read.
constexpr std::size_t most_told = 256;
constexpr std::size_t most_parameters = 31;

std::uint64_t types_of(std::span<const parameter> with) {
  std::uint64_t x = 1;
  for (auto& p : with)
    x = x << 2 | static_cast<std::uint64_t>(p.kind());
  return x;
}

struct meaning {
  errc code;
  postgres::verdict what;
};

/// By the codes of the standard and of PostgreSQL (Appendix A of its manual).
meaning meaning_of(std::string_view state) {
  using enum postgres::verdict;
  if (state == "25006") // what was the primary follows another one by now
    return {errc::store_failed, lost};
  if (state == "40001" || state == "40P01" || state == "55P03")
    return {errc::busy, again};
  if (state == "23505")
    return {errc::already_exists, final};
  if (state == "23503")
    return {errc::not_found, final};
  if (state == "53100")
    return {errc::disk_full, final};
  if (state == "53300" || state == "57014")
    return {errc::busy, final};
  return {errc::store_failed, final};
}

std::string field(const rows& answer, int which) {
  auto* text = PQresultErrorField(answer.get(), which);
  return text ? text : "";
}

bool is_fatal(const rows& answer) {
  auto severity = field(answer, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

} // namespace

// -- what is sent -------------------------------------------------------------------------

bool postgres::send(query text, std::span<const parameter> with, pending as) {
  if (with.size() > most_parameters)
    return false;
  auto* c = connection_.get();
  auto& s = statements_[{text.c_str(), types_of(with)}];
  std::array<const char*, most_parameters> values{};
  std::array<int, most_parameters> sizes{}, formats{};
  std::array<Oid, most_parameters> types{};
  for (std::size_t n = 0; n < with.size(); ++n) {
    values[n] = with[n].data();
    sizes[n] = with[n].size();
    formats[n] = 1;
    types[n] = with[n].oid();
  }
  auto count = static_cast<int>(with.size());
  if (!s.prepared) {
    if (s.name.empty())
      s.name = "h" + std::to_string(statements_.size());
    if (PQsendPrepare(c, s.name.c_str(), text.c_str(), count, types.data()) != 1)
      return false;
    s.prepared = true;
    pending_.push_back({pending::kind::prepare, &s});
  }
  if (PQsendQueryPrepared(c, s.name.c_str(), count, values.data(), sizes.data(), formats.data(), 1)
      != 1)
    return false;
  as.of = &s;
  pending_.push_back(as);
  ++told_;
  return true;
}

bool postgres::sync() {
  if (PQpipelineSync(connection_.get()) != 1)
    return false;
  pending_.push_back({pending::kind::sync});
  return true;
}

// -- what comes back ------------------------------------------------------------------------

/// false: the server says nothing any more.
bool postgres::wait_for_answer() {
  auto* c = connection_.get();
  auto until = clock::now() + where_.statement_timeout + std::chrono::seconds{5};
  while (PQisBusy(c)) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    pollfd x{PQsocket(c), POLLIN, 0};
    if (left <= 0 || (::poll(&x, 1, static_cast<int>(left)) < 0 && errno != EINTR))
      return false;
    if (PQconsumeInput(c) != 1)
      return true; // its last words are read like any others
  }
  return true;
}

error postgres::refused(const pending& of, const rows& answer) {
  auto state = field(answer, PG_DIAG_SQLSTATE);
  auto [code, what] = meaning_of(state);
  verdict_ = what;
  // Without DETAIL and HINT: these quote the values of rows.
  auto text = field(answer, PG_DIAG_MESSAGE_PRIMARY) + " (" + state + ")";
  if (state == "22012" && of.as != errc::none) // it divides by zero to say so
    code = of.as;
  return {code, std::move(text)};
}

void postgres::take(const pending& of, rows answer, std::optional<error>& first) {
  auto is_commit = of.what == pending::kind::commit && !of.ignored;
  auto is_prepare = of.what == pending::kind::prepare;
  switch (PQresultStatus(answer.get())) {
  case PGRES_TUPLES_OK:
  case PGRES_COMMAND_OK: {
    if (is_prepare)
      return;
    std::string_view tag = PQcmdStatus(answer.get());
    if (is_commit) {
      in_transaction_ = false;
      if (tag != "COMMIT" && !first)
        first = error{errc::store_failed, "the transaction was undone"};
    }
    changed_ = 0;
    if (!tag.starts_with("SELECT")) {
      std::string_view n = PQcmdTuples(answer.get());
      std::from_chars(n.data(), n.data() + n.size(), changed_);
    }
    last_ = std::move(answer);
    return;
  }
  case PGRES_PIPELINE_ABORTED: // not done, because one before it failed
    if (is_prepare)
      of.of->prepared = false;
    return;
  default:
    if (is_prepare)
      of.of->prepared = false;
    if (is_commit)
      in_transaction_ = false; // such as a conflict that is found at the end
    if (auto why = refused(of, answer); !first && !of.ignored)
      first = std::move(why);
  }
}

result<rows> postgres::collect() {
  std::optional<error> first;
  last_ = rows{};
  told_ = 0;
  while (!pending_.empty()) {
    auto of = pending_.front();
    if (!wait_for_answer())
      return lose("no answer");
    auto* c = connection_.get();
    rows answer{PQgetResult(c)};
    if (is_fatal(answer))
      return lose(field(answer, PG_DIAG_MESSAGE_PRIMARY), of.what);
    if (PQstatus(c) == CONNECTION_BAD || !answer.get())
      return lose(PQerrorMessage(c));
    pending_.pop_front();
    if (of.what == pending::kind::sync)
      continue;
    take(of, std::move(answer), first);
    if (verdict_ == verdict::lost)
      return lose(first ? first->detail : "", of.what);
    if (of.what == pending::kind::commit && !of.ignored && warned_ && !first) {
      verdict_ = verdict::unknown; // such as: it does not wait for the standby any more
      first = error{errc::store_failed, "PostgreSQL warned while it committed"};
    }
    while (rows{PQgetResult(c)}.get()) {
    }
  }
  if (!first)
    return std::move(last_);
  if (in_transaction_)
    failed_ = first;
  return tl::unexpected{*first};
}

/// The connection is of no more use. What was under way decides what that means.
/// @param last What the server was about when it said so; answers come in the order of statements,
///   so with anything before COMMIT there was none.
tl::unexpected<error> postgres::lose(std::string why, std::optional<pending::kind> last) {
  auto committing = std::ranges::any_of(
    pending_, [](const pending& x) { return x.what == pending::kind::commit && !x.ignored; });
  if (last && *last != pending::kind::commit)
    committing = false;
  verdict_ = committing ? verdict::unknown : verdict::lost;
  while (!why.empty() && why.back() == '\n')
    why.pop_back();
  connection_.reset();
  pending_.clear();
  error x{errc::store_failed, "connection to PostgreSQL lost" + (why.empty() ? "" : ": " + why)
                                + (committing ? ", while a COMMIT was under way" : "")};
  if (in_transaction_) // until rollback(): what follows must not run outside of it
    failed_ = x;
  return tl::unexpected{std::move(x)};
}

tl::unexpected<error> postgres::lose() {
  return lose(PQerrorMessage(connection_.get()));
}

// -- statements -----------------------------------------------------------------------------

tl::unexpected<error> postgres::fail_now() {
  if (failed_)
    return tl::unexpected{*failed_};
  verdict_ = verdict::lost;
  return fail(errc::store_failed, "connection to PostgreSQL lost");
}

result<void> postgres::tell(query text, std::span<const parameter> with, errc as) {
  if (!in_transaction_)
    return ask(text, with).map([](const rows&) {});
  if (failed_ || !connection_)
    return fail_now();
  if (!send(text, with, {pending::kind::statement, nullptr, as}))
    return lose();
  if (as == errc::none)
    ++total_changed_; // perhaps
  return told_ < most_told ? result<void>{} : settle();
}

result<rows> postgres::ask(query text, std::span<const parameter> with) {
  if (failed_)
    return fail_now();
  if (!in_transaction_)
    if (auto there = ready(); !there)
      return tl::unexpected{there.error()};
  if (!connection_)
    return fail_now();
  if (!send(text, with, {pending::kind::statement}) || !sync())
    return lose();
  auto answer = collect();
  if (answer)
    total_changed_ += changed_;
  return answer;
}

result<void> postgres::settle() {
  if (failed_)
    return fail_now();
  if (!connection_)
    return fail_now();
  if (pending_.empty())
    return {};
  if (!sync())
    return lose();
  return collect().map([](const rows&) {});
}

result<void> postgres::script(const std::string& text) {
  if (!in_transaction_)
    if (auto there = ready(); !there)
      return there;
  if (auto done = settle(); !done)
    return done;
  auto* c = connection_.get();
  if (PQexitPipelineMode(c) != 1)
    return lose();
  rows answer{PQexec(c, text.c_str())};
  auto status = PQresultStatus(answer.get());
  auto done = result<void>{};
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    done = tl::unexpected{refused({pending::kind::statement}, answer)};
  if (PQstatus(c) == CONNECTION_BAD || PQenterPipelineMode(c) != 1)
    return lose();
  if (!done && in_transaction_)
    failed_ = done.error();
  ++total_changed_;
  return done;
}

// -- transactions ---------------------------------------------------------------------------

result<void> postgres::begin(query how) {
  verdict_ = verdict::final;
  failed_.reset();
  if (auto there = ready(); !there)
    return there;
  if (!send(how, {}, {pending::kind::statement}))
    return lose();
  in_transaction_ = true;
  return {};
}

result<void> postgres::begin() {
  return begin(begin_text);
}

result<void> postgres::begin_view() {
  return begin(begin_view_text);
}

result<void> postgres::commit() {
  if (failed_ || !connection_) {
    auto why = fail_now();
    rollback();
    return why;
  }
  // One that the server has closed already cannot have committed: this is the last moment at which
  // we know.
  auto done = is_closed_by_peer() ? result<rows>{lose("closed by the server")} : result<rows>{};
  warned_ = false;
  if (done)
    done = send(commit_text, {}, {pending::kind::commit}) && sync() ? collect() : lose();
  if (in_transaction_) // one that was told before has failed, so there was no COMMIT
    rollback();
  return done.map([](const rows&) {});
}

void postgres::end_view() {
  if (failed_ || !connection_)
    return rollback();
  if (!send(commit_text, {}, {pending::kind::commit, nullptr, errc::none, true}) || !sync())
    (void)lose();
  failed_.reset();
  in_transaction_ = false;
}

void postgres::rollback() {
  auto what = verdict_; // of what went before
  if (in_transaction_ && !failed_)
    (void)settle(); // what was told may fail, and then what follows it would not be done
  failed_.reset();
  if (in_transaction_ && connection_
      && (!send(rollback_text, {}, {pending::kind::statement}) || !sync() || !collect()))
    connection_.reset();
  pending_.clear();
  failed_.reset();
  in_transaction_ = false;
  verdict_ = what;
}

result<void> postgres::savepoint() {
  if (failed_ || !connection_)
    return fail_now();
  if (!send(savepoint_text, {}, {pending::kind::statement}))
    return lose();
  return {};
}

result<void> postgres::release() {
  if (failed_ || !connection_)
    return fail_now();
  if (!send(release_text, {}, {pending::kind::statement}))
    return lose();
  return settle();
}

result<void> postgres::rollback_to() {
  if (!failed_)
    (void)settle();
  if (!connection_)
    return fail_now();
  failed_.reset();
  for (auto text : {rollback_to_text, release_text})
    if (!send(text, {}, {pending::kind::statement}))
      return lose();
  return settle();
}

} // namespace hamlet::sql
