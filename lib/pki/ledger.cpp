// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/ledger.hpp"

#include <algorithm>
#include <sstream>

namespace hamlet::pki {

result<ledger> ledger::read(const std::string& text) {
  ledger found;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string what;
    words >> what;
    if (what == "token") {
      auto& x = found.tokens.emplace_back();
      words >> x.id >> x.key >> x.expires;
    } else if (what == "issued") {
      auto& x = found.issued.emplace_back();
      words >> x.serial >> x.node >> x.not_after;
    } else if (what == "revoked") {
      auto& x = found.revocations.emplace_back();
      words >> x.serial >> x.since;
    } else if (what == "list") {
      words >> found.number;
    } else {
      words.setstate(std::ios::failbit);
    }
    if (!words)
      return fail(errc::bad_setup, "the books of the authority have a line that is none: " + line);
  }
  return found;
}

std::string ledger::text() const {
  std::ostringstream out;
  out << "list " << number << '\n';
  for (auto& x : tokens)
    out << "token " << x.id << ' ' << x.key << ' ' << x.expires << '\n';
  for (auto& x : issued)
    out << "issued " << x.serial << ' ' << x.node << ' ' << x.not_after << '\n';
  for (auto& x : revocations)
    out << "revoked " << x.serial << ' ' << x.since << '\n';
  return out.str();
}

result<token_record> ledger::spend(const std::string& id, std::int64_t now) {
  auto found = std::ranges::find(tokens, id, &token_record::id);
  if (found == tokens.end())
    return fail(errc::not_found, "the token is unknown here, or was used before");
  auto spent = *found;
  tokens.erase(found);
  if (spent.expires <= now)
    return fail(errc::not_found, "the token is too old");
  return spent;
}

std::size_t ledger::revoke(const std::string& serial_or_node, std::int64_t now) {
  std::size_t taken = 0;
  for (auto& x : issued) {
    if ((x.serial != serial_or_node && x.node != serial_or_node) || is_revoked(x.serial))
      continue;
    revocations.push_back({x.serial, now});
    ++taken;
  }
  return taken;
}

bool ledger::is_revoked(const std::string& serial) const {
  return std::ranges::find(revocations, serial, &revoked::serial) != revocations.end();
}

// A revoked certificate stays in the list until it would have ended anyway (RFC 5280 §3.3).
void ledger::sweep(std::int64_t now) {
  std::erase_if(tokens, [now](auto& x) { return x.expires <= now; });
  std::erase_if(issued, [&](const entry& x) {
    if (x.not_after + day > now)
      return false;
    std::erase_if(revocations, [&](auto& y) { return y.serial == x.serial; });
    return true;
  });
}

} // namespace hamlet::pki
