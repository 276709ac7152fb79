// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"
#include "actors/network/network.hpp"
#include "actors/resume.hpp"
#include "lib/base/worker_pool.hpp"
#include "lib/crypto/digest.hpp"
#include "lib/crypto/password.hpp"
#include "lib/log/log.hpp"

#include <algorithm>

using namespace std::chrono_literals;

// Who may come in: web gateways (WEBIRC) and the password of the connection (RFC 2812 §3.1.1).

namespace hamlet {

namespace {

constexpr auto hash_timeout = 25s;
constexpr auto remembered = 600s;

} // namespace

/// A password that was right is known for some minutes: all clients have the same, and a web
/// gateway comes with it for each of its users.
void network_state::check_password(std::string stored, std::string password,
                                   std::function<void(result<bool>)> then) {
  if (!stored.starts_with("$argon2id$")) // of digests, so that not even the length is seen
    return then(crypto::constant_time_equal(crypto::sha256(stored), crypto::sha256(password)));
  if (verified->knows(0, stored, password, now()))
    return then(true);
  auto heard = [this, stored, password, then](result<bool> matches) {
    if (matches && *matches)
      verified->remember(0, stored, password, remembered, now());
    then(std::move(matches));
  };
  auto done = resume<bool>(self, limits, hash_timeout, std::move(heard));
  auto job = [stored, password, done] { done(crypto::verify_password(stored, password)); };
  if (!parts->workers->submit(std::move(job)))
    done(fail(errc::busy, "too many logins at once"));
}

caf::result<network_state::reply> network_state::check_gateway(const question& msg) {
  auto& asked = msg.check_gateway();
  auto settings = parts->settings->get();
  auto fits = [&](const config::web_gateway& x) {
    return (!x.password.empty() || !x.certificate.empty()) && any_contains(x.from, asked.address())
           && (x.certificate.empty() || x.certificate == asked.certificate());
  };
  auto asker = self->make_response_promise<reply>();
  auto refuse_it = [this, asker, address = asked.address()] {
    log::warning("chat", "WEBIRC refused", {{"address", address}});
    answer_late(asker, refused(chat::v1::NO_ACCESS));
  };
  // From elsewhere no password helps, so that none is looked at: nobody else makes us compute.
  auto found = std::ranges::find_if(settings->gateways, fits);
  if (found == settings->gateways.end()) {
    refuse_it();
    return asker;
  }
  auto grant = [asker, name = found->name] {
    reply done;
    done.set_detail(name);
    give(asker, std::move(done));
  };
  if (found->password.empty()) {
    grant();
    return asker;
  }
  check_password(found->password, asked.password(),
                 [asker, grant, refuse_it](const result<bool>& matches) {
                   if (!matches)
                     return give(asker, refused(chat::v1::FAILED));
                   *matches ? grant() : refuse_it();
                 });
  return asker;
}

// Another node has set a ban, and said so: it counts for whoever comes now.
caf::result<network_state::reply> network_state::check_connection(const question& msg) {
  auto asker = self->make_response_promise<reply>();
  if (is_told_)
    at_the_door_.emplace_back(asker, msg);
  else
    let_in(asker, msg);
  return asker;
}

void network_state::open_door(bool is_read) {
  is_told_ = false;
  for (auto& reader : std::exchange(readers_, {}))
    give(reader, is_read ? reply{} : refused(chat::v1::FAILED));
  for (auto& [asker, msg] : std::exchange(at_the_door_, {}))
    let_in(asker, msg);
}

void network_state::let_in(const promise& asker, const question& msg) {
  auto& who = msg.who();
  if (auto why = parts->rules->ban_for({who.user(),
                                        who.host(),
                                        who.address(),
                                        who.account(),
                                        {who.former_hosts().begin(), who.former_hosts().end()}},
                                       parts->now_ms()))
    return give(asker, refused(chat::v1::BANNED, *why));
  auto settings = parts->settings->get();
  if (settings->connection_password.empty() || !who.account().empty())
    return give(asker, reply{});
  check_password(settings->connection_password, msg.check_connection().password(),
                 [this, asker, address = who.address()](const result<bool>& matches) {
                   if (!matches)
                     return give(asker, refused(chat::v1::FAILED));
                   if (*matches)
                     return give(asker, reply{});
                   log::info("chat", "PASS refused", {{"address", address}});
                   answer_late(asker, refused(chat::v1::NO_ACCESS));
                 });
}

} // namespace hamlet
