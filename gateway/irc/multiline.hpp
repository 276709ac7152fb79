// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/chat/v1/event.pb.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace hamlet::irc {

class machine;

/// A draft/multiline message that its client is still sending.
struct open_batch {
  std::string ref;
  std::string target;
  std::optional<std::string> label; ///< of its BATCH line: the reply to the whole
  hamlet::chat::v1::Message message;
  std::size_t received = 0; ///< lines, also those that were thrown away
  std::size_t lines = 0;
  std::size_t octets = 0;
  bool is_refused = false; ///< the rest is read and thrown away
  bool was_told = false;   ///< why
  std::chrono::steady_clock::time_point give_up_at{};
};

/// IRCv3 client-batch, TIMEOUT: it was open for too long. The rest is read and thrown away.
void expire_batch(machine& m);

} // namespace hamlet::irc
