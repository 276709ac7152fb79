// SPDX-License-Identifier: Apache-2.0
#include "bench/irc_crowd.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace hamlet::bench {

struct crowd::client {
  explicit client(int socket) : fd{socket} {}

  int fd;
  awaited waits_for = awaited::nothing;
  bool watches_write = false;
  SSL* tls = nullptr;
  clock::time_point since;
  std::string in; ///< the begin of a line
  std::string out;
  std::string nick;
};

namespace {

double micros(clock::duration x) {
  return std::chrono::duration<double, std::micro>(x).count();
}

} // namespace

crowd::crowd(std::vector<std::uint16_t> ports, bool tls)
    : ports_{std::move(ports)}, epoll_{epoll_create1(EPOLL_CLOEXEC)}, tls_{tls ? SSL_CTX_new(
                                                                             TLS_client_method())
                                                                               : nullptr} {
}

crowd::~crowd() {
  for (auto& x : clients_)
    close(*x);
  SSL_CTX_free(tls_);
  ::close(epoll_);
}

// -- the socket -----------------------------------------------------------------------------------

std::size_t crowd::connect() {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(ports_[clients_.size() % ports_.size()]);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    give_up("connect", std::strerror(errno));
  int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto n = clients_.size();
  auto& x = *clients_.emplace_back(std::make_unique<client>(fd));
  x.nick = "n" + std::to_string(n);
  if (tls_) { // waits: a handshake is not what is measured here
    x.tls = SSL_new(tls_);
    SSL_set_fd(x.tls, fd);
    if (SSL_connect(x.tls) != 1)
      give_up("the TLS handshake failed");
  }
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  epoll_event event{EPOLLIN, {&x}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  return n;
}

void crowd::close(client& x) {
  if (x.fd < 0)
    return;
  SSL_free(std::exchange(x.tls, nullptr));
  ::close(std::exchange(x.fd, -1));
}

void crowd::send(client& x, std::string_view bytes) {
  x.out += bytes;
  flush(x);
}

void crowd::flush(client& x) {
  auto size = x.out.size();
  auto n = x.tls ? SSL_write(x.tls, x.out.data(), static_cast<int>(size))
                 : ::send(x.fd, x.out.data(), size, MSG_NOSIGNAL);
  if (n > 0)
    x.out.erase(0, static_cast<std::size_t>(n));
  else if (!x.tls && errno != EAGAIN)
    give_up("send", std::strerror(errno));
  if (std::exchange(x.watches_write, !x.out.empty()) == !x.out.empty())
    return;
  epoll_event event{EPOLLIN | (x.watches_write ? EPOLLOUT : 0u), {&x}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, x.fd, &event);
}

void crowd::on_readable(client& x) {
  static std::array<char, 256 * 1024> room;
  auto n =
    x.tls ? SSL_read(x.tls, room.data(), room.size()) : ::recv(x.fd, room.data(), room.size(), 0);
  if (n > 0)
    return take(x, {room.data(), static_cast<std::size_t>(n)});
  if (x.tls ? SSL_get_error(x.tls, static_cast<int>(n)) == SSL_ERROR_WANT_READ
            : n < 0 && errno == EAGAIN)
    return;
  if (x.waits_for != awaited::hang_up)
    give_up(x.nick + ": the server hung up; the last words were", x.in);
  close(x);
  met(x);
}

// -- lines ----------------------------------------------------------------------------------------

void crowd::take(client& x, std::string_view bytes) {
  now_ = clock::now();
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    if (end == bytes.npos) {
      x.in += bytes;
      return;
    }
    if (x.in.empty()) {
      take_line(x, bytes.substr(0, end));
    } else {
      x.in += bytes.substr(0, end);
      take_line(x, x.in);
      x.in.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void crowd::take_line(client& x, std::string_view line) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  if (line.starts_with("PING"))
    return send(x, "PONG" + std::string{line.substr(4)} + "\r\n");
  if (line.starts_with("ERROR")) {
    x.in.assign(line); // should it be the last
    if (x.waits_for != awaited::hang_up)
      give_up(x.nick, line);
    return;
  }
  auto space = line.find(' ');
  if (space == line.npos)
    return;
  auto rest = line.substr(space + 1);
  if (heard_ && rest.starts_with("PRIVMSG ")) {
    // … PRIVMSG #channel :123 and some words
    auto text = rest.substr(rest.find(" :") + 2);
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    heard_->push_back(static_cast<float>(micros(now_ - said_[number])));
  } else if ((x.waits_for == awaited::welcome && rest.starts_with("001 "))
             || (x.waits_for == awaited::names && rest.starts_with("366 "))
             || (x.waits_for == awaited::pong && rest.starts_with("PONG "))) {
    met(x);
  } else if (rest.size() > 3 && (rest[0] == '4' || rest[0] == '5') && rest[3] == ' '
             && !rest.starts_with("422 ")) { // no MOTD
    give_up(x.nick, line);
  }
}

void crowd::expect(client& x, awaited what) {
  x.waits_for = what;
  x.since = clock::now();
  ++waiting_;
}

void crowd::met(client& x) {
  x.waits_for = awaited::nothing;
  met_.push_back(micros(clock::now() - x.since));
  --waiting_;
}

// -- waiting --------------------------------------------------------------------------------------

void crowd::poll(int timeout_ms) {
  std::array<epoll_event, 512> events;
  auto n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
  if (n == 0)
    give_up("the server is silent for a minute");
  for (int i = 0; i < n; ++i) {
    auto& e = events[static_cast<std::size_t>(i)];
    if (!e.data.ptr) {
      is_readable_ = true;
      continue;
    }
    auto& x = *static_cast<client*>(e.data.ptr);
    if (x.fd >= 0 && (e.events & EPOLLOUT) != 0)
      flush(x);
    if (x.fd >= 0 && (e.events & ~static_cast<unsigned>(EPOLLOUT)) != 0)
      on_readable(x);
  }
}

void crowd::poll_while(const std::function<bool()>& goes_on) {
  while (goes_on())
    poll(60'000);
}

void crowd::idle_until_readable(int fd) {
  epoll_event event{EPOLLIN, {nullptr}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  for (is_readable_ = false; !is_readable_;)
    poll(-1);
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

std::vector<double> crowd::each(std::size_t first, std::size_t count, std::size_t at_a_time,
                                const std::function<void(std::size_t)>& begin) {
  met_.clear();
  for (auto n = first; n < first + count; ++n) {
    begin(n);
    poll_while([&] { return waiting_ >= at_a_time; });
  }
  poll_while([&] { return waiting_ > 0; });
  return std::move(met_);
}

// -- what they do ---------------------------------------------------------------------------------

std::vector<double> crowd::register_more(std::size_t count, std::size_t at_a_time) {
  return each(size(), count, at_a_time, [this](std::size_t) {
    auto begin = clock::now();
    auto& x = *clients_[connect()];
    expect(x, awaited::welcome);
    x.since = begin;
    send(x, "NICK " + x.nick + "\r\nUSER user 0 * :A client\r\n");
  });
}

std::vector<double> crowd::join(const std::string& channel, std::size_t first, std::size_t count,
                                std::size_t at_a_time) {
  return each(first, count, at_a_time, [&](std::size_t n) {
    expect(*clients_[n], awaited::names);
    send(*clients_[n], "JOIN " + channel + "\r\n");
  });
}

std::vector<float> crowd::say(const std::string& channel, std::size_t members, std::size_t speakers,
                              std::size_t lines, std::size_t rounds) {
  std::vector<float> heard;
  heard.reserve(rounds * speakers * lines * members);
  heard_ = &heard;
  for (std::size_t round = 1; round <= rounds; ++round) {
    said_.clear();
    for (std::size_t n = 0; n < speakers; ++n) {
      std::string bytes;
      for (std::size_t i = 0; i < lines; ++i)
        bytes += "PRIVMSG " + channel + " :" + std::to_string(said_.size() + i)
                 + " and then some words, as many as people write\r\n";
      said_.resize(said_.size() + lines, clock::now());
      send(*clients_[n], bytes);
    }
    poll_while([&] { return heard.size() < round * speakers * lines * (members - 1); });
  }
  heard_ = nullptr;
  return heard;
}

double crowd::quit(std::size_t count) {
  auto start = clock::now();
  each(size() - count, count, count, [this](std::size_t n) {
    expect(*clients_[n], awaited::hang_up);
    send(*clients_[n], "QUIT :bye\r\n");
  });
  clients_.resize(size() - count);
  if (size() > 0)
    each(0, 1, 1, [this](std::size_t n) {
      expect(*clients_[n], awaited::pong);
      send(*clients_[n], "PING end\r\n");
    });
  return micros(clock::now() - start) / 1e6;
}

} // namespace hamlet::bench
