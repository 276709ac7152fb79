// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/admin/rpc_server.hpp"
#include "lib/admin/status.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include <atomic>
#include <mutex>

namespace hamlet::admin {

/// What the calls of a server share.
struct rpc_shared {
  rpc_options options;
  rpc_handlers from;
  std::atomic<std::size_t> under_way{0};
  std::atomic<bool> is_closing = false;
};

/// The reactor of a call. gRPC calls it, one function at a time; it deletes itself at the end.
grpc::ServerGenericBidiReactor* make_call(rpc_shared& all, grpc::GenericCallbackServerContext& of);

/// The services, one for all: which method is wanted is looked up by its name.
class rpc_service final : public grpc::CallbackGenericService {
public:
  explicit rpc_service(rpc_shared& all) : all_{all} {}

private:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* of) override {
    return make_call(all_, *of);
  }
  rpc_shared& all_;
};

} // namespace hamlet::admin
