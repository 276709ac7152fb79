// SPDX-License-Identifier: Apache-2.0
#include "node/revocations.hpp"

#include "actors/interfaces.hpp"
#include "actors/resume.hpp"
#include "lib/base/clock.hpp"
#include "lib/crypto/digest.hpp"
#include "lib/log/log.hpp"
#include "node/store.hpp"

#include <caf/send.hpp>

#include <utility>

using namespace std::chrono_literals;

namespace hamlet::node {

namespace {

constexpr auto looks_every = 20s;
constexpr auto store_timeout = 10s;
constexpr auto list_name = "revoked"; // in the store

bool is_in_list(const std::string& certificate, const pki::trust& believes) {
  return believes.check(certificate, unix_seconds()).what == pki::verdict::revoked;
}

/// The later of two lists; one that is not of our authority is none.
pki::trust later(const pki::folder& papers, const pki::trust& ours, const std::string& stored) {
  auto next = ours.with(stored);
  if (!next || next->revocations().number() == ours.revocations().number())
    return ours;
  if (auto kept = papers.save_revocations(stored); !kept)
    log::error("cluster", "list of revoked certificates not kept", {{"why", kept.error().detail}});
  return std::move(*next);
}

} // namespace

bool is_revoked(const pki::folder& papers) {
  auto who = papers.load();
  return who && is_in_list(who->certificate, who->believes);
}

result<void_t> check_own(const pki::folder& papers, pki::identity& who,
                         sql::cluster_repository& rows) {
  auto stored = wait<std::string>([&](auto done) { rows.said(list_name, std::move(done)); });
  if (!stored)
    return tl::unexpected{stored.error()};
  who.believes = later(papers, who.believes, *stored);
  if (is_in_list(who.certificate, who.believes))
    return fail(errc::bad_setup, "the certificate of this node was revoked");
  return void_t{};
}

void revocations_state::look() {
  looks_again_ = is_looking_;
  if (is_looking_)
    return;
  auto papers = parts->papers.load();
  if (!papers)
    return log::error("cluster", "certificates not read", {{"why", papers.error().detail}});
  crypto::wipe(papers->key);
  is_looking_ = true;
  auto then = [this, ours = papers->believes](const result<std::string>& stored) {
    compare(ours, stored);
  };
  parts->rows.said(list_name, resume<std::string>(self, limits_, store_timeout, std::move(then)));
}

void revocations_state::compare(const pki::trust& ours, const result<std::string>& stored) {
  if (!stored)
    return spread(ours);
  auto believes = later(parts->papers, ours, *stored);
  auto& list = believes.revocations();
  auto theirs = pki::revocation_list::read(*stored, believes.authority_pem());
  if (list.number() == 0 || (theirs && theirs->number() >= list.number()))
    return spread(believes);
  // First the store: a node whose links are cut looks there why.
  parts->rows.replace(
    list_name, *stored, list.pem(),
    resume<void_t>(self, limits_, store_timeout, [this, believes](const result<void_t>& done) {
      if (!done)
        log::warning("cluster", "list not in the store", {{"why", done.error().detail}});
      spread(believes);
    }));
}

void revocations_state::spread(const pki::trust& believes) {
  is_looking_ = false;
  if (looks_again_)
    self->send(self, resumption{});
  auto& list = believes.revocations();
  if (list.number() > known) {
    known = list.number();
    if (parts->cut(list.pem()))
      log::info("cluster", "certificates revoked", {{"list", static_cast<std::int64_t>(known)}});
  }
  if (is_over_ || !is_in_list(parts->who.certificate, believes))
    return;
  is_over_ = true;
  log::error("cluster", "the certificate of this node was revoked: it gives up its shards and ends",
             {{"name", parts->who.node}, {"list", static_cast<std::int64_t>(known)}});
  parts->on_own();
}

caf::behavior revocations(caf::stateful_actor<revocations_state>* self, revocation_parts parts) {
  self->state.self = self;
  self->state.known = parts.who.believes.revocations().number();
  self->state.parts.emplace(std::move(parts));
  self->send(self, caf::tick_atom_v);
  return {[self](resumption&) { self->state.look(); },
          [self](caf::tick_atom) {
            self->state.look();
            self->delayed_send(self, looks_every, caf::tick_atom_v);
          }};
}

void look(const caf::actor& revocations) {
  caf::anon_send(revocations, resumption{});
}

} // namespace hamlet::node
