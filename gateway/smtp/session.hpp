// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/auth/question.hpp"
#include "gateway/smtp/envelope.hpp"
#include "lib/mail/header_scan.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hamlet::smtp {

/// A reply without its line ends; `text` begins with the enhanced code (RFC 2034)
/// and may hold several lines, parted by '\n'.
struct reply {
  int code;
  std::string text;
};

// Effects: all that a session can want from the world. A session asks one question
// at a time, and consumes no input while one is open.

/// Goes to the client.
struct write {
  std::string bytes;
};
/// Answered by on_secured(), or by the end of the connection.
struct start_tls {};
/// Answered by on_auth().
struct ask_auth {
  auth::question what;
};
/// May this recipient get mail? Answered by on_rcpt().
struct ask_rcpt {
  recipient to;
  std::uint64_t declared_size; ///< SIZE of MAIL, or 0
  std::size_t place;           ///< recipients of this transaction that were accepted before
  bool from_member;            ///< logged in: may send to other hosts
  delivery how;
};
/// VRFY and EXPN of a logged-in member; answered by on_names(). RFC 5321 §3.5.
struct ask_names {
  std::string text;
  bool expand; ///< EXPN
};
/// A piece of the message, dot-unstuffed, CRLF at line ends: at most 64 KiB each, in order.
/// Answered by on_stored() when `wants_answer`, which the session sets once more than 64 KiB
/// of this message have gone out: whoever stores it may be slower than the network.
struct body {
  std::string bytes;
  bool wants_answer;
};
/// The message is complete. Answered by on_accepted(); 250 only after COMMIT, or when it was shown
/// to whom it is only to be shown.
struct accept {
  envelope env;
  mail::header_facts facts;
  std::uint64_t size; ///< octets that went out as body
  bool is_8bit;       ///< some octet above 127 in header or body
  bool is_binary;     ///< came as BODY=BINARYMIME and has lines that text may not have
};
/// What went out as body since the last accept is not wanted: refused, RSET, TLS, QUIT.
struct discard {};
/// The client has seen the last reply that was 250 to an `accept`: it has gone on. Stands for all
/// messages accepted before that. Comes with the next octets, whatever they are; never at the end
/// of the connection. RFC 1047.
struct confirmed {};
/// Answered by on_rested(): a client that errs is slowed down.
struct rest {
  std::chrono::milliseconds how_long;
};
struct hang_up {};
using effect = std::variant<write, start_tls, ask_auth, ask_rcpt, ask_names, body, accept, discard,
                            confirmed, rest, hang_up>;
using effects = std::vector<effect>;

enum class service : std::uint8_t {
  transfer,  ///< port 25: from other hosts, no AUTH
  submission ///< ports 587 and 465: from members, AUTH before MAIL (RFC 6409)
};
enum class bare_newline : std::uint8_t {
  refuse,   ///< 550 5.6.11 after the text; as line end of a command 500 5.5.2
  normalise ///< old devices: taken as CRLF (never ends DATA in any other form than CRLF . CRLF)
};

/// What the administrator decides.
struct policy {
  std::string hostname = "mail.example.org";
  std::string subaddress_separator = "+"; ///< empty: no tags (RFC 5233 §1)
  service kind = service::transfer;
  bool offers_tls = false;
  bool sends_to_chat = false; ///< SEND, SOML and SAML of members (RFC 821 §3.4)
  bare_newline stray = bare_newline::refuse;
  std::uint64_t max_message = 50u << 20; ///< octets; offered as SIZE
  std::size_t max_recipients = 1000;     ///< per message; more: 452 4.5.3
  std::size_t max_transactions = 10'000; ///< per connection; more: 421
  std::size_t max_line = 2048;           ///< of a command (RFC 5321 §4.5.3.1.4 asks for 512)
  std::size_t max_auth_line = 12'288;    ///< RFC 4954 §4
  int max_received = 50;                 ///< hops; more: 554 5.4.6
  int errors_before_rest = 10;           ///< then each costs `error_rest`
  int max_errors = 20;                   ///< then 421 and the end
  int max_idle_commands = 100;           ///< NOOP, RSET, VRFY, HELO … without a message: 421
  int max_auth_failures = 3;             ///< then 421 4.7.0
  std::chrono::milliseconds error_rest{1000};
};

/// What is known of the connection from the start, and after TLS.
struct channel {
  bool is_tls = false;
  sasl::channel_binding binding;
};

class machine; // the implementation: state, verbs, text

/// One SMTP server session (RFC 5321): bytes in, effects out. Knows no socket, no actor,
/// no clock, no store; a test or a fuzzer drives it like the network does.
class session {
public:
  /// @param nonce For SCRAM; printable, fresh for each session.
  session(policy p, channel c, std::string nonce);
  session(session&&) noexcept;
  session& operator=(session&&) noexcept;
  ~session();

  void open(effects& out); // RFC 5321 §3.1
  void feed(std::string_view bytes, effects& out);
  void on_secured(channel c, effects& out);
  void on_auth(const auth::answer& a, effects& out);
  /// 250 takes the recipient; 4xx, 5xx refuse it.
  void on_rcpt(const reply& verdict, effects& out);
  void on_names(const reply& verdict, effects& out);
  /// @param verdict 250: go on. Anything else is said at the end of the text, the rest is read
  ///   and thrown away.
  void on_stored(const reply& verdict, effects& out);
  void on_accepted(const reply& verdict, effects& out);
  void on_rested(effects& out);

  /// The node stops: says 421 as soon as no answer is owed (RFC 5321 §3.8).
  void shut_down(effects& out);
  /// The client was silent too long: 421 4.4.2 and the end.
  void time_out(effects& out);

  /// True while it waits for an answer: more bytes would only be stored.
  bool is_waiting() const;
  bool is_secured() const;

private:
  std::unique_ptr<machine> machine_;
};

} // namespace hamlet::smtp
