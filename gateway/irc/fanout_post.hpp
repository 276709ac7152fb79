// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/net/outlet.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace hamlet::irc {

/// Where the lines of FANOUT go: what is added is on its way after send(), and comes to each client
/// in the order of the calls. Tests have one that writes down who got what.
class postman {
public:
  struct address {
    std::int64_t connection_id = 0;
    net::outlet client;
  };
  /// Clients that get the same bytes again and again.
  class crowd {
  public:
    virtual ~crowd() = default;
    virtual std::size_t size() const = 0;
  };

  virtual ~postman() = default;
  virtual void add(const address& to, const net::shared_bytes& bytes) = 0;
  virtual std::unique_ptr<crowd> gather(std::span<const address* const> all) = 0;
  /// The cost does not depend on how many they are. @param except nullptr: nobody.
  virtual void add(const crowd& to, const net::shared_bytes& bytes, const address* except) = 0;
  virtual void send() = 0;
};

/// By net::broadcast and net::audience.
std::shared_ptr<postman> make_postman();

} // namespace hamlet::irc
