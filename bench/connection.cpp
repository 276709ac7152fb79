// SPDX-License-Identifier: Apache-2.0
#include "bench/connection.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace hamlet::bench {

void give_up(std::string_view what, std::string_view detail) {
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(detail.size()), detail.data());
  std::_Exit(1);
}

loop::loop() : epoll_{epoll_create1(EPOLL_CLOEXEC)} {
}

loop::~loop() {
  ::close(epoll_);
}

void loop::run(const std::size_t& open) {
  std::array<epoll_event, 256> events;
  while (open > 0) {
    auto n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 60'000);
    if (n == 0)
      give_up("the server is silent for a minute");
    // A dialogue closes only its own connection, so no event is of one that is gone.
    for (int i = 0; i < n; ++i)
      static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr)->on_event();
  }
}

connection::connection(loop& on, std::uint16_t port)
    : epoll_{on.handle()}, fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // On the loopback this does not wait, but where the server's backlog is full.
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    give_up("connect", std::strerror(errno));
  int on_value = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on_value, sizeof on_value);
  epoll_event event{EPOLLIN, {this}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event);
}

connection::~connection() {
  ::close(fd_);
}

void connection::watch(bool for_write) {
  if (std::exchange(watches_write_, for_write) == for_write)
    return;
  epoll_event event{EPOLLIN | (for_write ? EPOLLOUT : 0u), {this}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_, &event);
}

void connection::send(std::string_view bytes) {
  if (out_.empty()) {
    auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0)
      bytes.remove_prefix(static_cast<std::size_t>(n));
    else if (n < 0 && errno != EAGAIN)
      give_up("send", std::strerror(errno));
  }
  out_ += bytes;
  watch(!out_.empty());
}

void connection::flush() {
  auto n = ::send(fd_, out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n > 0)
    out_.erase(0, static_cast<std::size_t>(n));
  watch(!out_.empty());
}

void connection::on_event() {
  if (!out_.empty())
    flush();
  static std::array<char, 256 * 1024> room;
  auto n = ::recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN)
    return;
  if (n <= 0)
    give_up("the server hung up; the last line was", found_);
  in_.erase(0, std::exchange(begin_, 0));
  in_.append(room.data(), static_cast<std::size_t>(n));
  if (waiting_ && find(wanted_))
    std::exchange(waiting_, nullptr).resume(); // may destroy *this
}

bool connection::next_line() {
  auto end = in_.find("\r\n", begin_);
  if (end == std::string::npos)
    return false;
  found_.assign(in_, begin_, end - begin_);
  begin_ = end + 2;
  return true;
}

bool connection::find(kind what) {
  if (what == kind::text)
    return find_end_of_text();
  while (next_line())
    if (what == kind::line || (found_.size() > 3 && found_[3] == ' '))
      return true;
  return false;
}

/// Without a look at the lines: the generator shares the processors with what it measures.
bool connection::find_end_of_text() {
  constexpr std::string_view end = "\r\n.\r\n";
  auto rest = std::string_view{in_}.substr(begin_);
  if (!std::exchange(in_text_, true)) {
    text_size_ = 0;
    if (rest.size() < 3) {
      in_text_ = false;
      return false;
    }
    if (rest.starts_with(end.substr(2))) {
      begin_ += 3;
      in_text_ = false;
      return true;
    }
  }
  auto at = rest.find(end);
  auto used = at != rest.npos ? at + 2 : rest.size() - std::min(rest.size(), end.size() - 1);
  text_size_ += used;
  begin_ += used + (at != rest.npos ? 3 : 0);
  in_text_ = at == rest.npos;
  return !in_text_;
}

} // namespace hamlet::bench
