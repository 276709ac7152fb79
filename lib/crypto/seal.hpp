// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace hamlet::crypto {

/// The secret of this server, 32 octets in a file of mode 0600. It seals what must be
/// readable again (device passwords, for APOP); whoever has the store but not this
/// file reads nothing. Lost with its file: back both up, apart.
class server_key {
public:
  static constexpr std::size_t size = 32;

  /// errc::not_found; errc::bad_setup: others may read the file, or its size is wrong.
  static result<server_key> load(const std::string& path);

  /// As load(), but makes the file first if it is missing; it is on the disk then.
  static result<server_key> load_or_create(const std::string& path);

  /// From 32 octets; others are a bug and throw.
  explicit server_key(std::string_view octets);
  server_key(const server_key&) = default;
  server_key& operator=(const server_key&) = default;
  ~server_key(); ///< wipes it

  /// XChaCha20-Poly1305 under a fresh nonce; 41 octets longer than `secret`.
  /// @param context What and whose it is: only unseal() with the same one opens it.
  std::string seal(std::string_view secret, std::string_view context) const;

  /// nullopt: of another key, another context, or changed.
  std::optional<std::string> unseal(std::string_view sealed, std::string_view context) const;

  /// 32 octets for one purpose, of which nobody can tell the key or another purpose's.
  std::string derive(std::string_view purpose) const;

private:
  std::array<char, size> octets_;
};

} // namespace hamlet::crypto
