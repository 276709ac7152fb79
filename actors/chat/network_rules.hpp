// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/filter_set.hpp"
#include "hamlet/chat/v1/network.pb.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet {

/// Bans and filters as this node knows them: all its gateways look here at once, and wait for
/// nobody. The NETWORK writes it. Any thread; a reader sees all of a change or nothing of it. Where
/// there are no bans of a kind, to ask costs one load.
class network_rules {
public:
  network_rules();
  ~network_rules();

  struct person {
    std::string_view user;
    std::string_view host; ///< that others see: the cloak
    std::string_view address;
    std::string_view account;                        ///< empty: not logged in
    std::vector<std::string_view> former_hosts = {}; ///< Who.former_hosts
  };
  /// May not come in, by a kline or a dline: why, for the user. Masks fit the address as well as
  /// the host.
  std::optional<std::string> ban_for(const person& who, std::int64_t now_ms) const;
  /// The same of an address alone, before anything is read from it.
  std::optional<std::string> dline_for(std::string_view address, std::int64_t now_ms) const;

  /// @param folded irc::fold() of the name. Ends when the NETWORK takes it away, within seconds.
  bool is_reserved_nick(std::string_view folded) const;
  bool is_reserved_channel(std::string_view folded) const;

  /// @param place One of filter_places.
  std::optional<filter_hit> filter(std::string_view text, char place) const;

  // -- for the NETWORK --
  void set_bans(std::span<const chat::v1::NetworkBan> all);
  void set_filters(std::span<const chat::v1::Filter> all);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace hamlet
