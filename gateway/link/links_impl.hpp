// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/link/links.hpp"
#include "gateway/link/stream_impl.hpp"
#include "gateway/link/table.hpp"
#include "hamlet/cluster/v1/link.grpc.pb.h"

#include <grpcpp/server.h>

#include <condition_variable>
#include <set>
#include <thread>

namespace hamlet::link {

using cluster::link_event;
using cluster::link_peer;

constexpr std::size_t frame_margin = 1u << 20; ///< what a frame may have beside one payload

/// What is behind links: links.cpp has its beginning and end, link_streams.cpp what happens on the
/// streams.
class links::impl final : public stream::owner, public cluster::v1::Link::CallbackService {
public:
  impl(self own, callbacks told, const rules& limits)
      : own_{std::move(own)}, told_{std::move(told)}, limits_{limits}, born_{own_.incarnation},
        believes_{own_.who.believes}, peers_{own_.node_id, limits} {}

  result<void> start();
  void close();
  void introduce_as(std::int64_t incarnation);
  void set_peers(std::vector<link_peer> peers);
  result<bool> take_revocations(const std::string& pem);
  void probe(std::int64_t incarnation);

  // -- of gRPC --
  grpc::ServerBidiReactor<Frame, Frame>* Connect(grpc::CallbackServerContext* call) override;
  void on_news(stream& from, news& what) override;
  void on_end(stream& from, const stream::ending& how) override;

  std::shared_ptr<stream> find(std::int64_t incarnation) const {
    std::lock_guard lock{mutex_};
    auto found = by_incarnation_.find(incarnation);
    return found == by_incarnation_.end() ? nullptr : found->second;
  }
  template <class F>
  void for_each_linked(F f) const {
    std::vector<std::shared_ptr<stream>> all;
    {
      std::lock_guard lock{mutex_};
      for (auto& [id, x] : by_incarnation_)
        all.push_back(x);
    }
    for (auto& x : all)
      f(*x);
  }

  int port = 0;

private:
  struct linked {
    std::shared_ptr<stream> by;
    Hello hello;
    std::string serial;
  };

  struct looked_for {
    std::int64_t incarnation = 0;
    cluster::reach found = cluster::reach::silent;
  };

  session new_session(std::int64_t dialled, std::string certified, bool is_probe = false);
  std::shared_ptr<grpc::Channel> channel_to(const link_peer& to);
  bool on_probe_news(stream& from, const news& what);
  bool on_probe_end(stream& from, const stream::ending& how);
  void forget(stream& x);
  bool judge_certificate(const std::string& pem, std::int64_t dialled, const std::string& name);
  void on_up(stream& from, Hello hello);
  void on_refused(stream& from, const Refused& why, bool by_peer);
  void dial(const link_peer& to);
  void run_clock();
  void tell(link_event x);
  std::string name_of(const stream& x) const; // with the lock

  const self own_;
  const callbacks told_;
  const rules limits_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t born_; ///< our incarnation
  pki::trust believes_;
  table peers_;
  std::map<std::int64_t, linked> linked_; ///< by node_id
  std::unordered_map<std::int64_t, std::shared_ptr<stream>> by_incarnation_;
  std::map<const stream*, std::shared_ptr<stream>> streams_; ///< all, until gRPC is done with them
  std::map<const stream*, std::string> names_;               ///< of who is on the other end
  std::map<std::int64_t, std::string> dialled_serials_;
  std::map<const stream*, looked_for> probes_;
  std::set<std::int64_t> silent_; ///< nodes of which it was logged that they cannot be reached
  std::set<std::pair<std::string, pki::verdict>> refused_; ///< certificates that were logged
  bool closing_ = false;

  std::mutex telling_; ///< of the next two: events are told one at a time, in their order
  std::vector<link_event> events_;
  bool is_telling_ = false;
  std::condition_variable all_told_;

  std::unique_ptr<grpc::Server> server_;
  std::thread clock_;
};

} // namespace hamlet::link
