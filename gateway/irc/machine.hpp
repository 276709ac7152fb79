// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/session.hpp"
#include "gateway/irc/throttles.hpp"
#include "lib/irc/fakelag.hpp"
#include "lib/irc/line_splitter.hpp"
#include "lib/irc/message.hpp"
#include "lib/irc/numerics.hpp"

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>

namespace hamlet::irc {

struct verb; // verbs.hpp

/// Parts of the state that few clients have, or only until they have registered. Made when needed.
struct registering; // registering.hpp
struct sasl_state;  // registering.hpp
struct open_batch;  // multiline.hpp
struct running;     // running.hpp

/// What is behind session: the lines of one client, one after the other. A verb is a function in
/// a file of its family (verbs.hpp); it reads its message, says its replies, asks its questions.
class machine {
public:
  machine(std::shared_ptr<const policy> p, origin from, channel c, std::string nonce);
  ~machine();

  void open(moment now, effects& out);
  void feed(std::string_view bytes, moment now, effects& out);
  void on_reply(const chat::v1::Reply& r, moment now, effects& out);
  void on_auth(const auth::answer& a, moment now, effects& out);
  void on_account(const account_reply& r, moment now, effects& out);
  void on_note(const note& x, moment now, effects& out);
  void on_room(moment now, effects& out);
  void on_time(moment now, effects& out);
  void shut_down(effects& out);
  void on_closed(std::string_view why, effects& out);
  bool is_waiting() const;

  // -- what verbs use; `out` and the moment are those of the call that runs ---------------------

  const policy& rules() const { return *policy_; }
  const config::chat_settings& chat() const { return policy_->settings.chat; }
  const config::chat_sizes_settings& sizes() const { return policy_->settings.chat_sizes; }
  const config::chat_limits_settings& limits() const { return policy_->settings.chat_limits; }
  const config::chat_history_settings& history() const { return policy_->settings.chat_history; }
  const moment& now() const { return now_; }

  /// A numeric to this client; the last parameter is the text. RFC 2812 §5.
  void reply(numeric what, std::vector<std::string> params);
  /// 353, 303 and the like: as many items as fit into each line.
  void reply_list(numeric what, std::vector<std::string> before,
                  const std::vector<std::string>& items);
  /// IRCv3 standard-replies; without the capability they are NOTICEs.
  void fail(std::string_view command, std::string_view code, std::vector<std::string> context,
            std::string_view text);
  void warn(std::string_view command, std::string_view code, std::vector<std::string> context,
            std::string_view text);
  void note_to_client(std::string_view command, std::string_view code,
                      std::vector<std::string> context, std::string_view text);
  /// Any other line; an empty source is the server's.
  void say(message line);
  /// NOTICE of the server, or of a service such as "NickServ".
  void notice(std::string_view text, std::string_view from = {});
  /// The reply to a refusal that all verbs know: one switch for chat::v1::Refusal.
  void refuse(const chat::v1::Reply& r, std::string_view target = {});

  /// Asks the SESSION (or through it a CHANNEL), then goes on in `then`. The next line of the
  /// client waits until everything that was asked is answered.
  /// `then` may ask again. Lines said so far go out first only when FANOUT may write before the
  /// answer comes (open_reply()).
  using then_reply = std::function<void(machine&, const chat::v1::Reply&)>;
  using then_auth = std::function<void(machine&, const auth::answer&)>;
  using then_account = std::function<void(machine&, const account_reply&)>;
  void ask(chat::v1::Request what, then_reply then, irc::ask::owner of = irc::ask::owner::session);
  /// A request of this session to this channel (or to none), with who and now filled in.
  chat::v1::Request request(std::string_view channel = {}) const;
  void tell(chat::v1::Request what, irc::ask::owner of = irc::ask::owner::session);
  void ask(auth::question what, then_auth then);
  void ask(account_request what, then_account then);
  /// The reply is long: what was said goes out, and it goes on when the client has read that.
  void go_on_later(std::function<void(machine&)> then);

  /// The command causes events that FANOUT writes to this client itself. With a label the batch of
  /// the reply begins now (IRCv3 labeled-response), and the result is the tag for Origin.tag; else
  /// it is empty. Lines said before go out now.
  std::string open_reply();
  /// As open_reply(), for a command that is answered by one event: "label=x" without a batch. The
  /// reply is then complete: say_nothing_more() or one refusal follows.
  std::string label_tag() const;
  /// The event that FANOUT wrote, with label_tag(), was the answer: no ACK.
  void answered_by_event();
  bool has_label() const;
  /// The command is answered later, or never: no ACK now.
  std::optional<std::string> take_label();
  void set_label(std::optional<std::string> x);
  /// The command turns out to be worth so many commands more; a fast client waits for it later.
  void pay(std::size_t commands);
  /// A notice to operators who want to hear of such things (user mode s).
  void report(const std::string& text);

  /// A batch within the reply: BATCH +ref type params … BATCH -ref. Lines said between are in it;
  /// without the capability they come bare. May be nested.
  void begin_batch(std::string_view type, std::vector<std::string> params);
  void end_batch();

  /// Says ERROR first. Nothing that is said or asked after it has any effect.
  /// @param was_lost The client did not go by its own will: its session may wait for it.
  void hang_up(std::string why, bool was_lost = false);

