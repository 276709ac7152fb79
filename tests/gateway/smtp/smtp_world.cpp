// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/smtp/smtp_world.hpp"

#include "lib/base/overload.hpp"
#include "lib/sasl/scram.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/base64.hpp"

#include <algorithm>

namespace hamlet::smtp {

namespace {

constexpr std::string_view salt = "0123456789abcdef";
constexpr std::uint32_t rounds = 16; // of a test: fast

/// "250-first\r\n250 last\r\n": each line with a code and at most 512 octets.
bool are_replies(std::string_view text) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find("\r\n"));
    if (line.size() == text.size() || line.size() > 510 || line.size() < 4
        || line.find_first_of("\r\n") != line.npos || (line[3] != ' ' && line[3] != '-')
        || !std::ranges::all_of(line.substr(0, 3), ascii::is_digit))
      return false;
    text.remove_prefix(line.size() + 2);
  }
  return true;
}

} // namespace

world::setup world::port_25() {
  setup x;
  x.rules.hostname = "mail.here.test";
  x.rules.offers_tls = true;
  return x;
}

world::setup world::port_587() {
  auto x = port_25();
  x.rules.kind = service::submission;
  x.line.is_tls = true;
  return x;
}

world::world(setup x)
    : s{x.rules, x.line, "servernonce"}, is_member_port_{x.rules.kind == service::submission} {
  act([&](effects& out) { s.open(out); });
}

void world::send(std::string_view bytes, std::size_t piece) {
  do {
    auto part = bytes.substr(0, piece == 0 ? bytes.npos : piece);
    bytes.remove_prefix(part.size());
    act([&](effects& out) { s.feed(part, out); });
  } while (!bytes.empty());
}

std::string world::heard() {
  return std::exchange(said_, {});
}

void world::up_to_text(std::string_view parameters) {
  ask("EHLO client.test\r\nMAIL FROM:<alice@here.test>" + std::string{parameters}
      + "\r\nRCPT TO:<bob@here.test>\r\n");
  ask("DATA\r\n");
}

void world::log_in(std::string_view name) {
  auto initial = '\0' + std::string{name} + '\0' + passwords.find(name)->second;
  ask("EHLO client.test\r\n");
  ask("AUTH PLAIN " + base64::encode(initial) + "\r\n");
}

std::string world::mail(std::string_view text) {
  up_to_text();
  return ask(std::string{text} + ".\r\n");
}

bool world::secure(sasl::channel_binding binding) {
  if (!std::exchange(wants_tls, false))
    return false;
  has_question_ = false;
  act([&](effects& out) { s.on_secured({true, std::move(binding)}, out); });
  return true;
}

void world::answer_held() {
  auto held = std::exchange(held_, {});
  for (auto& e : held)
    answer(e);
}

void world::claim(bool is_kept, const char* rule) {
  if (!is_kept && fault.empty())
    fault = rule;
}

void world::handle(effects out) {
  for (auto& e : out) {
    claim(!is_closed, "nothing after hang_up");
    claim(!has_question_ || std::holds_alternative<hang_up>(e), "a question is the last effect");
    note(e);
    has_question_ = std::visit(
      overload{[](const body& x) { return x.wants_answer; }, [](const write&) { return false; },
               [](const discard&) { return false; }, [](const confirmed&) { return false; },
               [](const hang_up&) { return false; }, [](const auto&) { return true; }},
      e);
    if (has_question_ && holds)
      held_.push_back(std::move(e));
    else if (has_question_)
      answer(e);
  }
  claim(s.is_waiting() == (has_question_ || is_closed), "is_waiting() tells of open questions");
}

