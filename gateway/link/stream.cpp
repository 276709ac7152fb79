// SPDX-License-Identifier: Apache-2.0
#include "gateway/link/stream_impl.hpp"
#include "hamlet/cluster/v1/link.grpc.pb.h"

namespace hamlet::link {

namespace {

constexpr instant farewell{1'000}; // for the last words of a stream to be read

} // namespace

instant now() {
  return std::chrono::duration_cast<instant>(std::chrono::steady_clock::now().time_since_epoch());
}

// The read comes first: after finish(), which any thread may cause, gRPC's side may be gone.
void stream::begin() {
  start_read(&in_);
  std::unique_lock lock{mutex_};
  has_begun_ = true;
  go_on(std::move(lock));
}

/// Starts what may be started next. gRPC is called without the lock: `writing_` and `is_finished_`
/// see to it that one thread alone does.
void stream::go_on(std::unique_lock<std::mutex> lock) {
  if (!has_begun_ || writing_ || is_finished_)
    return;
  if (is_over_ || last_is_said_) {
    is_finished_ = true;
    lock.unlock();
    return finish();
  }
  if (last_) {
    out_.Clear();
    *out_.mutable_refused() = *last_;
    last_is_said_ = true;
  } else if (talk_.has_frame()) {
    out_ = talk_.next_frame(now());
  } else {
    return;
  }
  writing_ = true;
  lock.unlock();
  start_write(&out_);
}

bool stream::submit(command& x, on_reply& done) {
  std::unique_lock lock{mutex_};
  if (last_ || is_over_ || !talk_.submit(x, done, now()))
    return false;
  go_on(std::move(lock));
  return true;
}

void stream::answer(std::uint64_t sequence, reply x) {
  std::unique_lock lock{mutex_};
  talk_.answer(sequence, std::move(x));
  go_on(std::move(lock));
}

void stream::tell_view(std::int64_t version) {
  std::unique_lock lock{mutex_};
  talk_.tell_view(version);
  go_on(std::move(lock));
}

void stream::tell_revocations(std::string pem) {
  std::unique_lock lock{mutex_};
  talk_.tell_revocations(std::move(pem));
  go_on(std::move(lock));
}

void stream::tell_probe(std::int64_t peer, cluster::v1::Probe::Found found) {
  std::unique_lock lock{mutex_};
  talk_.tell_probe(peer, found);
  go_on(std::move(lock));
}

void stream::tick() {
  std::unique_lock lock{mutex_};
  if (last_ || is_over_) {
    auto is_late = closed_at_ + farewell <= now();
    lock.unlock();
    if (is_late)
      cut();
    return;
  }
  auto found = talk_.tick(now());
  if (found.ends) {
    last_ = found.ends; // it would not be read
    last_is_said_ = true;
    closed_at_ = now();
  }
  go_on(std::move(lock));
  if (found.ends)
    cut();
  for (auto& x : found.replies)
    x.done(std::move(x.with));
}

/// gRPC may be done with it on another thread at this very moment: it waits for us then.
void stream::cut() {
  std::lock_guard lock{ending_};
  if (!is_done_)
    abort();
}

void stream::close(Refused why) {
  std::unique_lock lock{mutex_};
  if (!last_) {
    last_ = std::move(why);
    closed_at_ = now();
  }
  go_on(std::move(lock));
}

void stream::on_read(bool ok) {
  std::unique_lock lock{mutex_};
  if (!ok) {
    is_over_ = true;
    closed_at_ = now();
    return go_on(std::move(lock));
  }
  news found;
  if (!last_ && !is_over_)
    found = talk_.on_frame(in_, now());
  if (found.refused) {
    is_over_ = true;
    closed_at_ = now();
  }
  if (found.ends) {
    last_ = found.ends;
    closed_at_ = now();
  }
  lock.unlock();
  in_.Clear();
  owner_.on_news(*this, found);
  for (auto& x : found.replies)
    x.done(std::move(x.with));
  start_read(&in_); // until gRPC says that there is no more
  go_on(std::unique_lock{mutex_});
}

void stream::on_written(bool ok) {
  std::unique_lock lock{mutex_};
  writing_ = false;
  if (!ok) {
    is_over_ = true;
    closed_at_ = now();
  }
  go_on(std::move(lock));
}

void stream::on_done(ending how) {
  {
    std::lock_guard last{ending_};
    is_done_ = true;
  }
  std::unique_lock lock{mutex_};
  is_over_ = is_finished_ = true;
  auto left = talk_.end();
  if (last_ && !last_->detail().empty())
    how.why = last_->detail();
  lock.unlock();
  for (auto& x : left)
    x.done(std::move(x.with));
  auto self = std::move(self_);
  owner_.on_end(*this, how);
}

namespace {

class accepted final : public stream, public grpc::ServerBidiReactor<Frame, Frame> {
public:
  accepted(grpc::CallbackServerContext& call, owner& told, session talk, std::string serial)
      : stream{told, std::move(talk), std::move(serial), 0}, call_{call} {}

  void run() { self_ = shared_from_this(); }
  void OnReadDone(bool ok) override { on_read(ok); }
  void OnWriteDone(bool ok) override { on_written(ok); }
  void OnDone() override { on_done({false, "the stream has ended"}); }

private:
  void start_read(Frame* into) override { StartRead(into); }
  void start_write(const Frame* from) override { StartWrite(from); }
  void finish() override { Finish(grpc::Status::OK); }
  void abort() override { call_.TryCancel(); }

  grpc::CallbackServerContext& call_; ///< lives until OnDone()
};

class dialled_stream final : public stream, public grpc::ClientBidiReactor<Frame, Frame> {
public:
  dialled_stream(const std::shared_ptr<grpc::Channel>& to, owner& told, session talk,
                 std::int64_t node_id)
      : stream{told, std::move(talk), {}, node_id}, stub_{cluster::v1::Link::NewStub(to)} {}

  void run() {
    self_ = shared_from_this();
    stub_->async()->Connect(&context_, this);
    AddHold(); // we write outside of gRPC's callbacks
    StartCall();
  }
  void OnReadDone(bool ok) override { on_read(ok); }
  void OnWriteDone(bool ok) override { on_written(ok); }
  void OnDone(const grpc::Status& status) override {
    on_done({status.error_message().find("Connection refused") != std::string::npos,
             status.ok() ? "the stream has ended" : status.error_message()});
  }

private:
  void start_read(Frame* into) override { StartRead(into); }
  void start_write(const Frame* from) override { StartWrite(from); }
  void finish() override { RemoveHold(); }
  void abort() override { context_.TryCancel(); }

  std::unique_ptr<cluster::v1::Link::Stub> stub_;
  grpc::ClientContext context_;
};

} // namespace

grpc::ServerBidiReactor<Frame, Frame>* accept_stream(grpc::CallbackServerContext& call,
                                                     stream::owner& told, session talk,
                                                     std::string serial,
                                                     std::shared_ptr<stream>& made) {
  auto x = std::make_shared<accepted>(call, told, std::move(talk), std::move(serial));
  made = x;
  x->run();
  return x.get();
}

std::shared_ptr<stream> dial_stream(const std::shared_ptr<grpc::Channel>& to, stream::owner& told,
                                    session talk, std::int64_t node_id) {
  auto x = std::make_shared<dialled_stream>(to, told, std::move(talk), node_id);
  x->run();
  return x;
}

} // namespace hamlet::link
