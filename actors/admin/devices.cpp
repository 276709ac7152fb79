// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/handlers.hpp"
#include "actors/admin/paging.hpp"
#include "lib/mail/address.hpp"

#include <array>

namespace hamlet::admin {

using account::v1::AccountManaged;
using account::v1::ManageAccount;

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::array<std::pair<std::string_view, std::uint8_t>, 3> doors{
  {{"mail", static_cast<std::uint8_t>(sql::door::mail)},
   {"chat", static_cast<std::uint8_t>(sql::door::chat)},
   {"web", static_cast<std::uint8_t>(sql::door::web)}}};

/// 0: a word is no door.
template <class Words>
std::uint8_t scope_of(const Words& words) {
  std::uint8_t bits = words.empty() ? doors[0].second : 0;
  for (auto& word : words) {
    auto found = std::ranges::find(doors, std::string_view{word}, [](auto& x) { return x.first; });
    if (found == doors.end())
      return 0;
    bits |= found->second;
  }
  return bits;
}

void write(const sql::account& who, const std::string& name, std::uint8_t scope,
           v1::DevicePassword& into) {
  into.set_address(mail::address{who.local, who.domain}.text());
  into.set_name(name);
  for (auto& [word, bit] : doors)
    if ((scope & bit) != 0)
      into.add_scope(std::string{word});
}

} // namespace

void admin_state::list_devices(const v1::ListDevicePasswordsRequest& x,
                               given<v1::ListDevicePasswordsResponse> done) {
  with_account(x.address(), done, [=](const sql::login& found) {
    v1::ListDevicePasswordsResponse reply;
    auto key = [](const sql::device& one) { return std::string_view{one.name}; };
    auto next = page_of(x, found.devices, key, [&](const sql::device& one) {
      auto& out = *reply.add_device_passwords();
      write(found.who, one.name, one.scope, out);
      out.set_created_s(one.created_at);
      out.set_used_s(one.last_used_at);
    });
    reply.set_next_page_token(next);
    done(reply);
  });
}

void admin_state::create_device(const v1::CreateDevicePasswordRequest& x,
                                given<v1::DevicePassword> done) {
  auto scope = scope_of(x.scope());
  if (scope == 0)
    return done.bad("scope", "is of mail, chat and web");
  if (x.name().empty() || x.name().size() > longest_name)
    return done.bad("name", "has 1 to 64 octets");
  with_account(x.address(), done, [=, this](const sql::login& found) {
    for (auto& one : found.devices)
      if (one.name == x.name())
        return done.no(status::already_exists, "there is a device called " + x.name());
    v1::DevicePassword reply;
    write(found.who, x.name(), scope, reply);
    if (x.validate_only())
      return done(reply);
    ManageAccount ask;
    ask.set_local(found.who.local);
    ask.set_domain(found.who.domain);
    ask.mutable_add_device()->set_name(x.name());
    ask.mutable_add_device()->set_scope(scope);
    manage(std::move(ask), done, [done, reply](const AccountManaged& made) mutable {
      reply.set_password(made.password());
      done(reply);
    });
  });
}

void admin_state::revoke_device(const v1::RevokeDevicePasswordRequest& x,
                                given<v1::RevokeDevicePasswordResponse> done) {
  with_account(x.address(), done, [=, this](const sql::login& found) {
    auto is_there = std::ranges::find(found.devices, x.name(), &sql::device::name);
    if (is_there == found.devices.end())
      return done.no(status::not_found, "there is no device called " + x.name());
    if (x.validate_only())
      return done({});
    ManageAccount ask;
    ask.set_local(found.who.local);
    ask.set_domain(found.who.domain);
    ask.set_revoke_device(x.name());
    manage(std::move(ask), done, [done](const AccountManaged&) { done({}); });
  });
}

} // namespace hamlet::admin
