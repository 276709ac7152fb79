// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/admin/given.hpp"
#include "actors/deadlines.hpp"
#include "actors/interfaces.hpp"
#include "actors/resume.hpp"
#include "actors/router.hpp"
#include "hamlet/admin/v1/accounts.pb.h"
#include "hamlet/admin/v1/chat.pb.h"
#include "hamlet/admin/v1/cluster.pb.h"
#include "hamlet/admin/v1/domains.pb.h"
#include "hamlet/admin/v1/mail.pb.h"
#include "hamlet/admin/v1/system.pb.h"
#include "lib/admin/methods.hpp"
#include "lib/crypto/seal.hpp"
#include "storage/accounts/account_repository.hpp"
#include "storage/admin/admin_repository.hpp"
#include "storage/chat/channel_repository.hpp"
#include "storage/cluster/cluster_repository.hpp"
#include "storage/mail/queue_repository.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hamlet {
class mail_clients;
class presence;
} // namespace hamlet

namespace hamlet::admin {

/// The node that is asked.
struct node_self {
  std::string name;
  std::int64_t number = 0; ///< in its cluster; 0: it is alone
};

/// What an ADMIN works with; what is behind it must outlive the actor.
struct admin_parts {
  sql::admin_repository rows;
  sql::account_repository accounts;
  sql::channel_repository channels;
  sql::queue_repository queue;
  sql::cluster_repository nodes;
  const presence* people;
  const mail_clients* mail; ///< who is connected to this node
  const crypto::server_key* key;
  const router* owners; ///< may be empty until the first call
  std::function<std::int64_t()> now_ms;
  node_self node;
  std::function<void()> drain; ///< gives the shards away and ends the node; does not wait
  std::chrono::hours audit_age{24 * 400}; ///< older entries are deleted
};

/// Who calls.
struct principal {
  std::string name; ///< "local", "token:backup", "certificate:ann"
  std::string address;
  role may = role::viewer;
};

/// How long the ADMIN waits for the store, and for another actor: that one may have to wait for a
/// password hash.
constexpr std::chrono::seconds store_timeout{10}, owner_timeout{28};

struct admin_state {
  static inline const char* name = "admin";
  using actor = admin_actor;

  actor::pointer self = nullptr;
  deadlines limits;
  std::optional<admin_parts> parts;

  void learn(); ///< all handlers
  caf::result<v1::Answer> answer(const v1::Call& call);
  void tick();

  /// The methods that somebody answers here: for tests.
  std::vector<std::string_view> known() const;

private:
  template <class T>
  using from_store = std::function<void(result<T>)>;

  /// A handler that does not know its types any more.
  struct route {
    const method* about;
    std::function<void(const principal&, const v1::Call&, ending)> run;
  };

  /// A change, as the audit has it.
  struct note {
    principal who;
    const method* about;
    std::string target;
    std::string request_id;
    std::string print;
  };

  template <class Request, class Reply>
  void add(std::string_view name, void (admin_state::*handler)(const Request&, given<Reply>));

  // identify.cpp
  void identify(const v1::Caller& caller, std::function<void(result<principal>)> then);
  void refuse_caller(const v1::Call& call, const principal& who, const method& about,
                     const ending& end);

  // record.cpp
  void record(note x, std::function<void(ending)> run, ending end);
  void run_recorded(std::int64_t id, const note& x, const std::function<void(ending)>& run,
                    const ending& end);
  void write_down(note x, std::string outcome, std::string detail);
  std::string print_of(std::string_view request) const;

  // -- for handlers --

  /// Brings an answer of the store into a turn of this actor.
  template <class T, class Then>
  from_store<T> back(Then then) {
    return resume<T>(self, limits, store_timeout, std::move(then));
  }

  /// `then(local, domain)` with the address of an account or alias, canonical.
  template <class Reply, class Then>
  void with_address(const std::string& field, const std::string& text, given<Reply> done,
                    Then then);
  /// `then(login)` of an account that is there.
  template <class Reply, class Then>
  void with_account(const std::string& address, given<Reply> done, Then then);
  void find_domain(std::function<void(result<std::string>)> then);

  // accounts.cpp
  void list_accounts(const v1::ListAccountsRequest& x, given<v1::ListAccountsResponse> done);
  void get_account(const v1::GetAccountRequest& x, given<v1::Account> done);
  void create_account(const v1::CreateAccountRequest& x, given<v1::Account> done);
  void set_password(const v1::SetPasswordRequest& x, given<v1::Account> done);
  void set_role(const v1::SetRoleRequest& x, given<v1::Account> done);
  void set_quota(const v1::SetQuotaRequest& x, given<v1::Account> done);
  void set_status(const v1::SetStatusRequest& x, given<v1::Account> done);
  void delete_account(const v1::DeleteAccountRequest& x, given<v1::DeleteAccountResponse> done);
  void show(std::int64_t account_id, given<v1::Account> done);
  /// Asks the ACCOUNT; then(AccountManaged), or the refusal goes to `done`.
  template <class Reply, class Then>
  void manage(account::v1::ManageAccount ask, given<Reply> done, Then then);
  /// A change of one account that is there, answered by what it is then.
  template <class Request>
  void change_account(const Request& x, given<v1::Account> done,
                      std::function<void(account::v1::ManageAccount&)> fill);

