// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/presence.hpp"

#include "lib/base/clock.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>

namespace hamlet {

namespace {

// Tables of many parts, each with its own lock: everybody looks up all the time.
constexpr std::size_t part_count = 64;

template <class Table>
struct part {
  mutable std::shared_mutex mutex;
  Table table;
};

template <class Table>
class parts {
public:
  part<Table>& of(std::size_t hash) { return all_[hash % part_count]; }
  auto begin() { return all_.begin(); }
  auto end() { return all_.end(); }

private:
  std::array<part<Table>, part_count> all_;
};

// Ids of one node differ in the low bits of the time and in the count.
std::size_t hash_of(std::int64_t id) {
  auto x = static_cast<std::uint64_t>(id);
  return static_cast<std::size_t>((x ^ (x >> 12) ^ (x >> 22)) * 0x9e3779b97f4a7c15u >> 20);
}
std::size_t hash_of(std::string_view name) {
  return std::hash<std::string>{}(irc::fold(name));
}

struct id_hash {
  std::size_t operator()(std::int64_t id) const { return hash_of(id); }
};

/// A set of users by nick that keeps no second copy of the nick.
struct nick_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view nick) const { return hash_of(nick); }
  std::size_t operator()(const packed_ref& x) const { return hash_of(x->nick()); }
};
struct nick_equal {
  using is_transparent = void;
  bool operator()(const packed_ref& a, const packed_ref& b) const {
    return irc::same_name(a->nick(), b->nick());
  }
  bool operator()(std::string_view a, const packed_ref& b) const {
    return irc::same_name(a, b->nick());
  }
  bool operator()(const packed_ref& a, std::string_view b) const { return (*this)(b, a); }
};

/// Where a session is. Names are shared by all members of a channel, so that equal pointers mean
/// the same channel.
struct place {
  std::shared_ptr<const std::string> channel;
  std::array<char, 7> prefixes{};
  bool is_hidden = false;

  membership view() const {
    std::string_view all{prefixes.data(), prefixes.size()};
    return {*channel, std::string{all.substr(0, all.find('\0'))}, is_hidden};
  }
};

struct past_user {
  packed_ref user;
  std::int64_t until_ms;
};

void raise(std::atomic<std::size_t>& most, std::size_t now) {
  auto before = most.load();
  while (before < now && !most.compare_exchange_weak(before, now)) {
  }
}

} // namespace

struct presence::state {
  explicit state(limits most) : bounds{most} {}

  const limits bounds;
  parts<std::unordered_map<std::int64_t, packed_ref, id_hash>> users;
  parts<std::unordered_set<packed_ref, nick_hash, nick_equal>> nicks;
  parts<std::unordered_multimap<std::int64_t, packed_ref, id_hash>> accounts;
  parts<std::unordered_map<std::string, channel_ref>> channels;
  parts<std::unordered_map<std::string, std::shared_ptr<const std::string>>> names;
  parts<std::unordered_map<std::int64_t, std::vector<place>, id_hash>> places;

  mutable std::shared_mutex former_mutex;
  std::deque<past_user> formers; ///< the latest last

  std::atomic<std::size_t> user_count{0}, invisible{0}, operators{0}, unregistered{0}, clients{0},
    channel_count{0}, most_users{0}, most_clients{0};

  void count(const packed_user& x, bool comes) {
    auto change = [comes](std::atomic<std::size_t>& n) { comes ? ++n : --n; };
    change(user_count);
    if (x.is_invisible())
      change(invisible);
    if (x.is_operator())
      change(operators);
  }

  void unlist_nick(const packed_ref& x) {
    auto& [mutex, table] = nicks.of(hash_of(x->nick()));
    std::unique_lock lock{mutex};
    // Somebody else may have it by now.
    if (auto at = table.find(x->nick());
        at != table.end() && (*at)->session_id() == x->session_id())
      table.erase(at);
  }

  void unlist_account(const packed_ref& x) {
    if (x->account_id() == 0)
      return;
    auto& [mutex, table] = accounts.of(hash_of(x->account_id()));
    std::unique_lock lock{mutex};
    auto [from, to] = table.equal_range(x->account_id());
    for (auto at = from; at != to; ++at)
      if (at->second->session_id() == x->session_id()) {
        table.erase(at);
        return;
      }
  }

  void remember(const packed_ref& x, std::int64_t now_ms) {
    std::unique_lock lock{former_mutex};
    formers.push_back({x, now_ms});
    while (formers.size() > bounds.former_users
           || (!formers.empty() && formers.front().until_ms < now_ms - bounds.former_ms))
      formers.pop_front();
  }

  std::shared_ptr<const std::string> share_name(std::string_view channel) {
    auto key = irc::fold(channel);
    auto& [mutex, table] = names.of(std::hash<std::string>{}(key));
    std::unique_lock lock{mutex};
    auto& name = table[std::move(key)];
    if (!name)
      name = std::make_shared<const std::string>(channel);
    return name;
  }

