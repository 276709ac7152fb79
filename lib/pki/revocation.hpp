// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace hamlet::pki {

/// The serials that are good no more, as the authority has signed them. A value.
class revocation_list {
public:
  static constexpr std::size_t max_size = 256u << 10; ///< octets of PEM: some 4,000 certificates

  revocation_list() = default; ///< none, number 0

  /// errc::bad_request: too long, unreadable, or not signed by one of these authorities.
  static result<revocation_list> read(const std::string& pem, const std::string& authority_pem);

  std::uint64_t number() const { return number_; } ///< the higher one is the later one
  bool has(const std::string& serial) const { return serials_.contains(serial); }
  std::size_t size() const { return serials_.size(); }
  const std::string& pem() const { return pem_; }

private:
  std::uint64_t number_ = 0;
  std::set<std::string> serials_;
  std::string pem_;
};

} // namespace hamlet::pki
