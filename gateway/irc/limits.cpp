// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"
#include "gateway/irc/machine.hpp"
#include "gateway/irc/registration.hpp"
#include "lib/base/network.hpp"

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
