// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/caller.hpp"
#include "gateway/admin/reflection.hpp"
#include "gateway/admin/rpc_call_impl.hpp"
#include "grpc/health/v1/health.pb.h"
#include "lib/admin/methods.hpp"
#include "lib/base/clock.hpp"
#include "lib/log/log.hpp"

#include <grpcpp/alarm.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <optional>

namespace hamlet::admin {

namespace {

using context = grpc::GenericCallbackServerContext;
using reactor = grpc::ServerGenericBidiReactor;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr std::string_view check_health = "/grpc.health.v1.Health/Check";
constexpr std::string_view watch_health = "/grpc.health.v1.Health/Watch";
constexpr std::chrono::seconds look_every{1};
constexpr std::string_view reflection =
  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

std::string text_of(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> parts;
  std::string all;
  if (bytes.Dump(&parts).ok())
    for (auto& x : parts)
      all.append(reinterpret_cast<const char*>(x.begin()), x.size());
  return all;
}

grpc::ByteBuffer buffer_of(const std::string& text) {
  grpc::Slice whole{text};
  return {&whole, 1};
}

grpc::Status status_of(const v1::Answer& x) {
  return x.code() == 0 ? grpc::Status::OK
                       : grpc::Status{static_cast<grpc::StatusCode>(x.code()), x.message()};
}

shown shown_by(const context& of) {
  shown x;
  x.peer = of.peer();
  if (auto security = of.auth_context()) {
    auto pem = security->FindPropertyValues("x509_pem_cert");
    if (!pem.empty())
      x.certificate = {pem[0].data(), pem[0].size()};
  }
  auto& fields = of.client_metadata();
  if (auto at = fields.find("authorization"); at != fields.end())
    x.authorization = {at->second.data(), at->second.size()};
  return x;
}

/// What every call does: one question to the ADMIN, which knows who may.
class call : public reactor {
public:
  call(rpc_shared& all, context& of) : all_{all}, of_{of} { ++all_.under_way; }
  ~call() override { --all_.under_way; }

  void OnDone() override { delete this; }

protected:
  void ask(std::string method, std::string request, rpc_handlers::answered then) {
    v1::Call msg;
    msg.set_method(std::move(method));
    msg.set_request(std::move(request));
    *msg.mutable_caller() = caller_of(shown_by(of_), all_.from.trust(), unix_seconds());
    all_.from.ask(std::move(msg), std::move(then));
  }

  void refuse(const v1::Answer& no) {
    v1::Failure failure;
    failure.set_code(no.code());
    failure.set_message(no.message());
    if (no.bad_size() > 0) {
      v1::BadFields fields;
      *fields.mutable_field() = no.bad();
      auto& detail = *failure.add_details();
      detail.set_type_url("type.googleapis.com/hamlet.admin.v1.BadFields");
      fields.SerializeToString(detail.mutable_value());
    }
    of_.AddTrailingMetadata("grpc-status-details-bin", failure.SerializeAsString());
    Finish(status_of(no));
  }

  std::string read() const { return text_of(in_); }
  void write_last(const std::string& text) {
    out_ = buffer_of(text);
    StartWriteAndFinish(&out_, {}, grpc::Status::OK);
  }
  void write(const std::string& text) {
    out_ = buffer_of(text);
    StartWrite(&out_);
  }

  rpc_shared& all_;
  context& of_;
  grpc::ByteBuffer in_, out_;
};

/// A method of the table: one request, one reply.
class unary final : public call {
public:
  unary(rpc_shared& all, context& of) : call{all, of} { StartRead(&in_); }

