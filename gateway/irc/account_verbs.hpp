// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

namespace hamlet::irc {

// draft/account-registration: the account is that of mail and the site, too.

void verb_register(machine& m, const message& x);
void verb_verify(machine& m, const message& x);

} // namespace hamlet::irc
