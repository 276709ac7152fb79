// SPDX-License-Identifier: Apache-2.0
#include "lib/text/utf8.hpp"
#include "tests/gateway/irc/irc_world.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

// The first two octets choose the settings, the capabilities and the answers of the world; the
// others are what the client sends. Cut into any packets it must hear and ask the same. The world
// watches the rules of session.hpp and that each line is one that a server may write.

namespace {

using namespace hamlet;
using namespace hamlet::irc;
using namespace std::chrono_literals;

enum flag : unsigned {
  is_new = 1,     ///< not registered yet
  is_tls = 2,     ///< with a certificate
  is_fast = 4,    ///< not exempt from limits
  is_moody = 8,   ///< answers are refusals, or odd
  has_caps = 16,  ///< all capabilities
  is_late = 32,   ///< answers come later
  is_wild = 64,   ///< time goes on, notes come, connections end
  is_strict = 128 ///< a password of the connection, small sizes
};

/// The same numbers for the same input, whatever the pieces.
class dice {
public:
  explicit dice(std::uint32_t seed) : x_{seed * 2654435761u + 1} {}
  std::uint32_t operator()(std::uint32_t below) {
    x_ ^= x_ << 13;
    x_ ^= x_ >> 17;
    x_ ^= x_ << 5;
    return x_ % below;
  }

private:
  std::uint32_t x_;
};

std::string odd_text(dice& d) {
  static const std::array<std::string, 9> all{"text",
                                              "",
                                              "a\r\nQUIT :b",
                                              std::string("nul\0!", 5),
                                              ":colon",
                                              "two words",
                                              "\xff\xfe\xc3",
                                              std::string(600, 'x'),
                                              "é\x02"
                                              "bold\x01"};
  return all[d(all.size())];
}

std::string odd_name(dice& d) {
  static const std::array<std::string, 6> all{"ann", "#c",       "#other",
                                              "me",  "a b\r\nx", std::string(200, 'n')};
  return all[d(all.size())];
}

chat::v1::Who odd_who(dice& d) {
  auto who = irc_world::person(2 + d(3), d(3) == 0 ? odd_name(d) : "ann");
  who.set_real_name(utf8::repaired(odd_text(d)));
  if (d(2) == 0)
    who.set_account("annie");
  return who;
}

void add_events(dice& d, chat::v1::Reply& r) {
  for (std::uint32_t i = d(4); i > 0; --i) {
    auto& e = *r.add_events();
    e.set_id(1 + d(1000));
    e.set_time_ms(1'795'305'600'000 + d(1000));
    e.set_channel(d(2) == 0 ? "#c" : "");
    e.set_target("me");
    *e.mutable_source() = odd_who(d);
    switch (d(6)) {
    case 0: e.mutable_topic()->set_text(odd_text(d)); break;
    case 1: e.mutable_quit()->set_reason(odd_text(d)); break;
    case 2: e.mutable_nick()->set_nick(odd_name(d)); break;
    default:
      e.mutable_message()->set_text(odd_text(d) + "\n" + odd_text(d));
      e.mutable_message()->add_joins_previous(false);
      e.mutable_message()->add_joins_previous(d(2) == 0);
    }
  }
}

chat::v1::Reply answer(dice& d, const chat::v1::Request& what) {
  static constexpr std::array refusals{
    chat::v1::FAILED,        chat::v1::NICK_IN_USE,   chat::v1::NO_SUCH_NICK,
    chat::v1::CANNOT_SEND,   chat::v1::IS_SILENT,     chat::v1::NO_SUCH_CHANNEL,
    chat::v1::BANNED,        chat::v1::WRONG_KEY,     chat::v1::REDIRECTED,
    chat::v1::NEEDS_ACCOUNT, chat::v1::NOT_OPERATOR,  chat::v1::ALREADY_ON_CHANNEL,
    chat::v1::NO_ACCESS,     chat::v1::LIMIT_REACHED, chat::v1::NO_SUCH_SESSION};
  chat::v1::Reply r;
  r.set_channel(d(3) == 0 ? odd_name(d) : what.channel());
  if (d(3) == 0) {
    r.set_refusal(refusals[d(refusals.size())]);
    r.set_detail(odd_text(d));
    return r;
  }
  if (d(2) == 0)
    *r.mutable_who() = odd_who(d);
  r.set_away(d(3) == 0 ? odd_text(d) : "");
  r.set_was_created(d(2) == 0);
  r.set_modes(d(2) == 0 ? "+kst" : "");
  r.add_mode_params(odd_text(d));
  r.mutable_topic()->set_text(odd_text(d));
  r.mutable_topic()->set_setter(odd_name(d));
  for (std::uint32_t i = d(5); i > 0; --i) {
    *r.add_members()->mutable_who() = odd_who(d);
    r.mutable_members()->rbegin()->set_prefixes(d(2) == 0 ? "@+" : "");
    r.add_list()->set_mask(odd_text(d));
    r.add_names(odd_name(d));
    auto& option = *r.add_options();
    option.set_name(d(2) == 0 ? "entrymsg" : odd_name(d));
    option.set_value(odd_text(d));
    auto& mode = *r.add_refused_modes();
    mode.set_refusal(refusals[d(refusals.size())]);
    mode.set_letter("o");
    mode.set_param(odd_name(d));
    r.add_conversations()->set_name(odd_name(d));
    r.add_access()->set_account(odd_name(d));
    r.add_bans()->set_mask(odd_text(d));
    r.add_filters()->set_pattern(odd_text(d));
    r.add_audit()->set_arguments(odd_text(d));
  }
  r.set_marker_ms(d(3));
  for (auto privilege : {"see", "kill", "kline", "override", "notices", "reload"})
    r.add_privileges(privilege);
  add_events(d, r);
  return r;
}

auth::answer login(dice& d) {
  auth::answer a;
  a.result = static_cast<auth::verdict>(d(5));
  a.who.account_id = 42;
  a.who.chat_name = odd_name(d);
  a.salt = {"salt", 4096};
  a.server_signature = "signature";
  return a;
}

account_reply account(dice& d) {
  switch (d(6)) {
  case 0: {
    account::v1::Registered x;
    x.set_verdict(static_cast<account::v1::Registered::Verdict>(d(4)));
    x.set_account_id(7);
    x.set_chat_name(odd_name(d));
    return x;
  }
  case 1: {
    account::v1::NickOwner x;
    x.set_account_id(42);
    return x;
  }
  case 2: {
    account::v1::AccountFound x;
    x.set_account_id(7);
    x.set_chat_name(odd_name(d));
    return x;
  }
  case 3: {
    account::v1::Nicks x;
    x.add_nick()->set_nick(odd_name(d));
    return x;
  }
  case 4: return account::v1::Changed{};
  default: return std::monostate{};
  }
}

irc_world::setup setup_of(unsigned flags) {
  irc_world::setup s;
  s.line.is_tls = (flags & is_tls) != 0;
  if (s.line.is_tls) {
    s.line.certificate = "c0ffee";
    s.line.binding.tls_exporter = "exporter";
  }
  s.is_exempt = (flags & is_fast) == 0;
  s.lag = {.burst = 5, .rate = 2, .window = 1000ms};
  s.motd = {"Hello", ""};
  if ((flags & is_strict) != 0) {
    s.needs_password = true;
    s.settings.chat_sizes.multiline_lines.value = 3;
    s.settings.chat_sizes.multiline_octets.value = 64;
    s.settings.chat_sizes.targets.value = 2;
    s.settings.chat_sizes.metadata_subscriptions.value = 2;
    s.settings.chat_limits.before_registration.value = 512;
  }
  return s;
}

std::string all_caps() {
  std::string words;
  for (auto& row : cap_table)
    if (row.may_be_requested)
      words += std::string{words.empty() ? "" : " "} + std::string{row.name};
  return words;
}

void enter(irc_world& w, unsigned flags) {
  if ((flags & has_caps) != 0) { // in two lines: one is not long enough for all
    auto words = all_caps();
    auto half = words.find(' ', words.size() / 2);
    w.feed("CAP REQ :" + words.substr(0, half) + "\r\nCAP REQ :" + words.substr(half + 1)
           + "\r\nCAP END\r\n");
  }
  if ((flags & is_new) == 0)
    w.feed("NICK me\r\nUSER me 0 * :Me\r\n");
}

void populate(irc_world& w) {
  w.put(irc_world::person(2, "ann"), "gone\r\nQUIT");
  w.put(irc_world::person(3, "bob"));
  w.put_channel("#c", {{1, "@"}, {2, "+"}});
  w.put_channel("#s", {{3, "@"}}, "+nst");
}

void go_wild(irc_world& w, dice& d) {
  switch (d(20)) {
  case 0: return w.pass(std::chrono::milliseconds{d(200'000)});
  case 1: return w.pass(std::chrono::milliseconds{d(2000)});
  case 2: return w.tell(note::what::entered, "#c");
  case 3: return w.tell(note::what::reloaded, {}, w.terms);
  case 4: return w.note_who(odd_who(d));
  case 5:
    if (d(8) == 0)
      return w.tell(note::what::ended, odd_text(d));
    return;
  case 6:
    if (d(8) == 0)
      return w.close();
    return;
  case 7:
    if (d(8) == 0)
      return w.shut_down();
    return;
  default: return;
  }
}

struct played {
  std::string heard;
  std::string asked;
};

played play(unsigned flags, std::uint32_t seed, std::string_view bytes, bool in_pieces) {
  irc_world w{setup_of(flags)};
  populate(w);
  dice answers{seed}, moves{seed + 1};
  if ((flags & is_moody) != 0) {
    w.script = [&](const irc::ask& x) { return std::optional{answer(answers, x.what)}; };
    w.auth_script = [&](const auth::question&) { return login(answers); };
    w.account_script = [&](const account_request&) { return account(answers); };
    w.start_script = [&](const chat::v1::Request&, chat::v1::Reply& r) {
      if (answers(4) == 0)
        r = refusal(chat::v1::NICK_IN_USE);
      else if (answers(2) == 0)
        r.add_channels("#c");
    };
  }
  enter(w, flags);
  w.holds = (flags & is_late) != 0;
  while (!bytes.empty() && !w.is_closed) {
    auto part = bytes.substr(0, in_pieces ? 1 + moves(50) : bytes.size());
    bytes.remove_prefix(part.size());
    if ((flags & is_wild) != 0 && in_pieces && !w.is_closed)
      go_wild(w, moves);
    if (!w.is_closed)
      w.feed(part);
    if (w.holds && in_pieces && moves(3) == 0 && !w.is_closed)
      w.answer_held();
  }
  w.holds = false;
  if (!w.is_closed)
    w.answer_held();
  if (!w.is_closed)
    w.pass(60s);
  played p;
  for (auto& line : w.heard())
    if (line.find(" 211 ") == line.npos) // octets that came so far
      p.heard += line + '\n';
  for (auto& x : w.asked)
    p.asked += x.ShortDebugString() + '\n';
  return p;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t at_most = 12'000; // less than a receive queue: else only pieces overflow it
  if (size < 2 || size > at_most)
    return 0;
  unsigned flags = data[0];
  std::uint32_t seed = data[1];
  std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  auto whole = play(flags, seed, bytes, false);
  auto cut = play(flags, seed, bytes, true);
  if ((flags & is_wild) == 0 && (whole.heard != cut.heard || whole.asked != cut.asked)) {
    std::fprintf(stderr, "whole:\n%s%s\ncut:\n%s%s\n", whole.heard.c_str(), whole.asked.c_str(),
                 cut.heard.c_str(), cut.asked.c_str());
    std::abort();
  }
  return 0;
}
