// SPDX-License-Identifier: Apache-2.0
#include "node/parts.hpp"

#include "actors/mailbox/shard.hpp"
#include "actors/system/shard_group.hpp"
#include "gateway/net/gateway.hpp"
#include "lib/crypto/random.hpp"
#include "lib/log/log.hpp"
#include "lib/metrics/metrics.hpp"
#include "lib/tls/self_signed.hpp"
#include "node/chat_rules.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace hamlet::node {

namespace {

constexpr std::size_t jobs_waiting = 2000; // for a worker; more are refused as busy
constexpr std::size_t file_threads = 2;

std::size_t or_cores(int setting) {
  return setting > 0 ? static_cast<std::size_t>(setting)
                     : std::max(1u, std::thread::hardware_concurrency());
}

/// After a failed fsync nothing that this process says about the store is true: it ends at once,
/// and what was acknowledged is found at the next start.
void on_broken_store(const error& why) {
  static std::once_flag told; // the writer and the workers may come at once
  std::call_once(told, [&] {
    log::error("store", "lost", {{"why", why.detail}});
    std::quick_exit(EXIT_FAILURE);
  });
}

} // namespace

actor_config::actor_config(int threads) {
  add_message_types<caf::id_block::hamlet>();
  add_message_types<caf::id_block::hamlet_net>();
  add_message_types<caf::id_block::hamlet_irc_connection>();
  add_message_types<caf::id_block::hamlet_fanout>();
  set("logger.verbosity", caf::atom("quiet"));
  // One queue for all workers: with "stealing", CAF's default, a message for
  // an idle node waits until a worker happens to look.
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-throughput", 50); // messages of one actor in a row: nobody starves
  if (threads > 0)
    set("scheduler.max-threads", threads);
}

server::parts::parts(const config::settings& x)
    : settings{x}, folder{x.node.data_folder.value}, store_bound{x.store.queue.value},
      low_space{x.store.low_space.value}, cfg{x.node.actor_threads.value}, sys{cfg},
      hashes{or_cores(x.accounts.auth_threads.value), jobs_waiting}, files{file_threads,
                                                                           jobs_waiting},
      guard{guard_rules_of(x)}, registrations{registration_bounds_of(x)},
      accounts{account_rules_of(x)}, mailboxes{mailbox_rules_of(x)}, queues{queue_rules_of(x)},
      notices{herald_rules_of(x)}, places{net::connection_limits::make(connection_bounds_of(x))},
      chat_places{net::connection_limits::make(chat_connection_bounds_of(x))},
      threads{or_cores(x.node.io_threads.value)} {
}

// -- certificates -------------------------------------------------------------

result<std::vector<tls::certificate_files>> certificates_of(const config::settings& x) {
  if (!x.tls.certificates.value.empty())
    return x.tls.certificates.value;
  // The first start of somebody who has none: clients will ask whether to trust it.
  std::error_code ignored; // what is wrong with the folder is said below
  std::filesystem::create_directories(data_layout{x}.certificate(), ignored);
  return tls::ensure_self_signed(data_layout{x}.certificate(), hostname(x))
    .map([](tls::certificate_files made) { return std::vector{std::move(made)}; });
}

tls::policy tls_policy_of(const config::settings& x) {
  return {x.tls.min_version.value, x.tls.channel_binding.value};
}

result<void_t> server::parts::open_certificate() {
  auto opened = certificates_of(settings).and_then([&](std::vector<tls::certificate_files> all) {
    return tls::reloadable::open(std::move(all), tls_policy_of(settings));
  });
  if (!opened)
    return tl::unexpected{opened.error()};
  certificate = std::move(*opened);
  return void_t{};
}

// -- the store and its owners -------------------------------------------------

