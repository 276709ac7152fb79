// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"
#include "gateway/irc/machine.hpp"
#include "gateway/irc/registration.hpp"
#include "lib/base/network.hpp"

#include <algorithm>

namespace hamlet::irc {

bool machine::allow(limit x) {
  if (from_.is_exempt || may(config::privilege::exempt))
    return true;
  if (!throttles_)
    throttles_ = std::make_unique<throttles>();
  return throttles_->allow(x, limits(), now_.at);
}

bool machine::allow_stranger(std::string_view folded_nick) {
  if (from_.is_exempt || may(config::privilege::exempt))
    return true;
  if (!throttles_)
    throttles_ = std::make_unique<throttles>();
  return throttles_->allow_stranger(folded_nick, limits().strangers.value, now_.at);
}

bool machine::allow_join(std::string_view folded_channel) {
  if (from_.is_exempt || may(config::privilege::exempt))
    return true;
  if (!throttles_)
    throttles_ = std::make_unique<throttles>();
  return throttles_->allow_join(folded_channel, limits().joins.value, now_.at);
}

/// A gateway is not one of its many clients: each of them counts where it really is.
bool machine::take_place() {
  place_.reset();
  if (rules().admit)
    place_ = rules().admit(from_.address);
  if (!rules().admit || place_)
    return true;
  hang_up("Too many connections from your address");
  return false;
}

void machine::came_from(std::string address, bool is_secure) {
  from_.address = std::move(address);
  from_.is_exempt = any_contains(limits().exempt.value, from_.address);
  channel_ = {};
  channel_.is_tls = is_secure;
  auto who = me();
  who.set_address(from_.address);
  who.set_is_secure(is_secure);
  who.clear_certificate();
  set_me(std::move(who));
  if (auto why = rules().rules->dline_for(from_.address, now_.wall_ms))
    return refuse_banned(*why);
  take_place();
}

namespace {

/// Many clients come from there, or it is this host: one of them is not to shut out all.
bool speaks_for_many(const config::chat_settings& chat, const ip_address& x) {
  return x == ip_address::of("127.0.0.1") || x == ip_address::of("::1")
         || any_contains(chat.trusted_proxies.value, x)
         || std::ranges::any_of(chat.webirc.value,
                                [&](auto& gateway) { return any_contains(gateway.from, x); });
}

/// What "one address" is by the settings; the address alone if one that is exempt is so near.
std::string block_of(const config::chat_limits_settings& limits, const ip_address& x) {
  auto bits = x.is_v4() ? limits.ipv4_prefix.value : limits.ipv6_prefix.value;
  auto first = x.masked(static_cast<unsigned>(bits + (x.is_v4() ? 96 : 0)));
  auto block = network::of(first.text() + "/" + std::to_string(bits));
  auto is_near = [&](const network& other) {
    auto text = other.text();
    return block->contains(std::string_view{text}.substr(0, text.find('/')));
  };
  if (!block || std::ranges::any_of(limits.exempt.value, is_near))
    return x.text();
  return block->text();
}

} // namespace

void machine::hang_up_flooder(std::string why) {
  auto lasts = std::chrono::duration_cast<std::chrono::seconds>(limits().flood_ban.value).count();
  auto from = ip_address::of(from_.address);
  if (lasts > 0 && from && !from_.is_exempt && !speaks_for_many(chat(), *from)) {
    auto wish = request();
    auto& ban = *wish.mutable_ban_flooder();
    ban.set_mask(block_of(limits(), *from));
    ban.set_reason(why);
    ban.set_duration_s(lasts);
    tell(std::move(wish), ask::owner::network);
  }
  hang_up(std::move(why));
}

void machine::refuse_banned(const std::string& why) {
  reply(numeric::err_yourebannedcreep, {"You are banned from this server: " + why});
  hang_up("Banned: " + why);
}

void machine::report(const std::string& text) {
  auto wish = request();
  wish.clear_session_id(); // the server says it: the NETWORK listens to operators alone
  auto& event = *wish.mutable_announce()->mutable_event();
  event.mutable_source()->set_nick(rules().server_name);
  event.set_to_operators("s");
  event.mutable_server_notice()->set_text(text);
  tell(std::move(wish), ask::owner::network);
}

std::string machine::fresh_nonce() {
  return nonce_ + std::to_string(++nonces_);
}

} // namespace hamlet::irc
