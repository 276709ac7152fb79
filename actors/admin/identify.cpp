// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/admin.hpp"
#include "lib/log/log.hpp"

// Who calls, and what becomes of those who may not.

namespace hamlet::admin {

void admin_state::identify(const v1::Caller& caller, std::function<void(result<principal>)> then) {
  auto named = [&](std::string who, role may) {
    then(principal{std::move(who), caller.address(), may});
  };
  if (caller.is_local())
    return named("local", role::admin);
  if (!caller.certificate().empty()) {
    auto may = role_of(caller.role());
    return may ? named("certificate:" + caller.certificate(), *may)
               : then(fail(errc::not_found, "the certificate names no role"));
  }
  if (caller.token().empty())
    return then(fail(errc::not_found, caller.problem().empty()
                                        ? "neither a certificate nor a token was shown"
                                        : caller.problem()));
  using maybe = std::optional<sql::admin_token>;
  auto found = [then, address = caller.address()](const result<maybe>& token) {
    if (!token)
      return then(tl::unexpected{token.error()});
    auto may = *token ? role_of((*token)->role) : std::nullopt;
    if (!may)
      return then(fail(errc::not_found, "the token is unknown or too old"));
    then(principal{"token:" + (*token)->name, address, *may});
  };
  parts->rows.find_token(caller.token(), parts->now_ms(), back<maybe>(std::move(found)));
}

void admin_state::refuse_caller(const v1::Call& call, const principal& who, const method& about,
                                const ending& end) {
  auto needs = std::string{to_string(about.needs)};
  log::warning("admin", "refused",
               {{"who", who.name},
                {"address", who.address},
                {"method", about.name},
                {"why", "needs the role " + needs}});
  if (about.writes)
    write_down({who, &about, {}, {}, print_of(call.request())},
               std::string{to_string(status::permission_denied)}, "needs the role " + needs);
  end(refusal(status::permission_denied, "needs the role " + needs + "; " + who.name + " is "
                                           + std::string{to_string(who.may)}));
}

} // namespace hamlet::admin
