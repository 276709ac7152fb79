// SPDX-License-Identifier: Apache-2.0
#include "actors/account/verified_cache.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/crypto/random.hpp"

namespace hamlet {

verified_cache::verified_cache(std::size_t bound)
    : bound_{bound}, secret_{crypto::random_bytes(32)} {
}

std::string verified_cache::key(std::int64_t account_id, std::string_view stored,
                                std::string_view password) const {
  auto text = std::to_string(account_id);
  text.append(1, '\0').append(stored).append(1, '\0').append(password);
  auto digest = crypto::hmac_sha256(secret_, text);
  crypto::wipe(text);
  return digest;
}

bool verified_cache::knows(std::int64_t account_id, std::string_view stored,
                           std::string_view password, clock::time_point now) const {
  if (until_.empty())
    return false;
  auto found = until_.find(key(account_id, stored, password));
  return found != until_.end() && now < found->second;
}

void verified_cache::remember(std::int64_t account_id, std::string_view stored,
                              std::string_view password, std::chrono::seconds ttl,
                              clock::time_point now) {
  if (ttl == std::chrono::seconds::zero())
    return;
  if (until_.size() >= bound_)
    std::erase_if(until_, [&](auto& x) { return x.second <= now; });
  if (until_.size() >= bound_)
    until_.clear();
  until_[key(account_id, stored, password)] = now + ttl;
}

} // namespace hamlet
