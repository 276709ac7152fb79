// SPDX-License-Identifier: Apache-2.0
#include "node/chat.hpp"

#include "actors/system/shard_group.hpp"
#include "gateway/irc/verbs.hpp"
#include "lib/crypto/password.hpp"
#include "lib/crypto/random.hpp"
#include "node/chat_rules.hpp"
#include "node/rules.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

namespace hamlet::node {

namespace {

constexpr auto answer_timeout = std::chrono::seconds{10};

std::int64_t wall_ms() {
  return irc::now().wall_ms;
}

/// Asks the ACCOUNT from any thread: an actor that lives for one question.
find_nick_owner ask_accounts(caf::actor_system& sys, const router& owners) {
  return
    [&sys, &owners](const std::string& nick, std::int64_t asker, sql::completion<nick_owner> done) {
      account::v1::OwnerOfNick question;
      question.set_nick(nick);
      question.set_account_id(asker);
      sys.spawn([to = owners.account_of(nick), question, done](caf::event_based_actor* self) {
        self->request(to, answer_timeout, question)
          .then(
            [done](const account::v1::NickOwner& x) {
              done(nick_owner{x.account_id(), x.chat_name()});
            },
            [done](const caf::error& why) { done(fail(code_of(why))); });
      });
    };
}

} // namespace

chat::chat(const config::settings& x, store& data, worker_pool& hashes, const router& owners,
           std::shared_ptr<net::connection_limits> places,
           std::function<void(const irc::control&)> obey)
    : data_{data}, hashes_{hashes}, owners_{owners}, places_{std::move(places)}, obey_{std::move(
                                                                                   obey)},
      people_{presence_limits_of(x)}, nicks_{nick_rules_of(x)}, sessions_{session_rules_of(x)},
      channels_{channel_rules_of(x)}, network_{network_rules_of(x, {})}, relay_rules_{
                                                                           relay_rules_of(x)} {
  numbers_.started_ms = wall_ms();
  for (auto& verb : irc::all_verbs())
    numbers_.commands[std::string{verb.name}];
}

result<void_t> chat::load(const config::settings& x) {
  auto policy = make_policy(x);
  if (!policy)
    return tl::unexpected{policy.error()};
  policy_ = std::move(*policy);
  if (auto with = redis_options_of(x); !with)
    return tl::unexpected{with.error()};
  else if (*with && x.cluster.node.value != 0)
    redis_ = std::make_unique<redis_carrier>(std::move(**with));
  auto books = wait<network_books>(
    [&](auto done) { load_network(data_.bans(), bans_, wall_ms(), std::move(done)); });
  if (!books)
    return tl::unexpected{books.error()};
  books_ = std::move(*books);
  return void_t{};
}

result<std::shared_ptr<const irc::policy>> chat::make_policy(const config::settings& x) {
  auto password = chat_password_of(x);
  if (!password)
    return tl::unexpected{password.error()};
  auto motd = motd_of(x);
  if (!motd)
    return tl::unexpected{motd.error()};
  auto fresh = std::make_shared<irc::policy>();
  fresh->settings = x;
  fresh->server_name = chat_server_name(x);
  fresh->network_name = x.chat.network.value;
  fresh->motd = std::move(*motd);
  fresh->created_ms = numbers_.started_ms;
  fresh->people = &people_;
  fresh->rules = &bans_;
  fresh->numbers = &numbers_;
  fresh->admit = [places = places_](const std::string& address) -> std::shared_ptr<void> {
    auto known = ip_address::of(address);
    auto place = known ? places->admit(*known) : net::connection_limits::place{};
    if (!place)
      return nullptr;
    return std::make_shared<net::connection_limits::place>(std::move(place));
  };
  if (others_)
    show_nodes(*fresh);
  fresh->lag = {static_cast<std::uint32_t>(x.chat_limits.burst.value),
                x.chat_limits.commands.value.count, x.chat_limits.commands.value.per};
  fresh->needs_password = !password->empty();
  fresh->offers_tls = !x.listen.ircs.value.empty();
  fresh->tls_port =
    x.chat.sts_port.value != 0 ? static_cast<std::uint16_t>(x.chat.sts_port.value) : tls_port_;
  if (x.chat.cloak.value) {
    auto key = cloak_key_of(x, data_.key());
    if (!key)
      return tl::unexpected{key.error()};
    auto old = old_cloak_keys_of(x, data_.key());
    if (!old)
      return tl::unexpected{old.error()};
    auto& suffix = x.chat.cloak_suffix.value;
    fresh->cloaks.emplace(std::move(*key), suffix.empty() ? x.chat.network.value : suffix,
                          std::move(*old));
  }
  network_.set(network_rules_of(x, std::move(*password)));
  auto web = std::make_shared<websocket::rules>();
  web->path = x.chat.websocket_path.value;
  web->origins = x.chat.websocket_origins.value;
  web->proxies = x.chat.trusted_proxies.value;
  web_ = std::move(web);
  return fresh;
}

void chat::spawn(caf::actor_system& sys, id_source& ids, router::tables& into,
                 cluster_part* others) {
  sys_ = &sys;
  ids_ = &ids;
  auto next_id = [&ids] { return ids.next(); };
  auto dummy =
    crypto::hash_password(crypto::random_text(20), account_rules_of(policy_->settings).cost)
      .value_or("");
  owner_of_nick_ = ask_accounts(sys, owners_);
  fanout_ = sys.spawn(irc::fanout, policy_, irc::make_postman());
  into.fanout = fanout_;
  running_ = {{"fanout", caf::actor_cast<caf::actor>(fanout_)}};
  if (others)
    spawn_relay(into, *others);
  std::vector<caf::actor> nicks, sessions, channels;
  for (std::size_t i = 0; i < shard_count; ++i) {
    into.sessions[i] =
      sys.spawn(session_shard,
                session_parts{&owners_, &people_, ids_, &sessions_, data_.chat_accounts(),
                              data_.history(), owner_of_nick_, where_.get(),
                              relay_ ? &claims_ : nullptr, relay_ ? &relay_->news() : nullptr});
    shards_.push_back(into.sessions[i]);
    sessions.push_back(caf::actor_cast<caf::actor>(into.sessions[i]));
    auto& near = relay_ ? into.local_channels[i] : into.channels[i];
    near = sys.spawn(channel_shard, parts_of_channels());
    channels.push_back(caf::actor_cast<caf::actor>(near));
    if (relay_)
      continue;
    into.nicks[i] = sys.spawn(
      nick_shard, nick_parts{&owners_, &nicks_, &bans_, owner_of_nick_, nullptr, nullptr});
    nicks.push_back(caf::actor_cast<caf::actor>(into.nicks[i]));
  }
  network_parts parts{data_.bans(),
                      &bans_,
                      &people_,
                      &hashes_,
                      [this](std::int64_t id) { return owners_.session_of(id); },
                      [this] { return owners_.fanout(); },
                      next_id,
                      wall_ms,
                      &network_,
                      std::move(dummy),
                      std::move(books_)};
  if (relay_) {
    parts.news = &relay_->news();
    parts.tell_others = [this](auto done) { tell_others(std::move(done)); };
    parts.speaks_for_all = [others] { return others->is_eldest(); };
  }
  into.network = sys.spawn(chat_network, std::move(parts));
  running_.emplace_back("network", caf::actor_cast<caf::actor>(into.network));
  running_.emplace_back("channels", sys.spawn(shard_group, std::move(channels)));
  if (!relay_)
    running_.emplace_back("nicks", sys.spawn(shard_group, std::move(nicks)));
  running_.emplace_back("sessions", sys.spawn(shard_group, std::move(sessions)));
}

channel_parts chat::parts_of_channels() {
  return {[this]() -> const router& { return owners_; },
          data_.history(),
          data_.channels(),
          data_.chat_accounts(),
          &people_,
          [this] { return ids_->next(); },
          &channels_,
          [this](std::string_view x) { return bans_.is_reserved_channel(x); }};
}

irc::connection_parts chat::parts_for(net::tls_use security, bool by_websocket) const {
  irc::connection_parts parts;
  parts.rules = policy_;
  parts.security = security;
  if (by_websocket)
    parts.web = web_;
  parts.owners = owners_;
  parts.fanout = fanout_;
  parts.people = const_cast<presence*>(&people_);
  parts.ids = ids_;
  parts.obey = obey_;
  return parts;
}

void chat::set_tls_port(std::uint16_t port) {
  tls_port_ = port;
  auto fresh = std::make_shared<irc::policy>(*policy_);
  if (fresh->settings.chat.sts_port.value == 0)
    fresh->tls_port = port;
  policy_ = std::move(fresh);
}

result<void_t> chat::restore() {
  return wait<std::size_t>([&](auto done) {
           restore_sessions(owners_, data_.chat_accounts(), *ids_, std::move(done));
         })
    .map([](std::size_t) { return void_t{}; });
}

void chat::forget_actors() {
  fanout_ = irc::local_fanout_actor{};
  if (redis_)
    redis_->stop();
  if (relay_)
    relay_->close();
  shards_.clear();
  running_.clear();
}

result<void_t> chat::reload(const config::settings& x) {
  auto fresh = make_policy(x);
  if (!fresh)
    return tl::unexpected{fresh.error()};
  nicks_.set(nick_rules_of(x));
  sessions_.set(session_rules_of(x));
  channels_.set(channel_rules_of(x));
  relay_rules_.set(relay_rules_of(x));
  policy_ = std::move(*fresh);
  caf::anon_send(fanout_, irc::policy_changed{policy_});
  return void_t{};
}

} // namespace hamlet::node
