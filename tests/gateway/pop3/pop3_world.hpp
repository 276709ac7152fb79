// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/pop3/session.hpp"

#include <deque>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace hamlet::pop3 {

/// All that is around a session: accounts, one maildrop, the connection. It answers each question
/// at once, except for those that a test holds.
class world {
public:
  struct setup {
    policy rules;
    channel line;
    std::string timestamp = "<1.2@mail.example.org>";
    std::string nonce = "servernonce";
  };

  world() : world{setup{}} {}
  explicit world(setup s);

  /// The client's bytes, in pieces of this size (0: whole). Whatever the session wants is done
  /// before it hears the next byte, as a connection does.
  void send(std::string_view bytes, std::size_t piece = 0);
  /// What the server said since the last call.
  std::string heard();
  std::string ask(std::string_view bytes) {
    send(bytes);
    return heard();
  }
  void log_in() { ask("USER alice\r\nPASS secret\r\n"); }
  /// The handshake is over. @returns False: the session did not ask for it.
  bool secure(sasl::channel_binding binding = {});
  void shut_down() {
    act([&](effects& out) { s.shut_down(out); });
  }
  void time_out() {
    act([&](effects& out) { s.time_out(out); });
  }
  /// Answers the question that was held.
  void answer_held();
  void add(std::string text, bool utf8 = false);

  template <class F>
  void act(F call) {
    effects out;
    call(out);
    handle(std::move(out));
  }

  // The world as it is; change it before the session asks.
  std::map<std::string, std::string, std::less<>> passwords{{"alice", "secret"}};
  auth::verdict verdict_if_right = auth::verdict::right;
  maildrop::status drop = maildrop::status::open;
  std::vector<message> listed;
  std::map<std::int64_t, std::string> stored;                     ///< by uid
  std::size_t readable = std::numeric_limits<std::size_t>::max(); ///< parts, then nullopt
  bool can_delete = true;
  bool says_yes = false; ///< whatever the credentials
  bool holds = false;    ///< questions wait for answer_held()

  // What the session did
  std::vector<effect> log; ///< all but writes
  std::vector<std::int64_t> deleted;
  bool is_open = false; ///< the maildrop is locked
  bool is_closed = false;
  bool wants_tls = false;

  session s;

private:
  void handle(effects out);
  void answer(const effect& e);
  auth::answer judge(const auth::question& q) const;
  std::string password_of(std::string_view name) const;

  std::string said_;
  std::deque<effect> held_;
};

/// How many effects of a kind there were.
template <class T>
std::size_t count(const std::vector<effect>& log) {
  std::size_t n = 0;
  for (auto& e : log)
    n += std::holds_alternative<T>(e);
  return n;
}

} // namespace hamlet::pop3
