// SPDX-License-Identifier: Apache-2.0
#include "bench/idle.hpp"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <cstdio>
#include <memory>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace hamlet::bench {

namespace {

struct free_ssl {
  void operator()(SSL* x) const { SSL_free(x); }
  void operator()(SSL_CTX* x) const { SSL_CTX_free(x); }
};
using ssl_context = std::unique_ptr<SSL_CTX, free_ssl>;
using ssl = std::unique_ptr<SSL, free_ssl>;

/// A connection that waits for what it needs.
class slow_client {
public:
  slow_client(std::uint16_t port, SSL_CTX* tls) : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      give_up("connect");
    if (!tls)
      return;
    ssl_.reset(SSL_new(tls));
    SSL_set_fd(ssl_.get(), fd_);
    if (SSL_connect(ssl_.get()) != 1)
      give_up("the TLS handshake failed");
  }

  void say(const std::string& bytes) {
    auto n = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                  : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n != static_cast<ssize_t>(bytes.size()))
      give_up("send");
  }

  /// Of SMTP the last line of a reply has a space after its code; POP3's has one line.
  void hear() {
    std::string got;
    auto is_whole = [&] {
      if (!got.ends_with("\r\n"))
        return false;
      auto last = got.rfind('\n', got.size() - 2);
      auto line = got.substr(last == std::string::npos ? 0 : last + 1);
      return line.starts_with("+OK") || (line.size() > 3 && line[3] == ' ');
    };
    while (!is_whole()) {
      char room[4096];
      auto n = ssl_ ? SSL_read(ssl_.get(), room, sizeof room) : ::recv(fd_, room, sizeof room, 0);
      if (n <= 0)
        give_up("the server hung up; it had said", got);
      got.append(room, static_cast<std::size_t>(n));
    }
  }

private:
  int fd_; // closed by the end of the program
  ssl ssl_;
};

} // namespace

int hold_idle(const options& with) {
  ssl_context tls{with.tls ? SSL_CTX_new(TLS_client_method()) : nullptr};
  std::vector<slow_client> held;
  held.reserve(with.connections);
  for (std::size_t i = 0; i < with.connections; ++i) {
    auto& x = held.emplace_back(with.port(), tls.get());
    x.hear();
    if (!with.hello.empty()) {
      x.say(with.hello + "\r\n");
      x.hear();
    }
  }
  std::puts("ready");
  std::fflush(stdout);
  while (std::getchar() != EOF)
    ;
  return 0;
}

} // namespace hamlet::bench
