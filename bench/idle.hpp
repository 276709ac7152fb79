// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/options.hpp"

namespace hamlet::bench {

/// Opens options::connections, says options::hello on each and reads the reply; prints "ready" and
/// holds them until standard input ends. @returns the exit status
int hold_idle(const options& with);

} // namespace hamlet::bench
