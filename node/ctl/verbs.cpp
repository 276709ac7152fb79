// SPDX-License-Identifier: Apache-2.0
#include "node/ctl/verbs.hpp"

namespace hamlet::ctl {

namespace {

constexpr verb all[] = {
  {"accounts list", "Accounts/List", "", "", "", "address display_name role status created_s", "",
   "Who is a member."},
  {"accounts show", "Accounts/Get", "address", "", "", "", "", "One account."},
  {"accounts create", "Accounts/Create", "address", "display_name role", "password", "", "",
   "A new account; asks for its password."},
  {"accounts set-password", "Accounts/SetPassword", "address", "", "password", "", "",
   "Another password; asks for it."},
  {"accounts set-role", "Accounts/SetRole", "address role", "", "", "", "",
   "member, moderator or admin."},
  {"accounts set-quota", "Accounts/SetQuota", "address quota_bytes", "", "", "", "",
   "In octets; 0: the default."},
  {"accounts set-status", "Accounts/SetStatus", "address status", "", "", "", "",
   "active or disabled."},
  {"accounts delete", "Accounts/Delete", "address", "", "", "", "Delete it and all its mail?",
   "An account with its mail."},
  {"devices list", "DevicePasswords/List", "address", "", "", "name scope created_s used_s", "",
   "The device passwords of an account."},
  {"devices create", "DevicePasswords/Create", "address name", "scope", "", "", "",
   "A password for one program; it is shown once."},
  {"devices revoke", "DevicePasswords/Revoke", "address name", "", "", "", "",
   "A device password is good no more."},
  {"domains list", "Domains/List", "", "", "", "", "", "Whose mail comes here."},
  {"domains add", "Domains/Add", "name", "", "", "", "", "Mail for one more domain."},
  {"domains remove", "Domains/Remove", "name", "", "", "", "", "An empty domain is forgotten."},
  {"aliases list", "Aliases/List", "", "", "", "", "", "Addresses that lead to others."},
  {"aliases add", "Aliases/Add", "address target", "", "", "", "",
   "Mail for ADDRESS goes (also) to TARGET."},
  {"aliases remove", "Aliases/Remove", "address target", "", "", "", "", "No longer so."},
  {"queue list", "Queue/List", "", "only_remote", "",
   "queue_id accepted_s size_bytes sender recipients held_s", "", "Mail that has not arrived yet."},
  {"queue show", "Queue/Get", "queue_id", "", "", "", "", "One message, with its trace."},
  {"queue retry", "Queue/Retry", "", "", "", "", "", "Tries all of it at once."},
  {"queue drop", "Queue/Drop", "queue_id", "", "", "", "Throw it away? Nobody gets it.",
   "A message that nobody shall get."},
  {"queue hold", "Queue/Hold", "queue_id", "", "", "", "",
   "Nobody gets it until it is released; it does not expire."},
  {"queue release", "Queue/Release", "queue_id", "", "", "", "", "It goes on its way, at once."},
  {"clients list", "MailClients/List", "", "account", "",
   "connection protocol account address is_secure since_ms", "",
   "Who is connected to this node by SMTP or POP3."},
  {"clients disconnect", "MailClients/Disconnect", "connection", "", "", "", "",
   "Ends a connection of this node, when what it waits for is done."},
  {"channels list", "Channels/List", "", "", "", "name members modes is_registered topic", "",
   "Where somebody is, and what is registered."},
  {"channels show", "Channels/Get", "channel", "", "", "", "", "One channel."},
  {"channels set", "Channels/SetOption", "channel name value", "", "", "", "",
   "description, entrymsg, founder, retention or successor."},
  {"channels drop", "Channels/Drop", "channel", "", "", "", "End its registration?",
   "A channel is registered no more."},
  {"bans list", "Bans/List", "", "kind", "", "kind mask setter expires_ms reason", "",
   "Who may not come."},
  {"bans add", "Bans/Add", "kind mask", "reason operator_reason duration_s hits_many", "", "", "",
   "kline user@host, dline ADDRESS, resv NAME."},
  {"bans lift", "Bans/Lift", "kind mask", "", "", "", "", "A ban holds no more."},
  {"sessions list", "Sessions/List", "", "account", "",
   "session_id nick account address clients signon_ms channels", "", "Who is in the chat."},
  {"sessions disconnect", "Sessions/Disconnect", "session_id", "reason", "", "", "",
   "Ends a session, with all its clients."},
  {"nodes list", "Nodes/List", "", "", "", "", "", "The nodes of the cluster."},
  {"nodes drain", "Nodes/Drain", "node", "", "", "",
   "Give its shards to others and end the program?",
   "Any node: it gives its shards away, and its program ends."},
  {"shards list", "Shards/List", "", "kind node", "", "", "", "Who owns what."},
  {"shards move", "Shards/Move", "kind number node", "", "", "", "", "To another owner."},
  {"shards drain", "Shards/Drain", "node", "kind numbers", "", "", "",
   "Its shards, or some, go to others; it goes on."},
  {"audit list", "Audit/List", "", "who", "", "time_ms who method target outcome detail", "",
   "Who has changed what."},
  {"metrics", "Metrics/Get", "", "prefix", "", "", "", "The numbers of the node."},
  {"health", "grpc.health.v1.Health/Check", "", "service", "", "", "", "Is the node well?"},
};

} // namespace

std::span<const verb> verbs() {
  return all;
}

} // namespace hamlet::ctl
