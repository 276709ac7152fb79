// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/channel/channel_turn.hpp"
#include "actors/channel/mask_list.hpp"
#include "actors/channel/ranks.hpp"
#include "actors/chat/presence.hpp"
#include "hamlet/chat/v1/nodes.pb.h"
#include "lib/irc/modes.hpp"

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>

namespace hamlet {

/// One channel: who is in it and what they may do there. Knows no actor and no store; decides one
/// request after the other (RFC 1459 §4.2, RFC 2811, RFC 2812 §3.2, modern). A message costs the
/// same whether ten hear it or ten thousand.
class channel {
public:
  struct member {
    packed_ref user; ///< shared with presence, and with the other channels it is in
    ranks rights = 0;
    std::int64_t joined_ms = 0;
    std::int64_t reads_from_ms = 0; ///< what was said before is none of its business
    std::uint32_t judged = 0;       ///< version of the lists for which the next two hold
    bool is_banned = false;
    bool is_muted = false;
    std::int64_t window_ms = 0; ///< flood: since when it is counted
    std::uint32_t spoken = 0;

    std::int64_t session() const { return user->session_id(); }
    std::int64_t account() const { return user->account_id(); }
    std::string_view nick() const { return user->nick(); }
    chat::v1::Who who() const { return user->who(); }
  };

  /// What an account may do here for ever.
  struct access {
    std::string account; ///< its name, as far as known
    std::string flags;
    std::string setter;
    std::int64_t set_ms = 0;
  };
  /// What only registered channels have.
  struct registration {
    std::int64_t id = 0;
    std::int64_t founder = 0; ///< account; 0: nobody
    std::string founder_name;
    std::map<std::int64_t, access> list;
    std::string description;
    std::int64_t retention_days = 0;
    std::int64_t registered_ms = 0;
    std::int64_t used_ms = 0; ///< as the store knows it
  };

  /// @param epoch Higher than that of an earlier channel of this name.
  channel(std::string name, std::int64_t epoch, std::int64_t now_ms);

  // -- what it decides: membership.cpp, speech.cpp, topic.cpp, modes.cpp, lists.cpp,
  //    invitations.cpp; the answer is in turn.reply --
  void join(channel_turn& x);
  void part(channel_turn& x);
  void kick(channel_turn& x);
  void leave(channel_turn& x);
  void change_member(channel_turn& x);
  void get_members(channel_turn& x);
  void get_status(channel_turn& x);
  void clear(channel_turn& x);
  void say(channel_turn& x);
  void get_topic(channel_turn& x);
  void set_topic(channel_turn& x);
  void get_modes(channel_turn& x);
  void set_modes(channel_turn& x);
  void get_list(channel_turn& x);
  void invite(channel_turn& x);
  void knock(channel_turn& x);

  // -- registered channels: registered.cpp. The store comes first: may_… says whether it is asked,
  //    the other makes it true --
  bool may_register(channel_turn& x) const;
  void set_registered(channel_turn& x, std::int64_t id);
  bool may_drop(channel_turn& x) const;
  void set_dropped(channel_turn& x);
  bool may_set_access(channel_turn& x) const;
  void set_access(channel_turn& x);
  void get_access(channel_turn& x) const;
  bool may_set_option(channel_turn& x) const;
  void set_option(channel_turn& x);
  void get_info(channel_turn& x) const;
  /// Accounts with a right here whose names are not known yet.
  std::vector<std::int64_t> unnamed() const;
  void set_account_name(std::int64_t account, const std::string& name);

  // -- metadata: topic.cpp --
  bool may_set_metadata(channel_turn& x) const;
  void set_metadata(channel_turn& x);
  void read_metadata(channel_turn& x) const;

  // -- history and names: history.cpp --
  /// May the asker read, and from when on? Refuses if not.
  std::optional<std::int64_t> readable_from(channel_turn& x) const;
  bool may_rename(channel_turn& x) const;
  void announce_rename(channel_turn& x, const std::string& old_name, const std::string& reason);
  /// @param is_author It is the asker's own message. @param said_ms When.
  bool may_redact(channel_turn& x, bool is_author, std::int64_t said_ms) const;
  void announce_redaction(channel_turn& x);
  /// Of somebody without an account, and not long ago.
  bool has_said(std::int64_t session, std::int64_t event_id) const;

  // -- what it is --
  const std::string& name() const { return name_; }
  const std::string& folded() const { return folded_; }
  const std::string& target() const { return target_; }    ///< of its history
  bool is_local() const { return name_.starts_with('&'); } ///< of this node alone, never stored
  bool is_registered() const { return registered_.has_value(); }
  const registration& registered() const { return *registered_; }
  bool is_empty() const { return members_.empty(); }
  /// RFC 1459 §1.3: it ends with its last member.
  bool may_end() const { return is_empty() && !flags_.has('P'); }
  const std::unordered_map<std::int64_t, member>& members() const { return members_; }
  channel_card card() const;
  membership place_of(const member& m) const; ///< for presence
  /// The same for other nodes, with all that one who goes on with the channel must know.
  chat::v1::Place full_place_of(const member& m) const;
  const chat::v1::Topic& topic() const { return topic_; }
  void set_used(std::int64_t now_ms) { registered_->used_ms = now_ms; }
  std::int64_t epoch() const { return epoch_; }
  std::uint64_t seq() const { return seq_; }
  std::map<std::string, std::string> metadata; ///< "!…": options, not shown

