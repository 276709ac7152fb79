// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"

namespace hamlet::irc {

/// METADATA: draft/metadata-2.
void verb_metadata(machine& m, const message& x);

} // namespace hamlet::irc
