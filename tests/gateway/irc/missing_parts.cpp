// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/metadata.hpp"

// What the table of verbs names and no test of the verbs here needs. Weak: the real one wins.

namespace hamlet::irc {

[[gnu::weak]] void verb_metadata(machine&, const message&) {
}

} // namespace hamlet::irc
