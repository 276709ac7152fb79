// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/admin.hpp"

#include "actors/owed.hpp"
#include "lib/log/log.hpp"

#include <cassert>

namespace hamlet::admin {

namespace {

constexpr std::size_t longest_request_id = 64;
constexpr std::chrono::hours prune_every{1};

/// What a change is about, for the audit.
template <class Request>
std::string target_of(const Request& x) {
  std::string text;
  auto add = [&](const std::string& part) {
    if (!part.empty())
      text += (text.empty() ? "" : " ") + part;
  };
  if constexpr (requires { x.address(); })
    add(x.address());
  if constexpr (requires { x.kind(); })
    add(x.kind());
  if constexpr (requires { x.mask(); })
    add(x.mask());
  if constexpr (requires { x.channel(); })
    add(x.channel());
  if constexpr (requires { x.connection(); })
    add(x.connection());
  if constexpr (requires { x.queue_id(); })
    add(x.queue_id());
  if constexpr (requires { x.session_id(); })
    add(std::to_string(x.session_id()));
  if constexpr (requires { x.number(); })
    add(std::to_string(x.number()));
  if constexpr (requires { x.numbers(); })
    for (auto number : x.numbers())
      add(std::to_string(number));
  if constexpr (requires { x.node(); })
    add(x.node());
  if constexpr (requires { x.name(); })
    add(x.name());
  if constexpr (requires { x.target(); })
    add(x.target());
  return text;
}

} // namespace

template <class Request, class Reply>
void admin_state::add(std::string_view method_name,
                      void (admin_state::*handler)(const Request&, given<Reply>)) {
  auto* about = find_method(method_name);
  assert(about);
  auto run = [this, about, handler](const principal& who, const v1::Call& call, ending end) {
    Request x;
    if (!x.ParseFromString(call.request()))
      return end(refusal(status::invalid_argument, "the request cannot be read"));
    if constexpr (requires { x.request_id(); }) {
      if (x.request_id().size() > longest_request_id)
        return given<Reply>{end}.bad("request_id", "is longer than 64 octets");
      if (!x.validate_only()) {
        note written{who, about, target_of(x), x.request_id(), print_of(call.request())};
        auto later = [this, handler, who, x](ending last) {
          asker_ = who;
          (this->*handler)(x, given<Reply>{std::move(last)});
        };
        return record(std::move(written), std::move(later), std::move(end));
      }
    }
    asker_ = who;
    (this->*handler)(x, given<Reply>{std::move(end)});
  };
  routes_[about->name] = {about, std::move(run)};
}

void admin_state::learn() {
  using s = admin_state;
  add("hamlet.admin.v1.Accounts/List", &s::list_accounts);
  add("hamlet.admin.v1.Accounts/Get", &s::get_account);
  add("hamlet.admin.v1.Accounts/Create", &s::create_account);
  add("hamlet.admin.v1.Accounts/SetPassword", &s::set_password);
  add("hamlet.admin.v1.Accounts/SetRole", &s::set_role);
  add("hamlet.admin.v1.Accounts/SetQuota", &s::set_quota);
  add("hamlet.admin.v1.Accounts/SetStatus", &s::set_status);
  add("hamlet.admin.v1.Accounts/Delete", &s::delete_account);
  add("hamlet.admin.v1.DevicePasswords/List", &s::list_devices);
  add("hamlet.admin.v1.DevicePasswords/Create", &s::create_device);
  add("hamlet.admin.v1.DevicePasswords/Revoke", &s::revoke_device);
  add("hamlet.admin.v1.Domains/List", &s::list_domains);
  add("hamlet.admin.v1.Domains/Add", &s::add_domain);
  add("hamlet.admin.v1.Domains/Remove", &s::remove_domain);
  add("hamlet.admin.v1.Aliases/List", &s::list_aliases);
  add("hamlet.admin.v1.Aliases/Add", &s::add_alias);
  add("hamlet.admin.v1.Aliases/Remove", &s::remove_alias);
  add("hamlet.admin.v1.Bans/List", &s::list_bans);
  add("hamlet.admin.v1.Bans/Add", &s::add_ban);
  add("hamlet.admin.v1.Bans/Lift", &s::lift_ban);
  add("hamlet.admin.v1.Channels/List", &s::list_channels);
  add("hamlet.admin.v1.Channels/Get", &s::get_channel);
  add("hamlet.admin.v1.Channels/SetOption", &s::set_channel_option);
  add("hamlet.admin.v1.Channels/Drop", &s::drop_channel);
  add("hamlet.admin.v1.Sessions/List", &s::list_sessions);
  add("hamlet.admin.v1.Sessions/Disconnect", &s::disconnect);
  add("hamlet.admin.v1.Queue/List", &s::list_queue);
  add("hamlet.admin.v1.Queue/Get", &s::get_queued);
  add("hamlet.admin.v1.Queue/Retry", &s::retry_queue);
  add("hamlet.admin.v1.Queue/Drop", &s::drop_queued);
  add("hamlet.admin.v1.Queue/Hold", &s::hold_queued);
  add("hamlet.admin.v1.Queue/Release", &s::release_queued);
  add("hamlet.admin.v1.MailClients/List", &s::list_mail_clients);
  add("hamlet.admin.v1.MailClients/Disconnect", &s::disconnect_mail);
  add("hamlet.admin.v1.Nodes/List", &s::list_nodes);
  add("hamlet.admin.v1.Nodes/Drain", &s::drain_node);
  add("hamlet.admin.v1.Shards/List", &s::list_shards);
  add("hamlet.admin.v1.Shards/Move", &s::move_shard);
  add("hamlet.admin.v1.Shards/Drain", &s::drain_shards);
  add("hamlet.admin.v1.Audit/List", &s::list_audit);
  add("hamlet.admin.v1.Metrics/Get", &s::get_metrics);
  // The door answers it; whether it may is decided here.
  auto* info = find_method("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
  routes_[info->name] = {info, [](auto&, auto&, const ending& end) { end({}); }};
}

std::vector<std::string_view> admin_state::known() const {
  std::vector<std::string_view> names;
  for (auto& [key, x] : routes_)
    names.push_back(key);
  return names;
}

caf::result<v1::Answer> admin_state::answer(const v1::Call& call) {
  auto found = routes_.find(call.method());
  if (found == routes_.end())
    return refusal(status::unimplemented, "there is no method " + call.method());
  auto promise = owe<v1::Answer>(self);
  ending end = [promise](v1::Answer x) mutable { promise.deliver(std::move(x)); };
  identify(call.caller(), [this, call, end, &to = found->second](result<principal> who) {
    if (!who) {
      auto is_ours = who.error().code != errc::not_found; // the store has not answered
      log::warning("admin", "refused",
                   {{"address", call.caller().address()},
                    {"method", call.method()},
                    {"why", who.error().detail}});
      return end(
        refusal(is_ours ? status::unavailable : status::unauthenticated, who.error().detail));
    }
    if (who->may < to.about->needs)
      return refuse_caller(call, *who, *to.about, end);
    to.run(*who, call, end);
  });
  return promise;
}

void admin_state::tick() {
  parts->rows.prune(parts->now_ms() - std::chrono::milliseconds{parts->audit_age}.count(),
                    [](const result<std::int64_t>&) {});
  self->delayed_send(self, prune_every, caf::tick_atom_v);
}

admin_actor::behavior_type admin_of_node(admin_actor::stateful_pointer<admin_state> self,
                                         admin_parts parts) {
  auto& state = self->state;
  state.self = self;
  state.parts.emplace(std::move(parts));
  state.learn();
  self->delayed_send(self, prune_every, caf::tick_atom_v);
  return {
    [self](const v1::Call& call) { return self->state.answer(call); },
    [self](caf::tick_atom) { self->state.tick(); },
  };
}

} // namespace hamlet::admin
