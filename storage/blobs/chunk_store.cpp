// SPDX-License-Identifier: Apache-2.0
#include "storage/blobs/chunk_store.hpp"

#include "storage/sql/rows.hpp"
#include "storage/sql/transaction.hpp"

#include <algorithm>

namespace hamlet {

namespace {

using sql::query;
using std::int64_t;
using std::uint64_t;

// The clock of the store: those of the nodes may differ.
constexpr query insert_draft =
  "INSERT INTO blob_draft (blob_id, begun_at) VALUES ($1, extract(epoch FROM now())::bigint)";
// Whoever deletes this row decides: published, or dropped. Another one waits for that.
constexpr query delete_draft = "DELETE FROM blob_draft WHERE blob_id = $1";
constexpr query insert_chunk = // nothing when the draft has been given up
  "INSERT INTO blob_chunk (blob_id, n, bytes) "
  "SELECT blob_id, $2, $3 FROM blob_draft WHERE blob_id = $1";
constexpr query delete_chunks = "DELETE FROM blob_chunk WHERE blob_id = $1";

// The COMMIT of publish() comes after it in the log of the server, and makes it durable with it.
constexpr query do_not_wait = "SET LOCAL synchronous_commit = off";

constexpr query count_chunks =
  "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM blob_chunk WHERE blob_id = $1";
constexpr query insert_blob = //
  "INSERT INTO blob (sha256, blob_id, size, renewed_at) "
  "VALUES ($1, $2, $3, extract(epoch FROM now())::bigint) "
  "ON CONFLICT (sha256) DO UPDATE SET renewed_at = excluded.renewed_at RETURNING blob_id";

constexpr query find_size = "SELECT size FROM blob WHERE sha256 = $1";
constexpr query read_chunks = //
  "SELECT c.bytes FROM blob b JOIN blob_chunk c ON c.blob_id = b.blob_id "
  "WHERE b.sha256 = $1 AND c.n BETWEEN $2 AND $3 ORDER BY c.n";

constexpr query delete_old = //
  "DELETE FROM blob WHERE sha256 = $1 "
  "AND renewed_at <= extract(epoch FROM now())::bigint - $2 RETURNING blob_id";
constexpr query list_ages = //
  "SELECT sha256, extract(epoch FROM now())::bigint - renewed_at FROM blob "
  "WHERE sha256 > $1 ORDER BY sha256 LIMIT 1000";
constexpr query find_old_drafts =
  "SELECT blob_id FROM blob_draft WHERE begun_at < extract(epoch FROM now())::bigint - 86400";

/// Statements that only read are simply tried again.
template <class F>
auto reading(sql::database& db, F f) -> decltype(f()) {
  for (int tries = 0;; ++tries) {
    auto answer = f();
    auto pause = answer ? std::nullopt : db.retry_after(tries);
    if (!pause)
      return answer;
    std::this_thread::sleep_for(*pause);
  }
}

} // namespace

class chunk_store::lease {
public:
  explicit lease(chunk_store& of) : of_{of}, db_{take()} {}
  lease(const lease&) = delete;
  ~lease() {
    {
      std::lock_guard lock{of_.mutex_};
      of_.free_.push_back(std::move(db_));
    }
    of_.returned_.notify_one();
  }
  sql::database& operator*() { return db_; }

private:
  sql::database take() {
    std::unique_lock lock{of_.mutex_};
    of_.returned_.wait(lock, [this] { return !of_.free_.empty(); });
    auto one = std::move(of_.free_.back());
    of_.free_.pop_back();
    return one;
  }

