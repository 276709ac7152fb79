// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/ban_repository.hpp"
#include "storage/chat/rooms.hpp"

#include <limits>

namespace hamlet::sql {

namespace {

using std::int64_t;
using text = std::string;

constexpr query put_ban = //
  "INSERT INTO network_ban (kind, mask, reason, oper_reason, setter, set_ms, expires_ms) "
  "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kind, mask) DO UPDATE SET "
  "reason = excluded.reason, oper_reason = excluded.oper_reason, setter = excluded.setter, "
  "set_ms = excluded.set_ms, expires_ms = excluded.expires_ms";
constexpr query delete_ban = "DELETE FROM network_ban WHERE kind = $1 AND mask = $2";
constexpr query bans_at = //
  "SELECT kind, mask, reason, oper_reason, setter, set_ms, coalesce(expires_ms, 0) "
  "FROM network_ban WHERE expires_ms IS NULL OR expires_ms > $1 ORDER BY kind, mask";
constexpr query delete_expired = "DELETE FROM network_ban WHERE expires_ms <= $1";

constexpr query insert_action = //
  "INSERT INTO oper_audit (audit_id, time_ms, oper, account_id, address, action, arguments, "
  "outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr query actions_before = //
  "SELECT audit_id, time_ms, oper, coalesce(account_id, 0), address, action, arguments, outcome "
  "FROM oper_audit WHERE audit_id < $1 ORDER BY audit_id DESC LIMIT $2";
constexpr query delete_actions = "DELETE FROM oper_audit WHERE time_ms < $1";

constexpr auto no_id_is_higher = std::numeric_limits<int64_t>::max();

result<std::vector<network_ban>> select_bans(database& db, int64_t now_ms) {
  std::vector<network_ban> found;
  auto keep = [&](int64_t kind, text mask, text reason, text oper_reason, text setter,
                  int64_t set_ms, int64_t expires_ms) {
    found.push_back({static_cast<ban_kind>(kind), std::move(mask), std::move(reason),
                     std::move(oper_reason), std::move(setter), set_ms, expires_ms});
  };
  return db.each<int64_t, text, text, text, text, int64_t, int64_t>(bans_at, keep, now_ms).map([&] {
    return std::move(found);
  });
}

result<std::vector<oper_action>> select_actions(database& db, int64_t before, std::size_t at_most) {
  std::vector<oper_action> found;
  auto keep = [&](int64_t id, int64_t time_ms, text oper, int64_t account_id, text address,
                  text action, text arguments, text outcome) {
    found.push_back({id, time_ms, std::move(oper), account_id, std::move(address),
                     std::move(action), std::move(arguments), std::move(outcome)});
  };
  return db
    .each<int64_t, int64_t, text, int64_t, text, text, text, text>(actions_before, keep, before,
                                                                   at_most)
    .map([&] { return std::move(found); });
}

} // namespace

void ban_repository::add(network_ban fresh, completion<void_t> done) {
  changes_->submit<void_t>(
    [x = std::move(fresh)](database& db) {
      auto expires = x.expires_ms == 0 ? std::nullopt : std::optional{x.expires_ms};
      return nothing(db.run(put_ban, static_cast<int64_t>(x.kind), x.mask, x.reason, x.oper_reason,
                            x.setter, x.set_ms, expires));
    },
    std::move(done));
}

void ban_repository::remove(ban_kind kind, std::string mask, completion<void_t> done) {
  changes_->submit<void_t>(
    [=](database& db) {
      return one_changed(db.change(delete_ban, static_cast<int64_t>(kind), mask));
    },
    std::move(done));
}

void ban_repository::list(int64_t now_ms, completion<std::vector<network_ban>> done) {
  views_->submit<std::vector<network_ban>>([=](database& db) { return select_bans(db, now_ms); },
                                           std::move(done));
}

void ban_repository::prune(int64_t now_ms, completion<int64_t> done) {
  changes_->submit<int64_t>([=](database& db) { return db.change(delete_expired, now_ms); },
                            std::move(done));
}

void ban_repository::record(oper_action x, completion<int64_t> done) {
  changes_->submit<int64_t>(
    [x = std::move(x)](database& db) {
      return next_number(db, "oper_audit").and_then([&](int64_t id) {
        return db
          .run(insert_action, id, x.time_ms, x.oper, account_or_null(x.account_id), x.address,
               x.action, x.arguments, x.outcome)
          .map([id] { return id; });
      });
    },
    std::move(done));
}

void ban_repository::actions(std::optional<int64_t> before, std::size_t at_most,
                             completion<std::vector<oper_action>> done) {
  views_->submit<std::vector<oper_action>>(
    [=](database& db) { return select_actions(db, before.value_or(no_id_is_higher), at_most); },
    std::move(done));
}

void ban_repository::prune_actions(int64_t before_ms, completion<int64_t> done) {
  changes_->submit<int64_t>([=](database& db) { return db.change(delete_actions, before_ms); },
                            std::move(done));
}

} // namespace hamlet::sql
