// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/mail/address.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::mail {

/// One piece between the commas of a field such as From.
struct list_entry {
  std::string name;           ///< the display name without quotes, or what stood there instead
  std::optional<address> who; ///< nullopt: no address
};

struct address_list {
  std::vector<list_entry> entries; ///< those of groups too; the names of groups are dropped
  bool is_complete = true; ///< false: a piece was no address, or there were more than `at_most`
};

/// Reads the unfolded body of From, To …: RFC 5322 §3.4 with the old forms of §4.4 (comments
/// anywhere, routes, white space within an address). Time is linear, depth costs no stack.
address_list read_address_list(std::string_view body, std::size_t at_most);

} // namespace hamlet::mail
