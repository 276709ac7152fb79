// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/connection.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace hamlet::bench {

/// Thousands of clients of chat in one thread. A client keeps what makes no whole line yet, and
/// answers PING; the rest is counted, and looked at no closer than it must be: the crowd shares the
/// processors with the server it loads.
class crowd {
public:
  /// @param ports Of as many nodes of one network: the clients go to each in turn.
  crowd(std::vector<std::uint16_t> ports, bool tls);
  crowd(const crowd&) = delete;
  ~crowd();

  std::size_t size() const { return clients_.size(); }

  /// Connects and registers so many more, so many of them at a time. @return For each, from the
  /// connect to its 001, in microseconds.
  std::vector<double> register_more(std::size_t count, std::size_t at_a_time);

  /// Each of [first, first + count) joins. @return For each, from JOIN to the end of its NAMES.
  std::vector<double> join(const std::string& channel, std::size_t first, std::size_t count,
                           std::size_t at_a_time);

  /// A round: each of the `speakers`, the first clients, says `lines` at once; it ends when each
  /// of the `members`, the first clients, has heard all of the others. @return For each line that
  /// came to a client, from its sending, in microseconds.
  std::vector<float> say(const std::string& channel, std::size_t members, std::size_t speakers,
                         std::size_t lines, std::size_t rounds);

  /// The last `count` QUIT. @return Seconds until the server has closed all of them, and one that
  /// stays has seen it all.
  double quit(std::size_t count);

  /// Answers PINGs until `fd` can be read.
  void idle_until_readable(int fd);

private:
  struct client;
  enum class awaited : std::uint8_t { nothing, welcome, names, hang_up, pong };

  std::size_t connect();
  void send(client& x, std::string_view bytes);
  void flush(client& x);
  void on_readable(client& x);
  void take(client& x, std::string_view bytes);
  void take_line(client& x, std::string_view line);
  void expect(client& x, awaited what);
  void met(client& x);
  void close(client& x);
  void poll(int timeout_ms);
  void poll_while(const std::function<bool()>& goes_on);
  std::vector<double> each(std::size_t first, std::size_t count, std::size_t at_a_time,
                           const std::function<void(std::size_t)>& begin);

  std::vector<std::uint16_t> ports_;
  int epoll_;
  int watched_ = -1; ///< of idle_until_readable()
  bool is_readable_ = false;
  ssl_ctx_st* tls_;
  std::vector<std::unique_ptr<client>> clients_;
  std::vector<double> met_; ///< how long what was awaited took
  std::size_t waiting_ = 0;
  clock::time_point now_;
  std::vector<clock::time_point> said_; ///< of the round, by number
  std::vector<float>* heard_ = nullptr;
};

} // namespace hamlet::bench
