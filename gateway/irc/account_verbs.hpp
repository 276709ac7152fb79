// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

namespace hamlet::irc {

// draft/account-registration: the account is that of mail and the site, too.

/// May it be asked for before the connection is registered? Not where a password of the connection
/// keeps strangers out, as members need none.
bool registers_early(const policy& rules);

void verb_register(machine& m, const message& x);
void verb_verify(machine& m, const message& x);

} // namespace hamlet::irc
