// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/chat_handlers.hpp"
#include "actors/chat/ban_mask.hpp"

#include <algorithm>

namespace hamlet::admin {

namespace {

void write(const chat::v1::NetworkBan& x, v1::Ban& into) {
  into.set_kind(x.kind());
  into.set_mask(x.mask());
  into.set_reason(x.reason());
  into.set_operator_reason(x.operator_reason());
  into.set_setter(x.setter());
  into.set_set_ms(x.set_ms());
  into.set_expires_ms(x.expires_ms());
}

std::string key_of(const chat::v1::NetworkBan& x) {
  return x.kind() + ' ' + x.mask();
}

} // namespace

void admin_state::list_bans(const v1::ListBansRequest& x, given<v1::ListBansResponse> done) {
  auto ask = chat_request();
  ask.mutable_list_bans()->set_kind(x.kind());
  ask_chat(parts->owners->network(), std::move(ask), done, [=](const chat::v1::Reply& reply) {
    std::vector<chat::v1::NetworkBan> all{reply.bans().begin(), reply.bans().end()};
    std::ranges::sort(all, {}, key_of);
    v1::ListBansResponse out;
    out.set_next_page_token(page_of(
      x, all, key_of, [&](const chat::v1::NetworkBan& one) { write(one, *out.add_bans()); }));
    done(out);
  });
}

void admin_state::add_ban(const v1::AddBanRequest& x, given<v1::AddBanResponse> done) {
  auto mask = ban_mask::of(x.kind(), x.mask());
  if (x.kind() != "kline" && x.kind() != "dline" && x.kind() != "resv")
    return done.bad("kind", "is kline, dline or resv");
  if (!mask)
    return done.bad("mask", "fits nobody: user@host, an address or a network, a nick or a channel");
  if (mask->is_for_everybody())
    return done.bad("mask", "is everybody");
  if (x.duration_s() < 0)
    return done.bad("duration_s", "is a number of seconds, or 0 for good");
  v1::AddBanResponse checked;
  checked.mutable_ban()->set_kind(x.kind());
  checked.mutable_ban()->set_mask(mask->text());
  if (x.validate_only())
    return done(checked);
  auto ask = chat_request();
  auto& fresh = *ask.mutable_add_ban()->mutable_ban();
  fresh.set_kind(x.kind());
  fresh.set_mask(x.mask());
  fresh.set_reason(x.reason());
  fresh.set_operator_reason(x.operator_reason());
  ask.mutable_add_ban()->set_duration_s(x.duration_s());
  auto then = [done](const chat::v1::Reply& reply) {
    v1::AddBanResponse out;
    if (reply.bans_size() > 0)
      write(reply.bans(0), *out.mutable_ban());
    out.set_ended(std::atoi(reply.detail().c_str()));
    done(out);
  };
  if (!x.hits_many())
    return ask_chat(parts->owners->network(), std::move(ask), done, then);
  // The NETWORK wants to hear it twice when it hits many; once is enough when it does not.
  auto again = [=, this](const chat::v1::Reply& reply) {
    if (reply.refusal() != chat::v1::LIMIT_REACHED)
      return take_reply(reply, done, then);
    ask_chat(parts->owners->network(), ask, done, then);
  };
  send_chat(parts->owners->network(), ask, done, again);
}

void admin_state::lift_ban(const v1::LiftBanRequest& x, given<v1::Ban> done) {
  auto mask = ban_mask::of(x.kind(), x.mask());
  if (!mask)
    return done.bad("mask", "is no mask of this kind");
  auto look = chat_request();
  look.mutable_list_bans()->set_kind(x.kind());
  ask_chat(parts->owners->network(), std::move(look), done, [=, this](const chat::v1::Reply& all) {
    auto found = std::ranges::find(all.bans(), mask->text(), &chat::v1::NetworkBan::mask);
    if (found == all.bans().end())
      return done.no(status::not_found, "there is no such ban");
    v1::Ban out;
    write(*found, out);
    if (x.validate_only())
      return done(out);
    auto ask = chat_request();
    ask.mutable_remove_ban()->set_kind(x.kind());
    ask.mutable_remove_ban()->set_mask(x.mask());
    ask_chat(parts->owners->network(), std::move(ask), done,
             [done, out](const chat::v1::Reply&) { done(out); });
  });
}

} // namespace hamlet::admin
