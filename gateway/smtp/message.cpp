// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/connection.hpp"
#include "lib/base/clock.hpp"
#include "lib/mail/date.hpp"
#include "lib/mail/trace.hpp"

#include <algorithm>

// What the QUEUE gets to hold: the message with our own header fields, who gets it, and by what
// a resend is known.

namespace hamlet::smtp {

namespace {

/// What goes before the text (RFC 5321 §4.4), and on submission what the sender's program has left
/// out (RFC 6409 §8).
std::string trace_of(const accept& x, const connection_parts& parts, const std::string& peer,
                     const std::string& id) {
  auto now = unix_seconds();
  mail::received_info info;
  info.helo = x.env.helo;
  info.client_ip = peer;
  info.by_host = parts.rules.hostname;
  info.extended = x.env.extended;
  info.secured = x.env.secured;
  info.authenticated = x.env.who.has_value();
  info.utf8 = x.env.utf8;
  info.id = id;
  if (x.env.to.size() == 1)
    info.only_recipient = x.env.to.front().to;
  info.at = now;
  auto trace = mail::received_field(info);
  if (parts.rules.kind == service::submission) {
    if (!x.facts.has_date)
      trace += "Date: " + mail::rfc5322_date(now) + "\r\n";
    if (!x.facts.has_message_id)
      trace += "Message-ID: " + mail::message_id(id, parts.rules.hostname) + "\r\n";
  }
  return trace;
}

/// The same for the same client that sends the same text to the same people once more (RFC 1047
/// tells why it would). Member and address stand for the client: its port changes.
std::string likeness_of(const accept& x, const std::string& peer, const std::string& text_digest) {
  crypto::sha256_stream all;
  auto add = [&](std::string_view part) {
    all.add(part);
    all.add({"\0", 1});
  };
  add(peer);
  add(x.env.who ? x.env.who->address : x.env.helo);
  add(x.env.from_null ? "" : x.env.from.text());
  std::vector<std::string> to;
  for (auto& rcpt : x.env.to)
    to.push_back(rcpt.to.text());
  std::ranges::sort(to);
  for (auto& address : to)
    add(address);
  add(text_digest);
  return all.finish();
}

void add_recipient(mail::v1::Enqueue& msg, std::int64_t account_id, const std::string& address,
                   const recipient& as) {
  if (account_id != 0)
    for (auto& known : msg.to()) // two names of one account: it gets the message once
      if (known.account_id() == account_id)
        return;
  auto* to = msg.add_to();
  to->set_account_id(account_id);
  to->set_address(address);
  to->set_original(as.original);
  to->set_notify(as.notify);
}

} // namespace

// One that resends does so on a new connection: messages of this one that are alike are two, and
// when both come again they are known by their order.
connection_state::sent_mail connection_state::unsent(const accept& x) const {
  sent_mail fresh;
  fresh.likeness = likeness_of(x, peer, digest ? digest->finish() : "");
  auto before = std::ranges::count(unconfirmed, fresh.likeness, &sent_mail::likeness);
  fresh.fingerprint =
    before == 0 ? fresh.likeness : crypto::sha256(fresh.likeness + '#' + std::to_string(before));
  fresh.arrived_us = client->arrived_us();
  return fresh;
}

mail::v1::Enqueue connection_state::message_of(const accept& x, std::int64_t queue_id,
                                               const sent_mail& as) {
  mail::v1::Enqueue msg;
  msg.set_queue_id(queue_id);
  msg.set_reverse_path(x.env.from_null ? "" : x.env.from.text());
  msg.set_trace(trace_of(x, *parts, peer, id_text(queue_id)));
  msg.set_fingerprint(as.fingerprint);
  msg.set_started_us(started_us);
  msg.set_arrived_us(as.arrived_us);
  msg.set_envid(x.env.envid);
  msg.set_ret(x.env.ret);
  msg.set_utf8(x.env.utf8 && x.facts.has_8bit);
  msg.set_binary(x.is_binary);
  for (std::size_t i = 0; i < x.env.to.size() && i < resolved.size(); ++i) {
    for (auto account_id : resolved[i].account_ids())
      add_recipient(msg, account_id, x.env.to[i].to.text(), x.env.to[i]);
    for (auto& elsewhere : resolved[i].remote())
      add_recipient(msg, 0, elsewhere, x.env.to[i]);
  }
  msg.set_spool_id(std::exchange(spool_id, 0));
  msg.set_text(std::exchange(text, {}));
  digest.reset();
  return msg;
}

} // namespace hamlet::smtp
