// SPDX-License-Identifier: Apache-2.0
#include "gateway/link/callback_queue.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

namespace hamlet::link {

void keep_callback_queue() {
  static auto* service = new grpc::CallbackGenericService;
  static auto* kept = [] {
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(service);
    return builder.BuildAndStart().release();
  }();
  static_cast<void>(kept);
}

} // namespace hamlet::link