result<void_t> server::parts::open_store() {
  auto opened = store::open(settings, on_broken_store);
  if (!opened)
    return tl::unexpected{opened.error()};
  data = std::move(*opened);
  auto watched = store::watch(settings);
  if (!watched)
    return tl::unexpected{watched.error()};
  watch = std::move(*watched);
  auto last = wait<std::int64_t>([&](auto done) { data->queue().last_id(done); });
  if (!last)
    return tl::unexpected{last.error()};
  ids = std::make_unique<id_source>(static_cast<std::uint16_t>(settings.cluster.node.value), *last);
  return void_t{};
}

result<void_t> server::parts::spawn_owners() {
  auto tables = std::make_shared<router::tables>();
  auto dummy = crypto::hash_password(crypto::random_text(20), accounts.get()->cost).value_or("");
  account_parts account{data->accounts(), data->chat_accounts(), &data->key(), &hashes,
                        &guard,           &registrations,        &accounts,    dummy};
  auto messenger = sys.spawn(herald, herald_parts{&owners, &talk->people(), &notices});
  running.push_back({"herald", caf::actor_cast<caf::actor>(messenger)});
  auto make_mailboxes = [this, messenger](const sql::fence& owner) {
    return sys.spawn(mailbox_shard, data->mailboxes().held_by(owner), &mailboxes, messenger);
  };
  std::vector<caf::actor> mailbox_shards, account_shards;
  if (settings.cluster.node.value != 0) {
    auto opened = cluster_part::open(sys, settings, *data);
    if (!opened)
      return tl::unexpected{opened.error()};
    others = std::move(*opened);
    others->put_proxies(*tables);
  } else {
    for (std::size_t i = 0; i < shard_count; ++i) {
      tables->mailboxes[i] = make_mailboxes({});
      mailbox_shards.push_back(caf::actor_cast<caf::actor>(tables->mailboxes[i]));
      tables->accounts[i] = sys.spawn(account_shard, account);
      account_shards.push_back(caf::actor_cast<caf::actor>(tables->accounts[i]));
    }
  }
  auto mailbox_of = [found = tables->mailboxes](std::int64_t id) { return found[shard_of(id)]; };
  tables->queue =
    sys.spawn(queue, queue_parts{data->queue(), data->accounts(), &data->blobs(), &files,
                                 std::move(mailbox_of), [this] { return ids->next(); }, &queues});
  if (!others) { // else they come and go
    running.push_back({"mailboxes", sys.spawn(shard_group, std::move(mailbox_shards))});
    running.push_back({"accounts", sys.spawn(shard_group, std::move(account_shards))});
  }
  running.push_back({"queue", caf::actor_cast<caf::actor>(tables->queue)});
  talk->spawn(sys, *ids, *tables, others.get());
  for (auto& [name, actor] : talk->running())
    (others ? lasting : running).push_back({name, actor});
  auto waker = tables->queue;
  owners = router{std::move(tables)};
  if (!others)
    return void_t{};
  return others->join({[make_mailboxes](const sql::fence& owner) {
                         return caf::actor_cast<caf::actor>(make_mailboxes(owner));
                       },
                       [this, account](const sql::fence&) {
                         return caf::actor_cast<caf::actor>(sys.spawn(account_shard, account));
                       },
                       std::move(waker),
                       [this](const cluster::reign& of, std::function<void(caf::actor)> done) {
                         talk->make_owner(of, std::move(done));
                       },
                       [this](std::function<void()> then) { talk->when_told(std::move(then)); },
                       talk->relay_handle()});
}

/// What an operator of chat orders is what an administrator does by signals.
void server::parts::obey(const irc::control& order) {
  using enum irc::control::what;
  if (order.order == reload)
    return void(::kill(::getpid(), SIGHUP));
  wants_restart = order.order == restart;
  ::kill(::getpid(), SIGTERM);
}

result<void_t> server::parts::make_chat() {
  talk = std::make_unique<chat>(settings, *data, hashes, owners, chat_places,
                                [this](const irc::control& order) { obey(order); });
  return talk->load(settings);
}

// -- listeners ----------------------------------------------------------------

