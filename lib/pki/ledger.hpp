// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/pki/authority.hpp"
#include "lib/pki/token.hpp"

namespace hamlet::pki {

/// The books of the authority: tokens that wait, certificates that were given, and which were taken
/// back. One line each in a text file.
struct ledger {
  struct entry {
    std::string serial;
    std::string node;
    std::int64_t not_after = 0;
  };

  std::vector<token_record> tokens;
  std::vector<entry> issued;
  std::vector<revoked> revocations;
  std::uint64_t number = 0; ///< of the latest list of them

  /// errc::bad_setup: a line is none of ours.
  static result<ledger> read(const std::string& text);
  std::string text() const;

  /// The token of this id, which is then spent. errc::not_found: unknown, spent or too old.
  result<token_record> spend(const std::string& id, std::int64_t now);

  /// Takes back a serial, or all certificates of a node. @return how many were good until now.
  std::size_t revoke(const std::string& serial_or_node, std::int64_t now);

  bool is_revoked(const std::string& serial) const;

  /// Forgets tokens and certificates whose time is over.
  void sweep(std::int64_t now);
};

} // namespace hamlet::pki
