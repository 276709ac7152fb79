// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/router.hpp"
#include "gateway/admin/rpc_server.hpp"
#include "node/cluster.hpp"
#include "node/store.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace hamlet {
class mail_clients;
class presence;
} // namespace hamlet

namespace hamlet::node {

/// Where `hamlet ctl` finds the node of these settings.
std::string admin_socket(const config::settings& x);

/// The administration of a node: the ADMIN, and the doors of gRPC to it.
class administration {
public:
  /// errc::bad_setup: says what to do. What it is given must outlive it, and the ADMIN, too.
  /// @param others nullptr: the node is alone.
  static result<std::unique_ptr<administration>>
  open(caf::actor_system& sys, const config::settings& x, store& data, const router& owners,
       const presence& people, const mail_clients& mail, cluster_part* others,
       std::function<std::vector<std::string>()> problems);
  ~administration(); ///< the doors close; the ADMIN is the supervisor's

  caf::actor actor() const;
  /// Of admin.listen: address and port.
  const std::vector<std::pair<std::string, std::uint16_t>>& doors() const { return doors_; }

private:
  administration() = default;

  admin_actor admin_;
  caf::actor bridge_;
  std::unique_ptr<admin::rpc_server> server_;
  std::vector<std::pair<std::string, std::uint16_t>> doors_;
};

} // namespace hamlet::node
