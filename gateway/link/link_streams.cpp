// SPDX-License-Identifier: Apache-2.0
#include "gateway/link/links_impl.hpp"
#include "gateway/link/security_impl.hpp"
#include "lib/base/clock.hpp"
#include "lib/crypto/random.hpp"
#include "lib/log/log.hpp"

#include <grpcpp/create_channel.h>

namespace hamlet::link {

using cluster::link_down;
using cluster::link_refused;
using cluster::link_unreachable;
using cluster::link_up;
using reason = link_refused::reason;

namespace {

constexpr std::size_t max_remembered = 1'000; // certificates that were refused

reason reason_of(pki::verdict x) {
  switch (x) {
  case pki::verdict::revoked: return reason::revoked;
  case pki::verdict::wrong_name:
  case pki::verdict::no_name: return reason::name;
  case pki::verdict::wrong_cluster: return reason::cluster;
  default: return reason::certificate;
  }
}

reason reason_of(Refused::Reason x) {
  switch (x) {
  case Refused::WIRE_VERSION: return reason::wire_version;
  case Refused::CLUSTER: return reason::cluster;
  case Refused::NAME: return reason::name;
  case Refused::STALE:
  case Refused::REPLACED: return reason::stale;
  case Refused::REVOKED: return reason::revoked;
  case Refused::LEAVING: return reason::leaving;
  default: return reason::protocol;
  }
}

cluster::reach reach_of(cluster::v1::Probe::Found x) {
  if (x == cluster::v1::Probe::REACHED)
    return cluster::reach::reached;
  return x == cluster::v1::Probe::REFUSED ? cluster::reach::refused : cluster::reach::silent;
}

/// From 0 to 1, so that nodes which lost the same peer do not call it at the same moment.
double chance() {
  auto octet = crypto::random_bytes(1);
  return static_cast<double>(static_cast<unsigned char>(octet[0])) / 255.0;
}

} // namespace

/// The verifier of TLS: every certificate is judged here, and every refusal logged.
bool links::impl::judge_certificate(const std::string& pem, std::int64_t dialled,
                                    const std::string& name) {
  pki::judgement found;
  auto is_first = false;
  {
    std::lock_guard lock{mutex_};
    found = believes_.check(pem, unix_seconds(), [&](std::string_view x) {
      return dialled != 0 ? x == name : peers_.expects(x);
    });
    if (found.good() && dialled != 0)
      dialled_serials_[dialled] = found.serial;
    if (closing_)
      return false;
    if (refused_.size() > max_remembered)
      refused_.clear();
    is_first = !found.good() && refused_.insert({found.serial, found.what}).second;
  }
  if (found.good())
    return true;
  log::event(is_first ? log::level::warning : log::level::debug, "link", "certificate refused",
             {{"reason", pki::to_string(found.what)},
              {"node", found.node},
              {"serial", found.serial},
              {"expected", dialled != 0 ? name : "any known node"}});
  tell(link_refused{found.node, reason_of(found.what), false,
                    std::string{pki::to_string(found.what)}});
  return false;
}

// -- streams ------------------------------------------------------------------------

session links::impl::new_session(std::int64_t dialled, std::string certified, bool is_probe) {
  Hello ours;
  ours.set_cluster(own_.who.believes.cluster());
  ours.set_name(own_.who.node);
  ours.set_node_id(own_.node_id);
  {
    std::lock_guard lock{mutex_};
    ours.set_incarnation(born_);
    ours.set_revocations(believes_.revocations().number());
  }
  ours.set_is_probe(is_probe);
  auto limits = limits_;
  if (is_probe)
    limits.patience = limits.probe; // for its answer
  auto judge = [this, dialled, certified = std::move(certified)](const Hello& x) {
    std::lock_guard lock{mutex_};
    return peers_.judge(x, certified, dialled);
  };
  return {std::move(ours), limits, dialled != 0, std::move(judge), now()};
}

grpc::ServerBidiReactor<Frame, Frame>* links::impl::Connect(grpc::CallbackServerContext* call) {
  auto pem = certificate_of(*call->auth_context());
  pki::judgement found;
  auto is_out = false;
  {
    std::lock_guard lock{mutex_};
    found = believes_.check(pem, unix_seconds()); // of TLS, or taken back since
    is_out = closing_ || born_ == 0;
  }
  std::shared_ptr<stream> made;
  auto* reactor = accept_stream(*call, *this, new_session(0, found.node), found.serial, made);
  {
    std::lock_guard lock{mutex_};
    streams_.emplace(made.get(), made);
    names_.emplace(made.get(), found.node);
  }
  if (is_out)
    made->close(refusal(Refused::LEAVING, "this node is in no cluster now"));
  else if (!found.good())
    made->close(refusal(Refused::REVOKED, std::string{pki::to_string(found.what)}));
  made->begin();
  return reactor;
}

std::shared_ptr<grpc::Channel> links::impl::channel_to(const link_peer& to) {
  grpc::ChannelArguments x;
  x.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1); // a call is a connection of its own
  x.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  x.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  x.SetMaxReceiveMessageSize(static_cast<int>(limits_.max_payload + frame_margin));
  auto judge = [this, id = to.node_id, name = to.name](const std::string& pem) {
    return judge_certificate(pem, id, name);
  };
  return grpc::CreateCustomChannel(to.address, client_credentials(own_.who, std::move(judge)), x);
}

