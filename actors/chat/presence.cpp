// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/presence.hpp"

#include "actors/chat/presence_state.hpp"
#include "lib/base/clock.hpp"

namespace hamlet {

using presence_parts::hash_of;
using presence_parts::raise;

presence::presence(limits bounds) : state_{std::make_unique<state>(bounds)} {
}
presence::presence() : presence{limits{}} {
}
presence::~presence() = default;

// -- users ----------------------------------------------------------------------------------------

void presence::put(const user_ref& user) {
  put(std::make_shared<const packed_user>(*user));
}

void presence::put(packed_ref user) {
  learn(user);
  if (listener_ != nullptr)
    listener_->user_put(user);
}

void presence::remove(std::int64_t session_id, std::int64_t now_ms) {
  forget(session_id, now_ms);
  if (listener_ != nullptr)
    listener_->user_removed(session_id, now_ms);
}

void presence::learn(packed_ref user) {
  packed_ref before;
  {
    auto& [mutex, table] = state_->users.of(hash_of(user->session_id()));
    std::unique_lock lock{mutex};
    before = std::exchange(table[user->session_id()], user);
  }
  state_->count(*user, true);
  if (before)
    state_->count(*before, false);
  raise(state_->most_users, state_->user_count);
  auto same_nick = before && irc::same_name(before->nick(), user->nick());
  {
    auto& [mutex, table] = state_->nicks.of(hash_of(user->nick()));
    std::unique_lock lock{mutex};
    if (auto at = table.find(user->nick()); at != table.end())
      table.erase(at);
    table.insert(user);
  }
  if (before && !same_nick) {
    state_->unlist_nick(before);
    state_->remember(before, unix_milliseconds());
  }
  if (before)
    state_->unlist_account(before);
  if (user->account_id() != 0) {
    auto& [mutex, table] = state_->accounts.of(hash_of(user->account_id()));
    std::unique_lock lock{mutex};
    table.emplace(user->account_id(), user);
  }
}

void presence::forget(std::int64_t session_id, std::int64_t now_ms) {
  packed_ref before;
  {
    auto& [mutex, table] = state_->users.of(hash_of(session_id));
    std::unique_lock lock{mutex};
    auto at = table.find(session_id);
    if (at == table.end())
      return;
    before = std::move(at->second);
    table.erase(at);
  }
  state_->count(*before, false);
  state_->unlist_nick(before);
  state_->unlist_account(before);
  state_->remember(before, now_ms);
  std::vector<presence_parts::place> left;
  {
    auto& [mutex, table] = state_->places.of(hash_of(session_id));
    std::unique_lock lock{mutex};
    if (auto at = table.find(session_id); at != table.end()) {
      left = std::move(at->second);
      table.erase(at);
    }
  }
  for (auto& x : left)
    state_->unshare_name(std::move(x.channel));
}

packed_ref presence::find_packed(std::string_view nick) const {
  auto& [mutex, table] = state_->nicks.of(hash_of(nick));
  std::shared_lock lock{mutex};
  auto at = table.find(nick);
  return at == table.end() ? nullptr : *at;
}

packed_ref presence::find_packed(std::int64_t session_id) const {
  auto& [mutex, table] = state_->users.of(hash_of(session_id));
  std::shared_lock lock{mutex};
  auto at = table.find(session_id);
  return at == table.end() ? nullptr : at->second;
}

user_ref presence::find(std::string_view nick) const {
  auto x = find_packed(nick);
  return x ? std::make_shared<const user_card>(x->card()) : nullptr;
}

user_ref presence::find(std::int64_t session_id) const {
  auto x = find_packed(session_id);
  return x ? std::make_shared<const user_card>(x->card()) : nullptr;
}

std::vector<packed_ref> presence::of_account(std::int64_t account_id) const {
  std::vector<packed_ref> found;
  if (account_id == 0)
    return found;
  auto& [mutex, table] = state_->accounts.of(hash_of(account_id));
  std::shared_lock lock{mutex};
  auto [from, to] = table.equal_range(account_id);
  for (auto at = from; at != to; ++at)
    found.push_back(at->second);
  return found;
}

void presence::each_user(const std::function<bool(const user_ref&)>& f) const {
  for (auto& part : state_->users)
    for (auto& x : presence_parts::listed(part))
      if (!f(std::make_shared<const user_card>(x->card())))
        return;
}

void presence::each_packed(std::size_t slice,
                           const std::function<void(const packed_ref&)>& f) const {
  for (auto& x : presence_parts::listed(state_->users.at(slice)))
    f(x);
}

std::vector<former_user> presence::former(std::string_view nick, std::size_t at_most) const {
  std::vector<former_user> found;
  std::shared_lock lock{state_->former_mutex};
  for (auto at = state_->formers.rbegin(); at != state_->formers.rend() && found.size() < at_most;
       ++at)
    if (irc::same_name(at->user->nick(), nick))
      found.push_back({at->user->who(), at->until_ms});
  return found;
}

// -- LUSERS ---------------------------------------------------------------------------------------

presence::counts presence::count() const {
  counts x;
  x.invisible = state_->invisible;
  auto users = state_->user_count.load();
  x.users = users - std::min<std::size_t>(users, x.invisible);
  x.operators = state_->operators;
  x.unregistered = state_->unregistered;
  x.clients = state_->clients;
  x.channels = state_->channel_count;
  x.most_users = state_->most_users;
  x.most_clients = state_->most_clients;
  return x;
}

void presence::connection_opened() {
  ++state_->unregistered;
}

void presence::connection_registered() {
  --state_->unregistered;
  raise(state_->most_clients, ++state_->clients);
}

void presence::connection_closed(bool was_registered) {
  --(was_registered ? state_->clients : state_->unregistered);
}

} // namespace hamlet
