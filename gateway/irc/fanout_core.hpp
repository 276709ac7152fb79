// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/fanout.hpp"
#include "gateway/irc/fanout_books.hpp"

#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

namespace hamlet::irc {

/// The bytes of one event, made for each kind of viewer when the first of them is met.
class event_bytes {
public:
  /// @param rules Those that hold at the time.
  event_bytes(const std::shared_ptr<const policy>& rules, const viewer_kinds& kinds)
      : rules_{rules}, kinds_{kinds} {}

  void begin(const chat::v1::Event& event);
  /// nullptr: such a viewer is not told.
  const net::shared_bytes& of(viewer_kinds::number kind, bool is_source);
  /// For one client alone.
  net::shared_bytes make(viewer who, std::string_view tag) const;

private:
  struct slot {
    bool is_made = false;
    net::shared_bytes bytes;
  };

  const std::shared_ptr<const policy>& rules_;
  const viewer_kinds& kinds_;
  const chat::v1::Event* event_ = nullptr;
  std::vector<slot> slots_;       ///< for each kind two: of others, of oneself
  std::vector<std::size_t> used_; ///< which of them are made
};

/// Who hears what: FANOUT without its actor. Lines go to the postman, which is told to send by
/// flush(); notes go to the owners of connections.
class fanout_core {
public:
  using notify = std::function<void(const connection_actor&, note)>;

  fanout_core(std::shared_ptr<const policy> rules, std::shared_ptr<postman> out, notify tell);

  void join(const joined_fanout& x);
  void leave(std::int64_t connection_id);
  void change_watch(const watch_changed& x);
  /// For events from now on; all connections hear of it.
  void change_policy(std::shared_ptr<const policy> fresh);

  void publish(const chat::v1::Event& event);
  void flush();

  const books::ledger& known() const { return books_; }

  /// A channel with as many members has its clients gathered in crowds: what a message costs then
  /// does not depend on how many they are. Fewer are not worth the memory.
  static constexpr std::size_t crowd_size = 64;

private:
  void learn_before();
  void route();
  void learn_after();

  void to_sessions();
  void to_channel();
  void to_crowd(books::channel& where);
  void to_operators();
  void to_own(std::int64_t session_id);
  void to_all_who_know();
  void to_watchers(const std::vector<books::client*>& all, cap_set needed);
  void rejoin();
  void tell_owners();
  void tell_entered();

  template <class F>
  void each_who_sees(books::channel& where, const books::session& source, F f);
  void gather(books::channel& where);
  bool is_source(const books::client& x) const;
  bool may_have_own() const; ///< the origin of the event wants it
  void reach(books::client& x);
  void give(books::client& x);
  void put(books::client& x, const net::shared_bytes& bytes);
  void begin_split(books::client& x, std::int64_t split_id);
  void end_split();
  void tell(const books::client& x, note::what kind, std::string text = {});

  std::shared_ptr<const policy> rules_;
  std::shared_ptr<postman> out_;
  notify tell_;
  books::ledger books_;
  event_bytes bytes_;

  // Of the event that is published.
  const chat::v1::Event* event_ = nullptr;
  books::client* origin_ = nullptr;
  books::session* source_ = nullptr;
  bool needs_nick_ = false;
  std::uint64_t turn_ = 0;

  // QUITs of those who were lost with their node, until all that were told of them hear the end.
  std::int64_t split_ = 0;
  std::vector<std::int64_t> in_split_; ///< connections, in the order of the first line to each
  std::unordered_set<std::int64_t> is_in_split_;

  // Counted and not yet told.
  std::uint64_t events_ = 0;
  std::uint64_t deliveries_ = 0;
  std::uint64_t octets_ = 0;
};

} // namespace hamlet::irc
