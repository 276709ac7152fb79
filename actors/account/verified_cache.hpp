// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hamlet {

/// Remembers for some minutes that a password was right, so that a mail program which asks every
/// minute does not cost an Argon2id each time. Holds only keyed digests over the password *and* the
/// stored hash: a changed password is another key, so nothing has to be told to this cache.
/// Wrong passwords are never remembered: they stay slow.
class verified_cache {
public:
  using clock = std::chrono::steady_clock;

  explicit verified_cache(std::size_t bound);

  bool knows(std::int64_t account_id, std::string_view stored, std::string_view password,
             clock::time_point now) const;
  void remember(std::int64_t account_id, std::string_view stored, std::string_view password,
                std::chrono::seconds ttl, clock::time_point now);

private:
  std::string key(std::int64_t account_id, std::string_view stored,
                  std::string_view password) const;

  std::size_t bound_;
  std::string secret_; ///< of this process
  std::unordered_map<std::string, clock::time_point> until_;
};

} // namespace hamlet
