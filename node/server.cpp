// SPDX-License-Identifier: Apache-2.0
#include "node/server.hpp"

#include "lib/config/describe.hpp"
#include "lib/log/log.hpp"
#include "node/chat_rules.hpp"
#include "node/parts.hpp"

#include <caf/scoped_actor.hpp>

#include <csignal>
#include <unistd.h>
#include <utility>

namespace hamlet::node {

namespace {

constexpr std::chrono::seconds catching_up{5}; // some may be dead, and nobody knows it yet

void end_actor(caf::actor_system& sys, const caf::actor& x) {
  caf::scoped_actor self{sys};
  self->send_exit(x, caf::exit_reason::user_shutdown);
  self->wait_for(x);
}

} // namespace

server::server(std::unique_ptr<parts> p) : parts_{std::move(p)} {
}

server::~server() {
  stop();
}

result<std::unique_ptr<server>> server::start(const config::settings& x) {
  std::unique_ptr<server> made{new server{std::make_unique<parts>(x)}};
  auto& p = *made->parts_;
  auto ready = p.open_store(); // makes the data folder
  if (ready)
    ready = p.open_certificate();
  if (ready)
    ready = p.make_chat();
  if (ready)
    ready = p.spawn_owners();
  if (ready) {
    p.make_session_parts();
    if (p.others)
      p.others->when_first([&p] { p.talk->begin_restore(); });
    else
      ready = p.talk->restore();
  }
  if (ready && p.others)
    p.talk->catch_up(catching_up);
  if (ready) {
    ready = p.open_doors();
    p.hold_doors(); // also those of a start that failed
  }
  if (ready)
    ready = p.open_admin();
  // From here on the parts have one owner; what was started before an error is ended by it, too.
  p.root = p.sys.spawn(supervisor, std::move(p.running), x.shutdown.grace.value);
  if (p.others)
    p.last_root = p.sys.spawn(supervisor, std::move(p.lasting), x.shutdown.grace.value);
  if (!ready)
    return tl::unexpected{ready.error()};
  auto on_death = [&p] { // should a part die by itself
    p.has_died = p.has_died || !p.is_stopping;
    ::kill(::getpid(), SIGTERM);
  };
  p.root->attach_functor(on_death);
  if (p.last_root)
    p.last_root->attach_functor(on_death);
  p.sweeper = std::make_unique<janitor>(*p.data, x);
  return made;
}

const std::vector<open_door>& server::doors() const {
  return parts_->doors;
}

void server::reload(const config::settings& fresh) {
  auto& p = *parts_;
  for (auto& change : config::changes(p.settings, fresh)) {
    auto later = change.when == config::takes_effect::on_restart;
    log::info("node", "setting changed",
              {{"setting", change.name},
               {"from", change.before},
               {"to", change.after},
               {"on_restart", later}});
  }
  p.settings = config::reloaded(p.settings, fresh);
  p.guard.change(guard_rules_of(p.settings));
  p.registrations.change(registration_bounds_of(p.settings));
  p.accounts.set(account_rules_of(p.settings));
  p.mailboxes.set(mailbox_rules_of(p.settings));
  p.queues.set(queue_rules_of(p.settings));
  p.notices.set(herald_rules_of(p.settings));
  p.places->change(connection_bounds_of(p.settings));
  p.chat_places->change(chat_connection_bounds_of(p.settings));
  if (auto changed = p.talk->reload(p.settings); !changed)
    log::error("node", "chat stays as it was", {{"why", changed.error().detail}});
  p.sweeper->change(p.settings);
  p.low_space = p.settings.store.low_space.value;
  p.make_session_parts();
  p.change_gates();
  auto read = certificates_of(p.settings).and_then([&](std::vector<tls::certificate_files> all) {
    return p.certificate->reload(std::move(all), tls_policy_of(p.settings));
  });
  if (!read)
    log::error("node", "the old certificate stays", {{"why", read.error().detail}});
  log::info("node", "settings read");
}

bool server::wants_restart() const {
  return parts_->wants_restart;
}

bool server::has_died() const {
  return parts_->has_died || (parts_->others && parts_->others->is_revoked());
}

void server::stop() {
  auto& p = *parts_;
  if (!p.root)
    return;
  p.is_stopping = true;
  p.sweeper.reset();
  p.admin.clear();
  p.rpc.reset();
  end_actor(p.sys, std::exchange(p.root, nullptr));
  p.threads.stop(p.settings.shutdown.grace.value); // last words are still on their way
  if (p.others) {
    p.talk->settle(p.settings.shutdown.grace.value);
    p.others->leave(p.settings.shutdown.grace.value);
    end_actor(p.sys, std::exchange(p.last_root, nullptr));
    p.others->close();
  }
  // The actors must be gone before what they use is.
  p.transfer.reset(), p.submission.reset(), p.submissions.reset();
  p.pop3.reset(), p.pop3s.reset();
  p.irc.reset(), p.ircs.reset(), p.irc_websocket.reset(), p.irc_websockets.reset();
  p.gates.clear();
  p.gauges.clear();
  if (p.talk)
    p.talk->forget_actors();
  p.owners = {};
  p.sys.await_all_actors_done();
}

} // namespace hamlet::node
