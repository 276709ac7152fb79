// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace hamlet::test {

/// A Redis of the test's own on the loopback, with nothing on disk; ends with it.
class redis_server {
public:
  explicit redis_server(std::string password = {}) : password_{std::move(password)} {
    auto probe = ::socket(AF_INET, SOCK_STREAM, 0);
    auto at = loopback(0);
    socklen_t size = sizeof at;
    if (::bind(probe, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0
        || ::getsockname(probe, reinterpret_cast<sockaddr*>(&at), &size) != 0)
      throw std::runtime_error{"no free port"};
    port_ = ntohs(at.sin_port);
    ::close(probe);
    start();
  }
  ~redis_server() { kill(); }

  std::uint16_t port() const { return port_; }

  void start() {
    std::vector<std::string> words{
      "redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1",  "--save",  "",
      "--appendonly", "no",     "--daemonize",         "no",     "--loglevel", "warning", "--dir",
      "/tmp"};
    if (!password_.empty())
      words.insert(words.end(), {"--requirepass", password_});
    process_ = ::fork();
    if (process_ == 0) {
      if (auto null = ::open("/dev/null", O_RDWR); null >= 0)
        ::dup2(null, STDOUT_FILENO);
      std::vector<char*> argv;
      for (auto& x : words)
        argv.push_back(x.data());
      argv.push_back(nullptr);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    for (;;) { // until it listens, or has ended
      auto s = ::socket(AF_INET, SOCK_STREAM, 0);
      auto at = loopback(port_);
      auto is_there = ::connect(s, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
      ::close(s);
      if (is_there)
        return;
      if (::waitpid(process_, nullptr, WNOHANG) != 0)
        throw std::runtime_error{"redis-server does not start: is it installed?"};
    }
  }
  void kill() {
    if (process_ <= 0)
      return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  void freeze() const { ::kill(process_, SIGSTOP); }
  void thaw() const { ::kill(process_, SIGCONT); }

private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    return at;
  }

  std::string password_;
  std::uint16_t port_ = 0;
  pid_t process_ = 0;
};

} // namespace hamlet::test
