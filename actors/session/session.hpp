// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/history_writer.hpp"
#include "actors/chat/homes.hpp"
#include "actors/chat/mirror_notes.hpp"
#include "actors/chat/nick_owner.hpp"
#include "actors/deadlines.hpp"
#include "actors/nick/claims.hpp"
#include "actors/router.hpp"
#include "actors/session/session_rules.hpp"
#include "actors/session/user.hpp"
#include "lib/base/ids.hpp"
#include "lib/base/live.hpp"
#include "storage/chat/chat_account_repository.hpp"
#include "storage/chat/history_repository.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <optional>
#include <unordered_set>

namespace hamlet {

/// What a SESSION works with; what is behind it must outlive the actor.
struct session_parts {
  const router* owners; ///< set before the first request comes
  presence* people;
  id_source* ids;
  const live<session_rules>* rules;
  sql::chat_account_repository accounts;
  sql::history_repository history;
  find_nick_owner find_owner = {}; ///< in the place of the ACCOUNT
  // -- in a cluster alone --
  homes* where = nullptr;
  claim_book* claims = nullptr;
  chat_news* news = nullptr;
};

/// The SESSIONS of one shard: who is here, by which clients, in which channels. It decides about
/// the users alone; what is a channel's it passes on, with who asks. Each of its verbs is answered
/// behind the events that it caused (chat::v1::Publish).
struct session_state {
  static inline const char* name = "session";

  using answer = caf::typed_response_promise<chat::v1::Reply>;
  using answered = caf::result<chat::v1::Reply>;
  using Request = chat::v1::Request;
  using Reply = chat::v1::Reply;
  using Event = chat::v1::Event;
  using Who = chat::v1::Who;
  using events = std::vector<Event>;

  chat_actor::pointer self = nullptr;
  deadlines limits;
  std::optional<session_parts> parts;
  std::optional<history_writer> writer;
  std::unordered_map<std::int64_t, user> users;

  answered handle(Request& x);
  void tick();

private:
  struct start_job;
  struct rename_job;
  struct list_job;

  // session.cpp
  answered handle_session_verb(Request& x, user& u);
  answered pass_on(Request& x, user& u);
  user* find(std::int64_t session_id);
  std::shared_ptr<const session_rules> rules() const { return parts->rules->get(); }
  static std::int64_t now_of(const Request& x);
  /// An event of this user (or of who asks), caused by this request.
  Event event_of(const Request& cause, Who source) const;
  void publish(events all);
  answered publish(events all, Reply reply); ///< ends the handler of a request
  void publish(answer promise, events all, Reply reply);
  static void give(answer promise, Reply x) { promise.deliver(std::move(x)); }
  /// It is something else now: presence is told.
  template <class Change>
  void change(user& u, Change f) {
    auto card = u.card->card();
    f(card);
    put(u, std::move(card));
  }
  void put(user& u, user_card card);
  /// Everybody who keeps its Who: its channels, and its own connections by an event.
  void tell_of_change(user& u, const Request& cause, const std::string& old_nick, events& out);
  void ask_channel(const user& u, Request what, std::function<void(const Reply&)> then);
  void ask_later(); ///< tick() is wanted

  // start.cpp
  answered start(Request& x);
  void begin(std::shared_ptr<start_job> job);
  void claim_first(std::shared_ptr<start_job> job);
  void finish_start(const std::shared_ptr<start_job>& job);
  bool join_other_session(const std::shared_ptr<start_job>& job, std::int64_t holder);
  answered attach(Request& x);
  void attach_or_adopt(answer promise, std::shared_ptr<Request> x);
  void attach(answer promise, const Request& x);
  bool end_starting(std::int64_t session_id);
  Reply describe(user& u);
  void join_saved(user& u, const Request& cause);

  // ending.cpp
  void detach(Request& x);
  void detach_elsewhere(Request& x);
  void detach(user& u, const Request& cause, std::int64_t connection_id, const std::string& reason,
              bool was_lost, std::function<void()> then = {});
  answered quit(Request& x, user& u);
  answered kill(Request& x, user& u);
  /// The end, for all to see. `u` is gone afterwards. @param before Events that precede the QUIT.
  void end(user& u, const Request& cause, const std::string& reason, events before,
           std::function<void()> then = {});

  // adopting.cpp
  using then_adopted = std::function<void(bool is_here)>;
  bool is_lost(std::int64_t session_id) const {
    return parts->where != nullptr && parts->where->is_lost(session_id);
  }
  answered adopt_session(Request& x);
  /// @param if_it_stays Only one that may be here without a client.
  void adopt(std::int64_t session_id, bool if_it_stays, then_adopted then);
  bool take_over(std::int64_t session_id, bool if_it_stays, const user::extras& choices,
                 const result<std::vector<sql::chat_session>>& saved);
  answered node_gone(Request& x);
  void keep_session(Request& x);
  void drop(user& u);
  answered has_nick(const Request& x);

