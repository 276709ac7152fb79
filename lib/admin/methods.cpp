// SPDX-License-Identifier: Apache-2.0
#include "lib/admin/methods.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hamlet::admin {

namespace {

using enum role;
constexpr bool reads = false, writes = true;

constexpr method all[] = {
  {"hamlet.admin.v1.Accounts/List", viewer, reads},
  {"hamlet.admin.v1.Accounts/Get", viewer, reads},
  {"hamlet.admin.v1.Accounts/Create", admin, writes},
  {"hamlet.admin.v1.Accounts/SetPassword", admin, writes},
  {"hamlet.admin.v1.Accounts/SetRole", admin, writes},
  {"hamlet.admin.v1.Accounts/SetQuota", admin, writes},
  {"hamlet.admin.v1.Accounts/SetStatus", admin, writes},
  {"hamlet.admin.v1.Accounts/Delete", admin, writes},
  {"hamlet.admin.v1.DevicePasswords/List", viewer, reads},
  {"hamlet.admin.v1.DevicePasswords/Create", admin, writes},
  {"hamlet.admin.v1.DevicePasswords/Revoke", admin, writes},
  {"hamlet.admin.v1.Domains/List", viewer, reads},
  {"hamlet.admin.v1.Domains/Add", admin, writes},
  {"hamlet.admin.v1.Domains/Remove", admin, writes},
  {"hamlet.admin.v1.Aliases/List", viewer, reads},
  {"hamlet.admin.v1.Aliases/Add", admin, writes},
  {"hamlet.admin.v1.Aliases/Remove", admin, writes},
  {"hamlet.admin.v1.Bans/List", moderator, reads},
  {"hamlet.admin.v1.Bans/Add", moderator, writes},
  {"hamlet.admin.v1.Bans/Lift", moderator, writes},
  {"hamlet.admin.v1.Channels/List", moderator, reads}, // the secret ones, too
  {"hamlet.admin.v1.Channels/Get", moderator, reads},
  {"hamlet.admin.v1.Channels/SetOption", moderator, writes},
  {"hamlet.admin.v1.Channels/Drop", moderator, writes},
  {"hamlet.admin.v1.Sessions/List", moderator, reads}, // real addresses
  {"hamlet.admin.v1.Sessions/Disconnect", moderator, writes},
  {"hamlet.admin.v1.Queue/List", operator_, reads}, // who writes to whom
  {"hamlet.admin.v1.Queue/Get", operator_, reads},
  {"hamlet.admin.v1.Queue/Retry", operator_, writes},
  {"hamlet.admin.v1.Queue/Drop", operator_, writes},
  {"hamlet.admin.v1.Queue/Hold", operator_, writes},
  {"hamlet.admin.v1.Queue/Release", operator_, writes},
  {"hamlet.admin.v1.MailClients/List", operator_, reads}, // who reads mail from where
  {"hamlet.admin.v1.MailClients/Disconnect", operator_, writes},
  {"hamlet.admin.v1.Nodes/List", viewer, reads},
  {"hamlet.admin.v1.Nodes/Drain", operator_, writes},
  {"hamlet.admin.v1.Shards/List", viewer, reads},
  {"hamlet.admin.v1.Shards/Move", operator_, writes},
  {"hamlet.admin.v1.Shards/Drain", operator_, writes},
  {"hamlet.admin.v1.Metrics/Get", viewer, reads},
  {"hamlet.admin.v1.Audit/List", admin, reads},
  {"grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", viewer, reads},
};

constexpr std::array<std::pair<std::string_view, role>, 4> words{
  {{"viewer", viewer}, {"moderator", moderator}, {"operator", operator_}, {"admin", admin}}};

} // namespace

std::string_view to_string(role x) {
  return words[static_cast<std::size_t>(x)].first;
}

std::optional<role> role_of(std::string_view text) {
  for (auto& [word, x] : words)
    if (word == text)
      return x;
  return std::nullopt;
}

std::span<const method> methods() {
  return all;
}

const method* find_method(std::string_view name) {
  if (name.starts_with('/'))
    name.remove_prefix(1);
  auto found = std::ranges::find(all, name, &method::name);
  return found == std::end(all) ? nullptr : found;
}

} // namespace hamlet::admin