  chunk_store& of_;
  sql::database db_;
};

result<std::unique_ptr<chunk_store>> chunk_store::connect(const sql::postgres_options& where,
                                                          std::size_t connections) {
  std::vector<sql::database> all;
  while (all.size() < connections) {
    auto one = sql::database::connect(where);
    if (!one)
      return tl::unexpected{one.error()};
    all.push_back(std::move(*one));
  }
  return std::unique_ptr<chunk_store>{new chunk_store{std::move(all)}};
}

// -- reading ----------------------------------------------------------------------------------

result<uint64_t> chunk_store::size_of(std::string_view sha256) {
  lease held{*this};
  auto& db = *held;
  return reading(db, [&] { return sql::value(db.row<int64_t>(find_size, sql::blob{sha256})); })
    .map([](int64_t size) { return static_cast<uint64_t>(size); });
}

result<std::string> chunk_store::read(std::string_view sha256, uint64_t offset, uint64_t at_most) {
  auto size = size_of(sha256);
  if (!size)
    return tl::unexpected{size.error()};
  auto begin = std::min(offset, *size);
  auto octets = std::min(at_most, *size - begin);
  std::string out;
  if (octets == 0)
    return out;
  out.reserve(octets);
  auto first = begin / chunk_octets;
  auto skip = begin % chunk_octets;
  auto keep = [&](std::string_view bytes) {
    auto part = bytes.substr(std::min<std::size_t>(skip, bytes.size()));
    skip = 0;
    out.append(part.substr(0, octets - out.size()));
  };
  lease held{*this};
  auto& db = *held;
  auto done = reading(db, [&] {
    out.clear();
    skip = begin % chunk_octets;
    return db.each<std::string_view>(read_chunks, keep, sql::blob{sha256}, first,
                                     (begin + octets - 1) / chunk_octets);
  });
  if (!done)
    return tl::unexpected{done.error()};
  if (out.size() != octets)
    return fail(errc::store_failed, "pieces of a text are missing");
  return out;
}

result<bool> chunk_store::is_sound(std::string_view sha256) {
  auto size = size_of(sha256);
  if (!size)
    return tl::unexpected{size.error()};
  crypto::sha256_stream digest;
  for (uint64_t at = 0; at < *size; at += chunk_octets) {
    auto bytes = read(sha256, at, chunk_octets);
    if (!bytes)
      return bytes.error().code == errc::store_failed ? result<bool>{false}
                                                      : tl::unexpected{bytes.error()};
    digest.add(*bytes);
  }
  return digest.finish() == sha256;
}

result<void>
chunk_store::each(const std::function<void(const std::string& sha256, int64_t age)>& f) {
  std::vector<int64_t> left;
  {
    lease held{*this};
    auto& db = *held;
    auto found = db.each<int64_t>(find_old_drafts, [&](int64_t id) { left.push_back(id); });
    if (!found)
      return found;
  }
  for (auto id : left)
    drop_draft(id);
  std::vector<std::pair<std::string, int64_t>> some;
  std::string after;
  do {
    some.clear();
    {
      lease held{*this}; // not while `f` runs: it may want one too
      auto& db = *held;
      auto keep = [&](std::string sha256, int64_t age) {
        some.emplace_back(std::move(sha256), age);
      };
      auto found = db.each<std::string, int64_t>(list_ages, keep, sql::blob{after});
      if (!found)
        return found;
    }
    for (auto& [sha256, age] : some)
      f(sha256, age);
    if (!some.empty())
      after = some.back().first;
  } while (!some.empty());
  return {};
}

// -- writing ----------------------------------------------------------------------------------

result<int64_t> chunk_store::begin_draft() {
  lease held{*this};
  auto& db = *held;
  return sql::in_transaction(db, [&] {
    return sql::next_number(db, "blob").and_then([&](int64_t id) {
      return db.run(insert_draft, id).map([id] { return id; });
    });
  });
}

result<void> chunk_store::put(int64_t blob_id, int64_t n, std::string_view bytes) {
  lease held{*this};
  auto& db = *held;
  return sql::in_transaction(db, [&] {
    return db.run(do_not_wait).and_then([&] {
      return db.run(insert_chunk, blob_id, n, sql::blob{bytes});
    });
  });
}

result<void> chunk_store::publish(int64_t blob_id, std::string_view sha256, uint64_t size,
                                  int64_t chunks) {
  lease held{*this};
  auto& db = *held;
  return sql::in_transaction(db, [&]() -> result<void> {
    auto there = sql::needed(db.row<int64_t, int64_t>(count_chunks, blob_id));
    if (!there)
      return tl::unexpected{there.error()};
    if (*there != std::tuple{chunks, static_cast<int64_t>(size)})
      return fail(errc::store_failed, "the server lost pieces of a text");
    return sql::value(db.row<int64_t>(insert_blob, sql::blob{sha256}, blob_id, size))
      .and_then([&](int64_t kept) {
        return kept == blob_id ? result<void>{} : db.run(delete_chunks, blob_id);
      })
      .and_then([&] { return db.change(delete_draft, blob_id); })
      .and_then([](int64_t drafts) -> result<void> {
        if (drafts == 1)
          return {};
        return fail(errc::store_failed, "a text that was begun long ago has been given up");
      });
  });
}

void chunk_store::drop_draft(int64_t blob_id) {
  lease held{*this};
  auto& db = *held;
  (void)sql::in_transaction(db, [&] { // what stays is swept by its age
    return db.change(delete_draft, blob_id).and_then([&](int64_t drafts) {
      return drafts == 1 ? db.run(delete_chunks, blob_id) : result<void>{};
    });
  });
}

result<bool> chunk_store::sweep(std::string_view sha256, int64_t min_age) {
  lease held{*this};
  auto& db = *held;
  return sql::in_transaction(db, [&] {
    return db.row<int64_t>(delete_old, sql::blob{sha256}, min_age)
      .and_then([&](auto gone) -> result<bool> {
        if (!gone)
          return false;
        return db.run(delete_chunks, std::get<0>(*gone)).map([] { return true; });
      });
  });
}

// -- a text on its way --------------------------------------------------------------------------

chunk_writer::~chunk_writer() {
  if (!done_)
    to_->drop_draft(blob_id_);
}

result<void> chunk_writer::send() {
  auto done = to_->put(blob_id_, sent_, piece_);
  piece_.clear();
  ++sent_;
  if (!done)
    failed_ = done.error();
  return done;
}

result<void> chunk_writer::append(std::string_view bytes) {
  if (failed_)
    return tl::unexpected{*failed_};
  digest_.add(bytes);
  size_ += bytes.size();
  while (!bytes.empty()) {
    auto room = std::min(chunk_store::chunk_octets - piece_.size(), bytes.size());
    piece_.append(bytes.substr(0, room));
    bytes.remove_prefix(room);
    if (piece_.size() == chunk_store::chunk_octets)
      if (auto done = send(); !done)
        return done;
  }
  return {};
}

result<std::string> chunk_writer::publish() {
  if (done_)
    return fail(errc::bad_request, "published already");
  if (!failed_ && !piece_.empty())
    (void)send();
  if (failed_)
    return tl::unexpected{*failed_};
  auto sha256 = digest_.finish();
  auto done = to_->publish(blob_id_, sha256, size_, sent_);
  if (!done) {
    failed_ = done.error();
    return tl::unexpected{done.error()};
  }
  done_ = true;
  return sha256;
}

} // namespace hamlet
