// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/account/login_guard.hpp"
#include "actors/account/registration_guard.hpp"
#include "actors/account/verified_cache.hpp"
#include "actors/deadlines.hpp"
#include "actors/interfaces.hpp"
#include "actors/owed.hpp"
#include "lib/base/live.hpp"
#include "lib/config/chat_kinds.hpp"
#include "lib/crypto/password.hpp"
#include "lib/crypto/seal.hpp"
#include "storage/accounts/account_repository.hpp"
#include "storage/chat/chat_account_repository.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace hamlet {

class worker_pool;

/// What the administrator decides about accounts.
struct account_rules {
  std::int64_t default_quota = 0; ///< octets; 0: no bound
  crypto::argon2_cost cost;       ///< of a wrong name, too
  std::chrono::seconds cache_ttl{600};
  std::chrono::milliseconds failure_delay{2000};
  std::string subaddress_separator = "+"; ///< empty: no tags (RFC 5233 §1)

  config::registration registration = config::registration::closed;
  std::size_t min_password = 8;              ///< characters, of what a member chooses in chat
  std::vector<std::string> reserved_names{}; ///< beside those of names.hpp
  std::size_t nick_length = 32;              ///< octets
  bool utf8_names = false;                   ///< letters of all scripts in nicks
  std::size_t nicks_per_account = 10;
  std::size_t certificates_per_account = 10;
};

/// What an ACCOUNT works with; what is behind it must outlive the actor.
struct account_parts {
  sql::account_repository accounts;
  sql::chat_account_repository chat;
  const crypto::server_key* key;
  worker_pool* workers; ///< for password hashes
  login_guard* guard;
  registration_guard* registrations;
  const live<account_rules>* rules;
  std::string dummy; ///< an Argon2id hash of nothing, made with the same cost as the others: what a
                     ///< password is compared with when there is no account
};

/// How somebody tries to log in, on the way from the question to the verdict.
struct login_attempt {
  std::string authzid;
  std::string name;   ///< as the client wrote it
  std::string digest; ///< of what was tried, for the guard
  account::v1::Protocol protocol = account::v1::SMTP;
  std::string client;
  owed<account::v1::LoginResult> promise;
};

struct account_state {
  static inline const char* name = "account";
  using clock = std::chrono::steady_clock;
  using verdict = account::v1::LoginResult;

  account_actor::pointer self = nullptr;
  deadlines limits;
  std::optional<account_parts> parts;
  std::optional<verified_cache> verified;
  std::string guess_key; ///< of this process: digests of wrong passwords say nothing

  // login.cpp
  caf::result<verdict> check_password(const account::v1::CheckPassword& msg);
  caf::result<verdict> salt_of(const account::v1::SaltOf& msg);
  caf::result<verdict> check_proof(const account::v1::CheckProof& msg);
  caf::result<verdict> check_apop(const account::v1::CheckApop& msg);
  void answer_late();

  caf::result<verdict> check_certificate(const account::v1::CheckCertificate& msg);

  // registration.cpp
  caf::result<account::v1::Registered> register_stranger(const account::v1::Register& msg);
  caf::result<account::v1::Changed> set_password(const account::v1::SetPassword& msg);

  // manage.cpp
  caf::result<account::v1::AccountManaged> manage(const account::v1::ManageAccount& msg);

  // chat_names.cpp
  caf::result<account::v1::Changed> group_nick(const account::v1::GroupNick& msg);
  caf::result<account::v1::Changed> ungroup_nick(const account::v1::UngroupNick& msg);
  caf::result<account::v1::Nicks> list_nicks(const account::v1::ListNicks& msg);
  caf::result<account::v1::NickOwner> owner_of_nick(const account::v1::OwnerOfNick& msg);
  caf::result<account::v1::AccountFound> find_account(const account::v1::FindAccount& msg);

  // chat_settings.cpp
  caf::result<account::v1::Changed> add_certificate(const account::v1::AddCertificate& msg);
  caf::result<account::v1::Changed> remove_certificate(const account::v1::RemoveCertificate& msg);
  caf::result<account::v1::Certificates>
  list_certificates(const account::v1::ListCertificates& msg);
  caf::result<account::v1::Changed> set_chat_setting(const account::v1::SetChatSetting& msg);
  caf::result<account::v1::ChatSettings> chat_settings(const account::v1::GetChatSettings& msg);

  // directory.cpp
  caf::result<account::v1::Resolved> resolve(const account::v1::Resolve& msg);
  caf::result<account::v1::NamesFound> find_names(const account::v1::FindNames& msg);

private:
  using maybe_login = std::optional<sql::login>;

  template <class Then>
  void look_up(const std::string& login_name, Then then);
  clock::time_point now() const;
  void tell_salt(const std::string& asked, const std::string& default_domain,
                 owed<verdict> promise);
  bool is_throttled(const login_attempt& who);
  void judge_password(login_attempt who, maybe_login login, std::string password);
  void right(const login_attempt& who, const sql::login& login, std::int64_t device_id,
             std::string signature = {});
  void wrong(const login_attempt& who);
  void fail_with(const login_attempt& who, verdict::Verdict why);
  bool may_act_as(const login_attempt& who, const sql::login& login) const;
  std::optional<std::string> secret_of(const sql::device& x) const;

  void later(std::function<void()> say);
  using registering = owed<account::v1::Registered>;
  void end_registration(registering promise, account::v1::Registered::Verdict why);
  void make_account(const account::v1::Register& msg, sql::account fresh, registering promise);
  void keep_account(sql::account fresh, registering promise);
  using changing = owed<account::v1::Changed>;
  void change_password(const account::v1::SetPassword& msg, const sql::login& login,
                       changing promise);
  std::function<void(result<void_t>)> tell_change(changing promise);
  void end_change(changing promise, account::v1::Changed::Verdict why);
  using managing = owed<account::v1::AccountManaged>;
  void manage_create(const account::v1::ManageAccount& msg, managing promise);
  void manage_one(const account::v1::ManageAccount& msg, const sql::account& who,
                  managing promise);
  void manage_device(const account::v1::ManageAccount& msg, const sql::account& who,
                     managing promise);
  void manage_password(const sql::account& who, const std::string& password,
                       std::function<void(result<sql::credential>)> then);
  using owning = owed<account::v1::NickOwner>;
  void tell_owner(std::int64_t account_id, owning promise);
  void look_for_alike(const std::string& nick, owning promise);

  struct late_answer {
    clock::time_point due;
    std::function<void()> say;
  };
  std::vector<late_answer> late_;
};

/// The ACCOUNT of one shard of names.
account_actor::behavior_type account_shard(account_actor::stateful_pointer<account_state> self,
                                           account_parts parts);

/// How long an ACCOUNT waits for the store, and for a hash.
constexpr std::chrono::seconds store_timeout{10}, hash_timeout{25};

/// LoginResult.chat_name.
std::string chat_name_of(const sql::login& login);

/// What a device password is sealed for: it opens for no other account.
std::string device_seal_context(std::int64_t account_id);

} // namespace hamlet
