// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/connection.hpp"

#include "actors/failure.hpp"
#include "gateway/auth/ask.hpp"
#include "gateway/smtp/message_text.hpp"
#include "gateway/smtp/replies.hpp"
#include "lib/base/overload.hpp"
#include "lib/crypto/random.hpp"
#include "lib/log/log.hpp"
#include "lib/metrics/metrics.hpp"

using namespace std::chrono_literals;

namespace hamlet::smtp {

namespace {

using connection_ptr = net::connection_actor::stateful_pointer<connection_state>;

constexpr auto answer_timeout = 30s; // every request has one
constexpr std::size_t nonce_size = 24;

metrics::counter connections{"hamlet_smtp_connections_total", "SMTP clients that came."};
metrics::gauge open_now{"hamlet_smtp_connections", "SMTP clients that are here."};
metrics::counter refused{"hamlet_smtp_recipients_refused_total", "RCPT answered 4xx or 5xx."};

metrics::counter accepted{"hamlet_smtp_messages_total", "Messages accepted with 250."};
metrics::counter octets{"hamlet_smtp_octets_total", "Octets of these."};
metrics::counter resent{"hamlet_smtp_resent_total", "Of these, what a client had sent before."};
metrics::counter failed{"hamlet_smtp_failed_total", "Complete messages that we could not take."};

} // namespace

// -- effects ------------------------------------------------------------------

void connection_state::perform(effects todo) {
  for (auto& wanted : todo)
    std::visit(overload{
                 [&](write& x) { client->write(std::move(x.bytes)); },
                 [&](start_tls&) { client->start_tls(); },
                 [&](ask_auth& x) { ask(x.what); },
                 [&](ask_rcpt& x) { resolve(x); },
                 [&](ask_names& x) { find_names(x); },
                 [&](body& x) { keep(x); },
                 [&](accept& x) { take(x); },
                 [&](discard&) { forget_text(); },
                 [&](confirmed&) { confirm(); },
                 [&](rest& x) { self->delayed_send(self, x.how_long, caf::tick_atom_v); },
                 [&](smtp::hang_up&) { hang_up(); },
               },
               wanted);
}

void connection_state::ask(const auth::question& what) {
  auth::ask(self, limits, parts->owners, what, {account::v1::SMTP, peer},
            [this, name = auth::name_in(what)](const auth::answer& a) {
              if (a.result != auth::verdict::right)
                log::warning("smtp", number, "login refused", {{"name", name}, {"client", peer}});
              else
                here.logged_in(a.who.address);
              with_session([&](session& s, effects& out) { s.on_auth(a, out); });
            });
}

// -- recipients ---------------------------------------------------------------

void connection_state::resolve(const ask_rcpt& x) {
  if (x.place == 0) { // a new transaction
    resolved.clear();
    started_us = client->arrived_us();
  }
  how = x.how;
  account::v1::Resolve msg;
  msg.set_local(x.to.to.local);
  msg.set_domain(x.to.to.domain);
  msg.set_declared_size(x.declared_size);
  auto address = x.to.to.text();
  auto done = [this, address](const reply& r) {
    if (r.code >= 300) {
      refused.add();
      log::info("smtp", number, "recipient refused",
                {{"to", address}, {"code", r.code}, {"client", peer}});
    }
    with_session([&](session& s, effects& out) { s.on_rcpt(r, out); });
  };
  request<account::v1::Resolved>(
    self, limits, answer_timeout, parts->owners.account_of(address), std::move(msg),
    [this, done, address, member = x.from_member](account::v1::Resolved& found) {
      if (found.too_large())
        return done({552, "5.2.2 Not enough room in the mailbox for this message"});
      if (!found.is_local_domain()) {
        if (!member) // RFC 5321 §3.6.2
          return done({550, "5.7.1 Relaying denied"});
        found.add_remote(address);
      }
      if (how == delivery::send && !is_anybody_there(found)) // RFC 821 §3.4
        return done({450, "4.2.1 Nobody of that name is there now"});
      resolved.push_back(std::move(found));
      done({250, "2.1.5 Ok"});
    },
    [done](const caf::error& err) { done(refusal(code_of(err))); });
}

void connection_state::find_names(const ask_names& x) {
  account::v1::FindNames msg;
  msg.set_text(x.text);
  msg.set_expand(x.expand);
  auto done = [this](const reply& r) {
    with_session([&](session& s, effects& out) { s.on_names(r, out); });
  };
  request<account::v1::NamesFound>(
    self, limits, answer_timeout, parts->owners.account_of(x.text), std::move(msg),
    [done](const account::v1::NamesFound& found) {
      std::string lines;
      for (auto& line : found.line())
        lines += (lines.empty() ? "2.1.5 " : "\n2.1.5 ") + line;
      done({250, std::move(lines)});
    },
    [done](const caf::error& err) { done(refusal(code_of(err))); });
}

// -- the text -----------------------------------------------------------------

void connection_state::keep(body& x) {
  if (!digest)
    digest = std::make_unique<crypto::sha256_stream>();
  digest->add(x.bytes);
  if (how != delivery::mail && begin_of_text.size() < message_text::max_piece)
    begin_of_text += x.bytes;
  text += x.bytes;
  if (!x.wants_answer)
    return;
  // Too large for memory from here on: what has come goes to the disk of the QUEUE, and the client
  // waits for it.
  spool(std::exchange(text, {}), [this](const reply& r) {
    with_session([&](session& s, effects& out) { s.on_stored(r, out); });
  });
}

void connection_state::spool(std::string bytes, std::function<void(const reply&)> then) {
  if (spool_id == 0)
    spool_id = parts->ids->next();
  mail::v1::SpoolAppend msg;
  msg.set_spool_id(spool_id);
  msg.set_data(std::move(bytes));
  request<mail::v1::Spooled>(
    self, limits, answer_timeout, parts->owners.queue(), std::move(msg),
    [then](const mail::v1::Spooled&) {
      then({250, ""});
    },
    [then](const caf::error& err) { then(refusal(code_of(err))); });
}

void connection_state::forget_text() {
  text = {};
  begin_of_text = {};
  digest.reset();
  if (spool_id == 0)
    return;
  mail::v1::SpoolDiscard msg;
  msg.set_spool_id(std::exchange(spool_id, 0));
  caf::anon_send(parts->owners.queue(), std::move(msg));
}

// -- the message is complete --------------------------------------------------

void connection_state::take(accept& x) {
  if (x.env.how == delivery::mail)
    return store(x);
  show(x);
}

void connection_state::store(const accept& x) {
  if (spool_id == 0 || text.empty())
    return enqueue(x);
  // The last piece of a large text follows the others.
  spool(std::exchange(text, {}), [this, x](const reply& r) {
    if (r.code == 250)
      return enqueue(x);
    forget_text();
    with_session([&](session& s, effects& out) { s.on_accepted(r, out); });
  });
}

void connection_state::enqueue(const accept& x) {
  auto queue_id = parts->ids->next();
  auto sent = unsent(x);
  auto msg = message_of(x, queue_id, sent);
  auto done = [this](const reply& r) {
    with_session([&](session& s, effects& out) { s.on_accepted(r, out); });
  };
  auto from = x.env.from_null ? "" : x.env.from.text();
  request<mail::v1::Enqueued>(
    self, limits, answer_timeout, parts->owners.queue(), std::move(msg),
    [this, done, from, size = x.size, to = x.env.to.size(),
     sent](const mail::v1::Enqueued& stored) {
      auto id = id_text(stored.queue_id());
      unconfirmed.push_back({stored.queue_id(), sent.likeness, sent.fingerprint, sent.arrived_us});
      accepted.add();
      octets.add(size);
      resent.add(stored.duplicate() ? 1 : 0);
      log::info("smtp", number, "accepted",
                {{"queue", id},
                 {"from", from},
                 {"to", to},
                 {"size", size},
                 {"resent", stored.duplicate()},
                 {"client", peer}});
      done({250, "2.0.0 Ok: queued as " + id});
    },
    [this, done, from](const caf::error& err) {
      auto code = code_of(err);
      failed.add();
      log::error("smtp", number, "not accepted", {{"from", from}, {"why", to_string(code)}});
      done(refusal(code));
    });
}

void connection_state::confirm() {
  for (auto& seen : std::exchange(unconfirmed, {})) {
    mail::v1::Confirm msg;
    msg.set_queue_id(seen.queue_id);
    msg.set_arrived_us(seen.arrived_us);
    caf::anon_send(parts->owners.queue(), std::move(msg));
  }
}

// -- the actor ----------------------------------------------------------------

void connection_state::greet(channel c) {
  auto rules = parts->rules;
  if (any_contains(parts->old_devices, client->address()))
    rules.stray = bare_newline::normalise;
  proto.emplace(std::move(rules), std::move(c), crypto::random_text(nonce_size));
  with_session([](session& s, effects& out) { s.open(out); });
}

void connection_state::on_tick() {
  with_session([](session& s, effects& out) { s.on_rested(out); });
}

net::connection_actor::behavior_type connection(connection_ptr self, net::stream client,
                                                std::shared_ptr<const connection_parts> parts,
                                                std::uint64_t number) {
  self->state.parts = std::move(parts);
  connections.add();
  open_now.add();
  self->attach_functor([] { open_now.sub(); });
  return net::serve_session(self, std::move(client), self->state.parts->security, number, "smtp",
                            *self->state.parts->seen_in);
}

} // namespace hamlet::smtp
