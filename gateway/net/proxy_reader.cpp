// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/proxy_reader_impl.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>

namespace hamlet::net {

using boost::system::error_code;

void proxy_reader::start(std::chrono::milliseconds patience) {
  asio::post(socket_.get_executor(), [self = shared_from_this(), patience] {
    self->timer_.expires_after(patience);
    self->timer_.async_wait([self](error_code ec) {
      error_code ignored;
      if (!ec)
        self->socket_.close(ignored);
    });
    self->judge();
  });
}

void proxy_reader::read(std::size_t bytes) {
  asio::async_read(socket_, asio::buffer(bytes_.data() + have_, bytes),
                   [self = shared_from_this()](error_code ec, std::size_t n) {
                     self->have_ += n;
                     if (ec)
                       self->timer_.cancel(); // and with that, the last to know this socket goes
                     else
                       self->judge();
                   });
}

void proxy_reader::judge() {
  auto found = parse_proxy_header({bytes_.data(), have_});
  if (auto* more = std::get_if<proxy_needs_more>(&found))
    return read(more->bytes);
  timer_.cancel();
  if (auto* header = std::get_if<proxy_header>(&found); header && socket_.is_open())
    then_(std::move(socket_), *header);
}

} // namespace hamlet::net
