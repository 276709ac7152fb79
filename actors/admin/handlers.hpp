// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/admin/admin.hpp"
#include "lib/mail/names.hpp"

// What the handlers share: templates of admin_state that only they need.

namespace hamlet::admin {

template <class Reply, class Then>
void admin_state::with_address(const std::string& field, const std::string& text, given<Reply> done,
                               Then then) {
  auto wanted = mail::login_name(text);
  if (!wanted)
    return done.bad(field, "must be an address, such as ann@example.org");
  if (wanted->domain)
    return then(wanted->local, *wanted->domain);
  find_domain([=, local = wanted->local](result<std::string> home) {
    if (!home)
      return done.fail(home.error());
    then(local, *home);
  });
}

template <class Reply, class Then>
void admin_state::with_account(const std::string& address, given<Reply> done, Then then) {
  with_address("address", address, done,
               [=, this](const std::string& local, const std::string& domain) {
                 using maybe = std::optional<sql::login>;
                 auto found = [=](result<maybe> login) {
                   if (!login)
                     return done.fail(login.error());
                   if (!*login)
                     return done.no(status::not_found, "there is no account " + address);
                   then(**login);
                 };
                 parts->accounts.find_login(local, domain, back<maybe>(std::move(found)));
               });
}

template <class Reply, class Then>
void admin_state::manage(account::v1::ManageAccount ask, given<Reply> done, Then then) {
  auto& owner = parts->owners->account_of(ask.local() + '@' + ask.domain());
  request<account::v1::AccountManaged>(self, limits, owner_timeout, owner, std::move(ask),
                                       std::move(then), [done](const caf::error& why) {
                                         done.fail({code_of(why), detail_of(why)});
                                       });
}

} // namespace hamlet::admin
