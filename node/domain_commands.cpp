// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/mail/names.hpp"
#include "lib/text/domain.hpp"
#include "node/command.hpp"
#include "node/open_store.hpp"
#include "node/terminal.hpp"

#include <iostream>

namespace hamlet::node {

namespace {

int add_domain(const call& c) {
  auto name = text::to_ascii_domain(c.words[0]);
  if (!name)
    return complain({errc::bad_request, '"' + c.words[0] + "\" is no domain name"});
  return with_store(c, [&](store& s) {
    auto done = wait<void_t>([&](auto f) { s.accounts().add_domain(*name, unix_seconds(), f); });
    if (!done)
      return complain(done.error());
    std::cout << "Mail for " << *name
              << " is accepted here. Messages to postmaster and abuse go to "
              << "the account postmaster until an alias says otherwise.\n";
    return 0;
  });
}

int list_domains(const call& c) {
  return with_store(c, [](store& s) {
    auto all = wait<std::vector<std::string>>([&](auto f) { s.accounts().domains(f); });
    if (!all)
      return complain(all.error());
    table rows{{"DOMAIN", ""}};
    for (auto& name : *all)
      rows.push_back({text::to_unicode_domain(name), rows.size() == 1 ? "default" : ""});
    print_table(rows);
    return 0;
  });
}

int remove_domain(const call& c) {
  auto name = text::to_ascii_domain(c.words[0]).value_or("");
  return with_store(c, [&](store& s) {
    auto done = wait<void_t>([&](auto f) { s.accounts().remove_domain(name, f); });
    if (done)
      return 0;
    return complain(done.error().code == errc::bad_request
                      ? error{errc::bad_request, name + " still has accounts or aliases"}
                      : done.error());
  });
}

/// The address of an alias in the form of the store; its domain must be said.
std::optional<mail::name_parts> alias_name(const std::string& text) {
  auto name = mail::login_name(text);
  return name && name->domain ? name : std::nullopt;
}

int change_alias(const call& c, bool add) {
  auto name = alias_name(c.words[0]);
  auto target = mail::parse_address(c.words[1]);
  if (!name || !target)
    return complain({errc::bad_request, "an alias is ADDRESS TARGET, both as local@domain"});
  auto to = target->text();
  if (auto local = mail::login_name(c.words[1]); local && local->domain)
    to = mail::address{local->local, *local->domain}.text();
  return with_store(c, [&](store& s) {
    auto done = wait<void_t>([&](auto f) {
      if (add)
        s.accounts().add_alias(name->local, *name->domain, to, f);
      else
        s.accounts().remove_alias(name->local, *name->domain, to, f);
    });
    return done ? 0 : complain(done.error());
  });
}

int add_alias(const call& c) {
  return change_alias(c, true);
}
int remove_alias(const call& c) {
  return change_alias(c, false);
}

int list_aliases(const call& c) {
  using pairs = std::vector<std::pair<std::string, std::string>>;
  return with_store(c, [](store& s) {
    auto all = wait<pairs>([&](auto f) { s.accounts().aliases(f); });
    if (!all)
      return complain(all.error());
    table rows{{"ALIAS", "TARGET"}};
    for (auto& [alias, target] : *all)
      rows.push_back({alias, target});
    print_table(rows);
    return 0;
  });
}

constexpr command commands[] = {
  {"domain add", "DOMAIN", 1, 1, "", "Accepts mail for a domain.", add_domain},
  {"domain list", "", 0, 0, "", "Lists the domains of this community.", list_domains},
  {"domain remove", "DOMAIN", 1, 1, "", "Forgets an empty domain.", remove_domain},
  {"alias add", "ADDRESS TARGET", 2, 2, "", "Mail for ADDRESS goes (also) to TARGET.", add_alias},
  {"alias list", "", 0, 0, "", "Lists the aliases.", list_aliases},
  {"alias remove", "ADDRESS TARGET", 2, 2, "", "Mail for ADDRESS no longer goes to TARGET.",
   remove_alias},
};

} // namespace

std::span<const command> domain_commands() {
  return commands;
}

} // namespace hamlet::node
