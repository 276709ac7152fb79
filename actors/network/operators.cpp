// SPDX-License-Identifier: Apache-2.0
#include "actors/network/network.hpp"
#include "actors/resume.hpp"
#include "lib/base/worker_pool.hpp"
#include "lib/crypto/password.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/mask.hpp"
#include "lib/log/log.hpp"
#include "lib/metrics/metrics.hpp"

#include <algorithm>

using namespace std::chrono_literals;

// OPER (RFC 2812 §3.1.4). A wrong password, a name that nobody has, and a name whose owner comes
// from elsewhere look and last alike: each costs one Argon2id and the same delay.

namespace hamlet {

namespace {

constexpr auto hash_timeout = 25s;
constexpr std::size_t shown_name = 32; // of a name that somebody made up

metrics::counters attempts{"hamlet_chat_oper_total",
                           "Answers to OPER.",
                           {"result", {"right", "wrong", "throttled", "temporary"}}};

std::string operator_mask(const chat::v1::Who& who) {
  return who.nick() + " (" + who.user() + "@" + who.host() + ") [" + who.address() + "]";
}

bool is_from(const config::chat_operator& x, const chat::v1::Who& who) {
  irc::identity whole;
  whole.nick = who.nick();
  whole.user = who.user();
  whole.host = who.host();
  whole.ip = who.address();
  irc::ban_target target{whole};
  return x.from.empty() || std::ranges::any_of(x.from, [&](auto& text) {
           auto mask = irc::hostmask::of(text);
           return mask && mask->matches(target);
         });
}

/// All but the password.
bool fits(const config::chat_operator& x, const chat::v1::Who& who) {
  return (!x.password.empty() || !x.certificate.empty())
         && (x.certificate.empty() || x.certificate == who.certificate())
         && (x.account.empty() || irc::fold(x.account) == irc::fold(who.account()))
         && is_from(x, who);
}

std::vector<std::string> words_of(const config::chat_operator& x) {
  std::vector<std::string> out;
  for (auto& [word, value] : config::words<config::privilege>::all)
    if (x.may(value))
      out.emplace_back(word);
  return out;
}

guard_rules bounds_of(const config::rate& x) {
  auto window = std::chrono::ceil<std::chrono::seconds>(x.per);
  return {.failures_per_client = x.count, .failures_per_name = 0, .window = window};
}

} // namespace

/// Not too many failures before, and no other password of the same client being looked at: else
/// many at once would get around the count.
bool network_state::may_try(const attempt& x) {
  guard.change(bounds_of(parts->settings->get()->operator_failures));
  if (x.is_exempt)
    return true;
  return !guard.is_throttled(x.client, {}, now()) && trying_.insert(x.client).second;
}

caf::result<network_state::reply> network_state::check_operator(const question& msg) {
  auto settings = parts->settings->get();
  auto& asked = msg.check_operator();
  attempt x;
  x.who = msg.who();
  x.name = asked.name().substr(0, shown_name);
  x.client = guesser_of(msg.who().address());
  x.is_exempt = any_contains(settings->exempt, msg.who().address());
  x.answer = self->make_response_promise<reply>();
  if (!may_try(x)) {
    attempts["throttled"].add();
    log::warning("chat", "OPER throttled", {{"name", x.name}, {"address", x.who.address()}});
    answer_late(x.answer, refused(chat::v1::NOT_OPERATOR));
    return x.answer;
  }
  auto is_it = [&](const config::chat_operator& y) {
    return asked.is_by_certificate() && asked.name().empty()
             ? y.password.empty() && y.certificate == x.who.certificate()
             : y.name == asked.name();
  };
  auto found = std::ranges::find_if(settings->operators, is_it);
  auto known = found == settings->operators.end() ? std::nullopt : std::optional{*found};
  auto stored = known && !known->password.empty() ? known->password : parts->dummy;
  auto then = [this, x, known](result<bool> matches) {
    if (!x.is_exempt)
      trying_.erase(x.client);
    if (!matches) {
      attempts["temporary"].add();
      return give(x.answer, refused(chat::v1::FAILED));
    }
    if (known && fits(*known, x.who) && (*matches || known->password.empty()))
      return operator_found(x, *known);
    operator_refused(x);
  };
  auto done = resume<bool>(self, limits, hash_timeout, std::move(then));
  auto job = [stored, password = asked.password(), done] {
    done(crypto::verify_password(stored, password));
  };
  if (!parts->workers->submit(std::move(job)))
    done(fail(errc::busy, "too many logins at once"));
  return x.answer;
}

void network_state::operator_found(const attempt& x, const config::chat_operator& what) {
  attempts["right"].add();
  chat::v1::AuditEntry entry;
  entry.set_operator_name(what.name);
  entry.set_nick(x.who.nick());
  entry.set_action("OPER");
  entry.set_outcome("granted");
  record(std::move(entry), x.who);
  tell_operators(operator_mask(x.who) + " is now an operator (" + what.name + ")");
  reply done;
  done.set_detail(what.title.empty() ? what.name : what.name + " " + what.title);
  for (auto& word : words_of(what))
    done.add_privileges(word);
  give(x.answer, std::move(done));
}

void network_state::operator_refused(const attempt& x) {
  attempts["wrong"].add();
  if (!x.is_exempt) // the same password again is a guess, too: programs do that, people do not
    guard.failed(x.client, x.name, std::to_string(++tries_), now());
  auto is_last = !x.is_exempt && guard.is_throttled(x.client, {}, now());
  log::warning("chat", "OPER refused",
               {{"name", x.name}, {"nick", x.who.nick()}, {"address", x.who.address()}});
  chat::v1::AuditEntry entry;
  entry.set_operator_name(x.name);
  entry.set_nick(x.who.nick());
  entry.set_action("OPER");
  entry.set_outcome("refused");
  record(std::move(entry), x.who);
  tell_operators("Failed OPER as " + x.name + " by " + operator_mask(x.who)
                 + (is_last ? "; more from there are refused for a while" : ""));
  answer_late(x.answer, refused(chat::v1::NOT_OPERATOR));
}

} // namespace hamlet
