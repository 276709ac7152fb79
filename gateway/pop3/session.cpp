// SPDX-License-Identifier: Apache-2.0
#include "gateway/pop3/session.hpp"

#include "gateway/pop3/machine.hpp"

namespace hamlet::pop3 {

session::session(policy p, channel c, std::string timestamp, std::string nonce)
    : machine_{std::make_unique<machine>(std::move(p), std::move(c), std::move(timestamp),
                                         std::move(nonce))} {
}
session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;
session::~session() = default;

void session::open(effects& out) {
  machine_->open(out);
}
void session::feed(std::string_view bytes, effects& out) {
  machine_->feed(bytes, out);
}
void session::on_secured(channel c, effects& out) {
  machine_->on_secured(std::move(c), out);
}
void session::on_auth(const auth::answer& a, effects& out) {
  machine_->on_auth(a, out);
}
void session::on_opened(maildrop drop, effects& out) {
  machine_->on_opened(std::move(drop), out);
}
void session::on_part(std::optional<std::string_view> bytes, effects& out) {
  machine_->on_part(bytes, out);
}
void session::on_written(effects& out) {
  machine_->on_written(out);
}
void session::on_updated(bool done, effects& out) {
  machine_->on_updated(done, out);
}
void session::shut_down(effects& out) {
  machine_->shut_down(out);
}
void session::time_out(effects& out) {
  machine_->time_out(out);
}
bool session::is_waiting() const {
  return machine_->is_waiting();
}
bool session::is_secured() const {
  return machine_->is_secured();
}

} // namespace hamlet::pop3
