// SPDX-License-Identifier: Apache-2.0
#include "storage/admin/admin_repository.hpp"

#include "storage/sql/rows.hpp"

#include <limits>

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;

constexpr query insert_token = //
  "INSERT INTO admin_token (name, sha256, role, created_ms, expires_ms) "
  "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING";
constexpr query delete_token = "DELETE FROM admin_token WHERE name = $1";
constexpr query list_tokens =
  "SELECT name, sha256, role, created_ms, expires_ms FROM admin_token ORDER BY name";
constexpr query find_by_hash = //
  "SELECT name, role, created_ms, expires_ms FROM admin_token "
  "WHERE sha256 = $1 AND expires_ms > $2";

constexpr query find_request = //
  "SELECT audit_id, time_ms, print, outcome, coalesce(reply, $4) FROM admin_audit "
  "WHERE who = $1 AND method = $2 AND request_id = $3";
constexpr query release_request = "UPDATE admin_audit SET request_id = NULL WHERE audit_id = $1";
constexpr query insert_action = //
  "INSERT INTO admin_audit (audit_id, time_ms, who, address, method, target, request_id, print, "
  "outcome, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
constexpr query end_action = //
  "UPDATE admin_audit SET outcome = $2, detail = $3, reply = $4 WHERE audit_id = $1";
constexpr query list_actions = //
  "SELECT audit_id, time_ms, who, address, method, target, coalesce(request_id, ''), outcome, "
  "detail FROM admin_audit WHERE audit_id < $1 AND ($2 = '' OR who = $2) "
  "ORDER BY audit_id DESC LIMIT $3";
constexpr query delete_actions = "DELETE FROM admin_audit WHERE time_ms < $1";

constexpr auto no_id_is_higher = std::numeric_limits<int64_t>::max();

result<admin_begun> insert(database& db, const admin_action& x) {
  return next_number(db, "admin_audit").and_then([&](int64_t id) {
    auto request =
      x.request_id.empty() ? std::nullopt : std::optional{std::string_view{x.request_id}};
    return db
      .run(insert_action, id, x.time_ms, std::string_view{x.who}, std::string_view{x.address},
           std::string_view{x.method}, std::string_view{x.target}, request, blob{x.print},
           std::string_view{x.outcome}, std::string_view{x.detail})
      .map([id] {
        return admin_begun{admin_begun::state::fresh, id, {}};
      });
  });
}

result<admin_begun> begin_one(database& db, const admin_action& x, int64_t given_up_ms) {
  if (x.request_id.empty())
    return insert(db, x);
  auto before = db.row<int64_t, int64_t, text, text, text>(
    find_request, std::string_view{x.who}, std::string_view{x.method},
    std::string_view{x.request_id}, blob{""});
  if (!before)
    return tl::unexpected{before.error()};
  if (!*before)
    return insert(db, x);
  auto& [id, time_ms, print, outcome, reply] = **before;
  using enum admin_begun::state;
  if (print != x.print)
    return admin_begun{another, id, {}};
  if (outcome == "OK")
    return admin_begun{known, id, std::move(reply)};
  if (outcome.empty() && time_ms >= given_up_ms)
    return admin_begun{running, id, {}};
  return db.run(release_request, id).and_then([&] { return insert(db, x); });
}

} // namespace

void admin_repository::add_token(admin_token fresh, completion<void_t> done) {
  changes_->submit<void_t>(
    [x = std::move(fresh)](database& db) -> result<void_t> {
      auto rows = db.change(insert_token, std::string_view{x.name}, blob{x.sha256},
                            std::string_view{x.role}, x.created_ms, x.expires_ms);
      if (rows && *rows == 0)
        return fail(errc::already_exists, "there is a token of that name");
      return rows.map([](int64_t) { return void_t{}; });
    },
    std::move(done));
}

void admin_repository::remove_token(std::string name, completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) { return one_changed(db.change(delete_token, std::string_view{name})); },
    std::move(done));
}

void admin_repository::tokens(completion<std::vector<admin_token>> done) {
  views_->submit<std::vector<admin_token>>(
    [](database& db) {
      std::vector<admin_token> found;
      auto keep = [&](text name, text sha256, text role, int64_t created, int64_t expires) {
        found.push_back({std::move(name), std::move(sha256), std::move(role), created, expires});
      };
      return db.each<text, text, text, int64_t, int64_t>(list_tokens, keep).map([&] {
        return std::move(found);
      });
    },
    std::move(done));
}

void admin_repository::find_token(std::string sha256, int64_t now_ms,
                                  completion<std::optional<admin_token>> done) {
  views_->submit<std::optional<admin_token>>(
    [=](database& db) {
      auto row = db.row<text, text, int64_t, int64_t>(find_by_hash, blob{sha256}, now_ms);
      return row.map([&](auto& found) -> std::optional<admin_token> {
        if (!found)
          return std::nullopt;
        auto& [name, role, created, expires] = *found;
        return admin_token{std::move(name), sha256, std::move(role), created, expires};
      });
    },
    std::move(done));
}

void admin_repository::begin(admin_action x, int64_t given_up_ms, completion<admin_begun> done) {
  changes_->submit<admin_begun>(
    [x = std::move(x), given_up_ms](database& db) { return begin_one(db, x, given_up_ms); },
    std::move(done));
}

void admin_repository::end(int64_t id, std::string outcome, std::string detail, std::string reply,
                           completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) {
      auto kept = outcome == "OK" ? std::optional{blob{reply}} : std::nullopt;
      return one_changed(
        db.change(end_action, id, std::string_view{outcome}, std::string_view{detail}, kept));
    },
    std::move(done));
}

void admin_repository::actions(int64_t before, std::string who, std::size_t at_most,
                               completion<std::vector<admin_action>> done) {
  views_->submit<std::vector<admin_action>>(
    [=](database& db) {
      std::vector<admin_action> found;
      auto keep = [&](int64_t id, int64_t time_ms, text name, text address, text method,
                      text target, text request_id, text outcome, text detail) {
        found.push_back({id,
                         time_ms,
                         std::move(name),
                         std::move(address),
                         std::move(method),
                         std::move(target),
                         std::move(request_id),
                         {},
                         std::move(outcome),
                         std::move(detail)});
      };
      return db
        .each<int64_t, int64_t, text, text, text, text, text, text, text>(
          list_actions, keep, before == 0 ? no_id_is_higher : before, std::string_view{who},
          at_most)
        .map([&] { return std::move(found); });
    },
    std::move(done));
}

void admin_repository::prune(int64_t before_ms, completion<int64_t> done) {
  changes_->submit<int64_t>([=](database& db) { return db.change(delete_actions, before_ms); },
                            std::move(done));
}

} // namespace hamlet::sql