  // renaming.cpp
  answered set_nick(Request& x, user& u);
  answered force_nick(Request& x, user& u);
  void ask_next_channel(std::shared_ptr<rename_job> job);
  void claim_next(std::shared_ptr<rename_job> job);
  void finish_rename(const std::shared_ptr<rename_job>& job, const Reply& claimed);
  /// Claims under all keys of the nick; `then` gets the first refusal, if any.
  void claim(Request what, std::function<void(const Reply&)> then);
  void claim(Request what, std::function<void(const Reply&)> then, std::size_t key);
  /// @param kept The nick that it has instead: only what does not belong to that is given back.
  /// @param then When it is anybody's, or nobody can say so.
  void release(std::int64_t session_id, const std::string& nick, const std::string& kept = {},
               std::function<void()> then = {});
  std::string guest_nick();

  // identity.cpp
  answered set_user_modes(Request& x, user& u);
  answered set_away(Request& x, user& u);
  answered set_real_name(Request& x, user& u);
  answered set_identity(Request& x, user& u);
  answered set_host(Request& x, user& u);
  answered set_bot_mark(Request& x, user& u);
  void renew_away(user& u, const Request& cause, events& out);
  answered apply_modes(user& u, const Request& x, const std::vector<chat::v1::ModeChange>& wanted,
                       bool by_server);
  Event modes_event(const user& u, const Request& cause,
                    const std::vector<chat::v1::ModeChange>& changes) const;

  // messages.cpp
  answered tell(Request& x, user& u);
  answered receive(Request& x, user& u);
  chat::v1::Refusal judge_notice(const user& u, const Who& author,
                                 const chat::v1::Message& what) const;
  answered ring(Request& x, user& u);
  answered change_list(Request& x, user& u);

  // channels.cpp
  answered note_joined(Request& x);
  void note_removed(Request& x);
  answered leave_all(Request& x, user& u);
  void leave_next(std::shared_ptr<list_job> job);

  // direct_history.cpp
  using with_account = std::function<void(std::int64_t account_id)>;
  answered get_history(Request& x, user& u);
  answered search_history(Request& x, user& u);
  answered redact(Request& x, user& u);
  answered settle();
  void find_account(const std::string& nick, std::int64_t asker, with_account then);
  /// Runs `then` when all is stored that this user and that account have said to each other.
  void when_stored(std::int64_t other_account, std::function<void()> then);
  void list_targets(std::shared_ptr<list_job> job);
  void name_next_target(std::shared_ptr<list_job> job);
  void finish_targets(const std::shared_ptr<list_job>& job);
  void search_in(answer promise, const chat::v1::SearchHistory& what,
                 std::vector<std::string> targets);
  void redact_found(answer promise, const std::shared_ptr<Request>& x, const sql::chat_event& row);

  // metadata.cpp
  answered set_metadata(Request& x, user& u);
  answered read_metadata(Request& x, user& u);
  answered metadata_changed(user& u, const Request& x, const std::vector<sql::named_value>& changes,
                            bool removed);
  std::pair<events, Reply> metadata_events(user& u, const Request& x,
                                           const std::vector<sql::named_value>& changes,
                                           bool removed);

  // keeping.cpp
  answered set_option(Request& x, user& u);
  answered set_marker(Request& x, user& u);
  answered get_marker(Request& x, user& u);
  void find_marker_target(const std::string& written, std::int64_t account,
                          std::function<void(std::string)> then);
  bool stays(user& u) const; ///< without a client: always-on
  void load_choices(std::int64_t account_id, std::function<void(const user::extras&)> then);
  Reply show_choice(user& u, const std::string& key) const;
  void save_soon(user& u);
  void save(user& u);
  void forget_saved(user& u);

  /// Those who have claimed a nick and are not here yet.
  struct starting {
    bool is_cancelled = false;                  ///< its client is gone already
    std::vector<std::function<void()>> waiting; ///< other clients of the member
  };
  std::unordered_map<std::int64_t, starting> starting_;
  std::unordered_set<std::int64_t> in_grace_;
  std::unordered_set<std::int64_t> unsaved_;
  bool will_tick_ = false;
};

/// One shard of SESSIONS.
chat_actor::behavior_type session_shard(chat_actor::stateful_pointer<session_state> self,
                                        session_parts parts);

/// At the start of the program, before the doors open: those who stay without a client are here
/// again, in their channels. Returns at once. @param done With how many there are; they are on
/// their way to the SESSIONS.
void restore_sessions(const router& owners, sql::chat_account_repository accounts, id_source& ids,
                      std::function<void(result<std::size_t>)> done);

/// In a cluster, when a node has died, on the one that decides so: those of its sessions that stay
/// without a client are this node's. Returns at once; to call it twice does no harm.
/// @param done With how many were asked for.
void adopt_saved_sessions(const router& owners, const presence& people,
                          sql::chat_account_repository accounts,
                          std::function<void(result<std::size_t>)> done);

chat::v1::Reply refusal(chat::v1::Refusal why, std::string detail = {});

} // namespace hamlet
