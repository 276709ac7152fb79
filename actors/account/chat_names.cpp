// SPDX-License-Identifier: Apache-2.0
#include "actors/account/account.hpp"
#include "actors/account/reserved_names.hpp"
#include "actors/resume.hpp"
#include "lib/base/clock.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/mail/names.hpp"

#include <charconv>

// Which nick is whose, and which name an account has in chat.

namespace hamlet {

using account::v1::AccountFound;
using account::v1::Changed;
using account::v1::NickOwner;
using account::v1::Nicks;

namespace {

/// The number in "ann/17"; nullopt: the name of an account of the default domain.
std::optional<std::int64_t> number_in(std::string_view chat_name) {
  auto slash = chat_name.rfind('/');
  if (slash == chat_name.npos)
    return std::nullopt;
  auto digits = chat_name.substr(slash + 1);
  std::int64_t id = 0;
  auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (fault != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return id;
}

} // namespace

// An address would tell where mail can be sent to, and mail to members is for those who know them.
std::string chat_name_of(const sql::login& login) {
  auto& who = login.who;
  return login.is_in_default_domain ? who.local : who.local + '/' + std::to_string(who.id);
}

caf::result<Changed> account_state::group_nick(const account::v1::GroupNick& msg) {
  auto promise = owe<Changed>(self);
  auto rules = parts->rules->get();
  if (!irc::is_valid_nick(msg.nick(), rules->nick_length, rules->utf8_names)
      || is_reserved_name(msg.nick(), rules->reserved_names)) {
    end_change(promise, Changed::INVALID);
    return promise;
  }
  sql::chat_nick fresh;
  fresh.folded = irc::fold(msg.nick());
  fresh.nick = msg.nick();
  fresh.skeleton = irc::confusable_key(msg.nick());
  fresh.account_id = msg.account_id();
  fresh.added_ms = fresh.used_ms = unix_milliseconds();
  parts->chat.group(std::move(fresh), rules->nicks_per_account, tell_change(promise));
  return promise;
}

caf::result<Changed> account_state::ungroup_nick(const account::v1::UngroupNick& msg) {
  auto promise = owe<Changed>(self);
  parts->chat.ungroup(msg.account_id(), irc::fold(msg.nick()), tell_change(promise));
  return promise;
}

caf::result<Nicks> account_state::list_nicks(const account::v1::ListNicks& msg) {
  auto promise = owe<Nicks>(self);
  using found = std::vector<sql::chat_nick>;
  auto then = [promise](result<found> rows) mutable {
    settle(promise, rows.map([](const found& all) {
      Nicks answer;
      for (auto& x : all) {
        auto& one = *answer.add_nick();
        one.set_nick(x.nick);
        one.set_added_ms(x.added_ms);
        one.set_used_ms(x.used_ms);
      }
      return answer;
    }));
  };
  parts->chat.nicks(msg.account_id(), resume<found>(self, limits, store_timeout, std::move(then)));
  return promise;
}

caf::result<NickOwner> account_state::owner_of_nick(const account::v1::OwnerOfNick& msg) {
  auto promise = owe<NickOwner>(self);
  auto folded = irc::fold(msg.nick());
  auto then = [this, promise, folded, nick = msg.nick(),
               asker = msg.account_id()](result<std::optional<std::int64_t>> owner) mutable {
    if (!owner)
      return refuse(promise, owner.error());
    if (!*owner)
      return look_for_alike(nick, promise);
    if (**owner == asker)
      parts->chat.touch_nick(folded, unix_milliseconds(), [](const result<void_t>&) {});
    tell_owner(**owner, promise);
  };
  parts->chat.owner(
    folded, resume<std::optional<std::int64_t>>(self, limits, store_timeout, std::move(then)));
  return promise;
}

/// A nick of ASCII alone is like another one only if that one is not (lib/irc/casemap.hpp).
void account_state::look_for_alike(const std::string& nick, owning promise) {
  auto key = irc::confusable_key(nick);
  auto alone = irc::needs_key_alone(nick);
  auto by_name = [this, promise](result<std::optional<std::int64_t>> owner) mutable {
    if (!owner)
      return refuse(promise, owner.error());
    tell_owner(owner->value_or(0), promise);
  };
  auto then = [this, promise, key, alone,
               by_name](result<std::optional<sql::chat_nick>> row) mutable {
    if (!row)
      return refuse(promise, row.error());
    if (*row && (alone || irc::needs_key_alone((*row)->nick)))
      return tell_owner((*row)->account_id, promise);
    if (!alone)
      return tell_owner(0, promise);
    // The names of accounts have no keys in the store; most are their own.
    parts->chat.owner(
      key, resume<std::optional<std::int64_t>>(self, limits, store_timeout, std::move(by_name)));
  };
  parts->chat.look_alike(
    key, resume<std::optional<sql::chat_nick>>(self, limits, store_timeout, std::move(then)));
}

void account_state::tell_owner(std::int64_t account_id, owning promise) {
  if (account_id == 0) {
    promise.deliver(NickOwner{});
    return;
  }
  auto then = [promise](result<maybe_login> login) mutable {
    if (!login)
      return refuse(promise, login.error());
    NickOwner answer;
    if (*login) { // else deleted since
      answer.set_account_id((*login)->who.id);
      answer.set_chat_name(chat_name_of(**login));
    }
    promise.deliver(std::move(answer));
  };
  parts->accounts.find_login(account_id,
                             resume<maybe_login>(self, limits, store_timeout, std::move(then)));
}

caf::result<AccountFound> account_state::find_account(const account::v1::FindAccount& msg) {
  auto promise = owe<AccountFound>(self);
  auto number = msg.account_id() != 0 ? msg.account_id() : number_in(msg.chat_name()).value_or(0);
  auto wanted = msg.account_id() != 0 ? std::string{} : irc::fold(msg.chat_name());
  auto then = [promise, wanted](result<maybe_login> login) mutable {
    if (!login)
      return refuse(promise, login.error());
    AccountFound answer;
    if (*login && (wanted.empty() || chat_name_of(**login) == wanted)) {
      auto& who = (*login)->who;
      answer.set_account_id(who.id);
      answer.set_chat_name(chat_name_of(**login));
      answer.set_display_name(who.display_name);
      answer.set_is_enabled(who.status == sql::account_status::active);
      answer.set_is_staff(who.rank != sql::role::member);
      answer.set_created_at(who.created_at);
    }
    promise.deliver(std::move(answer));
  };
  auto done = resume<maybe_login>(self, limits, store_timeout, std::move(then));
  if (number != 0)
    parts->accounts.find_login(number, std::move(done));
  else
    parts->accounts.find_login(mail::canonical_local(wanted).value_or(""), std::nullopt,
                               std::move(done));
  return promise;
}

} // namespace hamlet
