// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace hamlet::link {

/// gRPC 1.51 frees the queue of its callbacks twice when its last user goes (ASan sees it in most
/// runs): a server without a door, which never ends, sees to it that there is no last one. Called
/// before a server with callbacks is made.
void keep_callback_queue();

} // namespace hamlet::link