  // -- to and from what keeps it: state.cpp --
  std::string flags_text() const { return flags_.text(); }
  void set_flags(irc::mode_letters x) { flags_ = x; }
  std::string param(char letter) const; ///< empty: not set
  void set_param(char letter, std::string value);
  const mask_list& list(char kind) const {
    return kind == 'b' ? bans_ : kind == 'e' ? exempt_ : welcome_;
  }
  void restore_entry(char kind, std::string mask, std::string setter, std::int64_t set_ms);
  void restore_topic(chat::v1::Topic x) { topic_ = std::move(x); }
  void restore(registration x, std::string target, std::int64_t created_ms);
  enum class with : std::uint8_t { members, no_members };
  /// Everything, for the shard that it is renamed to; or for other nodes, who know the members.
  chat::v1::ChannelState state(with what = with::members) const;
  static channel from_state(const chat::v1::ChannelState& x, std::string name);
  /// Goes on with what is known of it when its owner has died.
  /// @param epoch Higher than any that its former owners had. @param find_user What presence has;
  /// of a member of whom nobody knows more than the number, nothing is kept.
  static channel recovered(const chat::v1::ChannelState& x, std::int64_t epoch,
                           const std::function<packed_ref(std::int64_t)>& find_user);

private:
  struct invited {
    std::int64_t session;
    std::int64_t until_ms;
    bool by_operator;
  };
  /// Who was kept out: afterwards they do not read what was said meanwhile.
  struct absence {
    std::int64_t session;
    std::int64_t account;
    std::string user_host;
    std::int64_t until_ms; ///< 0: it goes on
  };
  struct lifted_ban {
    irc::ban what;
    std::int64_t lifted_ms;
  };

  // state.cpp
  member* find(std::int64_t session);
  const member* find(std::int64_t session) const;
  member* find_nick(std::string_view nick);
  ranks rights_of(std::int64_t session) const;
  chat::v1::Event& publish(channel_turn& x);           ///< the asker is its source
  chat::v1::Event& publish_of_server(channel_turn& x); ///< the server is
  chat::v1::Event& keep(channel_turn& x);              ///< a row of history
  void describe(channel_turn& x, bool with_key) const;
  bool is_hidden_from(const channel_turn& x) const; ///< mode s (RFC 2811 §4.2.6)
  ranks rights_by_access(const chat::v1::Who& who) const;
  bool is_seen(const member& m) const; ///< by those who are not operators: mode u
  std::string mode_text() const;
  void tell_past(chat::v1::ChannelState& s) const;
  void take_past(const chat::v1::ChannelState& s);

  // membership.cpp
  std::optional<chat::v1::Refusal> barrier(channel_turn& x);
  bool is_throttled(std::int64_t now_ms);
  void add(channel_turn& x, ranks rights);
  void remove(channel_turn& x, std::int64_t session);
  void expel(channel_turn& x, member& whom, const std::string& reason, bool by_server);
  void list_members(channel_turn& x) const;
  void list_names(channel_turn& x);
  void give(channel_turn& x, member& whom, ranks wanted);
  void take(channel_turn& x, member& whom, ranks unwanted);
  bool may_change_nick(channel_turn& x, member& m);

  // lists.cpp
  mask_list& list_of(char kind) { return kind == 'b' ? bans_ : kind == 'e' ? exempt_ : welcome_; }
  irc::ban_target target_of(const channel_turn& x, const chat::v1::Who& who) const;
  bool is_barred(const channel_turn& x, const chat::v1::Who& who, irc::ban_scope scope) const;
  void judge(const channel_turn& x, member& m);
  void lists_changed() { ++lists_version_; }
  void note_lifted(const std::string& mask, std::int64_t now_ms);
  void note_absence(const chat::v1::Who& who);
  std::int64_t reads_from(const channel_turn& x, const chat::v1::Who& who);

  // speech.cpp
  std::optional<chat::v1::Refusal> silenced(const channel_turn& x, member* m) const;
  bool is_flooding(channel_turn& x, member& m);
  void remember_author(std::int64_t event_id, std::int64_t session);

  // modes.cpp
  struct mode_turn;
  void change(mode_turn& m, const chat::v1::ModeChange& c);
  void change_rank(mode_turn& m, const chat::v1::ModeChange& c, const irc::channel_mode& row);
  void change_list(mode_turn& m, const chat::v1::ModeChange& c);
  void change_param(mode_turn& m, const chat::v1::ModeChange& c);
  void change_flag(mode_turn& m, const chat::v1::ModeChange& c);

  // invitations.cpp
  const invited* invitation(std::int64_t session, std::int64_t now_ms) const;

  std::string name_;
  std::string folded_;
  std::string target_;
  std::int64_t created_ms_;
  std::int64_t epoch_;
  std::uint64_t seq_ = 0;
  irc::mode_letters flags_;
  std::map<char, std::string> params_; ///< of k, l, f, j, L, H
  std::unordered_map<std::int64_t, member> members_;
  std::unordered_map<std::string, std::int64_t> nicks_; ///< folded
  std::string names_; ///< of all members, as NAMES shows them; empty: to be made again
  mask_list bans_, exempt_, welcome_;
  std::uint32_t lists_version_ = 1;
  chat::v1::Topic topic_;
  std::deque<invited> invites_;
  std::deque<absence> absences_;
  std::deque<lifted_ban> lifted_;
  std::deque<std::pair<std::int64_t, std::int64_t>> said_; ///< event, session
  std::int64_t said_ms_ = 0;                               ///< when, the last of them
  std::int64_t not_before_ms_ =
    0; ///< so that all that is said after a JOIN is later than before it
  std::optional<registration> registered_;
  std::int64_t joins_since_ms_ = 0;
  std::uint32_t joins_ = 0;
  std::int64_t knocked_ms_ = 0;
  std::deque<std::pair<std::int64_t, std::int64_t>> knockers_; ///< session, time
};

} // namespace hamlet