void server::parts::make_session_parts() {
  auto smtp_parts = [&](smtp::service kind, net::tls_use security) {
    return smtp::connection_parts{smtp_policy(settings, kind),
                                  settings.smtp.bare_newline_from.value,
                                  security,
                                  owners,
                                  &mail_here,
                                  ids.get(),
                                  &talk->people(),
                                  chat_server_name(settings)};
  };
  auto pop3_parts = [&](net::tls_use security) {
    return pop3::connection_parts{pop3_policy(settings), security, owners, &mail_here};
  };
  auto put = [](auto& slot, auto fresh) {
    using holder = typename std::remove_reference_t<decltype(slot)>::element_type;
    if (slot)
      slot->set(std::move(fresh));
    else
      slot = std::make_unique<holder>(std::move(fresh));
  };
  using enum net::tls_use;
  put(transfer, smtp_parts(smtp::service::transfer, on_request));
  put(submission, smtp_parts(smtp::service::submission, on_request));
  put(submissions, smtp_parts(smtp::service::submission, at_once));
  put(pop3, pop3_parts(on_request));
  put(pop3s, pop3_parts(at_once));
  put(irc, talk->parts_for(never, false));
  put(ircs, talk->parts_for(at_once, false));
  put(irc_websocket, talk->parts_for(never, true));
  put(irc_websockets, talk->parts_for(at_once, true));
}

template <class Parts, class Connection>
result<void_t> server::parts::open_service(const char* name,
                                           const std::vector<config::endpoint>& at,
                                           net::listen_options with,
                                           net::limits (*bounds)(const config::settings&),
                                           const live<Parts>& per_client, Connection connection) {
  for (auto& endpoint : at) {
    auto options = with;
    options.bounds = bounds(settings);
    options.address = endpoint.address.text();
    options.port = endpoint.port;
    auto door = net::listener::open(threads, std::move(options));
    if (!door)
      return fail(errc::bad_setup, std::string{"listen."} + name + ": " + door.error().detail);
    doors.push_back({name, endpoint.address.text(), door->port()});
    net::spawn_connection spawn = [&per_client, connection](net::gateway_actor::pointer self,
                                                            net::stream client,
                                                            std::uint64_t number) {
      return self->spawn(connection, std::move(client), per_client.get(), number);
    };
    gates.push_back({sys.spawn(net::gateway, std::move(*door), spawn), bounds});
  }
  return void_t{};
}

void server::parts::hold_doors() {
  std::vector<caf::actor> all;
  for (auto& x : gates)
    all.push_back(caf::actor_cast<caf::actor>(x.gateway));
  running.push_back({"doors", sys.spawn(shard_group, std::move(all))});
}

result<void_t> server::parts::open_doors() {
  using enum net::tls_use;
  auto options = [&](net::tls_use security, const char* refusal) {
    net::listen_options x;
    x.security = security;
    x.certificate = certificate;
    x.places = places;
    x.refusal = refusal;
    x.proxies = settings.listen.proxy_from.value;
    return x;
  };
  auto mail = [&](net::tls_use security) {
    auto x = options(security, "421 4.7.0 Too many connections from your address\r\n");
    x.notes_arrival = true;
    return x;
  };
  auto drop = [&](net::tls_use security) {
    return options(security, "-ERR [SYS/TEMP] too many connections from your address\r\n");
  };
  auto& at = settings.listen;
  auto ready =
    open_service("smtp", at.smtp.value, mail(on_request), smtp_limits, *transfer, smtp::connection);
  if (ready)
    ready = open_service("submission", at.submission.value, mail(on_request), smtp_limits,
                         *submission, smtp::connection);
  if (ready)
    ready = open_service("submissions", at.submissions.value, mail(at_once), smtp_limits,
                         *submissions, smtp::connection);
  if (ready)
    ready =
      open_service("pop3", at.pop3.value, drop(on_request), pop3_limits, *pop3, pop3::connection);
  if (ready)
    ready =
      open_service("pop3s", at.pop3s.value, drop(at_once), pop3_limits, *pop3s, pop3::connection);
  return ready ? open_chat_doors(options) : ready;
}

