// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/machine.hpp"
#include "lib/text/ascii.hpp"

// What the server can do, and in which language it speaks: RFC 2449 §5, RFC 6856 §3.

namespace hamlet::pop3 {

// RFC 2449 §5: what is announced before the login is announced after it, too. STLS is of the
// AUTHORIZATION state alone (RFC 2595 §4).
void machine::cmd_capa(words, effects& out) {
  std::string lines = "TOP\r\nUIDL\r\n";
  if (accepts_passwords())
    lines += "USER\r\n";
  lines += "SASL";
  for (auto m : usable_mechanisms())
    lines.append(" ").append(to_string(m));
  lines += "\r\n";
  if (policy_.offers_tls && !channel_.is_tls && !utf8_ && state_ == authorization)
    lines += "STLS\r\n";
  lines += "RESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nEXPIRE NEVER\r\n";
  if (policy_.login_delay > 0)
    lines += "LOGIN-DELAY " + std::to_string(policy_.login_delay) + "\r\n";
  lines += "UTF8 USER\r\nLANG\r\n";
  if (!policy_.implementation.empty())
    lines += "IMPLEMENTATION " + policy_.implementation + "\r\n";
  say_ok(text::capabilities, out);
  send(lines + ".\r\n", out);
}

// RFC 6856 §3.2: all that follows is in UTF-8, from this answer on.
void machine::cmd_lang(words w, effects& out) {
  if (w.empty()) {
    say_ok(text::languages, out);
    for (auto& x : all_languages)
      send(std::string{x.tag} + " " + std::string{x.name} + "\r\n", out);
    return send(".\r\n", out);
  }
  auto found = language_for(w[0] == "*" ? policy_.language : w[0]);
  if (!found)
    return bad_command(text::language_unknown, out);
  language_ = found->which;
  send("+OK " + std::string{found->tag} + " " + sentence(text::language_set) + "\r\n", out);
}

} // namespace hamlet::pop3
