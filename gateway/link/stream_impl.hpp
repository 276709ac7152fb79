// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/link/session.hpp"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

namespace hamlet::link {

/// The monotonic clock of this process.
instant now();

/// A stream of gRPC around a session: reads, one write at a time, an orderly end. It lives until
/// gRPC is done with it. Any thread.
class stream : public std::enable_shared_from_this<stream> {
public:
  /// How a stream came to its end.
  struct ending {
    bool refused = false; ///< the host says that nobody listens
    std::string why;
  };

  /// Who is told; called without a lock. Outlives every stream.
  class owner {
  public:
    virtual void on_news(stream& from, news& what) = 0;
    virtual void on_end(stream& from, const ending& how) = 0;

  protected:
    ~owner() = default;
  };

  virtual ~stream() = default;
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  bool submit(command& x, on_reply& done);
  void answer(std::uint64_t sequence, reply x);
  void tell_view(std::int64_t version);
  void tell_revocations(std::string pem);
  void tell_probe(std::int64_t peer, cluster::v1::Probe::Found found);
  void tick();

  /// Says why, and ends. The first reason stays.
  void close(Refused why);

  /// Reads and writes from now on; once, by who has made it.
  void begin();

  /// Incarnation of the peer, once both are up; 0 before.
  std::int64_t peer() const { return peer_; }
  void set_peer(std::int64_t incarnation) { peer_ = incarnation; }

  const std::string& serial() const { return serial_; } ///< of the peer's certificate
  std::int64_t dialled() const { return dialled_; }     ///< whose node_id; 0: it has called us

protected:
  stream(owner& told, session talk, std::string serial, std::int64_t dialled)
      : owner_{told}, talk_{std::move(talk)}, serial_{std::move(serial)}, dialled_{dialled} {}

  void on_read(bool ok);
  void on_written(bool ok);
  void on_done(ending how);

  virtual void start_read(Frame* into) = 0;
  virtual void start_write(const Frame* from) = 0;
  virtual void finish() = 0; ///< nothing will be written any more
  virtual void abort() = 0;  ///< not after on_done(): gRPC's side is gone then

  std::shared_ptr<stream> self_; ///< until gRPC is done

private:
  void go_on(std::unique_lock<std::mutex> lock);
  void cut();

  owner& owner_;
  std::mutex ending_; ///< of is_done_; nothing else is locked under it
  bool is_done_ = false;
  std::mutex mutex_; ///< of all below
  session talk_;
  Frame in_, out_; ///< of gRPC while it reads or writes
  bool has_begun_ = false;
  bool writing_ = false;
  std::optional<Refused> last_; ///< words, to be said or said already
  bool last_is_said_ = false;
  instant closed_at_{0};
  bool is_over_ = false; ///< the peer sends no more
  bool is_finished_ = false;
  std::atomic<std::int64_t> peer_{0};
  const std::string serial_;
  const std::int64_t dialled_;
};

/// Takes a call: gRPC owns what it returns. `made` is to be begun.
grpc::ServerBidiReactor<Frame, Frame>* accept_stream(grpc::CallbackServerContext& call,
                                                     stream::owner& told, session talk,
                                                     std::string serial,
                                                     std::shared_ptr<stream>& made);

/// Calls a peer; to be begun.
std::shared_ptr<stream> dial_stream(const std::shared_ptr<grpc::Channel>& to, stream::owner& told,
                                    session talk, std::int64_t node_id);

} // namespace hamlet::link
