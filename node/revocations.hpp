// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "lib/pki/folder.hpp"
#include "storage/cluster/cluster_repository.hpp"

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace hamlet::node {

/// Of `hamlet serve`, when this node's own certificate was revoked: EX_NOPERM of sysexits.h. Who
/// watches the program does not start it again (deploy/systemd).
constexpr int exit_revoked = 77;

/// Has the certificate in this folder been revoked, by the list in it?
bool is_revoked(const pki::folder& papers);

/// Before a node joins: takes the store's list into the folder, where it is the later one.
/// errc::bad_setup: this node's certificate is in the list.
result<void_t> check_own(const pki::folder& papers, pki::identity& who,
                         sql::cluster_repository& rows);

/// What the actor below works with; what is behind the functions must outlive it.
struct revocation_parts {
  pki::folder papers;
  pki::identity who; ///< as this program has begun
  sql::cluster_repository rows;
  /// Links of those in the list are cut, other nodes are told.
  std::function<result<void>(const std::string& pem)> cut;
  std::function<void()> on_own; ///< our certificate is in the list; once
};

struct revocations_state {
  static inline const char* name = "revocations";

  void look();

  caf::event_based_actor* self = nullptr;
  std::optional<revocation_parts> parts;
  std::uint64_t known = 0; ///< number of the latest list

private:
  void compare(const pki::trust& ours, const result<std::string>& stored);
  void spread(const pki::trust& believes);

  deadlines limits_;
  bool is_looking_ = false;
  bool looks_again_ = false; ///< somebody has asked meanwhile
  bool is_over_ = false;
};

/// Keeps one list of revoked certificates in the folder, in the store and on the links: commands
/// change the folder of the authority's node; other nodes hear of it by their links, and by the
/// store, to which comes whoever owns anything: also a node that no other one lets in any more.
/// Looks every 20 seconds.
caf::behavior revocations(caf::stateful_actor<revocations_state>* self, revocation_parts parts);

/// Looks now. Any thread.
void look(const caf::actor& revocations);

} // namespace hamlet::node
