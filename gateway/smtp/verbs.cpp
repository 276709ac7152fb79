// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/machine.hpp"
#include "gateway/smtp/syntax.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>

namespace hamlet::smtp {

namespace {

enum flag : std::uint8_t {
  plain = 0,
  no_argument = 1,
  needs_argument = 2,
  idle = 4,  ///< counts until a message is accepted
  hidden = 8 ///< not a command of ours: HELP is silent about it
};

} // namespace

// RFC 5321 §4.1.1. To add a verb, add a line.
std::span<const machine::command> machine::table() {
  static constexpr command commands[] = {
    {"EHLO", &machine::cmd_ehlo, idle, "EHLO domain"},
    {"HELO", &machine::cmd_helo, idle, "HELO domain"},
    {"MAIL", &machine::cmd_mail, needs_argument,
     "MAIL FROM:<address> [SIZE=n] [BODY=7BIT|8BITMIME|BINARYMIME] [SMTPUTF8] [RET=FULL|HDRS] "
     "[ENVID=xtext] [AUTH=xtext]"},
    {"RCPT", &machine::cmd_rcpt, needs_argument,
     "RCPT TO:<address> [NOTIFY=NEVER|SUCCESS,FAILURE,DELAY] [ORCPT=type;xtext]"},
    {"DATA", &machine::cmd_data, plain, "DATA"},
    {"BDAT", &machine::cmd_bdat, plain, "BDAT octets [LAST]"},
    {"RSET", &machine::cmd_rset, no_argument | idle, "RSET"},
    {"NOOP", &machine::cmd_noop, idle, "NOOP [text]"},
    {"QUIT", &machine::cmd_quit, no_argument, "QUIT"},
    {"HELP", &machine::cmd_help, idle, "HELP [verb]"},
    {"VRFY", &machine::cmd_vrfy, needs_argument | idle, "VRFY text"},
    {"EXPN", &machine::cmd_expn, needs_argument | idle, "EXPN text"},
    {"STARTTLS", &machine::cmd_starttls, no_argument, "STARTTLS"},
    {"AUTH", &machine::cmd_auth, needs_argument, "AUTH mechanism [initial-response]"},
    {"SEND", &machine::cmd_send, needs_argument | hidden, {}},
    {"SOML", &machine::cmd_soml, needs_argument | hidden, {}},
    {"SAML", &machine::cmd_saml, needs_argument | hidden, {}},
    {"TURN", &machine::cmd_turn, hidden, {}},
    {"ETRN", &machine::cmd_etrn, hidden, {}},
    {"GET", &machine::cmd_http, hidden, {}},
    {"HEAD", &machine::cmd_http, hidden, {}},
    {"POST", &machine::cmd_http, hidden, {}},
    {"PUT", &machine::cmd_http, hidden, {}},
    {"OPTIONS", &machine::cmd_http, hidden, {}},
    {"CONNECT", &machine::cmd_http, hidden, {}},
  };
  return commands;
}

void machine::run(std::string_view line, effects& out) {
  auto [verb, arg] = split(line);
  auto found = std::ranges::find_if( // RFC 5321 §2.4: verbs ignore case
    table(), [word = verb](auto& x) { return ascii::same_word(x.verb, word); });
  if (found == table().end())
    return refuse({500, "5.5.2 Command not recognized"}, out); // RFC 5321 §4.2.4
  if ((found->flags & idle) != 0 && ++idle_ > policy_.max_idle_commands)
    return close({421, "4.7.0 Too many commands without a message"}, out);
  if ((found->flags & no_argument) != 0 && !arg.empty())
    return refuse({501, "5.5.4 No argument allowed"}, out);
  if ((found->flags & needs_argument) != 0 && arg.empty())
    return refuse({501, "5.5.4 Argument missing"}, out);
  (this->*found->run)(arg, out);
}

// RFC 5321 §4.1.1.1 and §4.1.4. A refused greeting changes nothing, a second one ends the
// transaction. RFC 2034 §4: no enhanced codes here.
void machine::greet(std::string_view name, bool extended, effects& out) {
  if (!is_client_name(name))
    return refuse({501, name.empty() ? "Say who you are: a domain or an address literal"
                                     : "That is no domain and no address literal"},
                  out);
  end_transaction(out);
  helo_ = name;
  extended_ = extended;
  say(out, {250, policy_.hostname + (extended ? extensions() : "")});
}

void machine::cmd_helo(std::string_view arg, effects& out) {
  greet(arg, false, out);
}

void machine::cmd_ehlo(std::string_view arg, effects& out) {
  greet(arg, true, out);
}

bool machine::offers_auth() const { // RFC 4954 §4: no password in the clear
  return policy_.kind == service::submission && channel_.is_tls;
}

std::string machine::extensions() const {
  auto text = "\nPIPELINING\nSIZE " + std::to_string(policy_.max_message)
              + "\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES";
  if (policy_.offers_tls && !channel_.is_tls) // RFC 3207 §4.2: never inside TLS
    text += "\nSTARTTLS";
  text += "\nCHUNKING\nBINARYMIME\nDSN\nLIMITS MAILMAX=" + std::to_string(policy_.max_transactions)
          + " RCPTMAX=" + std::to_string(policy_.max_recipients);
  if (policy_.sends_to_chat && policy_.kind == service::submission) // RFC 1869 §4.1.2
    text += "\nSEND\nSOML\nSAML";
  text += "\nHELP";
  if (offers_auth()) {
    text += "\nAUTH PLAIN LOGIN SCRAM-SHA-256";
    if (channel_.binding != sasl::channel_binding{})
      text += " SCRAM-SHA-256-PLUS";
  }
  return text;
}

void machine::cmd_starttls(std::string_view, effects& out) {
  if (channel_.is_tls)
    return refuse({503, "5.5.1 TLS is active"}, out);
  if (!policy_.offers_tls)
    return refuse({502, "5.5.1 TLS is not offered"}, out);
  if (!extended_)
    return refuse({503, "5.5.1 Say EHLO first"}, out);
  end_transaction(out);
  waits_for_ = question::tls;
  say(out, {220, "2.0.0 Ready to start TLS"});
  out.emplace_back(start_tls{});
}

// RFC 3207 §4.2: all that the client said before is forgotten.
void machine::on_secured(channel c, effects& out) {
  if (waits_for_ == question::end)
    return;
  auto was_asked = answers(question::tls);
  channel_ = std::move(c);
  end_transaction(out);
  helo_.clear();
  extended_ = false;
  who_.reset();
  proven_.reset();
  if (was_asked)
    go_on(out);
}

void machine::cmd_rset(std::string_view, effects& out) {
  end_transaction(out);
  say(out, {250, "2.0.0 Ok"});
}

void machine::cmd_noop(std::string_view, effects& out) {
  say(out, {250, "2.0.0 Ok"});
}

void machine::cmd_quit(std::string_view, effects& out) {
  close({221, "2.0.0 " + policy_.hostname + " closes the connection"}, out);
}

void machine::cmd_help(std::string_view arg, effects& out) {
  auto is_ours = [this](const command& x) {
    return (x.flags & hidden) == 0 && (x.verb != "AUTH" || policy_.kind == service::submission);
  };
  if (!arg.empty()) {
    auto found = std::ranges::find_if(
      table(), [&](auto& x) { return is_ours(x) && ascii::same_word(x.verb, arg); });
    if (found == table().end())
      return refuse({504, "5.5.4 No such command"}, out);
    return say(out, {214, "2.0.0 " + std::string{found->syntax}});
  }
  std::string verbs;
  for (auto& x : table())
    if (is_ours(x))
      verbs.append(" ").append(x.verb);
  say(out, {214, "2.0.0 Commands:" + verbs + "\nHELP verb shows its syntax (RFC 5321)"});
}

// RFC 5321 §3.5.3 and §7.3: strangers learn nothing, not even whether there was something to
// learn.
void machine::names(std::string_view text, bool expand, effects& out) {
  if (!who_)
    return say(out, {252, "2.0.0 Cannot say; mail will be tried"});
  auto space = text.rfind(' '); // RFC 6531 §3.7.4.2
  if (space != text.npos && ascii::same_word(text.substr(space + 1), "SMTPUTF8"))
    text = text.substr(0, space);
  if (!is_plain(text))
    return refuse({501, "5.5.2 Not a name"}, out);
  waits_for_ = question::names;
  out.emplace_back(ask_names{std::string{text}, expand});
}

void machine::on_names(const reply& verdict, effects& out) {
  if (!answers(question::names))
    return;
  refuse(verdict, out);
  go_on(out);
}

void machine::cmd_vrfy(std::string_view arg, effects& out) {
  names(arg, false, out);
}

void machine::cmd_expn(std::string_view arg, effects& out) {
  names(arg, true, out);
}

// RFC 821 §3.8, RFC 5321 appendix F.1: who asks is not proven to be who the mail is for.
void machine::cmd_turn(std::string_view, effects& out) {
  refuse({502, "5.7.0 TURN would give mail to whoever asks for it"}, out);
}

void machine::cmd_etrn(std::string_view, effects& out) {
  refuse({502, "5.5.1 ETRN is not offered"}, out);
}

// A browser was led here to speak for somebody else: what follows are not its own words.
void machine::cmd_http(std::string_view, effects& out) {
  close({521, "5.5.1 This is a mail server"}, out);
}

} // namespace hamlet::smtp
