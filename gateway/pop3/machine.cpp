// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/machine.hpp"

#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>
#include <array>

namespace hamlet::pop3 {

struct machine::verb {
  std::string_view name;
  void (machine::*run)(words w, effects& out);
  int allowed;             ///< states in which it may be given
  std::size_t least, most; ///< arguments
  std::string_view syntax;
  bool is_credential = false; ///< RFC 6856 §2.2: may be UTF-8 before UTF8
  bool is_rest = false;       ///< the argument is the rest of the line, blanks too
};

namespace {

constexpr int both = 1 | 2;

bool is_control(char x) {
  auto value = static_cast<unsigned char>(x);
  return value < 0x20 || value == 0x7f;
}

} // namespace

// RFC 1939 §9, RFC 1460 (LAST), RFC 2449 §5, RFC 2595 §4, RFC 5034 §4, RFC 6856. To add a verb,
// add a line.
constinit const machine::verb machine::table[] = {
  {"USER", &machine::cmd_user, authorization, 1, 1, "USER name", true},
  {"PASS", &machine::cmd_pass, authorization, 1, 1, "PASS password", true, true},
  {"APOP", &machine::cmd_apop, authorization, 2, 2, "APOP name digest", true},
  {"AUTH", &machine::cmd_auth, authorization, 0, 2, "AUTH [mechanism [initial-response]]"},
  {"STLS", &machine::cmd_stls, authorization, 0, 0, "STLS"},
  {"UTF8", &machine::cmd_utf8, authorization, 0, 0, "UTF8"},
  {"CAPA", &machine::cmd_capa, both, 0, 0, "CAPA"},
  {"LANG", &machine::cmd_lang, both, 0, 1, "LANG [language]"},
  {"STAT", &machine::cmd_stat, transaction, 0, 0, "STAT"},
  {"LIST", &machine::cmd_list, transaction, 0, 1, "LIST [message]"},
  {"UIDL", &machine::cmd_uidl, transaction, 0, 1, "UIDL [message]"},
  {"RETR", &machine::cmd_retr, transaction, 1, 1, "RETR message"},
  {"TOP", &machine::cmd_top, transaction, 2, 2, "TOP message lines"},
  {"DELE", &machine::cmd_dele, transaction, 1, 1, "DELE message"},
  {"NOOP", &machine::cmd_noop, transaction, 0, 0, "NOOP"},
  {"RSET", &machine::cmd_rset, transaction, 0, 0, "RSET"},
  {"LAST", &machine::cmd_last, transaction, 0, 0, "LAST"},
  {"QUIT", &machine::cmd_quit, both, 0, 0, "QUIT"},
};

machine::machine(policy p, channel c, std::string timestamp, std::string nonce)
    : policy_{std::move(p)}, channel_{std::move(c)},
      timestamp_{std::move(timestamp)}, nonce_{std::move(nonce)} {
}

// RFC 1939 §7: a timestamp in the greeting says that there is APOP.
void machine::open(effects& out) {
  auto line = "+OK " + sentence(text::ready, {policy_.hostname});
  if (policy_.offers_apop)
    line += " " + timestamp_;
  send(line + "\r\n", out);
}

void machine::feed(std::string_view bytes, effects& out) {
  input_.add(bytes);
  advance(out);
}

// RFC 2449 §6.6: commands may arrive in one packet; each is answered in order, so nothing is
// read while a question is open.
void machine::advance(effects& out) {
  using enum line_reader::found::kind;
  while (!is_waiting()) {
    if (said_ > max_said) {
      waits_for_ = question::written;
      out.emplace_back(wait_written{});
      break;
    }
    auto found = input_.next(exchange_ ? policy_.max_auth_line : policy_.max_line);
    if (found.what == nothing)
      break;
    if (found.what == endless) {
      close(out);
    } else if (found.what == line) {
      exchange_ ? respond(found.text, out) : run(found.text, out);
    } else {
      exchange_.reset();
      name_.clear();
      bad_command(found.what == bare ? text::line_ends : text::line_too_long, out);
    }
  }
  // RFC 2595 §4: what came in the clear after STLS may be injected by somebody in between. It is
  // neither a command nor a part of the handshake.
  if (waits_for_ == question::tls || waits_for_ == question::farewell)
    input_.clear();
  input_.compact();
}

// The end of an answer. RFC 3206 §4: SYS/TEMP, so the client may come back.
void machine::resume(effects& out) {
  if (stopping_ && !is_waiting()) {
    refuse(text::going_down, out, "SYS/TEMP");
    return close(out);
  }
  advance(out);
}

void machine::on_written(effects& out) {
  if (waits_for_ != question::written)
    return;
  waits_for_ = question::none;
  said_ = 0;
  if (listing_)
    continue_listing(out);
  resume(out);
}

void machine::shut_down(effects& out) {
  stopping_ = true;
  if (waits_for_ == question::tls) // no word in the clear any more
    close(out);
  else if (!is_waiting())
    resume(out);
}

// RFC 1939 §3: no UPDATE, and not a word.
void machine::time_out(effects& out) {
  if (waits_for_ != question::farewell)
    close(out);
}

// RFC 1939 §6: only QUIT leads to UPDATE; every other end deletes nothing.
void machine::close(effects& out) {
  if (state_ == transaction && waits_for_ != question::update)
    out.emplace(out.begin(), release{}); // before the last word
  waits_for_ = question::farewell;       // for good: what still arrives is not read
  exchange_.reset();
  transfer_.reset();
  listing_.reset();
  messages_ = {};
  out.emplace_back(hang_up{}); // the input stays: a line of it may be being run
}

void machine::run(std::string_view line, effects& out) {
  auto word = line.substr(0, line.find(' '));
  auto v = std::ranges::find_if(
    table, [&](auto& x) { return ascii::same_word(x.name, word); }); // RFC 1939 §3: any case
  bool is_known = v != std::end(table);
  // RFC 1939 §7: PASS only immediately after a successful USER.
  if (!is_known || v->run != &machine::cmd_pass)
    name_.clear();
  if (!is_legal(line, is_known ? v : nullptr, out))
    return;
  if (!is_known)
    return bad_command(text::unknown_command, out);
  if ((v->allowed & state_) == 0)
    return bad_command(state_ == authorization ? text::log_in_first : text::logged_in_already, out);
  call(*v, line.substr(word.size()), out);
}

// RFC 1939 §3: each argument follows a single blank.
void machine::call(const verb& v, std::string_view arguments, effects& out) {
  std::array<std::string_view, 3> found;
  std::size_t count = 0;
  bool is_empty = false;
  while (!arguments.empty() && count < found.size()) {
    arguments.remove_prefix(1);
    auto word = arguments.substr(0, v.is_rest ? arguments.npos : arguments.find(' '));
    is_empty = is_empty || word.empty();
    found[count++] = word;
    arguments.remove_prefix(word.size());
  }
  if (is_empty || count < v.least || count > v.most) {
    name_.clear();
    return bad_command(text::syntax, out, {v.syntax});
  }
  (this->*v.run)(words{found}.first(count), out);
}

// RFC 1939 §3: printable ASCII; RFC 6856 §2: and UTF-8, which has to be valid (RFC 3629).
bool machine::is_legal(std::string_view line, const verb* v, effects& out) {
  auto why = text::bad_character;
  if (std::ranges::none_of(line, is_control)) {
    if (utf8::is_ascii(line))
      return true;
    if ((utf8_ || (v && v->is_credential)) && utf8::is_valid(line))
      return true;
    why = text::bad_utf8;
  }
  name_.clear();
  bad_command(why, out);
  return false;
}

void machine::pass_on(std::string&& bytes, effects& out) {
  said_ += bytes.size();
  out.emplace_back(write{std::move(bytes)});
}

void machine::send(std::string_view bytes, effects& out) {
  said_ += bytes.size();
  auto last = out.empty() ? nullptr : std::get_if<write>(&out.back());
  if (last)
    last->bytes += bytes;
  else
    out.emplace_back(write{std::string{bytes}});
}

std::string machine::sentence(text what, std::initializer_list<std::string_view> values) const {
  return say(what, language_, values);
}

void machine::say_ok(text what, effects& out, std::initializer_list<std::string_view> values) {
  send("+OK " + sentence(what, values) + "\r\n", out);
}

void machine::refuse(text why, effects& out, std::string_view code,
                     std::initializer_list<std::string_view> values) {
  std::string line = "-ERR ";
  if (!code.empty()) // RFC 2449 §8
    line.append("[").append(code).append("] ");
  send(line + sentence(why, values) + "\r\n", out);
}

// Before the login a client that understands nothing is sent away. Who is logged in may go on.
void machine::bad_command(text why, effects& out, std::initializer_list<std::string_view> values) {
  if (state_ == transaction || ++errors_ < policy_.max_errors)
    return refuse(why, out, {}, values);
  refuse(text::too_many_errors, out);
  close(out);
}

} // namespace hamlet::pop3