void links::impl::dial(const link_peer& to) {
  auto made = dial_stream(channel_to(to), *this, new_session(to.node_id, to.name), to.node_id);
  auto is_late = false;
  {
    std::lock_guard lock{mutex_};
    streams_.emplace(made.get(), made);
    names_.emplace(made.get(), to.name);
    is_late = closing_;
  }
  if (is_late) // close() has not seen it
    made->close(refusal(Refused::LEAVING, "this node ends"));
  made->begin();
}

// -- looking for a peer ---------------------------------------------------------------

void links::impl::probe(std::int64_t incarnation) {
  std::optional<link_peer> to;
  {
    std::lock_guard lock{mutex_};
    if (auto* row = peers_.of_incarnation(incarnation))
      to = *row;
    for (auto& [at, x] : probes_)
      if (x.incarnation == incarnation || closing_)
        return; // the answer is on its way
  }
  if (!to)
    return tell(cluster::probe_answered{incarnation, cluster::reach::silent, 0});
  auto made =
    dial_stream(channel_to(*to), *this, new_session(to->node_id, to->name, true), to->node_id);
  {
    std::lock_guard lock{mutex_};
    streams_.emplace(made.get(), made);
    names_.emplace(made.get(), to->name);
    probes_.emplace(made.get(), looked_for{incarnation});
  }
  made->begin();
}

/// Any last word of the peer says that it lives; which start of it, too.
bool links::impl::on_probe_news(stream& from, const news& what) {
  std::lock_guard lock{mutex_};
  auto found = probes_.find(&from);
  if (found == probes_.end())
    return false;
  if (what.refused && what.refused->reason() == Refused::PROBED)
    found->second.found = what.refused->incarnation() == found->second.incarnation
                            ? cluster::reach::reached
                            : cluster::reach::refused;
  return true;
}

bool links::impl::on_probe_end(stream& from, const stream::ending& how) {
  looked_for x;
  {
    std::lock_guard lock{mutex_};
    auto found = probes_.find(&from);
    if (found == probes_.end())
      return false;
    x = found->second;
    probes_.erase(found);
  }
  if (how.refused)
    x.found = cluster::reach::refused;
  tell(cluster::probe_answered{x.incarnation, x.found, 0});
  return true;
}

// -- what happens ---------------------------------------------------------------------

void links::impl::on_up(stream& from, Hello hello) {
  std::shared_ptr<stream> old;
  std::string list;
  auto id = hello.node_id();
  std::vector<link_event> happened;
  {
    std::lock_guard lock{mutex_};
    auto mine = streams_.at(&from);
    auto& place = linked_[id];
    if (place.by) {
      old = place.by;
      by_incarnation_.erase(place.hello.incarnation());
      happened.emplace_back(link_down{id, place.hello.incarnation(), "another stream has come"});
    }
    place = {mine, hello, from.dialled() != 0 ? dialled_serials_[id] : from.serial()};
    by_incarnation_[hello.incarnation()] = mine;
    peers_.linked(id, hello.incarnation());
    silent_.erase(id);
    refused_.clear();
    if (hello.revocations() < believes_.revocations().number())
      list = believes_.revocations().pem();
  }
  if (old)
    old->close(refusal(Refused::REPLACED, "another stream has come"));
  if (!list.empty())
    from.tell_revocations(std::move(list));
  log::info("link", "up",
            {{"node", hello.name()},
             {"incarnation", hello.incarnation()},
             {"wire", std::min(hello.wire_max(), limits_.versions_to)},
             {"dialled", from.dialled() != 0}});
  happened.emplace_back(link_up{id, hello.incarnation(), hello.name(),
                                std::min(hello.wire_max(), limits_.versions_to),
                                hello.view_version()});
  for (auto& x : happened)
    tell(std::move(x));
}

