// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/channel/channel.hpp"
#include "actors/chat/history_writer.hpp"
#include "actors/chat/mirror_notes.hpp"
#include "actors/deadlines.hpp"
#include "actors/owed.hpp"
#include "actors/router.hpp"
#include "lib/base/live.hpp"
#include "storage/chat/channel_repository.hpp"
#include "storage/chat/chat_account_repository.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <unordered_map>
#include <unordered_set>

namespace hamlet {

/// What the CHANNELS work with. What is behind the handles must outlive them.
struct channel_parts {
  /// The way to SESSIONS, FANOUT and other CHANNELS, which are made after this one; called when
  /// the first request has come.
  std::function<const router&()> owners;
  sql::history_repository history;
  sql::channel_repository channels;
  sql::chat_account_repository metadata;
  presence* people;
  std::function<std::int64_t()> next_id;
  const live<channel_rules>* rules;
  /// Has an operator reserved this name (folded)? Empty: no.
  std::function<bool(std::string_view)> is_forbidden = {};
  // -- in a cluster alone; both are absent for channels of this node alone ('&') --
  chat_mirror* mirror = nullptr; ///< what other nodes, and presence, are told of who is where
  const homes* where = nullptr;
  /// Of a former owner, which has died: these go on.
  std::vector<chat::v1::ChannelState> known = {};
};

struct channel_shard_state {
  static inline const char* name = "channels";
  using promise = owed<chat::v1::Reply>;

  struct asked {
    chat::v1::Request what;
    promise to;
  };
  struct room {
    std::optional<channel> open; ///< none: not known yet, or there is no such channel
    std::deque<asked> waiting;
    bool is_busy = false;     ///< the store, or another shard, is asked: all else waits
    std::size_t saving = 0;   ///< changes on their way to the store: an empty room stays until then
    std::uint64_t kept = 0;   ///< rows of history since the last look at how many there are
    std::size_t mirrored = 0; ///< a hash of the state that other nodes know; 0: none
  };

  /// What a name was given up for, and until when who joins it is sent there.
  struct redirection {
    std::string to;
    std::int64_t until_ms;
  };

  chat_actor::pointer self = nullptr;
  deadlines limits;
  std::optional<channel_parts> parts;
  std::optional<history_writer> history;
  std::unordered_map<std::string, room> rooms;          ///< by folded name
  std::unordered_set<std::string> unregistered;         ///< the store has no such channel
  std::unordered_map<std::string, redirection> renamed; ///< by folded old name
  std::function<bool(std::int64_t, std::string_view, char)> is_in;
  std::function<packed_ref(std::int64_t)> find_user;
  caf::actor_clock::time_point leaves_until{}; ///< it ends then at the latest

  caf::result<chat::v1::Reply> take(chat::v1::Request& msg);
  void recover(const std::vector<chat::v1::ChannelState>& known);
  void tell_recovered();
  bool is_leaving() const { return leaves_until != caf::actor_clock::time_point{}; }
  void on_exit(const caf::exit_msg& x);
  void look_whether_done();

private:
  // channel_shard.cpp
  void admit(asked a);
  void run(const std::string& folded, asked a);
  void run_absent(const std::string& folded, room& r, asked a);
  void settle(const std::string& folded);
  channel_turn turn_of(asked& a, const channel_rules& rules);
  void finish(room& r, asked& a, channel_turn& x);
  void answer(asked& a, channel_turn& x);
  void refuse(asked& a, chat::v1::Refusal why);

  // effects.cpp
  void show(room& r, channel_turn& x);
  void save(room& r, const channel_saves& what, std::int64_t now_ms);
  void tell_sessions(const std::string& name, channel_turn& x);
  void record(room& r, const channel_turn& x);
  void end(const std::string& folded, room& r);
  void note_unregistered(const std::string& folded);

  // leaving.cpp
  static promise give_back(promise to);

  // mirroring.cpp
  void tell_member(const channel& c, std::int64_t session);
  void tell_members(const channel& c);
  void tell_member_gone(const channel& c, std::int64_t session);
  void tell_state(room& r, const chat::v1::Request& after);
  void tell_end(room& r, const channel& c);

  // loading.cpp
  void load(const std::string& folded);
  void opened(const std::string& folded, sql::channel_record found);

  // keeping.cpp
  template <class T, class Call, class Then>
  void store_first(const std::string& folded, asked a, Call call, Then then);
  void register_channel(const std::string& folded, room& r, asked a);
  void drop_channel(const std::string& folded, room& r, asked a);
  void set_access(const std::string& folded, room& r, asked a);
  void set_option(const std::string& folded, room& r, asked a);
  void set_metadata(const std::string& folded, room& r, asked a);

  // names.cpp
  void learn_names(const std::string& folded, room& r, std::vector<std::int64_t> ids, asked a);

  // reading.cpp
  void get_history(room& r, asked a);
  void read_history(asked a, std::string target, std::int64_t from_ms, bool again);
  void find_conversation(asked a, std::string target, std::int64_t from_ms);
  void search_history(room& r, asked a);
  void redact(const std::string& folded, room& r, asked a);
  void answer_late(asked& a, chat::v1::Reply reply);

  // renaming.cpp
  void rename(const std::string& folded, room& r, asked a);
  void handed_over(const std::string& folded, asked a, const chat::v1::Reply& reply);
  void adopt(const std::string& folded, room& r, asked a);
  void redirect(const std::string& folded, const std::string& to, std::int64_t now_ms);
  std::optional<std::string> new_name_of(const std::string& folded, std::int64_t now_ms) const;
};

/// The CHANNELS of one shard of names.
chat_actor::behavior_type channel_shard(chat_actor::stateful_pointer<channel_shard_state> self,
                                        channel_parts parts);

} // namespace hamlet
