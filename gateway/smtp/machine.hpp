// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/smtp/message_text.hpp"
#include "gateway/smtp/session.hpp"
#include "lib/sasl/exchange.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hamlet::smtp {

/// What a session is made of. machine.cpp has the loop, verbs.cpp the table and the small
/// commands, transaction.cpp MAIL and RCPT, data.cpp DATA and BDAT, login.cpp AUTH.
class machine {
public:
  machine(policy p, channel c, std::string nonce);

  void open(effects& out);
  void feed(std::string_view bytes, effects& out);
  void on_secured(channel c, effects& out);
  void on_auth(const auth::answer& a, effects& out);
  void on_rcpt(const reply& verdict, effects& out);
  void on_names(const reply& verdict, effects& out);
  void on_stored(const reply& verdict, effects& out);
  void on_accepted(const reply& verdict, effects& out);
  void on_rested(effects& out);
  void shut_down(effects& out);
  void time_out(effects& out);

  bool is_waiting() const { return waits_for_ != question::none; }
  bool is_secured() const { return channel_.is_tls; }

private:
  enum class question : std::uint8_t { none, tls, auth, rcpt, names, stored, accepted, rest, end };
  enum class mode : std::uint8_t {
    commands,
    login, ///< the next line answers a challenge
    text,  ///< between 354 and the lone dot
    chunk  ///< the octets that BDAT has announced
  };
  struct command {
    std::string_view verb;
    void (machine::*run)(std::string_view arg, effects& out);
    std::uint8_t flags;
    std::string_view syntax; ///< for HELP
  };
  static std::span<const command> table();

  // machine.cpp: the loop
  std::size_t consume(std::string_view in, effects& out);
  std::size_t read_line(std::string_view in, effects& out);
  std::size_t skip_line(std::size_t count, bool at_end, effects& out);
  std::size_t line_limit(std::string_view in) const;
  void run_line(std::string_view line, effects& out);
  bool answers(question q);
  void go_on(effects& out);
  void refuse(reply why, effects& out);
  void close(const reply& last, effects& out);
  void end_transaction(effects& out);

  // verbs.cpp
  void run(std::string_view line, effects& out);
  void greet(std::string_view name, bool extended, effects& out);
  bool offers_auth() const;
  std::string extensions() const;
  void names(std::string_view text, bool expand, effects& out);
  void cmd_helo(std::string_view arg, effects& out);
  void cmd_ehlo(std::string_view arg, effects& out);
  void cmd_starttls(std::string_view arg, effects& out);
  void cmd_rset(std::string_view arg, effects& out);
  void cmd_noop(std::string_view arg, effects& out);
  void cmd_quit(std::string_view arg, effects& out);
  void cmd_help(std::string_view arg, effects& out);
  void cmd_vrfy(std::string_view arg, effects& out);
  void cmd_expn(std::string_view arg, effects& out);
  void cmd_turn(std::string_view arg, effects& out);
  void cmd_etrn(std::string_view arg, effects& out);
  void cmd_http(std::string_view arg, effects& out);

  // transaction.cpp
  struct sender;
  std::optional<sender> parse_sender(std::string_view arg, reply& why) const;
  std::optional<reply> mail_parameter(std::string_view keyword,
                                      std::optional<std::string_view> value, sender& into) const;
  std::optional<reply> rcpt_parameter(std::string_view keyword,
                                      std::optional<std::string_view> value, recipient& into) const;
  bool is_own(const mail::address& x) const;
  void cmd_mail(std::string_view arg, effects& out);
  void begin_mail(std::string_view arg, delivery how, effects& out);
  void cmd_send(std::string_view arg, effects& out);
  void cmd_soml(std::string_view arg, effects& out);
  void cmd_saml(std::string_view arg, effects& out);
  void cmd_rcpt(std::string_view arg, effects& out);

  // data.cpp
  bool is_out_of_sequence(effects& out);
  void begin_text(bool by_dot);
  std::size_t read_text(std::string_view in, effects& out);
  void send_piece(effects& out);
  void drop_text(effects& out);
  void end_text(effects& out);
  void end_chunk(effects& out);
  std::optional<reply> judge_author() const;
  void cmd_data(std::string_view arg, effects& out);
  void cmd_bdat(std::string_view arg, effects& out);

  // login.cpp
  void cmd_auth(std::string_view arg, effects& out);
  void respond(std::string_view line, effects& out);
  void do_step(sasl::step next, effects& out);
  void end_login(const reply& r, bool counts, effects& out);
  void fail_login(sasl::failure why, effects& out);

  policy policy_;
  channel channel_;
  std::string nonce_;

  mode mode_ = mode::commands;
  question waits_for_ = question::none; ///< one is open: input stays queued
  bool stopping_ = false;
  bool unconfirmed_ = false;  ///< the last 250 of a message may not have been seen
  std::string input_;         ///< what a question or an open line holds back
  std::size_t behind_ = 0;    ///< octets that came with the command that is being run, behind it
  std::size_t skipped_ = 0;   ///< octets of an overlong line so far
  bool skips_login_ = false;  ///< that line belongs to AUTH
  std::optional<reply> held_; ///< said after the rest
  int errors_ = 0;
  int idle_ = 0;
  int auth_failures_ = 0;
  std::size_t transactions_ = 0;

  std::string helo_; ///< empty: not greeted
  bool extended_ = false;
  std::optional<auth::identity> who_;

  // The buffers of RFC 5321 §4.1.1.
  bool in_mail_ = false;
  std::uint64_t declared_size_ = 0;
  envelope env_;
  // What is large and seldom there is not inside: most clients do nothing, most of the time.
  std::unique_ptr<recipient> asked_; ///< ask_rcpt is open
  std::unique_ptr<message_text> text_;
  std::uint64_t chunk_left_ = 0;
  std::uint64_t chunk_size_ = 0;
  bool chunk_is_last_ = false;
  std::optional<reply> chunk_refusal_; ///< its octets are thrown away

  std::optional<sasl::exchange> exchange_;
  std::unique_ptr<auth::question> asked_auth_;
  std::optional<auth::identity> proven_; ///< who_ once the exchange is through
  unsigned logins_ = 0;
};

} // namespace hamlet::smtp
