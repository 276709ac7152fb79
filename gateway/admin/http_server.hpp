// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/admin/pages.hpp"
#include "gateway/net/listener.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace hamlet::admin {

struct http_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0; ///< 0: the system chooses
  std::size_t connections = 64;
  /// The absolute one is against a client that sends its header drop by drop.
  net::limits bounds = {.write_queue = 16u << 20,
                        .idle = std::chrono::seconds{30},
                        .absolute = std::chrono::minutes{2}};
};

/// Serves /metrics and /healthz until it dies; then nothing of `handlers` is called any more.
class http_server {
public:
  static result<http_server> open(net::io_pool& pool, http_options options, handlers from);
  http_server(http_server&&) noexcept;
  http_server& operator=(http_server&&) noexcept;
  ~http_server();

  std::uint16_t port() const;

private:
  class visitors;
  class visit;
  http_server(net::listener door, std::shared_ptr<visitors> who);

  net::listener door_;
  std::shared_ptr<visitors> who_;
};

} // namespace hamlet::admin
