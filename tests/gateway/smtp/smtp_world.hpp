// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/smtp/session.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hamlet::smtp {

/// All that is around a session: accounts, mailboxes, the store, the connection. Local are alice
/// and bob at here.test, and postmaster. It answers each question at once, except for those that a
/// test holds, and watches that the session keeps the rules of session.hpp.
class world {
public:
  struct setup {
    policy rules;
    channel line;
  };
  /// What an ordinary port 25 and 587 have.
  static setup port_25();
  static setup port_587();

  explicit world(setup s = port_25());

  /// The client's bytes, in pieces of this size (0: whole).
  void send(std::string_view bytes, std::size_t piece = 0);
  /// What the server said since the last call.
  std::string heard();
  std::string ask(std::string_view bytes) {
    send(bytes);
    return heard();
  }
  /// Up to 354.
  void up_to_text(std::string_view mail_parameters = "");
  void log_in(std::string_view name = "alice");
  /// A whole message by DATA. @returns The reply to its text.
  std::string mail(std::string_view text);
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

  template <class F>
  void act(F call) {
    effects out;
    call(out);
    handle(std::move(out));
  }

  // The world as it is; change it before the session asks.
  std::map<std::string, std::string, std::less<>> passwords{{"alice", "secret"}, {"bob", "hidden"}};
  auth::verdict verdict_if_right = auth::verdict::right;
  std::function<reply(const ask_rcpt&)> judge_rcpt; ///< unset: as the accounts are
  reply stored{250, "2.0.0 Ok"};
  reply verdict{250, "2.0.0 Ok: queued"};
  std::set<std::string, std::less<>> at_hand; ///< who is in chat
  bool holds = false;                         ///< questions wait for answer_held()

  // What the session did.
  struct message {
    envelope env;
    mail::header_facts facts;
    std::string text;
    bool is_8bit;
    bool is_binary;
  };
  std::vector<message> accepted; ///< those for mailboxes
  std::size_t shown = 0;         ///< messages that somebody saw in chat
  std::vector<effect> log;       ///< all but writes and bodies
  std::string open_text;         ///< bodies of a message that is not accepted yet
  std::size_t bodies = 0;
  std::size_t largest_body = 0;
  bool is_closed = false;
  bool wants_tls = false;
  std::string fault; ///< the first broken rule of session.hpp

  session s;

private:
  void handle(effects out);
  void note(effect& e);
  void answer(const effect& e);
  void claim(bool is_kept, const char* rule);
  auth::answer judge(const auth::question& q) const;

  bool is_member_port_ = false;
  std::string said_;
  std::vector<effect> held_;
  bool has_question_ = false;
};

/// How many effects of a kind there were.
template <class T>
std::size_t count(const world& w) {
  std::size_t n = 0;
  for (auto& e : w.log)
    n += std::holds_alternative<T>(e);
  return n;
}

} // namespace hamlet::smtp
