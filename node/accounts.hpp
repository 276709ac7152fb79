// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/mail/address.hpp"
#include "node/store.hpp"

#include <string>

// Making and changing accounts: where passwords become what is stored of them.

namespace hamlet::node {

/// The address of an account from what a person typed; without a domain it is the default one.
/// bad_request: it cannot be a name.
result<mail::address> account_name(store& s, const std::string& text);

/// not_found, with the name in the text.
result<sql::login> find_account(store& s, const std::string& text);

result<std::int64_t> create_account(store& s, const config::settings& x, const mail::address& name,
                                    const std::string& display_name, sql::role rank,
                                    const std::string& password);
result<void_t> change_password(store& s, const config::settings& x, const sql::account& who,
                               const std::string& password);

/// @return The password: it can be shown now, and never again.
result<std::string> create_device(store& s, const sql::account& who, const std::string& device,
                                  std::uint8_t scope);

} // namespace hamlet::node
