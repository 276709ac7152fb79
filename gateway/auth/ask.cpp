// SPDX-License-Identifier: Apache-2.0
#include "gateway/auth/ask.hpp"

#include "lib/base/overload.hpp"

namespace hamlet::auth {

message to_message(const question& what, const asker& who) {
  auto sign = [&](auto& msg) {
    msg.set_protocol(who.protocol);
    msg.set_client(who.client);
  };
  return std::visit(overload{
                      [&](const sasl::check_password& x) -> message {
                        account::v1::CheckPassword msg;
                        msg.set_authzid(x.authzid);
                        msg.set_name(x.authcid);
                        msg.set_password(x.password);
                        sign(msg);
                        return msg;
                      },
                      [&](const sasl::want_salt& x) -> message {
                        account::v1::SaltOf msg;
                        msg.set_name(x.authcid);
                        return msg;
                      },
                      [&](const sasl::check_proof& x) -> message {
                        account::v1::CheckProof msg;
                        msg.set_authzid(x.authzid);
                        msg.set_name(x.authcid);
                        msg.set_auth_message(x.auth_message);
                        msg.set_proof(x.proof);
                        sign(msg);
                        return msg;
                      },
                      [&](const check_apop& x) -> message {
                        account::v1::CheckApop msg;
                        msg.set_name(x.name);
                        msg.set_timestamp(x.timestamp);
                        msg.set_digest(x.digest);
                        sign(msg);
                        return msg;
                      },
                      [&](const check_certificate& x) -> message {
                        account::v1::CheckCertificate msg;
                        msg.set_authzid(x.authzid);
                        msg.set_fingerprint(x.fingerprint);
                        sign(msg);
                        return msg;
                      },
                    },
                    what);
}

const std::string& name_in(const question& what) {
  return std::visit(overload{
                      [](const check_apop& x) -> const std::string& { return x.name; },
                      [](const check_certificate& x) -> const std::string& {
                        return x.authzid.empty() ? x.fingerprint : x.authzid;
                      },
                      [](const auto& x) -> const std::string& { return x.authcid; },
                    },
                    what);
}

answer to_answer(const account::v1::LoginResult& result) {
  answer out;
  switch (result.verdict()) {
  case account::v1::LoginResult::RIGHT: out.result = verdict::right; break;
  case account::v1::LoginResult::WRONG: out.result = verdict::wrong; break;
  case account::v1::LoginResult::LOCKED: out.result = verdict::locked; break;
  case account::v1::LoginResult::THROTTLED: out.result = verdict::throttled; break;
  default: out.result = verdict::temporary; break;
  }
  out.who.account_id = result.account_id();
  out.who.address = result.address();
  out.who.addresses = {result.addresses().begin(), result.addresses().end()};
  out.who.is_staff = result.is_staff();
  out.who.is_admin = result.is_admin();
  out.who.chat_name = result.chat_name();
  out.who.display_name = result.display_name();
  out.salt = {result.salt(), result.iterations()};
  out.server_signature = result.server_signature();
  return out;
}

} // namespace hamlet::auth
