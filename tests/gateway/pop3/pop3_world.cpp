// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/pop3/pop3_world.hpp"

#include "lib/base/overload.hpp"
#include "lib/crypto/digest.hpp"
#include "lib/sasl/scram.hpp"

#include <utility>

namespace hamlet::pop3 {

namespace {

constexpr std::string_view salt = "0123456789abcdef";
constexpr std::uint32_t rounds = 16; // of a test: fast

} // namespace

world::world(setup x) : s{x.rules, x.line, x.timestamp, x.nonce} {
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

bool world::secure(sasl::channel_binding binding) {
  if (!std::exchange(wants_tls, false))
    return false;
  act([&](effects& out) { s.on_secured({true, std::move(binding)}, out); });
  return true;
}

void world::answer_held() {
  auto held = std::exchange(held_, {});
  for (auto& e : held)
    answer(e);
}

void world::add(std::string text, bool utf8) {
  auto uid = static_cast<std::int64_t>(stored.size() + 1);
  listed.push_back({uid, text.size(), utf8});
  stored[uid] = std::move(text);
}

void world::handle(effects out) {
  for (auto& e : out) {
    if (auto w = std::get_if<write>(&e)) {
      said_ += w->bytes;
      continue;
    }
    log.push_back(e);
    auto is_question = std::visit(overload{[](const write&) { return false; },
                                           [&](const start_tls&) {
                                             wants_tls = true;
                                             return false;
                                           },
                                           [&](const release&) {
                                             is_open = false;
                                             return false;
                                           },
                                           [&](const hang_up&) {
                                             is_closed = true;
                                             return false;
                                           },
                                           [](const auto&) { return true; }},
                                  e);
    if (is_question && holds)
      held_.push_back(std::move(e));
    else if (is_question)
      answer(e);
  }
}

void world::answer(const effect& e) {
  effects out;
  std::visit(overload{[&](const ask_auth& x) { s.on_auth(judge(x.what), out); },
                      [&](const open_maildrop&) {
                        is_open = drop == maildrop::status::open;
                        s.on_opened({drop, 7, is_open ? listed : std::vector<message>{}}, out);
                      },
                      [&](const fetch& x) {
                        if (readable == 0)
                          return s.on_part(std::nullopt, out);
                        --readable;
                        s.on_part(std::string_view{stored[x.uid]}.substr(x.offset, x.at_most), out);
                      },
                      [&](const wait_written&) { s.on_written(out); },
                      [&](const update& x) {
                        if (can_delete)
                          deleted = x.uids;
                        is_open = false;
                        s.on_updated(can_delete, out);
                      },
                      [](const auto&) {}},
             e);
  handle(std::move(out));
}

std::string world::password_of(std::string_view name) const {
  auto found = passwords.find(name);
  return found == passwords.end() ? std::string{} : found->second;
}

auth::answer world::judge(const auth::question& q) const {
  auto keys = [&](auto& name) { return sasl::derive_scram_keys(password_of(name), salt, rounds); };
  auth::answer a;
  bool right = std::visit(
    overload{[&](const sasl::check_password& x) {
               return !password_of(x.authcid).empty() && password_of(x.authcid) == x.password;
             },
             [&](const sasl::want_salt&) {
               a.salt = {std::string{salt}, rounds};
               return true;
             },
             [&](const sasl::check_proof& x) {
               auto signature = sasl::verify_proof(keys(x.authcid), x.auth_message, x.proof);
               a.server_signature = signature.value_or("");
               return signature && !password_of(x.authcid).empty();
             },
             [&](const auth::check_apop& x) {
               return !password_of(x.name).empty()
                      && crypto::md5_hex(x.timestamp + password_of(x.name)) == x.digest;
             },
             [](const auth::check_certificate&) { return false; }},
    q);
  a.result = right || says_yes ? verdict_if_right : auth::verdict::wrong;
  a.who = {.account_id = 42, .address = "alice@example.org", .addresses = {"alice@example.org"}};
  return a;
}

} // namespace hamlet::pop3
