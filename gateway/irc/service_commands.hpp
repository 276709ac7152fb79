// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/machine.hpp"
#include "gateway/irc/services.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

using service_words = std::vector<std::string>;

/// What one says to a service, as habits of thirty years want it.
struct service_command {
  std::string_view name; ///< in upper case
  std::string_view usage;
  std::string_view help;
  std::size_t min_words;
  bool needs_account;
  void (*run)(machine&, const service_words&);
};

std::span<const service_command> nick_service_commands();    ///< nick_service.cpp
std::span<const service_command> channel_service_commands(); ///< channel_service.cpp

} // namespace hamlet::irc
