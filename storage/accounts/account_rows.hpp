// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/accounts/account_repository.hpp"

/// What the files of this folder share: steps inside the transaction of the caller.
namespace hamlet::sql {

/// An address as "local@domain" is split, at its last '@'.
struct address_parts {
  std::string local;
  std::string domain; ///< empty when there is no '@'
};
address_parts split_address(std::string_view text);
std::string joined(std::string_view local, std::string_view domain);

/// nullopt: no such address.
result<std::optional<std::int64_t>> find_account(database& db, std::string_view local,
                                                 std::string_view domain);
/// not_found: no such account.
result<account> load_account(database& db, std::int64_t account_id);
/// With its mailbox and INBOX; answers with its id. See account_repository::create.
result<std::int64_t> insert_account(database& db, const account& fresh);

result<bool> is_local_domain(database& db, std::string_view domain);
/// not_found: no domain yet.
result<std::string> default_domain(database& db);

/// Rows of any address: empty when it is no alias.
result<std::vector<std::string>> alias_targets(database& db, std::string_view local,
                                               std::string_view domain);

result<std::vector<device>> devices_of(database& db, std::int64_t account_id);

/// Aliases that lead to an address: all, or those that lead nowhere else.
enum class leading : std::uint8_t { also_here, here_alone };
result<std::vector<std::string>> aliases_to(database& db, std::string_view address, leading how);

/// not_found: no such account.
result<usage> room_of_account(database& db, std::int64_t account_id);

result<destination> resolve_address(database& db, std::string_view local, std::string_view domain,
                                    std::string_view separator);

result<void> remove_account(database& db, std::int64_t account_id);

} // namespace hamlet::sql