  // devices.cpp
  void list_devices(const v1::ListDevicePasswordsRequest& x,
                    given<v1::ListDevicePasswordsResponse> done);
  void create_device(const v1::CreateDevicePasswordRequest& x, given<v1::DevicePassword> done);
  void revoke_device(const v1::RevokeDevicePasswordRequest& x,
                     given<v1::RevokeDevicePasswordResponse> done);

  // domains.cpp
  void list_domains(const v1::ListDomainsRequest& x, given<v1::ListDomainsResponse> done);
  void add_domain(const v1::AddDomainRequest& x, given<v1::Domain> done);
  void remove_domain(const v1::RemoveDomainRequest& x, given<v1::RemoveDomainResponse> done);
  void list_aliases(const v1::ListAliasesRequest& x, given<v1::ListAliasesResponse> done);
  void add_alias(const v1::AddAliasRequest& x, given<v1::Alias> done);
  void remove_alias(const v1::RemoveAliasRequest& x, given<v1::RemoveAliasResponse> done);

  // bans.cpp
  void list_bans(const v1::ListBansRequest& x, given<v1::ListBansResponse> done);
  void add_ban(const v1::AddBanRequest& x, given<v1::AddBanResponse> done);
  void lift_ban(const v1::LiftBanRequest& x, given<v1::Ban> done);

  // sessions.cpp
  void list_sessions(const v1::ListSessionsRequest& x, given<v1::ListSessionsResponse> done);
  void disconnect(const v1::DisconnectRequest& x, given<v1::Session> done);

  // mail_clients.cpp
  void list_mail_clients(const v1::ListMailClientsRequest& x,
                         given<v1::ListMailClientsResponse> done);
  void disconnect_mail(const v1::DisconnectMailRequest& x, given<v1::MailClient> done);

  // channels.cpp
  void list_channels(const v1::ListChannelsRequest& x, given<v1::ListChannelsResponse> done);
  void get_channel(const v1::GetChannelRequest& x, given<v1::Channel> done);
  void set_channel_option(const v1::SetChannelOptionRequest& x, given<v1::Channel> done);
  void drop_channel(const v1::DropChannelRequest& x, given<v1::DropChannelResponse> done);
  void show_channel(const std::string& channel, given<v1::Channel> done);

  // chat_handlers.hpp: for these three
  chat::v1::Request chat_request(const std::string& channel = {}) const;
  template <class Reply, class Then>
  void take_reply(const chat::v1::Reply& x, const given<Reply>& done, const Then& then) const;
  template <class Reply, class Then>
  void send_chat(const chat_actor& to, chat::v1::Request ask, given<Reply> done, Then then);
  template <class Reply, class Then>
  void ask_chat(const chat_actor& to, chat::v1::Request ask, given<Reply> done, Then then);

  // queue.cpp
  void list_queue(const v1::ListQueueRequest& x, given<v1::ListQueueResponse> done);
  void get_queued(const v1::GetQueuedRequest& x, given<v1::QueuedMessage> done);
  void retry_queue(const v1::RetryQueueRequest& x, given<v1::RetryQueueResponse> done);
  void drop_queued(const v1::DropQueuedRequest& x, given<v1::QueuedMessage> done);
  void hold_queued(const v1::HoldQueuedRequest& x, given<v1::QueuedMessage> done);
  void release_queued(const v1::ReleaseQueuedRequest& x, given<v1::QueuedMessage> done);
  from_store<sql::queue_details> shown(given<v1::QueuedMessage> done, std::function<void()> then);
  template <class Reply, class Then>
  void with_queued(const std::string& text, given<Reply> done, Then then);

  // nodes.cpp
  void list_nodes(const v1::ListNodesRequest& x, given<v1::ListNodesResponse> done);
  void drain_node(const v1::DrainNodeRequest& x, given<v1::Node> done);
  void drain_another(const v1::DrainNodeRequest& x, given<v1::Node> done);
  void list_shards(const v1::ListShardsRequest& x, given<v1::ListShardsResponse> done);
  void move_shard(const v1::MoveShardRequest& x, given<v1::Shard> done);
  void drain_shards(const v1::DrainShardsRequest& x, given<v1::DrainShardsResponse> done);
  v1::Node own_node() const;

  // system.cpp
  void list_audit(const v1::ListAuditRequest& x, given<v1::ListAuditResponse> done);
  void get_metrics(const v1::GetMetricsRequest& x, given<v1::GetMetricsResponse> done);

  std::map<std::string_view, route> routes_;
  principal asker_;       ///< while a handler begins: who calls
  bool draining_ = false; ///< when what is being recorded has its answer
};

/// The ADMIN of a node.
admin_actor::behavior_type admin_of_node(admin_actor::stateful_pointer<admin_state> self,
                                         admin_parts parts);

} // namespace hamlet::admin
