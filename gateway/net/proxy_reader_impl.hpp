// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/net/io_pool_impl.hpp"
#include "gateway/net/proxy_header.hpp"

#include <boost/asio/steady_timer.hpp>

#include <array>
#include <functional>

namespace hamlet::net {

/// Reads the PROXY header of a fresh connection, and not a byte more: what follows may be a TLS
/// handshake. Lives for that moment only, so that a stream need not carry it. A connection
/// with a bad header, or none in time, is closed.
class proxy_reader : public std::enable_shared_from_this<proxy_reader> {
public:
  /// On the loop of the socket.
  using done = std::function<void(tcp_socket, proxy_header)>;

  proxy_reader(tcp_socket socket, done then)
      : socket_{std::move(socket)}, timer_{socket_.get_executor()}, then_{std::move(then)} {}

  /// From any thread, once.
  void start(std::chrono::milliseconds patience);

private:
  void read(std::size_t bytes);
  void judge();

  tcp_socket socket_;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, loop_executor>
    timer_;
  done then_;
  std::size_t have_ = 0;
  std::array<char, max_proxy_header> bytes_;
};

} // namespace hamlet::net
