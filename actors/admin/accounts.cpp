// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/handlers.hpp"
#include "actors/admin/paging.hpp"
#include "lib/mail/address.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <array>

namespace hamlet::admin {

using account::v1::AccountManaged;
using account::v1::ManageAccount;

namespace {

constexpr std::size_t longest_password = 1024; // octets, as at a login
constexpr std::size_t longest_name = 128;
constexpr std::int64_t largest_quota = std::int64_t{1} << 50;
constexpr std::array<std::string_view, 3> ranks{"member", "moderator", "admin"};
constexpr std::array<std::string_view, 2> states{"active", "disabled"};

/// The place of a word in its list; -1: it is none of them.
template <std::size_t N>
int place_of(const std::array<std::string_view, N>& words, std::string_view text) {
  auto found = std::ranges::find(words, text);
  return found == words.end() ? -1 : static_cast<int>(found - words.begin());
}

void write(const sql::account& who, v1::Account& into) {
  into.set_address(mail::address{who.local, who.domain}.text());
  into.set_id(who.id);
  into.set_display_name(who.display_name);
  into.set_role(std::string{ranks.at(static_cast<std::size_t>(who.rank))});
  into.set_status(std::string{states.at(static_cast<std::size_t>(who.status))});
  into.set_quota_bytes(who.quota_bytes);
  into.set_has_password(who.password.has_value());
  into.set_created_s(who.created_at);
  into.set_sent_s(who.last_used[0]);
  into.set_fetched_s(who.last_used[1]);
  into.set_chatted_s(who.last_used[2]);
}

/// What is wrong with it, if anything.
std::string problem_of_password(const std::string& text) {
  if (text.empty() || text.size() > longest_password)
    return "has 1 to 1024 octets";
  return text.find('\0') != text.npos ? "must not have a NUL" : "";
}

bool is_display_name(const std::string& text) {
  return text.size() <= longest_name
         && std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

} // namespace

void admin_state::find_domain(std::function<void(result<std::string>)> then) {
  using names = std::vector<std::string>;
  parts->accounts.domains(back<names>([then = std::move(then)](const result<names>& all) {
    if (!all)
      return then(tl::unexpected{all.error()});
    if (all->empty())
      return then(fail(errc::not_found, "there is no domain yet"));
    then(all->front());
  }));
}

void admin_state::list_accounts(const v1::ListAccountsRequest& x,
                                given<v1::ListAccountsResponse> done) {
  auto size = page_size_of(x);
  using rows = std::vector<sql::account>;
  auto then = [done, size](const result<rows>& found) {
    if (!found)
      return done.fail(found.error());
    v1::ListAccountsResponse reply;
    for (auto& one : *found)
      if (static_cast<std::size_t>(reply.accounts_size()) < size)
        write(one, *reply.add_accounts());
    if (found->size() > size) {
      auto& last = (*found)[size - 1];
      reply.set_next_page_token(last.local + '@' + last.domain);
    }
    done(reply);
  };
  parts->accounts.list(x.page_token(), size + 1, back<rows>(std::move(then)));
}

void admin_state::get_account(const v1::GetAccountRequest& x, given<v1::Account> done) {
  with_account(x.address(), done, [=, this](const sql::login& found) { show(found.who.id, done); });
}

/// An account, whole.
void admin_state::show(std::int64_t account_id, given<v1::Account> done) {
  using maybe = std::optional<sql::login>;
  auto with_login = [this, done](const result<maybe>& found) {
    if (!found)
      return done.fail(found.error());
    if (!*found)
      return done.no(status::not_found, "the account has gone");
    v1::Account reply;
    write((*found)->who, reply);
    for (auto& alias : (*found)->aliases)
      reply.add_aliases(alias);
    auto with_room = [done, reply](const result<sql::usage>& room) mutable {
      if (!room)
        return done.fail(room.error());
      reply.set_mailbox_bytes(room->bytes);
      reply.set_mailbox_messages(room->messages);
      done(reply);
    };
    parts->accounts.room_of((*found)->who.id, back<sql::usage>(std::move(with_room)));
  };
  parts->accounts.find_login(account_id, back<maybe>(std::move(with_login)));
}

void admin_state::create_account(const v1::CreateAccountRequest& x, given<v1::Account> done) {
  auto rank = x.role().empty() ? 0 : place_of(ranks, x.role());
  if (rank < 0)
    return done.bad("role", "is member, moderator or admin");
  if (!is_display_name(x.display_name()))
    return done.bad("display_name", "has at most 128 octets and no controls");
  if (auto problem = problem_of_password(x.password()); !problem.empty())
    return done.bad("password", problem);
  with_address("address", x.address(), done,
               [=, this](const std::string& local, const std::string& domain) {
                 ManageAccount ask;
                 ask.set_local(local);
                 ask.set_domain(domain);
                 ask.mutable_create()->set_display_name(x.display_name());
                 ask.mutable_create()->set_rank(rank);
                 ask.mutable_create()->set_password(x.password());
                 using maybe = std::optional<sql::login>;
                 auto then = [=, this](const result<maybe>& there) mutable {
                   if (!there)
                     return done.fail(there.error());
                   if (*there)
                     return done.no(status::already_exists, x.address() + " is taken");
                   if (x.validate_only())
                     return done({});
                   manage(std::move(ask), done,
                          [=, this](const AccountManaged& made) { show(made.account_id(), done); });
                 };
                 parts->accounts.find_login(local, domain, back<maybe>(std::move(then)));
               });
}

template <class Request>
void admin_state::change_account(const Request& x, given<v1::Account> done,
                                 std::function<void(ManageAccount&)> fill) {
  with_account(x.address(), done, [=, this, only = x.validate_only()](const sql::login& found) {
    if (only)
      return show(found.who.id, done);
    ManageAccount ask;
    ask.set_local(found.who.local);
    ask.set_domain(found.who.domain);
    fill(ask);
    manage(std::move(ask), done,
           [=, this](const AccountManaged& changed) { show(changed.account_id(), done); });
  });
}

void admin_state::set_password(const v1::SetPasswordRequest& x, given<v1::Account> done) {
  if (auto problem = problem_of_password(x.password()); !problem.empty())
    return done.bad("password", problem);
  change_account(x, done,
                 [secret = x.password()](ManageAccount& ask) { ask.set_password(secret); });
}

void admin_state::set_role(const v1::SetRoleRequest& x, given<v1::Account> done) {
  auto rank = place_of(ranks, x.role());
  if (rank < 0)
    return done.bad("role", "is member, moderator or admin");
  change_account(x, done, [rank](ManageAccount& ask) { ask.set_rank(rank); });
}

void admin_state::set_quota(const v1::SetQuotaRequest& x, given<v1::Account> done) {
  auto octets = x.quota_bytes();
  if (octets < 0 || octets > largest_quota)
    return done.bad("quota_bytes", "is a number of octets, or 0 for the default");
  change_account(x, done, [octets](ManageAccount& ask) { ask.set_quota_bytes(octets); });
}

void admin_state::set_status(const v1::SetStatusRequest& x, given<v1::Account> done) {
  auto state = place_of(states, x.status());
  if (state < 0)
    return done.bad("status", "is active or disabled");
  change_account(x, done, [state](ManageAccount& ask) { ask.set_status(state); });
}

void admin_state::delete_account(const v1::DeleteAccountRequest& x,
                                 given<v1::DeleteAccountResponse> done) {
  with_account(x.address(), done, [=, this, only = x.validate_only()](const sql::login& found) {
    if (only)
      return done({});
    ManageAccount ask;
    ask.set_local(found.who.local);
    ask.set_domain(found.who.domain);
    ask.set_remove(true);
    manage(std::move(ask), done, [done](const AccountManaged&) { done({}); });
  });
}

} // namespace hamlet::admin
