// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/session.hpp"

#include "gateway/irc/machine.hpp"
#include "gateway/irc/multiline.hpp"
#include "gateway/irc/registering.hpp"

namespace hamlet::irc {

session::session(std::shared_ptr<const policy> p, origin from, channel c, std::string nonce)
    : machine_{
      std::make_unique<machine>(std::move(p), std::move(from), std::move(c), std::move(nonce))} {
}
session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;
session::~session() = default;

void session::open(moment now, effects& out) {
  machine_->open(now, out);
}
void session::feed(std::string_view bytes, moment now, effects& out) {
  machine_->feed(bytes, now, out);
}
void session::on_reply(const chat::v1::Reply& r, moment now, effects& out) {
  machine_->on_reply(r, now, out);
}
void session::on_auth(const auth::answer& a, moment now, effects& out) {
  machine_->on_auth(a, now, out);
}
void session::on_account(const account_reply& r, moment now, effects& out) {
  machine_->on_account(r, now, out);
}
void session::on_note(const note& x, moment now, effects& out) {
  machine_->on_note(x, now, out);
}
void session::on_room(moment now, effects& out) {
  machine_->on_room(now, out);
}
void session::on_time(moment now, effects& out) {
  machine_->on_time(now, out);
}
void session::shut_down(effects& out) {
  machine_->shut_down(out);
}
void session::on_closed(std::string_view why, effects& out) {
  machine_->on_closed(why, out);
}
bool session::is_waiting() const {
  return machine_->is_waiting();
}

} // namespace hamlet::irc
