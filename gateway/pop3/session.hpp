// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/auth/question.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hamlet::pop3 {

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
/// Locks the maildrop of who has just logged in and lists it; answered by on_opened().
struct open_maildrop {
  std::int64_t account_id;
};
/// Octets of a message from `offset` on, at most 64 KiB; answered by on_part(). It is read when
/// what was written before has left (net::stream::ask_drained): memory holds one part.
struct fetch {
  std::int64_t uid;
  std::uint64_t offset;
  std::uint64_t at_most;
  bool at_once; ///< so little was written that there is no need to wait
};
/// An answer longer than memory should hold: answered by on_written() as soon as what was written
/// before has left (net::stream::ask_drained).
struct wait_written {};
/// The UPDATE state: deletes these in one transaction and unlocks; answered by on_updated().
struct update {
  std::vector<std::int64_t> uids; ///< empty: only unlocks, and is answered within seconds
};
/// Unlocks the maildrop of who goes without QUIT; nothing is deleted. No answer.
struct release {};
struct hang_up {};
using effect = std::variant<write, start_tls, ask_auth, open_maildrop, fetch, wait_written, update,
                            release, hang_up>;
using effects = std::vector<effect>;

struct message {
  std::int64_t uid;
  std::uint64_t size; ///< octets that RETR sends, before dot-stuffing
  bool utf8 = false;  ///< its header needs UTF8 mode (RFC 6856 §2)
};

/// The answer to open_maildrop.
struct maildrop {
  enum class status : std::uint8_t {
    open,
    in_use,    ///< RFC 2449 §8.1.2: [IN-USE]
    too_soon,  ///< RFC 2449 §8.1.1: [LOGIN-DELAY]
    temporary, ///< RFC 3206: [SYS/TEMP]
  };
  status what = status::temporary;
  std::int64_t uid_validity = 0;
  std::vector<message> messages; ///< in the order of their numbers
};

/// What the administrator decides.
struct policy {
  std::string hostname = "mail.example.org";
  bool offers_tls = false;
  bool needs_tls_for_login =
    true; ///< USER/PASS and PLAIN only inside TLS; APOP and SCRAM also outside
  bool offers_apop = true;
  int login_delay = 0;        ///< seconds; 0: not announced
  std::size_t max_line = 255; ///< RFC 2449 §4: 255 octets with CRLF
  std::size_t max_auth_line = 12'288;
  int max_errors = 10; ///< bad commands before login, then the end
  int max_auth_failures = 3;
  std::string implementation = "Hamlet"; ///< one word; empty: not announced
  std::string language = "en";           ///< what LANG * selects: en, vi, zh
};

struct channel {
  bool is_tls = false;
  sasl::channel_binding binding;
};

class machine;

/// One POP3 server session (RFC 1939): bytes in, effects out. Knows no socket, no actor, no
/// clock, no store.
class session {
public:
  /// @param timestamp Unique for each session: "<…@host>" of the APOP banner, also the SCRAM
  /// nonce's
  ///   base. @param nonce For SCRAM; printable.
  session(policy p, channel c, std::string timestamp, std::string nonce);
  session(session&&) noexcept;
  session& operator=(session&&) noexcept;
  ~session();

  void open(effects& out);
  void feed(std::string_view bytes, effects& out);
  void on_secured(channel c, effects& out);
  void on_auth(const auth::answer& a, effects& out);
  void on_opened(maildrop drop, effects& out);
  /// @param bytes nullopt: cannot be read now. Never more than asked; less means that the store
  ///   has lost a part of the message, and the client is told so, or loses the connection.
  void on_part(std::optional<std::string_view> bytes, effects& out);
  void on_written(effects& out);
  /// @param done False: nothing was deleted.
  void on_updated(bool done, effects& out);

  /// The node stops: -ERR [SYS/TEMP] as soon as no answer is owed; deletes nothing.
  void shut_down(effects& out);
  /// RFC 1939 §3: closes without UPDATE, and without a word of success.
  void time_out(effects& out);

  bool is_waiting() const;
  bool is_secured() const;

private:
  std::unique_ptr<machine> machine_;
};

} // namespace hamlet::pop3
