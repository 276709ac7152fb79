// SPDX-License-Identifier: Apache-2.0
#include "actors/router.hpp"

#include "lib/text/ascii.hpp"

namespace hamlet {

std::size_t shard_of(std::string_view canonical_name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (auto c : canonical_name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return (hash ^ hash >> 32) % shard_count;
}

std::size_t shard_of(std::int64_t account_id) {
  auto hash = static_cast<std::uint64_t>(account_id) * 0x9e3779b97f4a7c15;
  return (hash ^ hash >> 32) % shard_count;
}

const account_actor& router::account_of(std::string_view name) const {
  return owners_->accounts[shard_of(ascii::lowered(name))];
}

} // namespace hamlet
