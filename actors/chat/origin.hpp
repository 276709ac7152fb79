// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/chat/v1/event.pb.h"

namespace hamlet {

/// No connection is answered by this event in a way of its own. What it comes after remains.
inline void of_no_connection(chat::v1::Origin& x) {
  x.clear_connection_id();
  x.clear_tag();
}

} // namespace hamlet
