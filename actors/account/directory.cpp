// SPDX-License-Identifier: Apache-2.0
#include "actors/account/account.hpp"
#include "actors/resume.hpp"
#include "lib/mail/names.hpp"

using namespace std::chrono_literals;

namespace hamlet {

caf::result<account::v1::Resolved> account_state::resolve(const account::v1::Resolve& msg) {
  auto promise = owe<account::v1::Resolved>(self);
  auto then = [this, promise, size = msg.declared_size()](result<sql::destination> where) mutable {
    if (!where)
      return refuse(promise, where.error());
    account::v1::Resolved answer;
    answer.set_is_local_domain(where->is_local_domain);
    answer.mutable_account_ids()->Add(where->account_ids.begin(), where->account_ids.end());
    for (auto& x : where->remote)
      answer.add_remote(x);
    // An alias of many is not refused for the sake of one that is full.
    if (where->rooms.size() == 1) {
      auto& room = where->rooms.front();
      auto quota = room.quota_bytes != 0 ? room.quota_bytes : parts->rules->get()->default_quota;
      if (quota != 0 && room.bytes >= quota)
        return refuse(promise, {errc::over_quota, "mailbox full"});
      answer.set_too_large(quota != 0 && size > static_cast<std::uint64_t>(quota - room.bytes));
    }
    promise.deliver(std::move(answer));
  };
  parts->accounts.resolve(mail::canonical_local(msg.local()).value_or(""), msg.domain(),
                          resume<sql::destination>(self, limits, store_timeout, std::move(then)),
                          parts->rules->get()->subaddress_separator);
  return promise;
}

// RFC 5321 §3.5.1: a member's name and address, or the members of a list.
caf::result<account::v1::NamesFound> account_state::find_names(const account::v1::FindNames& msg) {
  auto asked = mail::login_name(msg.text());
  if (!asked)
    return to_caf({errc::not_found, "no such name"});
  auto promise = owe<account::v1::NamesFound>(self);
  if (msg.expand()) {
    auto then = [promise](result<std::vector<std::string>> members) mutable {
      settle(promise, members.map([](const std::vector<std::string>& all) {
        account::v1::NamesFound names;
        for (auto& x : all)
          names.add_line('<' + x + '>');
        return names;
      }));
    };
    parts->accounts.expand(
      asked->local, asked->domain.value_or(""),
      resume<std::vector<std::string>>(self, limits, store_timeout, std::move(then)));
    return promise;
  }
  auto then = [promise](result<std::optional<sql::login>> login) mutable {
    if (!login || !*login)
      return refuse(promise, login ? error{errc::not_found, "no such name"} : login.error());
    auto& who = (*login)->who;
    account::v1::NamesFound names;
    auto display = who.display_name.empty() ? "" : who.display_name + ' ';
    names.add_line(display + '<' + mail::address{who.local, who.domain}.text() + '>');
    promise.deliver(std::move(names));
  };
  parts->accounts.find_login(
    asked->local, asked->domain,
    resume<std::optional<sql::login>>(self, limits, store_timeout, std::move(then)));
  return promise;
}

} // namespace hamlet
