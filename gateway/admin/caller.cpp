// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/caller.hpp"

#include "lib/admin/token.hpp"

namespace hamlet::admin {

v1::Caller caller_of(const shown& x, const std::optional<pki::trust>& trust, std::int64_t now) {
  v1::Caller who;
  who.set_address(x.peer);
  if (x.peer.starts_with("unix:")) { // who may open the socket is the file system's care
    who.set_is_local(true);
    who.set_address("unix");
    return who;
  }
  if (!x.certificate.empty()) {
    if (!trust) {
      who.set_problem("certificate: this node has no authority (hamlet cluster init)");
      return who;
    }
    auto judged = trust->check_admin(x.certificate, now);
    if (judged.good()) {
      who.set_certificate(judged.name);
      who.set_role(judged.role);
    } else {
      who.set_problem("certificate " + judged.serial + ": "
                      + std::string{pki::to_string(judged.what)});
    }
    return who;
  }
  if (x.authorization.empty())
    return who;
  if (auto hash = token_hash(bearer(x.authorization)))
    who.set_token(*hash);
  else
    who.set_problem("authorization: that is no token of hamlet");
  return who;
}

} // namespace hamlet::admin