  /// Hangs up when the SESSION knows: a user that comes back at once finds the nick free.
  void leave(std::string why);
  /// The same as hang_up() for who sends too much before it is registered; its address stays out
  /// for a while.
  void hang_up_flooder(std::string why);
  bool is_closed() const { return is_closed_; }
  void give(effect x);

  // -- who this is ------------------------------------------------------------------------------

  /// As the SESSION last said; before registration what the client has said of itself.
  const chat::v1::Who& me() const;
  void set_me(chat::v1::Who who);
  std::string nick_or_star() const;
  bool is_registered() const { return session_id_ != 0; }
  bool is_operator() const { return me().is_operator(); }
  bool may(config::privilege x) const;
  void set_privileges(std::vector<config::privilege> x) { privileges_ = std::move(x); }
  std::int64_t session_id() const { return session_id_; }
  /// The client has registered. Events of the session come to it as soon as what was said is
  /// written.
  void set_session(std::int64_t id);
  /// What it has asked for. What of it can be used is has() and usable_caps().
  const cap_set& caps() const { return caps_; }
  cap_set usable_caps() const { return usable_; }
  /// FANOUT hears of it as soon as what was said is written (IRCv3 capability-negotiation).
  void set_caps(cap_set x);
  bool has(cap x) const { return usable_.has(x); }
  const channel& security() const { return channel_; }
  int cap_version = 301;            ///< of CAP LS: what the client understands
  std::uint64_t login_failures = 0; ///< on this connection
  bool is_shunned = false;          ///< by a filter: nothing it says goes anywhere
  /// May it do this again so soon? Counts, if so. Operators with `exempt` always may.
  bool allow(limit x);
  /// The same for a JOIN of this channel.
  bool allow_join(std::string_view folded_channel);
  /// May it write to somebody it has not spoken with lately?
  bool allow_stranger(std::string_view folded_nick);
  const origin& from() const { return from_; }
  origin& from() { return from_; }
  /// WEBIRC: where the client really is. What its gateway has shown of itself counts no more.
  void came_from(std::string address, bool is_secure);
  /// 465 and the end.
  void refuse_banned(const std::string& why);
  std::string fresh_nonce(); ///< for SCRAM, another one each time
  const statistics* numbers() const { return policy_->numbers; }

  std::unique_ptr<sasl_state> login;      ///< a SASL exchange that is under way
  std::unique_ptr<registering> entry;     ///< null once registered
  std::unique_ptr<open_batch> batch;      ///< a client's own draft/multiline, while it is open
  std::unique_ptr<chat::v1::Reply> hold;  ///< for a verb between its questions
  std::vector<std::string> followed_keys; ///< METADATA SUB
  std::vector<std::string> watched;       ///< by MONITOR, as the client wrote them

  /// Of this connection, for STATS l; without what FANOUT writes.
  struct traffic {
    std::uint64_t lines_in = 0, bytes_in = 0, lines_out = 0, bytes_out = 0;
  };
  const traffic& moved() const { return moved_; }

private:
  class turn;

  running& now_running();
  /// Lines that answer no command: they go out at once, beside one that waits for its answer.
  template <class F>
  void aside(F say_it);

  void advance();
  bool next_line();
  void run(const std::string& line);
  bool must_wait(const message& m, const std::string& line);
  void call(const verb& v, const message& m, std::size_t size);
  template <class Then, class Answer>
  void answered(Then running::*then, const Answer& answer);
  bool belongs_to_batch(const message& m) const;
  void finish(); ///< the command is answered: its lines go out, with their label
  void flush_lines();
  void put(const message& line); ///< on the wire
  void tell_fanout();            ///< what it has to know, if it was changed
  void detach(const std::string& why, bool was_lost);
  void keep_time();
  bool take_place(); ///< false: its address has as many clients as it may
  void rest();       ///< an idle client is kept in little memory
  bool may_go_on(const verb& v);
  void standard_reply(std::string_view kind, std::string_view command, std::string_view code,
                      std::vector<std::string> context, std::string_view text);
  void ping();

  std::shared_ptr<const policy> policy_;
  origin from_;
  channel channel_;
  std::string nonce_;
  mutable std::unique_ptr<chat::v1::Who> me_; ///< while the client does something, else:
  std::string packed_me_;
  std::int64_t session_id_ = 0;
  cap_set caps_;
  cap_set usable_;
  std::vector<config::privilege> privileges_;
  line_splitter input_;
  fakelag lag_;

  // Of the call that runs.
  effects* out_ = nullptr;
  moment now_;

  std::unique_ptr<running> running_;     ///< the command that is answered; null for idle clients
  std::unique_ptr<throttles> throttles_; ///< made when first needed
  std::shared_ptr<void> place_;          ///< of a client that came through a gateway
  traffic moved_;
  std::uint32_t next_ref_ = 0;
  std::uint32_t nonces_ = 0;

  std::chrono::steady_clock::time_point heard_at_{};
  std::chrono::steady_clock::time_point wake_at_{};
  bool ping_sent_ = false;
  bool is_closed_ = false;
  bool fanout_is_behind_ = false; ///< it does not know yet what was changed
};

} // namespace hamlet::irc
