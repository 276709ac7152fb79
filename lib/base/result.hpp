// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace hamlet {

/// Everything that can fail inside the program, in one list.
/// A refusal that the protocol foresees (SMTP 550, IRC 401) is not in it:
/// that is a reply, an ordinary value.
enum class errc : std::uint8_t {
  none = 0,       ///< never carried by an error
  not_found,      ///< no such account, mailbox, channel, item
  already_exists, ///< the name is taken
  bad_request,    ///< what is asked for makes no sense, and asking again will not help
  over_quota,     ///< the owner has no room left
  busy,           ///< a bounded queue is full: retry later
  disk_full,      ///< nothing was stored, nothing is damaged: retry when there is room
  store_failed,   ///< the store refused or lost the operation: retry later
  timed_out,      ///< no answer in time; what was asked may still happen
  shutting_down,  ///< this node is leaving: ask another one
  bad_message,    ///< a message of ours could not be decoded: a bug
  bad_setup,      ///< the administrator must act: address in use, unreadable key
  wrong_owner,    ///< another node owns this shard by now: ask that one, with the same id
};

std::string_view to_string(errc code);

struct error {
  errc code;
  std::string detail; ///< for the log; never shown to a client
};

/// For operations that answer nothing but "done", where `void` cannot be stored.
struct void_t {
  bool operator==(const void_t&) const = default;
};

template <class T>
using result = tl::expected<T, error>;

inline tl::unexpected<error> fail(errc code, std::string detail = {}) {
  return tl::unexpected{error{code, std::move(detail)}};
}

} // namespace hamlet
