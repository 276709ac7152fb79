// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/recovery.hpp"
#include "lib/log/log.hpp"
#include "node/chat.hpp"
#include "node/chat_rules.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <future>
#include <thread>

// Chat as one of several nodes.

namespace hamlet::node {

namespace {

constexpr std::chrono::milliseconds look_every{20};
constexpr std::chrono::seconds tell_patience{2};    // for other nodes to take what is told
constexpr std::chrono::seconds leave_patience{8};   // ... before a shard goes to one of them
constexpr std::chrono::seconds reading_patience{3}; // for other nodes to read the books

} // namespace

void chat::spawn_relay(router::tables& into, cluster_part& others) {
  others_ = &others;
  where_ =
    std::make_shared<homes>(static_cast<std::uint16_t>(policy_->settings.cluster.node.value));
  relay_parts parts;
  parts.nodes = others.proxies();
  parts.homes = where_;
  parts.people = &people_;
  parts.claims = &claims_;
  parts.fanout = caf::actor_cast<fanout_actor>(fanout_);
  parts.owners = [this]() -> const router& { return owners_; };
  parts.session_here = [this](std::int64_t id) { return owners_.session_here(id); };
  parts.next_id = [this] { return ids_->next(); };
  parts.rules = &relay_rules_;
  parts.on_node_gone = [this](std::uint16_t node) { on_node_gone(node); };
  auto tell_copy = [this](std::int64_t id, bool is_here) {
    hamlet::chat::v1::Request x;
    x.set_session_id(id);
    x.mutable_keep_session()->set_is_here(is_here);
    caf::anon_send(owners_.session_here(id), std::move(x));
  };
  parts.on_copy_lost = [tell_copy](std::int64_t id) { tell_copy(id, false); };
  parts.on_copy_kept = [tell_copy](std::int64_t id) { tell_copy(id, true); };
  parts.on_books_changed = [this] {
    hamlet::chat::v1::Request x;
    x.mutable_read_books();
    caf::anon_send(owners_.network(), std::move(x));
  };
  parts.network = [this] { return owners_.network(); };
  parts.bus = redis_.get();
  relay_ = relay::spawn(*sys_, std::move(parts));
  if (redis_)
    redis_->start([to = relay_](std::string news) { to->hear(std::move(news)); });
  running_.emplace_back("relay", caf::actor_cast<caf::actor>(relay_->handle()));
  into.fanout = caf::actor_cast<fanout_actor>(relay_->handle());
  into.homes = where_;
  into.node_sessions = [&others](std::uint16_t node) { return others.sessions_of(node); };
  others.proxies()->relay = into.fanout;
  auto fresh = std::make_shared<irc::policy>(*policy_);
  show_nodes(*fresh);
  policy_ = std::move(fresh);
}

caf::actor chat::relay_handle() const {
  return relay_ ? caf::actor_cast<caf::actor>(relay_->handle()) : caf::actor{};
}

/// Their NETWORKs read the books anew.
void chat::tell_others(std::function<void(result<void_t>)> done) {
  std::vector<chat_actor> others;
  auto& where = *others_->proxies()->where;
  auto seen = where.view();
  for (auto& node : seen->nodes)
    if (node.alive() && node.born != where.me())
      others.push_back(others_->sessions_of(static_cast<std::uint16_t>(node.node_id)));
  if (others.empty())
    return done(void_t{});
  sys_->spawn([others = std::move(others), done = std::move(done)](caf::event_based_actor* self) {
    struct count {
      std::size_t left;
      bool is_told = true;
    };
    auto all = std::make_shared<count>(count{others.size()});
    auto heard = [all, done](bool is_told) {
      all->is_told &= is_told;
      if (--all->left == 0)
        done(all->is_told ? result<void_t>{} : fail(errc::timed_out));
    };
    for (auto& other : others) {
      hamlet::chat::v1::Request x;
      x.mutable_read_books();
      self->request(other, reading_patience, std::move(x))
        .then([heard](
                const hamlet::chat::v1::Reply& r) { heard(r.refusal() == hamlet::chat::v1::NONE); },
              [heard](const caf::error&) { heard(false); });
    }
  });
}

void chat::on_node_gone(std::uint16_t node) {
  for (auto& shard : shards_) {
    hamlet::chat::v1::Request x;
    x.mutable_node_gone()->set_node(node);
    caf::anon_send(shard, std::move(x));
  }
  if (others_->is_eldest())
    adopt_saved_sessions(owners_, people_, data_.chat_accounts(), [](result<std::size_t> got) {
      if (!got)
        log::error("chat", "those who stay are not taken over", {{"why", got.error().detail}});
    });
}

void chat::make_owner(const cluster::reign& of, std::function<void(caf::actor)> done) {
  recover(*sys_, {others_->proxies(), relay_->handle(), &people_}, of.shard.kind, of.shard.number,
          [this, of, done = std::move(done)](result<hamlet::chat::v1::Reported> known) {
            if (!known) {
              log::warning("chat", "shard not gathered",
                           {{"kind", static_cast<std::int64_t>(of.shard.kind)},
                            {"number", of.shard.number},
                            {"why", known.error().detail}});
              return done({});
            }
            if (of.shard.kind == cluster::shard_kind::channel) {
              auto parts = parts_of_channels();
              parts.mirror = &relay_->mirror();
              parts.where = where_.get();
              parts.known = {known->channels().begin(), known->channels().end()};
              return done(
                caf::actor_cast<caf::actor>(sys_->spawn(channel_shard, std::move(parts))));
            }
            nick_parts parts{&owners_, &nicks_, &bans_, owner_of_nick_, where_.get(), &people_};
            for (auto& x : known->nicks())
              parts.known.push_back({x.nick(), x.session_id()});
            done(caf::actor_cast<caf::actor>(sys_->spawn(nick_shard, std::move(parts))));
          });
}

void chat::catch_up(std::chrono::milliseconds patience) {
  auto until = std::chrono::steady_clock::now() + patience;
  auto& where = *others_->proxies()->where;
  while (where.view()->find(where.me()) == nullptr) { // nor are the others known yet
    if (std::chrono::steady_clock::now() >= until)
      return;
    std::this_thread::sleep_for(look_every);
  }
  // What one shard is recovered with is all that the others have told until they were asked.
  auto done = std::make_shared<std::promise<bool>>();
  auto left =
    std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  recover(*sys_, {others_->proxies(), relay_->handle(), &people_, left}, cluster::shard_kind::nick,
          0,
          [done](const result<hamlet::chat::v1::Reported>& x) { done->set_value(x.has_value()); });
  auto heard = done->get_future();
  if (heard.wait_until(until + tell_patience) != std::future_status::ready || !heard.get())
    log::warning("chat", "not all nodes have told what they know", {});
}

void chat::when_told(std::function<void()> then) {
  relay_->when_told(leave_patience, std::move(then));
}

void chat::settle(std::chrono::milliseconds patience) {
  caf::scoped_actor self{*sys_};
  auto until = std::chrono::steady_clock::now() + patience;
  for (auto& x : shards_) {
    hamlet::chat::v1::Request last;
    last.mutable_settle();
    auto left =
      std::max(until - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration{1});
    self->request(x, std::chrono::ceil<std::chrono::milliseconds>(left), std::move(last))
      .receive([](const hamlet::chat::v1::Reply&) {}, [](const caf::error&) {});
  }
}

/// Where the administrator wants it.
void chat::show_nodes(irc::policy& into) const {
  if (!into.settings.chat.show_nodes.value)
    return;
  auto name_of = [name = into.server_name](const cluster::node& node) {
    return node.name + "." + name;
  };
  auto places = others_->proxies()->where;
  into.nodes = [places, name_of, name = into.server_name] {
    std::vector<std::string> names;
    auto seen = places->view();
    for (auto& node : seen->nodes)
      if (node.alive())
        names.insert(node.born == places->me() ? names.begin() : names.end(), name_of(node));
    return names.empty() ? std::vector{name} : names; // a view from before we were in it
  };
  into.home = [places, name_of, where = where_, name = into.server_name](std::int64_t id) {
    auto seen = places->view();
    for (auto& node : seen->nodes)
      if (node.alive() && node.node_id == where->node_of(id))
        return name_of(node);
    return name; // of one that is gone
  };
}

void chat::begin_restore() {
  restore_sessions(owners_, data_.chat_accounts(), *ids_, [](result<std::size_t> got) {
    if (!got)
      log::error("chat", "those who stay are not here again", {{"why", got.error().detail}});
  });
}

} // namespace hamlet::node
