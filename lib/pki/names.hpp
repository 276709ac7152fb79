// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace hamlet::pki {

/// May a node or a cluster have this name? 1 to 32 of a-z, 0-9 and '-', which is not at the ends.
bool is_name(std::string_view name);

/// "alpha.node.hamlet": as the certificate of the node "alpha" says it.
std::string node_host(std::string_view node);
/// "ann.operator.admin.hamlet": as the certificate of the administrator "ann" says it. Roles are
/// those of lib/admin: here they are only names.
std::string admin_host(std::string_view name, std::string_view role);
/// "tea.cluster.hamlet": the same of the cluster.
std::string cluster_host(std::string_view cluster);

/// "alpha" of "alpha.node.hamlet"; empty: it is no such name.
std::string_view node_of(std::string_view host);
/// "ann" and "operator" of "ann.operator.admin.hamlet"; empty: it is no such name.
std::pair<std::string_view, std::string_view> admin_of(std::string_view host);
std::string_view cluster_of(std::string_view host);

} // namespace hamlet::pki
