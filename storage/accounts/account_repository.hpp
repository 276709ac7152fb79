// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/sql/readers.hpp"
#include "storage/sql/writer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hamlet::sql {

enum class role : std::uint8_t { member = 0, moderator = 1, admin = 2 };
enum class account_status : std::uint8_t { active = 0, disabled = 1 };
/// The doors of the house: bits of a device password's scope and of "last used".
enum class door : std::uint8_t { mail = 1, chat = 2, web = 4 };
enum class protocol : std::uint8_t { smtp = 0, pop3 = 1, irc = 2, web = 3 };

/// What proves who somebody is. Nothing in it is the password.
struct credential {
  std::string argon2id;   ///< encoded "$argon2id$…"; empty for a device password
  std::string stored_key; ///< RFC 5802 §3, 32 octets; made with the salt of the account
  std::string server_key;
};

struct account {
  std::int64_t id = 0;
  std::string local;  ///< canonical: lower case, PRECIS
  std::string domain; ///< canonical: A-labels
  std::string display_name;
  role rank = role::member;
  account_status status = account_status::active;
  std::int64_t quota_bytes = 0; ///< 0: the setting's default
  std::string scram_salt;       ///< of the account for life: its devices share it
  std::int64_t scram_iterations = 0;
  std::optional<credential> password; ///< none: it cannot log in by it
  std::int64_t created_at = 0;        ///< seconds since 1970, as all times of the store
  std::int64_t last_used[4] = {};     ///< by protocol; 0: never
};

struct device {
  std::int64_t id = 0;
  std::int64_t account_id = 0;
  std::string name;
  std::uint8_t scope = 0; ///< door bits
  std::string sealed;     ///< the password, sealed with the server's key (lib/crypto)
  credential keys;
  std::int64_t created_at = 0;
  std::int64_t last_used_at = 0;
};

/// All that a login needs, in one look.
struct login {
  account who;
  std::vector<device> devices;
  std::vector<std::string> aliases; ///< addresses that lead to this account alone
  bool is_in_default_domain = false;
};

/// Room of a mailbox, for the answer at RCPT; with what waits in the queue for it.
struct usage {
  std::int64_t bytes = 0;
  std::int64_t messages = 0;
  std::int64_t quota_bytes = 0; ///< of the account; 0: the setting's default
};

/// Where mail for an address goes.
struct destination {
  /// Accounts of this community: the one, or those that an alias names.
  std::vector<std::int64_t> account_ids;
  std::vector<usage> rooms; ///< of these accounts, in the same order
  /// Addresses elsewhere that an alias names.
  std::vector<std::string> remote;
  bool is_local_domain = false; ///< false: not our domain at all
};

/// Accounts, domains, aliases and device passwords. One function per intent, each one
/// transaction; calls return at once, the answer comes later on a thread of the store.
/// A cheap handle: the writer and the readers outlive it.
class account_repository {
public:
  account_repository(writer& changes, readers& views) : changes_{&changes}, views_{&views} {}

  /// The first domain ever added is the default; with it the account postmaster (an administrator
  /// without a password) is made. Adding again changes nothing.
  void add_domain(std::string name, std::int64_t now, completion<void_t> done);
  /// not_found; bad_request while accounts or aliases are in it.
  void remove_domain(std::string name, completion<void_t> done);
  /// The default first.
  void domains(completion<std::vector<std::string>> done);

  /// Also makes the mailbox with its folder INBOX. already_exists: the address is an account or
  /// an alias, or in the default domain a nick that an account owns; not_found: no such domain.
  void create(account fresh, completion<std::int64_t> done);
  void find(std::string local, std::string domain, completion<account> done);
  void find_id(std::int64_t account_id, completion<account> done);
  /// A login name: "local@domain", or "local" in the default domain; an alias does not log in.
  /// nullopt: nobody is called so.
  void find_login(std::string local, std::optional<std::string> domain,
                  completion<std::optional<login>> done);
  void find_login(std::int64_t account_id, completion<std::optional<login>> done);
  /// By address, `after` exclusive, for paging.
  void list(std::string after, std::size_t at_most, completion<std::vector<account>> done);
  void set_password(std::int64_t account_id, credential fresh, completion<void_t> done);
  void set_status(std::int64_t account_id, account_status status, completion<void_t> done);
  void set_role(std::int64_t account_id, role rank, completion<void_t> done);
  void set_quota(std::int64_t account_id, std::int64_t bytes, completion<void_t> done);
  /// With its mailbox, devices, waiting mail, the aliases that only named it, and what chat has of
  /// it; its channels are nobody's then. bad_request: the postmaster of the default domain stays
  /// (RFC 5321 §4.5.1).
  void remove(std::int64_t account_id, completion<void_t> done);
  /// At most one write an hour for one account and protocol: more changes nothing.
  void touch(std::int64_t account_id, protocol by, std::int64_t now, completion<void_t> done);

  /// `target`: an address of ours or of elsewhere. already_exists: the address is an account.
  void add_alias(std::string local, std::string domain, std::string target,
                 completion<void_t> done);
  void remove_alias(std::string local, std::string domain, std::string target,
                    completion<void_t> done);
  void aliases_of(std::int64_t account_id, completion<std::vector<std::string>> done);
  void aliases(completion<std::vector<std::pair<std::string, std::string>>> done);

  /// already_exists: this account has a device of that name.
  void add_device(device fresh, completion<std::int64_t> done);
  void remove_device(std::int64_t account_id, std::string name, completion<void_t> done);
  void devices(std::int64_t account_id, completion<std::vector<device>> done);
  void touch_device(std::int64_t device_id, std::int64_t now, completion<void_t> done);

  /// Follows aliases (at most 10 deep, each address once), "name+tag" (empty separator: no tags)
  /// and the addresses that every domain has: postmaster and abuse (RFC 5321 §4.5.1, RFC 2142 §5)
  /// go to the alias of that name if there is one, else to the account postmaster. A bare
  /// "postmaster" has an empty domain. not_found: our domain, but nobody of that name.
  void resolve(std::string local, std::string domain, completion<destination> done,
               std::string separator = "+");
  /// The targets of an alias as text, for EXPN; an empty domain is the default one. not_found: no
  /// such alias.
  void expand(std::string local, std::string domain, completion<std::vector<std::string>> done);
  void room_of(std::int64_t account_id, completion<usage> done);

private:
  writer* changes_;
  readers* views_;
};

} // namespace hamlet::sql
