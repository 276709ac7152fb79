// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/handlers.hpp"
#include "actors/admin/paging.hpp"
#include "lib/mail/address.hpp"
#include "lib/text/domain.hpp"

#include <algorithm>

namespace hamlet::admin {

namespace {

using names = std::vector<std::string>;
using pairs = std::vector<std::pair<std::string, std::string>>;

/// The target of an alias as the store has it: ours in the form of accounts. nullopt: no address.
std::optional<std::string> target_of(const std::string& text) {
  auto target = mail::parse_address(text);
  if (!target)
    return std::nullopt;
  auto local = mail::login_name(text);
  return local && local->domain ? mail::address{local->local, *local->domain}.text()
                                : target->text();
}

template <class Request, class Reply>
std::optional<mail::name_parts> alias_of(const Request& x, given<Reply> done, std::string& target) {
  auto wanted = mail::login_name(x.address());
  auto to = target_of(x.target());
  if (!wanted || !wanted->domain)
    return done.bad("address", "must be an address with its domain"), std::nullopt;
  if (!to)
    return done.bad("target", "must be an address with its domain"), std::nullopt;
  target = *to;
  return wanted;
}

} // namespace

void admin_state::list_domains(const v1::ListDomainsRequest& x,
                               given<v1::ListDomainsResponse> done) {
  parts->accounts.domains(back<names>([done, x](result<names> all) {
    if (!all)
      return done.fail(all.error());
    auto home = all->empty() ? std::string{} : all->front();
    std::ranges::sort(*all);
    v1::ListDomainsResponse reply;
    reply.set_next_page_token(page_of(
      x, *all, [](const std::string& one) { return std::string_view{one}; },
      [&](const std::string& one) {
        auto& out = *reply.add_domains();
        out.set_name(one);
        out.set_is_default(one == home);
      }));
    done(reply);
  }));
}

void admin_state::add_domain(const v1::AddDomainRequest& x, given<v1::Domain> done) {
  auto wanted = text::to_ascii_domain(x.name());
  if (!wanted)
    return done.bad("name", "must be a domain name");
  v1::Domain reply;
  reply.set_name(*wanted);
  if (x.validate_only())
    return done(reply);
  auto then = [=, this](const result<void_t>& added) {
    if (!added)
      return done.fail(added.error());
    find_domain([=](const result<std::string>& home) mutable {
      reply.set_is_default(home && *home == reply.name());
      done(reply);
    });
  };
  parts->accounts.add_domain(*wanted, parts->now_ms() / 1000, back<void_t>(std::move(then)));
}

void admin_state::remove_domain(const v1::RemoveDomainRequest& x,
                                given<v1::RemoveDomainResponse> done) {
  auto wanted = text::to_ascii_domain(x.name());
  if (!wanted)
    return done.bad("name", "must be a domain name");
  auto there = [=, this](const result<names>& all) {
    if (!all)
      return done.fail(all.error());
    if (std::ranges::find(*all, *wanted) == all->end())
      return done.no(status::not_found, *wanted + " is no domain of ours");
    if (x.validate_only())
      return done({});
    auto then = [=](const result<void_t>& gone) {
      if (gone)
        return done({});
      if (gone.error().code == errc::bad_request)
        return done.no(status::failed_precondition, *wanted + " still has accounts or aliases");
      done.fail(gone.error());
    };
    parts->accounts.remove_domain(*wanted, back<void_t>(std::move(then)));
  };
  parts->accounts.domains(back<names>(std::move(there)));
}

void admin_state::list_aliases(const v1::ListAliasesRequest& x,
                               given<v1::ListAliasesResponse> done) {
  parts->accounts.aliases(back<pairs>([done, x](result<pairs> all) {
    if (!all)
      return done.fail(all.error());
    std::ranges::sort(*all);
    v1::ListAliasesResponse reply;
    auto key = [](const auto& one) { return one.first + ' ' + one.second; };
    reply.set_next_page_token(page_of(x, *all, key, [&](const auto& one) {
      auto& out = *reply.add_aliases();
      out.set_address(one.first);
      out.set_target(one.second);
    }));
    done(reply);
  }));
}

void admin_state::add_alias(const v1::AddAliasRequest& x, given<v1::Alias> done) {
  std::string target;
  auto wanted = alias_of(x, done, target);
  if (!wanted)
    return;
  auto there = [=, this](const result<names>& all) {
    if (!all)
      return done.fail(all.error());
    if (std::ranges::find(*all, *wanted->domain) == all->end())
      return done.no(status::not_found, *wanted->domain + " is no domain of ours");
    v1::Alias reply;
    reply.set_address(mail::address{wanted->local, *wanted->domain}.text());
    reply.set_target(target);
    if (x.validate_only())
      return done(reply);
    auto then = [=](const result<void_t>& added) {
      if (!added)
        return done.fail(added.error());
      done(reply);
    };
    parts->accounts.add_alias(wanted->local, *wanted->domain, target,
                              back<void_t>(std::move(then)));
  };
  parts->accounts.domains(back<names>(std::move(there)));
}

void admin_state::remove_alias(const v1::RemoveAliasRequest& x,
                               given<v1::RemoveAliasResponse> done) {
  std::string target;
  auto wanted = alias_of(x, done, target);
  if (!wanted)
    return;
  if (x.validate_only())
    return done({});
  auto then = [=](const result<void_t>& gone) {
    if (gone)
      return done({});
    if (gone.error().code == errc::not_found)
      return done.no(status::not_found, "there is no such alias");
    done.fail(gone.error());
  };
  parts->accounts.remove_alias(wanted->local, *wanted->domain, target,
                               back<void_t>(std::move(then)));
}

} // namespace hamlet::admin
