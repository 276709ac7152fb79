// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace hamlet::crypto {

/// Makes libsodium ready, once in a process. Called by each function that needs it.
void init();

} // namespace hamlet::crypto
