// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/pop3/dot_stuffer.hpp"
#include "gateway/pop3/line_reader.hpp"
#include "gateway/pop3/message_top.hpp"
#include "gateway/pop3/session.hpp"
#include "gateway/pop3/texts.hpp"

#include <span>

namespace hamlet::pop3 {

/// What is behind session: the states of RFC 1939, split over
/// machine.cpp (lines, verbs, the end), authorization.cpp, capabilities.cpp, transaction.cpp
/// and retrieval.cpp.
class machine {
public:
  machine(policy p, channel c, std::string timestamp, std::string nonce);

  void open(effects& out);
  void feed(std::string_view bytes, effects& out);
  void on_secured(channel c, effects& out);
  void on_auth(const auth::answer& a, effects& out);
  void on_opened(maildrop drop, effects& out);
  void on_part(std::optional<std::string_view> bytes, effects& out);
  void on_written(effects& out);
  void on_updated(bool done, effects& out);
  void shut_down(effects& out);
  void time_out(effects& out);

  bool is_waiting() const { return waits_for_ != question::none; }
  bool is_secured() const { return channel_.is_tls; }

private:
  enum class question { none, tls, auth, drop, part, written, update, farewell };
  enum state { authorization = 1, transaction = 2 };

  using words = std::span<const std::string_view>;
  struct verb;
  static const verb table[];

  /// RETR or TOP being answered.
  struct transfer {
    std::size_t index;
    std::uint64_t offset = 0;
    dot_stuffer stuffer;
    std::optional<message_top> top;
  };
  /// LIST or UIDL being answered.
  struct listing {
    bool of_ids;
    std::size_t next = 0;
  };

  // machine.cpp
  void advance(effects& out);
  void resume(effects& out);
  void run(std::string_view line, effects& out);
  void call(const verb& v, std::string_view arguments, effects& out);
  bool is_legal(std::string_view line, const verb* v, effects& out);
  void pass_on(std::string&& bytes, effects& out); ///< as send(), without a copy
  void send(std::string_view bytes, effects& out);
  void say_ok(text what, effects& out, std::initializer_list<std::string_view> values = {});
  void refuse(text why, effects& out, std::string_view code = {},
              std::initializer_list<std::string_view> values = {});
  void bad_command(text why, effects& out, std::initializer_list<std::string_view> values = {});
  void close(effects& out);
  std::string sentence(text what, std::initializer_list<std::string_view> values = {}) const;

  // authorization.cpp
  void cmd_user(words w, effects& out);
  void cmd_pass(words w, effects& out);
  void cmd_apop(words w, effects& out);
  void cmd_auth(words w, effects& out);
  void cmd_stls(words w, effects& out);
  void cmd_utf8(words w, effects& out);
  std::vector<sasl::mechanism> usable_mechanisms() const;
  bool accepts_passwords() const { return channel_.is_tls || !policy_.needs_tls_for_login; }
  void respond(std::string_view line, effects& out);
  void take(sasl::step s, effects& out);
  void ask(auth::question q, effects& out);
  void open_drop(effects& out);
  void refuse_login(text why, std::string_view code, effects& out);

  // capabilities.cpp
  void cmd_capa(words w, effects& out);
  void cmd_lang(words w, effects& out);

  // transaction.cpp
  void cmd_stat(words w, effects& out);
  void cmd_list(words w, effects& out);
  void cmd_uidl(words w, effects& out);
  void cmd_dele(words w, effects& out);
  void cmd_noop(words w, effects& out);
  void cmd_rset(words w, effects& out);
  void cmd_last(words w, effects& out);
  void cmd_quit(words w, effects& out);
  std::optional<std::size_t> message_at(std::string_view number, effects& out);
  std::string size_listing(std::size_t index) const;
  std::string id_listing(std::size_t index) const;
  void say_drop(effects& out);
  void continue_listing(effects& out);

  // retrieval.cpp
  void cmd_retr(words w, effects& out);
  void cmd_top(words w, effects& out);
  void begin_transfer(std::size_t index, std::optional<message_top> top, effects& out);
  void ask_part(effects& out);
  std::uint64_t part_size() const;
  void end_transfer(std::string& bytes);
  std::optional<text> refusal_of(const message& m) const;

  policy policy_;
  channel channel_;
  std::string timestamp_;
  std::string nonce_;

  line_reader input_;
  state state_ = authorization;
  question waits_for_ = question::none;
  bool stopping_ = false;
  static constexpr std::size_t max_said = 64u << 10; // then the client has to read
  std::size_t said_ = 0; // octets since the last wait for the client to read
  language language_ = language::english;
  bool utf8_ = false;

  // Before the login
  int errors_ = 0;
  int auth_failures_ = 0;
  int exchanges_ = 0;
  std::string name_; // of a USER that the next command may follow with PASS
  std::optional<sasl::exchange> exchange_;
  bool is_salt_ = false; // the open question is want_salt, which says nothing of who asks
  bool is_proof_ = false;
  std::optional<auth::identity> who_;

  // After the login
  std::int64_t uid_validity_ = 0;
  std::vector<message> messages_;
  std::vector<bool> is_deleted_;
  std::size_t count_ = 0;    // of messages not deleted
  std::uint64_t octets_ = 0; // of these
  std::size_t last_ = 0;     // highest number accessed
  std::optional<transfer> transfer_;
  std::optional<listing> listing_;
};

} // namespace hamlet::pop3
