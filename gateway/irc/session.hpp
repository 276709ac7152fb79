// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/account_request.hpp"
#include "gateway/irc/policy.hpp"
#include "hamlet/chat/v1/chat.pb.h"
#include "lib/irc/capabilities.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hamlet::irc {

// Effects: all that a session can want from the world. It asks one question at a time (ask,
// ask_auth, ask_account, await_room), and takes no further line of its client while one is open.

/// Goes to the client, framed as origin::wire says.
struct write {
  std::string bytes;
};
/// Answered by on_reply(): exactly once, with chat::v1::FAILED when nobody answers in time.
struct ask {
  enum class owner : std::uint8_t { session, network };
  owner of = owner::session;
  chat::v1::Request what;
};
/// The same, but nobody waits for the answer.
struct tell {
  ask::owner of = ask::owner::session;
  chat::v1::Request what;
};
/// Answered by on_auth().
struct ask_auth {
  auth::question what;
  std::string client; ///< its address: failures count for it
};
/// Answered by on_account().
struct ask_account {
  account_request what;
};
/// From now on events of this session come to this client: FANOUT writes them straight to the
/// socket, in the form that these capabilities ask for. Again after each change of them.
struct subscribe {
  std::int64_t session_id;
  cap_set caps;
  chat::v1::Who who;
};
/// What this client wants to hear of: nicks that come and go (MONITOR), keys of metadata that
/// change (METADATA SUB).
struct watch {
  std::vector<std::string> add = {};
  std::vector<std::string> remove = {};
  bool clear = false;
  std::vector<std::string> follow = {};
  std::vector<std::string> unfollow = {};
};
/// on_time() is wanted then; the earliest counts.
struct wake {
  std::chrono::steady_clock::time_point when;
};
/// A long reply goes on when the client has read what there is: answered by on_room(), once.
struct await_room {};
/// What an operator may do with the program.
struct control {
  enum class what : std::uint8_t { reload, restart, stop } order;
  std::string by; ///< for the log
};
/// Everything that was written goes out, then the connection ends.
struct hang_up {
  std::string why; ///< for the QUIT of a session that ends with it, and for the log
};
using effect = std::variant<write, ask, tell, ask_auth, ask_account, subscribe, watch, wake,
                            await_room, control, hang_up>;
using effects = std::vector<effect>;

/// What comes to a connection beside its own answers.
struct note {
  enum class what : std::uint8_t {
    who_changed, ///< `who` is what the session is now
    ended,       ///< the session is over (KILL, GHOST): `text` is why
    entered,     ///< the session is on the channel `text` by no doing of this client: the JOIN is
                 ///< written, topic and names are not
    appeared,    ///< `text`, a nick that the client watches, is there; 730 is written
    reloaded,    ///< `rules` are new: cap-notify, extended-isupport
  } kind;
  chat::v1::Who who;
  std::string text;
  std::shared_ptr<const policy> rules;
};

class machine; // the implementation: lines, verbs, replies

/// One client of chat (RFC 1459, RFC 2812, modern IRC, IRCv3): bytes in, effects out. Knows no
/// socket, no actor, no clock, no store; what it may look up at once is behind policy::people.
class session {
public:
  /// @param nonce For SCRAM; printable, fresh for each session.
  session(std::shared_ptr<const policy> p, origin from, channel c, std::string nonce);
  session(session&&) noexcept;
  session& operator=(session&&) noexcept;
  ~session();

  void open(moment now, effects& out);
  /// For WebSocket clients: what comes out of the frames, one line each with CR LF.
  void feed(std::string_view bytes, moment now, effects& out);
  void on_reply(const chat::v1::Reply& r, moment now, effects& out);
  void on_auth(const auth::answer& a, moment now, effects& out);
  void on_account(const account_reply& r, moment now, effects& out);
  void on_note(const note& x, moment now, effects& out);
  void on_room(moment now, effects& out);
  void on_time(moment now, effects& out);

  /// The node stops: ERROR, and the end.
  void shut_down(effects& out);
  /// The connection is gone without hang_up: what the SESSION has to hear.
  void on_closed(std::string_view why, effects& out);

  /// True while it waits for an answer, or lets a fast client wait: more bytes would only be
  /// stored.
  bool is_waiting() const;

private:
  std::unique_ptr<machine> machine_;
};

} // namespace hamlet::irc
