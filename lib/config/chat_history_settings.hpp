// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/chat_kinds.hpp"
#include "lib/config/node_settings.hpp"

// Chat: what is kept of it.

namespace hamlet::config {

struct chat_history_settings {
  static constexpr std::string_view section = "chat_history";
  static constexpr std::string_view doc = "What was said, for those who come later (CHATHISTORY).";

  setting<bool> is_on{.name = "chat_history.is_on",
                      .value = true,
                      .doc = "Keeps what is said in registered channels in the store. A channel of "
                             "mode +H keeps less, or nothing."};
  setting<duration> retention{.name = "chat_history.retention",
                              .value = 30 * 24h,
                              .min = 1h,
                              .max = 3650 * 24h,
                              .zero = "never",
                              .doc = "Age at which a message is forgotten."};
  setting<std::uint64_t> per_request{.name = "chat_history.per_request",
                                     .value = 500,
                                     .unit = "messages",
                                     .min = 10,
                                     .max = 5000,
                                     .when = takes_effect::for_new_connections,
                                     .doc = "CHATHISTORY: most messages of one answer."};
  setting<std::uint64_t> per_channel{.name = "chat_history.per_channel",
                                     .value = 100000,
                                     .unit = "messages",
                                     .min = 100,
                                     .max = 100000000,
                                     .zero = "no limit",
                                     .doc =
                                       "Most messages that are kept of one channel, the newest."};
  setting<bool> direct_messages{
    .name = "chat_history.direct_messages",
    .value = true,
    .doc =
      "Keeps what members say to each other, for these two alone; a member may choose otherwise."};
  setting<std::uint64_t> memory_messages{
    .name = "chat_history.memory_messages",
    .value = 2048,
    .unit = "messages",
    .min = 0,
    .max = 100000,
    .doc = "Of a channel that is not registered, kept in memory as long as somebody is in it."};
  setting<bool> before_join{.name = "chat_history.before_join",
                            .value = true,
                            .doc = "Members of a registered channel may read what was said there "
                                   "before they joined; never what was said while they were banned "
                                   "from it."};
  setting<std::uint64_t> on_join{.name = "chat_history.on_join",
                                 .value = 0,
                                 .unit = "messages",
                                 .min = 1,
                                 .max = 1000,
                                 .zero = "none",
                                 .when = takes_effect::for_new_connections,
                                 .doc =
                                   "Shown after a JOIN to clients that do not know CHATHISTORY."};
  setting<duration> redaction_window{.name = "chat_history.redaction_window",
                                     .value = 24h,
                                     .min = 1min,
                                     .max = 3650 * 24h,
                                     .zero = "never",
                                     .doc = "How long the author of a message may remove it "
                                            "(REDACT); operators of the channel always may."};
  setting<duration> sweep_interval{.name = "chat_history.sweep_interval",
                                   .value = 1h,
                                   .min = 1min,
                                   .max = 24h,
                                   .doc = "How often what is too old is removed."};

  static auto all(auto& x) {
    return std::tie(x.is_on, x.retention, x.per_request, x.per_channel, x.direct_messages,
                    x.memory_messages, x.before_join, x.on_join, x.redaction_window,
                    x.sweep_interval);
  }
};

} // namespace hamlet::config