void links::impl::on_refused(stream& from, const Refused& why, bool by_peer) {
  std::string name;
  {
    std::lock_guard lock{mutex_};
    name = name_of(from);
    if (closing_)
      return;
  }
  auto is_quiet = why.reason() == Refused::LEAVING || why.reason() == Refused::REPLACED;
  if (why.reason() == Refused::PROBED)
    return;
  log::event(is_quiet ? log::level::info : log::level::warning, "link", "refused",
             {{"node", name},
              {"by_peer", by_peer},
              {"reason", cluster::v1::Refused_Reason_Name(why.reason())},
              {"detail", why.detail()}});
  tell(link_refused{name, reason_of(why.reason()), by_peer, why.detail()});
}

void links::impl::on_news(stream& from, news& what) {
  if (on_probe_news(from, what))
    return;
  if (what.refused)
    on_refused(from, *what.refused, true);
  if (what.ends)
    on_refused(from, *what.ends, false);
  if (what.up) {
    from.set_peer(what.up->incarnation());
    on_up(from, std::move(*what.up));
  }
  auto incarnation = from.peer();
  for (auto& x : what.commands) {
    auto back = [to = from.shared_from_this(), sequence = x.sequence](reply with) {
      to->answer(sequence, std::move(with));
    };
    told_.commands(incarnation, std::move(x.what), std::move(back));
  }
  if (what.view_hint)
    tell(cluster::view_hint{incarnation, *what.view_hint});
  for (auto& x : what.probes) {
    if (x.found() == cluster::v1::Probe::WANTED)
      tell(cluster::probe_wanted{x.peer(), incarnation});
    else
      tell(cluster::probe_answered{x.peer(), reach_of(x.found()), incarnation});
  }
  if (what.revocations) {
    auto taken = take_revocations(*what.revocations);
    if (taken && *taken && told_.revocations)
      told_.revocations(*what.revocations);
  }
}

void links::impl::on_end(stream& from, const stream::ending& how) {
  if (on_probe_end(from, how))
    return forget(from);
  std::optional<link_event> happened;
  auto is_news = false;
  {
    std::lock_guard lock{mutex_};
    auto found = std::ranges::find_if(linked_, [&](auto& x) { return x.second.by.get() == &from; });
    auto was_up = found != linked_.end();
    if (was_up) {
      by_incarnation_.erase(found->second.hello.incarnation());
      happened = link_down{found->first, found->second.hello.incarnation(), how.why};
    }
    auto id = was_up ? found->first : from.dialled();
    auto* row = peers_.find(id);
    if (!was_up && from.peer() == 0 && from.dialled() != 0 && row) {
      happened = link_unreachable{id, row->incarnation, how.refused, how.why};
      is_news = silent_.insert(id).second;
    }
    if (was_up || from.dialled() != 0)
      peers_.ended(id, was_up, chance(), now());
    if (was_up)
      linked_.erase(found);
    log::event(was_up || is_news ? log::level::info : log::level::debug, "link", "stream ended",
               {{"node", name_of(from)}, {"was_up", was_up}, {"why", how.why}});
  }
  if (happened)
    tell(std::move(*happened));
  forget(from);
}

/// The last that happens to a stream: close() waits for it.
void links::impl::forget(stream& x) {
  std::shared_ptr<stream> keep; // the map has the last handle
  std::lock_guard lock{mutex_};
  if (auto found = streams_.find(&x); found != streams_.end()) {
    keep = std::move(found->second);
    streams_.erase(found);
  }
  names_.erase(&x);
  changed_.notify_all();
}

std::string links::impl::name_of(const stream& x) const {
  auto found = names_.find(&x);
  return found == names_.end() ? std::string{} : found->second;
}

void links::impl::tell(link_event x) {
  {
    std::lock_guard lock{mutex_};
    if (closing_)
      return;
  }
  std::unique_lock lock{telling_};
  events_.push_back(std::move(x));
  if (is_telling_)
    return; // who tells now will tell this, too
  is_telling_ = true;
  while (!events_.empty()) {
    auto some = std::exchange(events_, {});
    lock.unlock();
    for (auto& event : some)
      told_.events(event);
    lock.lock();
  }
  is_telling_ = false;
  all_told_.notify_all();
}

} // namespace hamlet::link