  void OnReadDone(bool ok) override {
    if (!ok)
      return Finish({grpc::StatusCode::INVALID_ARGUMENT, "there was no request"});
    ask(of_.method().substr(1), read(), [this](const v1::Answer& x) {
      if (x.code() != 0)
        refuse(x);
      else
        write_last(x.reply());
    });
  }
};

/// For everybody, as the pages of HTTP are: it says little, and watchers have no name.
class health_call : public call {
public:
  health_call(rpc_shared& all, context& of) : call{all, of} { StartRead(&in_); }

protected:
  bool read_request(bool ok) {
    HealthCheckRequest asked;
    if (!ok || !asked.ParseFromString(read()))
      return false;
    auto is_it = [&](const method& x) { return x.service() == asked.service(); };
    is_known_ = asked.service().empty() || std::ranges::any_of(methods(), is_it);
    return true;
  }
  HealthCheckResponse::ServingStatus look() {
    if (!is_known_)
      return HealthCheckResponse::SERVICE_UNKNOWN;
    problems_ = all_.from.problems();
    return problems_.empty() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
  }
  static std::string reply_of(HealthCheckResponse::ServingStatus x) {
    HealthCheckResponse reply;
    reply.set_status(x);
    return reply.SerializeAsString();
  }

  bool is_known_ = false;
  std::vector<std::string> problems_;
};

class health_check final : public health_call {
public:
  using health_call::health_call;
  void OnReadDone(bool ok) override {
    if (!read_request(ok))
      Finish({grpc::StatusCode::INVALID_ARGUMENT, "the request cannot be read"});
    else if (!is_known_)
      Finish({grpc::StatusCode::NOT_FOUND, "there is no such service"});
    else {
      auto found = reply_of(look());
      for (auto& x : problems_) // the answer itself has no words
        of_.AddTrailingMetadata("hamlet-problem-bin", x);
      write_last(found);
    }
  }
};

/// Says it at once, and then each time that it is otherwise.
class health_watch final : public health_call {
public:
  using health_call::health_call;

  void OnReadDone(bool ok) override {
    if (!read_request(ok))
      return Finish({grpc::StatusCode::INVALID_ARGUMENT, "the request cannot be read"});
    tell();
  }
  void OnWriteDone(bool ok) override {
    if (!ok)
      return Finish({grpc::StatusCode::CANCELLED, ""});
    wait();
  }
  void OnCancel() override {
    std::lock_guard lock{mutex_};
    is_over_ = true;
    next_.Cancel();
  }

private:
  void tell() {
    auto now = look();
    if (told_ == now)
      return wait();
    told_ = now;
    write(reply_of(now));
  }
  void wait() {
    std::unique_lock lock{mutex_};
    if (!is_over_)
      return next_.Set(std::chrono::system_clock::now() + look_every, [this](bool is_due) {
        if (is_due)
          return tell();
        Finish({grpc::StatusCode::CANCELLED, ""});
      });
    lock.unlock(); // the end of Finish() may be the end of us
    Finish({grpc::StatusCode::CANCELLED, ""});
  }

  std::optional<HealthCheckResponse::ServingStatus> told_;
  std::mutex mutex_; ///< of the next two: OnCancel comes beside everything else
  bool is_over_ = false;
  grpc::Alarm next_;
};

/// Many questions, one after the other; whether they may be asked is found out once.
class reflection_call final : public call {
public:
  reflection_call(rpc_shared& all, context& of) : call{all, of} {
    ask(std::string{reflection.substr(1)}, {}, [this](const v1::Answer& x) {
      if (x.code() != 0)
        refuse(x);
      else
        StartRead(&in_);
    });
  }

  void OnReadDone(bool ok) override {
    if (!ok)
      return Finish(grpc::Status::OK);
    write(reflect(read()));
  }
  void OnWriteDone(bool ok) override {
    if (!ok)
      return Finish({grpc::StatusCode::CANCELLED, ""});
    in_.Clear();
    StartRead(&in_);
  }
};

class refused final : public call {
public:
  refused(rpc_shared& all, context& of, const grpc::Status& why) : call{all, of} { Finish(why); }
};

} // namespace

reactor* make_call(rpc_shared& all, context& of) {
  if (all.is_closing)
    return new refused{all, of, {grpc::StatusCode::UNAVAILABLE, "this node ends"}};
  if (all.under_way >= all.options.calls)
    return new refused{all, of, {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many calls at once"}};
  if (of.method() == check_health)
    return new health_check{all, of};
  if (of.method() == watch_health)
    return new health_watch{all, of};
  if (of.method() == reflection)
    return new reflection_call{all, of};
  if (find_method(of.method()))
    return new unary{all, of};
  return new refused{all, of, {grpc::StatusCode::UNIMPLEMENTED, "there is no such method"}};
}

} // namespace hamlet::admin
