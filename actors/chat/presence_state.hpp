// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/presence.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>

// What is behind presence; for its own files alone.

namespace hamlet {

namespace presence_parts {

// Tables of many parts, each with its own lock: everybody looks up all the time.
constexpr std::size_t part_count = presence::slices;

template <class Table>
struct part {
  mutable std::shared_mutex mutex;
  Table table;
};

template <class Table>
class parts {
public:
  part<Table>& of(std::size_t hash) { return all_[hash % part_count]; }
  part<Table>& at(std::size_t number) { return all_.at(number); }
  auto begin() { return all_.begin(); }
  auto end() { return all_.end(); }

private:
  std::array<part<Table>, part_count> all_;
};

/// All that is in it now.
template <class Table>
std::vector<typename Table::mapped_type> listed(const part<Table>& from) {
  std::vector<typename Table::mapped_type> all;
  std::shared_lock lock{from.mutex};
  all.reserve(from.table.size());
  for (auto& [key, x] : from.table)
    all.push_back(x);
  return all;
}

// Ids of one node differ in the low bits of the time and in the count.
inline std::size_t hash_of(std::int64_t id) {
  auto x = static_cast<std::uint64_t>(id);
  return static_cast<std::size_t>((x ^ (x >> 12) ^ (x >> 22)) * 0x9e3779b97f4a7c15u >> 20);
}
inline std::size_t hash_of(std::string_view name) {
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

inline void raise(std::atomic<std::size_t>& most, std::size_t now) {
  auto before = most.load();
  while (before < now && !most.compare_exchange_weak(before, now)) {
  }
}

} // namespace presence_parts

struct presence::state {
  template <class Table>
  using parts = presence_parts::parts<Table>;
  using place = presence_parts::place;
  using id_hash = presence_parts::id_hash;

  explicit state(limits most) : bounds{most} {}

  const limits bounds;
  parts<std::unordered_map<std::int64_t, packed_ref, id_hash>> users;
  parts<std::unordered_set<packed_ref, presence_parts::nick_hash, presence_parts::nick_equal>>
    nicks;
  parts<std::unordered_multimap<std::int64_t, packed_ref, id_hash>> accounts;
  parts<std::unordered_map<std::string, channel_ref>> channels;
  parts<std::unordered_map<std::string, std::shared_ptr<const std::string>>> names;
  parts<std::unordered_map<std::int64_t, std::vector<place>, id_hash>> places;

  mutable std::shared_mutex former_mutex;
  std::deque<presence_parts::past_user> formers; ///< the latest last

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
    auto& [mutex, table] = nicks.of(presence_parts::hash_of(x->nick()));
    std::unique_lock lock{mutex};
    // Somebody else may have it by now.
    if (auto at = table.find(x->nick());
        at != table.end() && (*at)->session_id() == x->session_id())
      table.erase(at);
  }

  void unlist_account(const packed_ref& x) {
    if (x->account_id() == 0)
      return;
    auto& [mutex, table] = accounts.of(presence_parts::hash_of(x->account_id()));
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
    auto& [mutex, table] = places.of(presence_parts::hash_of(session_id));
    std::shared_lock lock{mutex};
    auto at = table.find(session_id);
    return at == table.end() ? std::vector<place>{} : at->second;
  }
};

} // namespace hamlet
