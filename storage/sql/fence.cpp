// SPDX-License-Identifier: Apache-2.0
#include "storage/sql/fence.hpp"

#include "lib/base/mutation.hpp"

namespace hamlet::sql {

namespace {

constexpr query holds = //
  "SELECT count(*) FROM shard WHERE kind = $1 AND number = $2 AND epoch = $3 "
  "AND owner_incarnation = $4 "
  "AND NOT EXISTS (SELECT 1 FROM node WHERE incarnation = $4 AND state = 'dead')";

// It must raise, for a statement that finds nothing does not stop those that were sent after it.
// The row is locked until COMMIT, so a takeover waits for an owner's transaction that is under way.
// That the node is not dead is read apart: else a busy owner that was declared dead could keep a
// takeover waiting for ever, as shared locks pass by one that waits.
constexpr query raises = //
  "SELECT 1 / count(*) FROM (SELECT 1 FROM shard WHERE kind = $1 AND number = $2 AND epoch = $3 "
  "AND owner_incarnation = $4 "
  "AND NOT EXISTS (SELECT 1 FROM node WHERE incarnation = $4 AND state = 'dead') "
  "FOR SHARE OF shard) g";

} // namespace

result<void> check(database& db, const fence& x) {
  if (x.incarnation == 0 || mutation::no_fence) // MUTATION no_fence: who was the owner writes on
    return {};
  if (auto* remote = db.remote())
    return remote->tell(raises,
                        std::array{parameter::of(x.kind), parameter::of(x.number),
                                   parameter::of(x.epoch), parameter::of(x.incarnation)},
                        errc::wrong_owner);
  return db.row<std::int64_t>(holds, x.kind, x.number, x.epoch, x.incarnation)
    .and_then([&](auto found) -> result<void> {
      if (std::get<0>(*found) == 1)
        return {};
      return fail(errc::wrong_owner, "shard " + std::to_string(x.kind) + "/"
                                       + std::to_string(x.number) + " is not of epoch "
                                       + std::to_string(x.epoch));
    });
}

} // namespace hamlet::sql