  /// The last member is gone: nobody holds the name but the table.
  void unshare_name(std::shared_ptr<const std::string> name) {
    auto key = irc::fold(*name);
    auto& [mutex, table] = names.of(std::hash<std::string>{}(key));
    std::unique_lock lock{mutex};
    auto at = table.find(key);
    if (at != table.end() && at->second == name && name.use_count() == 2)
      table.erase(at);
  }

  std::vector<place> places_of(std::int64_t session_id) {
    auto& [mutex, table] = places.of(hash_of(session_id));
    std::shared_lock lock{mutex};
    auto at = table.find(session_id);
    return at == table.end() ? std::vector<place>{} : at->second;
  }
};

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

void presence::remove(std::int64_t session_id, std::int64_t now_ms) {
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
  std::vector<place> left;
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
  for (auto& [mutex, table] : state_->users) {
    std::vector<packed_ref> some;
    {
      std::shared_lock lock{mutex};
      some.reserve(table.size());
      for (auto& [id, x] : table)
        some.push_back(x);
    }
    for (auto& x : some)
      if (!f(std::make_shared<const user_card>(x->card())))
        return;
  }
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

// -- channels -------------------------------------------------------------------------------------

void presence::put(channel_ref channel) {
  auto key = irc::fold(channel->name);
  auto& [mutex, table] = state_->channels.of(std::hash<std::string>{}(key));
  std::unique_lock lock{mutex};
  if (!std::exchange(table[std::move(key)], std::move(channel)))
    ++state_->channel_count;
}

void presence::remove_channel(std::string_view name) {
  auto key = irc::fold(name);
  auto& [mutex, table] = state_->channels.of(std::hash<std::string>{}(key));
  std::unique_lock lock{mutex};
  state_->channel_count -= table.erase(key);
}

channel_ref presence::find_channel(std::string_view name) const {
  auto key = irc::fold(name);
  auto& [mutex, table] = state_->channels.of(std::hash<std::string>{}(key));
  std::shared_lock lock{mutex};
  auto at = table.find(key);
  return at == table.end() ? nullptr : at->second;
}

void presence::each_channel(const std::function<bool(const channel_ref&)>& f) const {
  for (auto& [mutex, table] : state_->channels) {
    std::vector<channel_ref> some;
    {
      std::shared_lock lock{mutex};
      some.reserve(table.size());
      for (auto& [key, x] : table)
        some.push_back(x);
    }
    for (auto& x : some)
      if (!f(x))
        return;
  }
}

// -- who is where ---------------------------------------------------------------------------------

void presence::set_member(std::int64_t session_id, membership where) {
  place fresh{state_->share_name(where.channel), {}, where.is_hidden};
  std::ranges::copy_n(
    where.prefixes.begin(),
    static_cast<std::ptrdiff_t>(std::min(where.prefixes.size(), fresh.prefixes.size())),
    fresh.prefixes.begin());
  auto& [mutex, table] = state_->places.of(hash_of(session_id));
  std::unique_lock lock{mutex};
  auto& all = table[session_id];
  auto at = std::ranges::find(all, fresh.channel, &place::channel);
  if (at != all.end())
    *at = std::move(fresh);
  else
    all.push_back(std::move(fresh));
}

void presence::remove_member(std::int64_t session_id, std::string_view channel) {
  std::shared_ptr<const std::string> name;
  {
    auto& [mutex, table] = state_->places.of(hash_of(session_id));
    std::unique_lock lock{mutex};
    auto at = table.find(session_id);
    if (at == table.end())
      return;
    auto& all = at->second;
    auto found = std::ranges::find_if(
      all, [&](const place& x) { return irc::same_name(*x.channel, channel); });
    if (found == all.end())
      return;
    name = std::move(found->channel);
    all.erase(found);
    if (all.empty())
      table.erase(at);
  }
  state_->unshare_name(std::move(name));
}

std::vector<membership> presence::channels_of(std::int64_t session_id) const {
  std::vector<membership> found;
  for (auto& x : state_->places_of(session_id))
    found.push_back(x.view());
  return found;
}

bool presence::is_member(std::int64_t session_id, std::string_view channel) const {
  auto& [mutex, table] = state_->places.of(hash_of(session_id));
  std::shared_lock lock{mutex};
  auto at = table.find(session_id);
  return at != table.end() && std::ranges::any_of(at->second, [&](const place& x) {
           return irc::same_name(*x.channel, channel);
         });
}

bool presence::share_channel(std::int64_t one, std::int64_t other) const {
  auto mine = state_->places_of(one);
  auto& [mutex, table] = state_->places.of(hash_of(other));
  std::shared_lock lock{mutex};
  auto at = table.find(other);
  return at != table.end() && std::ranges::any_of(at->second, [&](const place& x) {
           return std::ranges::find(mine, x.channel, &place::channel) != mine.end();
         });
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