/// TLS first: its port is what clients of the plain door are told (IRCv3 sts).
result<void_t> server::parts::open_chat_doors(
  const std::function<net::listen_options(net::tls_use, const char*)>& options) {
  using enum net::tls_use;
  auto chat = [&](net::tls_use security, const char* refusal) {
    auto x = options(security, refusal);
    x.own_places = chat_places;
    x.asks_certificate = security == at_once;
    return x;
  };
  constexpr auto* refusal = "ERROR :Too many connections from your address\r\n";
  constexpr auto* no_page = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n";
  auto& at = settings.listen;
  auto ready =
    open_service("ircs", at.ircs.value, chat(at_once, refusal), irc_limits, *ircs, irc::connection);
  if (auto tls = std::ranges::find(doors, "ircs", &open_door::service); tls != doors.end()) {
    talk->set_tls_port(tls->port);
    make_session_parts();
  }
  if (ready)
    ready = open_service("irc_websockets", at.irc_websockets.value, chat(at_once, no_page),
                         irc_limits, *irc_websockets, irc::connection);
  if (ready)
    ready =
      open_service("irc", at.irc.value, chat(never, refusal), irc_limits, *irc, irc::connection);
  if (ready)
    ready = open_service("irc_websocket", at.irc_websocket.value, chat(never, no_page), irc_limits,
                         *irc_websocket, irc::connection);
  return ready;
}

void server::parts::change_gates() {
  for (auto& x : gates)
    caf::anon_send(x.gateway, net::changed{x.bounds(settings), settings.listen.proxy_from.value});
}

// -- what the administrator sees ----------------------------------------------

/// Runs on an I/O thread, beside a reload: it looks only at what a reload leaves as it is.
admin::health server::parts::check() const {
  admin::health found;
  if (data->changes_waiting() >= store_bound || data->views_waiting() >= store_bound)
    found.reasons.emplace_back("the queue of the store is full");
  if (auto away = watch ? watch->complaint() : std::nullopt)
    found.reasons.push_back(std::move(*away));
  std::error_code ec;
  auto room = std::filesystem::space(folder, ec);
  if (ec)
    found.reasons.emplace_back("the data folder cannot be read: " + ec.message());
  else if (room.available < low_space)
    found.reasons.emplace_back("the disk of the data folder is nearly full");
  return found;
}

result<void_t> server::parts::open_admin() {
  auto show = [this](const char* name, const char* help, std::function<double()> read) {
    gauges.push_back(std::make_unique<metrics::read_gauge>(name, help, std::move(read)));
  };
  show("hamlet_store_changes_waiting", "Operations that wait for the writer of the store.",
       [this] { return static_cast<double>(data->changes_waiting()); });
  show("hamlet_store_views_waiting", "Operations that wait for the readers of the store.",
       [this] { return static_cast<double>(data->views_waiting()); });
  show("hamlet_connections", "Clients that are here, at all doors.",
       [this] { return static_cast<double>(places->now().open); });
  for (auto& endpoint : settings.listen.admin.value) {
    admin::http_options options;
    options.address = endpoint.address.text();
    options.port = endpoint.port;
    admin::handlers from{[] { return metrics::prometheus_text(); }, [this] { return check(); }};
    auto opened = admin::http_server::open(threads, std::move(options), std::move(from));
    if (!opened)
      return fail(errc::bad_setup, "listen.admin: " + opened.error().detail);
    doors.push_back({"admin", endpoint.address.text(), opened->port()});
    admin.push_back(std::move(*opened));
  }
  auto opened = administration::open(sys, settings, *data, owners, talk->people(), mail_here,
                                     others.get(), [this] { return check().reasons; });
  if (!opened)
    return tl::unexpected{opened.error()};
  rpc = std::move(*opened);
  running.push_back({"administration", rpc->actor()});
  for (auto& [address, port] : rpc->doors())
    doors.push_back({"admin_rpc", address, port});
  return void_t{};
}

} // namespace hamlet::node
