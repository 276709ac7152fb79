// SPDX-License-Identifier: Apache-2.0
#include "lib/mail/names.hpp"

#include "lib/text/domain.hpp"
#include "lib/text/precis.hpp"

namespace hamlet::mail {

namespace {

constexpr std::size_t max_local = 64; // RFC 5321 §4.5.3.1.1

} // namespace

std::optional<std::string> canonical_local(std::string_view local) {
  if (local.empty() || local.size() > max_local)
    return std::nullopt;
  auto name = text::canonical_name(local);
  if (!name || name->size() > max_local)
    return std::nullopt;
  return std::move(*name);
}

std::optional<name_parts> login_name(std::string_view text) {
  auto at = text.rfind('@');
  auto local = canonical_local(text.substr(0, at));
  if (!local)
    return std::nullopt;
  if (at == text.npos)
    return name_parts{std::move(*local), std::nullopt};
  auto domain = text::to_ascii_domain(text.substr(at + 1));
  if (!domain)
    return std::nullopt;
  return name_parts{std::move(*local), std::move(*domain)};
}

std::string prepared_password(std::string_view password) {
  return text::opaque_string(password).value_or(std::string{password});
}

} // namespace hamlet::mail
