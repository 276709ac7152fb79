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

void machine::came_from(std::string address, bool is_secure) {
  from_.address = std::move(address);
  me_.set_address(from_.address);
  me_.set_is_secure(is_secure);
  from_.is_exempt = any_contains(limits().exempt.value, from_.address);
  if (auto why = rules().rules->dline_for(from_.address, now_.wall_ms))
    hang_up("You are banned: " + *why);
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