void world::note(effect& e) {
  if (auto w = std::get_if<write>(&e)) {
    claim(are_replies(w->bytes), "writes are replies");
    said_ += w->bytes;
    return;
  }
  if (auto b = std::get_if<body>(&e)) {
    open_text += b->bytes;
    ++bodies;
    largest_body = std::max(largest_body, b->bytes.size());
    claim(!b->bytes.empty() && b->bytes.size() <= 64u << 10, "a body has 1 octet to 64 KiB");
    claim(b->wants_answer == (open_text.size() > 64u << 10), "bodies are answered behind 64 KiB");
    return;
  }
  log.push_back(e);
  std::visit(
    overload{
      [&](const start_tls&) { wants_tls = true; },
      [&](const discard&) {
        claim(!open_text.empty(), "discard is of something");
        open_text.clear();
      },
      [&](const accept& x) {
        claim(x.size == open_text.size(), "accept knows the size");
        claim(!x.env.to.empty(), "mail is for somebody");
        auto sees_it = [&](const recipient& y) { return at_hand.contains(y.to.local); };
        if (x.env.how != delivery::mail)
          shown += std::ranges::any_of(x.env.to, sees_it) ? 1 : 0;
        if (x.env.how == delivery::send
            || (x.env.how == delivery::send_or_mail && std::ranges::all_of(x.env.to, sees_it)))
          return open_text.clear();
        accepted.push_back({x.env, x.facts, std::exchange(open_text, {}), x.is_8bit, x.is_binary});
      },
      [&](const hang_up&) {
        claim(open_text.empty(), "what is void is discarded before the end");
        is_closed = true;
      },
      [](const auto&) {}},
    e);
}

void world::answer(const effect& e) {
  if (std::holds_alternative<start_tls>(e))
    return; // by secure()
  effects out;
  has_question_ = false;
  std::visit(
    overload{
      [&](const ask_auth& x) { s.on_auth(judge(x.what), out); },
      [&](const ask_rcpt& x) {
        if (judge_rcpt)
          return s.on_rcpt(judge_rcpt(x), out);
        auto& to = x.to.to;
        bool is_ours = to.domain == "here.test" || to.domain.empty();
        bool is_known =
          to.local == "alice" || to.local == "bob" || ascii::same_word(to.local, "postmaster");
        if (!is_ours)
          s.on_rcpt(is_member_port_ ? reply{250, "2.1.5 Ok"} : reply{550, "5.7.1 Relaying denied"},
                    out);
        else if (is_known && x.how == delivery::send && !at_hand.contains(to.local))
          s.on_rcpt({450, "4.2.1 Not there"}, out); // RFC 821 §3.4
        else
          s.on_rcpt(is_known ? reply{250, "2.1.5 Ok"} : reply{550, "5.1.1 No such mailbox"}, out);
      },
      [&](const ask_names& x) {
        s.on_names({250, "2.1.5 " + x.text + (x.expand ? " expanded" : " verified")}, out);
      },
      [&](const body&) { s.on_stored(stored, out); },
      [&](const accept&) { s.on_accepted(verdict, out); }, [&](const rest&) { s.on_rested(out); },
      [](const auto&) {}},
    e);
  handle(std::move(out));
}

auth::answer world::judge(const auth::question& q) const {
  auto password_of = [&](std::string_view name) {
    auto found = passwords.find(name.substr(0, name.find('@')));
    return found == passwords.end() ? std::string{} : found->second;
  };
  auth::answer a;
  std::string name;
  bool right =
    std::visit(overload{[&](const sasl::check_password& x) {
                          name = x.authcid;
                          return !password_of(name).empty() && password_of(name) == x.password;
                        },
                        [&](const sasl::want_salt&) {
                          a.salt = {std::string{salt}, rounds};
                          return true;
                        },
                        [&](const sasl::check_proof& x) {
                          name = x.authcid;
                          auto keys = sasl::derive_scram_keys(password_of(name), salt, rounds);
                          auto signature = sasl::verify_proof(keys, x.auth_message, x.proof);
                          a.server_signature = signature.value_or("");
                          return signature && !password_of(name).empty();
                        },
                        [](const auth::check_apop&) { return false; },
                        [](const auth::check_certificate&) { return false; }},
               q);
  a.result = right ? verdict_if_right : auth::verdict::wrong;
  if (right && !name.empty())
    a.who = {.account_id = 42,
             .address = name + "@here.test",
             .addresses = {name + "@here.test", name + ".alias@here.test"}};
  return a;
}

} // namespace hamlet::smtp
