// SPDX-License-Identifier: Apache-2.0
#include "gateway/smtp/session.hpp"

#include "gateway/smtp/machine.hpp"

namespace hamlet::smtp {

session::session(policy p, channel c, std::string nonce)
    : machine_{std::make_unique<machine>(std::move(p), std::move(c), std::move(nonce))} {
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

void session::on_rcpt(const reply& verdict, effects& out) {
  machine_->on_rcpt(verdict, out);
}

void session::on_names(const reply& verdict, effects& out) {
  machine_->on_names(verdict, out);
}

void session::on_stored(const reply& verdict, effects& out) {
  machine_->on_stored(verdict, out);
}

void session::on_accepted(const reply& verdict, effects& out) {
  machine_->on_accepted(verdict, out);
}

void session::on_rested(effects& out) {
  machine_->on_rested(out);
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

} // namespace hamlet::smtp
