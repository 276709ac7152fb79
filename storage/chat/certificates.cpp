// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/chat_account_repository.hpp"
#include "storage/chat/rooms.hpp"

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;

constexpr query find_owner = "SELECT account_id FROM chat_certificate WHERE fingerprint = $1";
constexpr query count_certificates = //
  "SELECT count(*), count(CASE WHEN fingerprint = $2 THEN 1 END) FROM chat_certificate "
  "WHERE account_id = $1";
constexpr query put_certificate = //
  "INSERT INTO chat_certificate (fingerprint, account_id, name, added_ms) VALUES ($1, $2, $3, $4) "
  "ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name";
constexpr query delete_certificate =
  "DELETE FROM chat_certificate WHERE account_id = $1 AND fingerprint = $2";
constexpr query certificates_of = //
  "SELECT fingerprint, name, added_ms FROM chat_certificate WHERE account_id = $1 "
  "ORDER BY added_ms, fingerprint";

result<std::optional<int64_t>> owner_of(database& db, const text& fingerprint) {
  return db.row<int64_t>(find_owner, fingerprint).map([](auto x) {
    return x ? std::optional{std::get<0>(*x)} : std::nullopt;
  });
}

result<void> insert(database& db, const chat_certificate& x, std::size_t at_most) {
  auto owner = owner_of(db, x.fingerprint);
  if (!owner)
    return tl::unexpected{owner.error()};
  if (owner->value_or(x.account_id) != x.account_id)
    return fail(errc::already_exists, "the certificate of another account");
  return has_room(db.row<int64_t, int64_t>(count_certificates, x.account_id, x.fingerprint),
                  at_most)
    .and_then(
      [&] { return db.run(put_certificate, x.fingerprint, x.account_id, x.name, x.added_ms); });
}

result<std::vector<chat_certificate>> select_certificates(database& db, int64_t account_id) {
  std::vector<chat_certificate> found;
  auto keep = [&](text fingerprint, text name, int64_t added_ms) {
    found.push_back({std::move(fingerprint), account_id, std::move(name), added_ms});
  };
  return db.each<text, text, int64_t>(certificates_of, keep, account_id).map([&] {
    return std::move(found);
  });
}

} // namespace

void chat_account_repository::add_certificate(chat_certificate fresh, std::size_t at_most,
                                              completion<void_t> done) {
  changes_->submit<void_t>(
    [at_most, x = std::move(fresh)](database& db) { return nothing(insert(db, x, at_most)); },
    std::move(done));
}

void chat_account_repository::remove_certificate(int64_t account_id, std::string fingerprint,
                                                 completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) {
      return one_changed(db.change(delete_certificate, account_id, fingerprint));
    },
    std::move(done));
}

void chat_account_repository::certificates(int64_t account_id,
                                           completion<std::vector<chat_certificate>> done) {
  views_->submit<std::vector<chat_certificate>>(
    [=](database& db) { return select_certificates(db, account_id); }, std::move(done));
}

void chat_account_repository::find_certificate(std::string fingerprint,
                                               completion<std::optional<int64_t>> done) {
  views_->submit<std::optional<int64_t>>([=](database& db) { return owner_of(db, fingerprint); },
                                         std::move(done));
}

} // namespace hamlet::sql
