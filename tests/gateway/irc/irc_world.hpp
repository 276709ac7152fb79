// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/network_rules.hpp"
#include "gateway/irc/session.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// All that is around one client: who is here, what the network has decided, and the owners that
/// it asks. Each question is answered at once: by `script` if it knows an answer, else with an
/// empty Reply. It aborts when the session breaks a rule of session.hpp, or writes a line that no
/// server may write (RFC 2812 §2.3). Now is 2026-11-22T00:00:00Z until a test says otherwise.
class irc_world {
public:
  struct setup {
    config::settings settings;
    channel line;
    std::string address = "192.0.2.7";
    bool is_exempt = true; ///< of the limits
    std::vector<std::string> motd;
    std::optional<cloaker> cloaks;
    fakelag::settings lag = {};
    bool needs_password = false;
    framing wire = framing::lines;
  };

  irc_world() : irc_world{setup{}} {}
  explicit irc_world(setup s);

  /// Lines to the session; "\r\n" is put behind each. Whatever it wants is done before it returns.
  void send(std::string_view lines);
  /// Octets, in as many pieces as `piece` makes of them; 0: at once.
  void feed(std::string_view bytes, std::size_t piece = 0);
  /// Time goes on; the session is woken whenever it wanted to be.
  void pass(std::chrono::milliseconds time);
  /// The connection is gone.
  void close(std::string_view why = "Connection closed");
  void shut_down();
  void tell(note::what kind, const std::string& text = {}, std::shared_ptr<const policy> p = {});
  bool is_waiting() const { return session_->is_waiting(); }

  /// What the client heard since the last call, line by line, without CR LF.
  std::vector<std::string> heard();
  std::vector<std::string> ask(std::string_view lines) {
    heard();
    send(lines);
    return heard();
  }
  /// The same joined with '\n', for tables; ":irc.example " is taken off numerics.
  std::string said(std::string_view lines);

  /// Registers with these capabilities, as session 1, and is found in `people`.
  void enter(const std::string& nick = "me", const std::string& caps = "");
  /// By OPER, with these privileges.
  void become_operator(std::vector<std::string> privileges);
  /// The SESSION says what this user is now.
  void note_who(const chat::v1::Who& who);
  /// Somebody else: ~nick@nick.example, session `id`, address 198.51.100.id.
  static chat::v1::Who person(std::int64_t id, const std::string& nick);
  /// Is here from now on, or is another now.
  void put(const chat::v1::Who& who, const std::string& away = {}, std::int64_t signon_ms = 0,
           std::int64_t active_ms = 0);
  /// A channel, and who is in it: session and prefixes.
  void put_channel(const std::string& name,
                   const std::vector<std::pair<std::int64_t, std::string>>& members,
                   const std::string& modes = "+nt");

  template <class F>
  void act(F call) {
    effects out;
    call(out);
    handle(std::move(out));
  }

  /// Questions wait from now on, until answer_held().
  bool holds = false;
  void answer_held();
  bool has_held() const { return !held_.empty(); }

  /// nullopt: a Reply with nothing but the channel's name.
  std::function<std::optional<chat::v1::Reply>(const irc::ask&)> script;
  std::function<auth::answer(const auth::question&)> auth_script;
  std::function<account_reply(const account_request&)> account_script;
  /// Changes the reply of a SESSION that begins.
  std::function<void(const chat::v1::Request&, chat::v1::Reply&)> start_script;

  // What the session did; writes go to heard().
  std::vector<effect> log;
  std::size_t pauses = 0;               ///< of long replies
  std::size_t most_at_once = 0;         ///< octets said between two of them
  std::vector<chat::v1::Request> asked; ///< without StartSession
  std::vector<chat::v1::Request> told;
  std::vector<account_request> asked_account;
  std::vector<auth::question> asked_auth;
  std::vector<subscribe> subscribed;
  std::string before_events; ///< heard before FANOUT was told, the last time
  std::string before_told;   ///< heard before somebody was told something, the last time
  bool is_closed = false;

  presence people;
  network_rules rules;
  statistics numbers;
  std::shared_ptr<policy> terms;
  moment now{.at = std::chrono::steady_clock::time_point{std::chrono::hours{1}},
             .wall_ms = 1'795'305'600'000};
  std::string host = "irc.example";

private:
  void handle(effects out);
  void take(effect x);
  void give_answer(effect question);
  void read_lines();
  chat::v1::Reply answer(const irc::ask& question);

  std::optional<session> session_;
  framing wire_;
  std::string said_;
  std::size_t checked_ = 0;       ///< octets of said_
  std::size_t said_at_pause_ = 0; ///< of said_
  std::vector<effect> held_;
  std::optional<std::chrono::steady_clock::time_point> wake_at_;
  bool is_asked_ = false; ///< a question is open
};

/// `what` in `all`, as lines of a table are compared: joined with '\n'.
std::string joined(const std::vector<std::string>& lines);

chat::v1::Reply refusal(chat::v1::Refusal why, const std::string& detail = {});

} // namespace hamlet::irc
