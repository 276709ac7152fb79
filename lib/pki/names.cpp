// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/names.hpp"

#include "lib/text/ascii.hpp"

#include <algorithm>

namespace hamlet::pki {

namespace {

constexpr std::size_t max_name = 32;
constexpr std::string_view node_suffix = ".node.hamlet";
constexpr std::string_view admin_suffix = ".admin.hamlet";
constexpr std::string_view cluster_suffix = ".cluster.hamlet";

std::string_view before(std::string_view host, std::string_view suffix) {
  if (!host.ends_with(suffix))
    return {};
  host.remove_suffix(suffix.size());
  return is_name(host) ? host : std::string_view{};
}

} // namespace

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= max_name && name.front() != '-' && name.back() != '-'
         && std::ranges::all_of(
           name, [](char x) { return (x >= 'a' && x <= 'z') || ascii::is_digit(x) || x == '-'; });
}

std::string node_host(std::string_view node) {
  return std::string{node} += node_suffix;
}

std::string admin_host(std::string_view name, std::string_view role) {
  return (std::string{name} += '.') += std::string{role} += admin_suffix;
}

std::string cluster_host(std::string_view cluster) {
  return std::string{cluster} += cluster_suffix;
}

std::string_view node_of(std::string_view host) {
  return before(host, node_suffix);
}

std::pair<std::string_view, std::string_view> admin_of(std::string_view host) {
  if (!host.ends_with(admin_suffix))
    return {};
  host.remove_suffix(admin_suffix.size());
  auto dot = host.find('.');
  if (dot == host.npos || !is_name(host.substr(0, dot)) || !is_name(host.substr(dot + 1)))
    return {};
  return {host.substr(0, dot), host.substr(dot + 1)};
}

std::string_view cluster_of(std::string_view host) {
  return before(host, cluster_suffix);
}

} // namespace hamlet::pki
