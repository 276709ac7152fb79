// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/mail/address.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace hamlet::mail {

/// The addresses of a header field such as From.
struct address_list {
  std::vector<address> mailboxes; ///< of groups too; the names of people and groups are dropped
  bool is_complete = true; ///< false: a piece was no address, or there were more than `at_most`
};

/// Reads the unfolded body of From, To …: RFC 5322 §3.4 with the old forms of §4.4 (comments
/// anywhere, routes, white space within an address). Time is linear, depth costs no stack.
address_list read_address_list(std::string_view body, std::size_t at_most);

} // namespace hamlet::mail
