// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/connection.hpp"

#include "actors/failure.hpp"
#include "gateway/auth/ask.hpp"
#include "lib/base/mutation.hpp"
#include "lib/base/overload.hpp"
#include "lib/base/unique_id.hpp"
#include "lib/crypto/random.hpp"
#include "lib/log/log.hpp"
#include "lib/metrics/metrics.hpp"

using namespace std::chrono_literals;

namespace hamlet::pop3 {

namespace {

using connection_ptr = net::connection_actor::stateful_pointer<connection_state>;

constexpr auto answer_timeout = 30s; // every request has one
constexpr auto release_timeout =
  5s; // longer than a mailbox needs to move, shorter than clients wait
constexpr std::size_t nonce_size = 24;

metrics::counter connections{"hamlet_pop3_connections_total", "POP3 clients that came."};
metrics::gauge open_now{"hamlet_pop3_connections", "POP3 clients that are here."};
metrics::counter opened{"hamlet_pop3_sessions_total", "Maildrops opened."};
metrics::counter deleted{"hamlet_pop3_deleted_total", "Messages deleted by QUIT."};

maildrop drop_of(const mail::v1::Maildrop& x) {
  maildrop drop;
  switch (x.status()) {
  case mail::v1::Maildrop::OPEN: drop.what = maildrop::status::open; break;
  case mail::v1::Maildrop::IN_USE: drop.what = maildrop::status::in_use; break;
  case mail::v1::Maildrop::TOO_SOON: drop.what = maildrop::status::too_soon; break;
  default: drop.what = maildrop::status::temporary; break;
  }
  drop.uid_validity = x.uid_validity();
  drop.messages.reserve(static_cast<std::size_t>(x.uid_size()));
  auto utf8 = x.utf8_uid().begin(); // rises like uid
  for (int i = 0; i < x.uid_size() && i < x.size_size(); ++i) {
    auto needs_utf8 = utf8 != x.utf8_uid().end() && *utf8 == x.uid(i);
    utf8 += needs_utf8 ? 1 : 0;
    drop.messages.push_back({x.uid(i), static_cast<std::uint64_t>(x.size(i)), needs_utf8});
  }
  return drop;
}

} // namespace

// -- effects ------------------------------------------------------------------

void connection_state::perform(effects todo) {
  for (auto& wanted : todo)
    std::visit(overload{
                 [&](write& x) { client->write(std::move(x.bytes)); },
                 [&](start_tls&) { client->start_tls(); },
                 [&](ask_auth& x) { ask(x.what); },
                 [&](open_maildrop& x) { open_drop(x.account_id); },
                 [&](fetch& x) {
                   if (x.at_once)
                     return read_part(x);
                   to_fetch = x;
                   client->ask_drained();
                 },
                 [&](wait_written&) { client->ask_drained(); },
                 [&](update& x) { delete_messages(x); },
                 [&](release&) { release_drop(); },
                 [&](pop3::hang_up&) { hang_up(); },
               },
               wanted);
}

void connection_state::ask(const auth::question& what) {
  auth::ask(self, limits, parts->owners, what, {account::v1::POP3, peer},
            [this, name = auth::name_in(what)](const auth::answer& a) {
              if (a.result != auth::verdict::right)
                log::warning("pop3", number, "login refused", {{"name", name}, {"client", peer}});
              else
                here.logged_in(a.who.address);
              with_session([&](session& s, effects& out) { s.on_auth(a, out); });
            });
}

void connection_state::open_drop(std::int64_t account) {
  account_id = account;
  mail::v1::OpenMaildrop msg;
  msg.set_account_id(account);
  auto done = [this](maildrop drop) {
    log::info("pop3", number, "maildrop",
              {{"account", account_id},
               {"open", drop.what == maildrop::status::open},
               {"messages", drop.messages.size()},
               {"client", peer}});
    with_session([&](session& s, effects& out) { s.on_opened(std::move(drop), out); });
  };
  request<mail::v1::Maildrop>(
    self, limits, answer_timeout, parts->owners.mailbox_of(account), std::move(msg),
    [done](const mail::v1::Maildrop& x) {
      if (x.status() == mail::v1::Maildrop::OPEN)
        opened.add();
      done(drop_of(x));
    },
    [this, done](const caf::error&) {
      release_drop(); // too late an answer may still lock it for us
      done({});
    });
}

/// The client has read what was before: memory holds one part, however long the message.
void connection_state::on_drained() {
  if (auto x = std::exchange(to_fetch, std::nullopt))
    return read_part(*x);
  with_session([](session& s, effects& out) { s.on_written(out); });
}

void connection_state::read_part(const fetch& x) {
  mail::v1::ReadPart msg;
  msg.set_account_id(account_id);
  msg.set_uid(x.uid);
  msg.set_offset(x.offset);
  msg.set_at_most(x.at_most);
  request<mail::v1::Part>(
    self, limits, answer_timeout, parts->owners.mailbox_of(account_id), std::move(msg),
    [this](const mail::v1::Part& part) {
      with_session([&](session& s, effects& out) { s.on_part(part.data(), out); });
    },
    [this](const caf::error& err) {
      log::error("pop3", number, "message not readable",
                 {{"account", account_id}, {"why", to_string(code_of(err))}});
      with_session([](session& s, effects& out) { s.on_part(std::nullopt, out); });
    });
}

void connection_state::delete_messages(const update& x) {
  mail::v1::Update msg;
  msg.set_account_id(account_id);
  msg.mutable_uid()->Add(x.uids.begin(), x.uids.end());
  auto done = [this, n = x.uids.size()](bool gone) {
    if (n > 0 || !gone)
      log::info("pop3", number, "deleted",
                {{"account", account_id}, {"messages", gone ? n : 0}, {"done", gone}});
    if (gone)
      deleted.add(n);
    with_session([&](session& s, effects& out) { s.on_updated(gone, out); });
  };
  request<mail::v1::Updated>(
    self, limits, x.uids.empty() ? release_timeout : answer_timeout,
    parts->owners.mailbox_of(account_id), std::move(msg),
    [done](const mail::v1::Updated&) { done(true); }, [done](const caf::error&) { done(false); });
}

void connection_state::release_drop() {
  mail::v1::CloseMaildrop msg;
  msg.set_account_id(account_id);
  self->send(parts->owners.mailbox_of(account_id), std::move(msg));
}

void connection_state::on_closed() {
  if constexpr (mutation::quit_rule) // MUTATION: who leaves without a word has said QUIT
    if (proto)
      with_session([](session& s, effects& out) { s.feed("QUIT\r\n", out); });
}

// -- the actor ----------------------------------------------------------------

void connection_state::greet(channel c) {
  // RFC 1939 §7: a timestamp that never comes again.
  auto timestamp = '<' + unique_id() + '@' + parts->rules.hostname + '>';
  proto.emplace(parts->rules, std::move(c), std::move(timestamp), crypto::random_text(nonce_size));
  with_session([](session& s, effects& out) { s.open(out); });
}

net::connection_actor::behavior_type connection(connection_ptr self, net::stream client,
                                                std::shared_ptr<const connection_parts> parts,
                                                std::uint64_t number) {
  self->state.parts = std::move(parts);
  connections.add();
  open_now.add();
  self->attach_functor([] { open_now.sub(); });
  return net::serve_session(self, std::move(client), self->state.parts->security, number, "pop3",
                            *self->state.parts->seen_in);
}

} // namespace hamlet::pop3
