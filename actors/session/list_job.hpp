// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/session/session.hpp"

namespace hamlet {

/// What is done for many channels or conversations, one after the other.
struct session_state::list_job {
  Request request;
  answer promise;
  std::vector<std::string> channels; ///< still to be asked, the last first
  std::vector<chat::v1::Conversation> found;
  std::vector<sql::history_target> targets; ///< direct ones that have no name yet, the last first
};

} // namespace hamlet
