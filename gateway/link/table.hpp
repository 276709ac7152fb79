// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/cluster/link_events.hpp"
#include "gateway/link/session.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hamlet::link {

/// Which peers there are, which incarnation of each is known, and when to dial whom. No socket and
/// no clock; whoever owns it has a lock.
class table {
public:
  table(std::int64_t own_id, const rules& limits) : own_id_{own_id}, limits_{limits} {}

  /// The nodes of the latest view. @return node_ids whose link must end: they have gone, or an
  /// incarnation later than the linked one is in the view.
  std::vector<std::int64_t> set(std::vector<cluster::link_peer> peers);

  bool expects(std::string_view name) const;

  /// Why somebody who says this is not welcome. @param certified The name in the certificate.
  /// @param dialled Whom we have called; 0: we were called.
  std::optional<Refused> judge(const Hello& x, std::string_view certified,
                               std::int64_t dialled) const;

  /// Peers that we should call now. Each is not due again until ended().
  std::vector<cluster::link_peer> due(instant now);

  void linked(std::int64_t node_id, std::int64_t incarnation);

  /// A call to it, or its link, has ended: when it is due again. @param chance From 0 to 1.
  void ended(std::int64_t node_id, bool was_up, double chance, instant now);

  const cluster::link_peer* find(std::int64_t node_id) const;
  const cluster::link_peer* of_incarnation(std::int64_t incarnation) const;
  /// The latest incarnation that is known of it: by the view or by its own Hello.
  std::int64_t latest(std::int64_t node_id) const;

private:
  struct entry {
    cluster::link_peer row;
    std::int64_t linked = 0; ///< incarnation of its link; 0: none
    std::int64_t seen = 0;   ///< the latest that has said Hello
    bool is_called = false;
    instant pause{0};
    instant due{0};
  };

  std::int64_t own_id_;
  rules limits_;
  std::map<std::int64_t, entry> entries_; ///< by node_id
};

} // namespace hamlet::link
