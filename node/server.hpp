// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/config/settings.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hamlet::node {

/// A listening socket of a running node.
struct open_door {
  std::string service; ///< "smtp", "submission", …
  std::string address;
  std::uint16_t port;
};

/// A running node: the store, the actors, the listeners. Its parts are members in the order in
/// which they start; they end in the reverse order, so that what a part uses outlives it.
class server {
public:
  /// Starts everything, or says what is in the way. Nothing is accepted before the store is open.
  static result<std::unique_ptr<server>> start(const config::settings& x);
  ~server();

  /// Takes over what may change while it runs; certificates are read again. What cannot be
  /// used is logged, and the old stays.
  void reload(const config::settings& fresh);

  /// Ends in order: listeners close, sessions finish what they owe and say goodbye, the store
  /// writes what it has.
  void stop();

  const std::vector<open_door>& doors() const;

  /// An operator of chat wants it to end and begin anew (RESTART, RFC 2812 §4.4).
  bool wants_restart() const;

  /// A part of it has ended by itself, and all others with it (SIGTERM tells): a bug; or its
  /// certificate was revoked.
  bool has_died() const;

private:
  struct parts;
  explicit server(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

} // namespace hamlet::node
