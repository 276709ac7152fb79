// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/account/login_guard.hpp"
#include "actors/account/verified_cache.hpp"
#include "actors/chat/ban_mask.hpp"
#include "actors/deadlines.hpp"
#include "actors/interfaces.hpp"
#include "lib/base/live.hpp"
#include "lib/base/network.hpp"
#include "lib/config/chat_kinds.hpp"
#include "storage/chat/ban_repository.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hamlet {

class chat_news;
class network_rules;
class presence;
class worker_pool;

/// What the administrator decides about the NETWORK.
struct network_rules_settings {
  std::string server_name; ///< source of notices; what "$$masks" are compared with
  std::vector<config::chat_operator> operators;
  std::vector<config::web_gateway> gateways;
  std::string connection_password; ///< of PASS: "$argon2id$…" or itself; empty: none is asked for
  std::chrono::milliseconds failure_delay{2000};
  config::rate operator_failures{3, std::chrono::minutes{10}}; ///< of one address
  std::vector<network> exempt;                                 ///< from operator_failures
  unsigned ban_share = 25;       ///< percent of the users that one ban may hit unasked
  std::size_t ban_hits = 5;      ///< so many it may always hit
  std::size_t max_bans = 10'000; ///< of all kinds
  std::size_t max_filters = 200;
  std::chrono::hours audit_age{365 * 24}; ///< of the record of what operators do
};

/// All bans and filters, from the store.
struct network_books {
  std::vector<chat::v1::NetworkBan> bans;
  std::vector<chat::v1::Filter> filters;
};

/// Reads what holds at this time. When `done` hears of success, `into` has it: the listeners may
/// open.
void load_network(sql::ban_repository from, network_rules& into, std::int64_t now_ms,
                  std::function<void(result<network_books>)> done);

/// What the NETWORK works with; what is behind it must outlive the actor.
struct network_parts {
  sql::ban_repository store;
  network_rules* rules; ///< what the gateways of this node ask
  const presence* people;
  worker_pool* workers; ///< for password hashes
  std::function<chat_actor(std::int64_t)> session_of;
  std::function<fanout_actor()> fanout;
  std::function<std::int64_t()> next_id;
  std::function<std::int64_t()> now_ms; ///< since 1970
  const live<network_rules_settings>* settings;
  std::string dummy;   ///< an Argon2id hash of nothing: what an unknown name is compared with
  network_books books; ///< of load_network()
  // -- in a cluster alone, where each node has a NETWORK --
  chat_news* news = nullptr; ///< others are to read the store anew
  /// The same, and calls `done` once, on any thread: when all other living nodes have read it, or
  /// some do not answer.
  std::function<void(std::function<void(result<void_t>)> done)> tell_others = {};
  /// Is it this node that says what all of them see, such as a ban that has run out? Empty: yes.
  std::function<bool()> speaks_for_all = {};
};

struct network_state {
  static inline const char* name = "network";
  using clock = std::chrono::steady_clock;
  using reply = chat::v1::Reply;
  using question = chat::v1::Request;
  using promise = caf::typed_response_promise<chat::v1::Reply>;

  chat_actor::pointer self = nullptr;
  deadlines limits;
  std::optional<network_parts> parts;
  login_guard guard{{}};
  std::optional<verified_cache> verified;

  void take(network_books books);
  caf::result<reply> answer(const question& msg);
  void tick();

private:
  /// Somebody who wants to become an operator.
  struct attempt {
    chat::v1::Who who;
    std::string name;
    std::string client; ///< whose guesses are counted
    bool is_exempt = false;
    promise answer;
  };
  using ban_key = std::pair<std::string, std::string>; ///< kind, mask

  // bans.cpp
  caf::result<reply> add_ban(const question& msg);
  caf::result<reply> remove_ban(const question& msg);
  reply list_bans(const question& msg) const;
  void ban_flooder(const question& msg);
  std::vector<chat::v1::Who> those_hit(const ban_mask& mask, std::size_t& of_all) const;
  bool is_asked_again(const question& msg, const ban_mask& mask);
  void apply(const chat::v1::NetworkBan& ban, const std::vector<chat::v1::Who>& hit);
  void publish_bans();
  void drop_expired();
  bool is_above_bans(const chat::v1::Who& who) const;

  // filters.cpp
  caf::result<reply> add_filter(const question& msg);
  caf::result<reply> remove_filter(const question& msg);
  reply list_filters() const;
  void publish_filters();

  // audit.cpp
  void record(chat::v1::AuditEntry entry, const chat::v1::Who& who);
  caf::result<reply> list_audit(const question& msg);
  struct audit_search;
  void read_audit(std::shared_ptr<audit_search> search);
  void prune_audit();

  // operators.cpp
  caf::result<reply> check_operator(const question& msg);
  bool may_try(const attempt& x);
  void operator_found(const attempt& x, const config::chat_operator& what);
  void operator_refused(const attempt& x);

  // doors.cpp
  caf::result<reply> check_gateway(const question& msg);
  caf::result<reply> check_connection(const question& msg);
  void let_in(const promise& asker, const question& msg);
  void open_door(bool is_read);
  void check_password(std::string stored, std::string password,
                      std::function<void(result<bool>)> then);

  // announce.cpp
  void announce(const question& msg);
  void tell_operators(std::string text);
  void publish(chat::v1::Event event);

  static void give(promise to, reply what) { to.deliver(std::move(what)); }
  void answer_late(promise to, reply what);
  void changed(); ///< by this NETWORK, and in the store
  void give_when_told(promise to, reply what);
  caf::result<reply> read_books();
  void reload();
  clock::time_point now() const;

  std::map<ban_key, chat::v1::NetworkBan> bans_;
  std::map<std::int64_t, chat::v1::Filter> filters_;
  std::int64_t next_expiry_ms_ = 0; ///< 0: none
  std::uint64_t changes_ = 0;       ///< of both, so far
  bool is_stale_ = false;           ///< the store may hold something else
  bool is_loading_ = false;
  bool is_told_ = false; ///< by another node, of a change that is being read
  std::vector<std::pair<promise, question>> at_the_door_;
  std::vector<promise> readers_; ///< other nodes, who wait until it is read

  struct doubted {
    std::int64_t session_id;
    ban_key ban;
    clock::time_point until;
  };
  std::vector<doubted> doubted_; ///< bans that hit many: asked again, they are set
  std::set<std::string> trying_; ///< clients whose password is being looked at
  std::uint64_t tries_ = 0;
  struct late_answer {
    clock::time_point due;
    promise to;
    reply what;
  };
  std::vector<late_answer> late_;
  clock::time_point prune_at_{};
  std::size_t recording_ = 0; ///< entries of the audit on their way to the store
  std::vector<std::shared_ptr<audit_search>> searches_; ///< wait for these
};

/// The NETWORK: what operators decide for all.
chat_actor::behavior_type chat_network(chat_actor::stateful_pointer<network_state> self,
                                       network_parts parts);

/// An answer without anything but why not.
chat::v1::Reply refused(chat::v1::Refusal why, std::string detail = {});

/// "nick!user@host".
std::string mask_of(const chat::v1::Who& who);

/// May go into a line to a client, and into the store.
bool is_one_line(std::string_view text, std::size_t max_size = 390);

} // namespace hamlet
