// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/admin/v1/call.pb.h"
#include "lib/base/result.hpp"
#include "lib/pki/trust.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hamlet::admin {

struct rpc_options {
  std::string socket;                 ///< path of the one for this machine; empty: none
  std::vector<std::string> listen;    ///< HOST:PORT with TLS; port 0: any that is free
  std::string certificate, key;       ///< PEM, for `listen`
  std::size_t calls = 64;             ///< at the same time; more are refused
  std::size_t max_request = 1u << 20; ///< octets
};

/// Where the answers come from. Called on threads of gRPC: must not block long, nor throw.
struct rpc_handlers {
  using answered = std::function<void(v1::Answer)>;
  std::function<void(v1::Call, answered)> ask; ///< calls `answered` once, on any thread
  /// Who signs the certificates of administrators. nullopt: nobody.
  std::function<std::optional<pki::trust>()> trust;
  /// Why this node cannot do its work; empty: it is well.
  std::function<std::vector<std::string>()> problems;
};

/// gRPC for administrators: the methods of lib/admin, grpc.health.v1 and reflection. Knows nothing
/// of what they do; looks who calls and hands on.
class rpc_server {
public:
  /// errc::bad_setup: an address is in use, or the certificate is not usable.
  static result<std::unique_ptr<rpc_server>> open(rpc_options options, rpc_handlers from);
  ~rpc_server(); ///< as close()

  /// Of options.listen, in their order.
  const std::vector<std::uint16_t>& ports() const;

  /// Calls that are under way have two seconds. Nothing of rpc_handlers is called after it.
  void close();

private:
  class impl;
  explicit rpc_server(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace hamlet::admin
