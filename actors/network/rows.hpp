// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/ban_mask.hpp"
#include "hamlet/chat/v1/network.pb.h"
#include "storage/chat/ban_repository.hpp"

#include <optional>

namespace hamlet {

/// What the store calls the kind of this ban.
sql::ban_kind kind_of(const ban_mask& x);
sql::network_ban row_of(const chat::v1::NetworkBan& x, sql::ban_kind kind);

} // namespace hamlet
