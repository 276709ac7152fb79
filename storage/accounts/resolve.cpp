// SPDX-License-Identifier: Apache-2.0
#include "storage/accounts/account_rows.hpp"

#include <algorithm>
#include <set>

namespace hamlet::sql {

namespace {

using std::int64_t;

constexpr int deepest = 10; // aliases behind one another

/// One walk from an address to the accounts and hosts behind it.
class walk {
public:
  walk(database& db, std::string_view separator) : db_{db}, separator_{separator} {}

  result<destination> from(std::string_view local, std::string_view domain) {
    return is_local_domain(db_, domain).and_then([&](bool ours) -> result<destination> {
      out_.is_local_domain = ours;
      if (!ours)
        return out_;
      return visit(local, domain, 0).and_then([&]() -> result<destination> {
        if (out_.account_ids.empty() && out_.remote.empty())
          return fail(errc::not_found, "nobody of that name");
        return std::move(out_);
      });
    });
  }

private:
  /// An address in a domain of ours; one that leads nowhere adds nothing.
  result<void> visit(std::string_view local, std::string_view domain, int depth) {
    if (depth > deepest || !seen_.insert(joined(local, domain)).second)
      return {};
    return find_account(db_, local, domain).and_then([&](std::optional<int64_t> id) {
      return id ? add(*id) : visit_alias(local, domain, depth);
    });
  }

  result<void> visit_alias(std::string_view local, std::string_view domain, int depth) {
    return alias_targets(db_, local, domain)
      .and_then([&](const std::vector<std::string>& targets) -> result<void> {
        if (targets.empty())
          return visit_other(local, domain, depth);
        for (auto& target : targets)
          if (auto done = visit_target(target, depth + 1); !done)
            return done;
        return {};
      });
  }

  result<void> visit_target(const std::string& target, int depth) {
    auto parts = split_address(target);
    return is_local_domain(db_, parts.domain).and_then([&](bool ours) -> result<void> {
      if (ours)
        return visit(parts.local, parts.domain, depth);
      if (seen_.insert(target).second)
        out_.remote.push_back(target);
      return {};
    });
  }

  /// Neither account nor alias as it stands.
  result<void> visit_other(std::string_view local, std::string_view domain, int depth) {
    auto tag = local.find(separator_); // 0 without a separator
    if (tag != local.npos && tag > 0)
      return visit(local.substr(0, tag), domain, depth);
    if (local != "postmaster" && local != "abuse") // RFC 5321 §4.5.1, RFC 2142 §5
      return {};
    return default_domain(db_).and_then(
      [&](const std::string& home) { return visit("postmaster", home, depth + 1); });
  }

  result<void> add(int64_t id) {
    if (std::ranges::find(out_.account_ids, id) != out_.account_ids.end())
      return {};
    return room_of_account(db_, id).map([&](const usage& room) {
      out_.account_ids.push_back(id);
      out_.rooms.push_back(room);
    });
  }

  database& db_;
  std::string_view separator_;
  destination out_;
  std::set<std::string> seen_;
};

} // namespace

result<destination> resolve_address(database& db, std::string_view local, std::string_view domain,
                                    std::string_view separator) {
  if (!domain.empty())
    return walk{db, separator}.from(local, domain);
  if (local != "postmaster")
    return fail(errc::bad_request, "an address without a domain");
  return default_domain(db).and_then( // RFC 5321 §4.5.1: "RCPT TO:<postmaster>"
    [&](const std::string& home) {
      return walk{db, separator}.from(local, home);
    });
}

} // namespace hamlet::sql
