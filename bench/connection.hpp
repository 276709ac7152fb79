// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <string>
#include <string_view>

namespace hamlet::bench {

using clock = std::chrono::steady_clock;

/// Says what is wrong and ends the program: a benchmark goes on with nothing that went wrong.
[[noreturn]] void give_up(std::string_view what, std::string_view detail = {});

/// A dialogue: runs until it ends, from one co_await on a connection to the next.
struct dialogue {
  struct promise_type {
    dialogue get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    [[noreturn]] void unhandled_exception() { give_up("exception"); }
  };
};

/// Waits for all connections, in one thread.
class loop {
public:
  loop();
  loop(const loop&) = delete;
  ~loop();

  /// Goes on with dialogues until `open` is zero.
  void run(const std::size_t& open);
  int handle() const { return epoll_; }

private:
  int epoll_;
};

/// One TCP connection to 127.0.0.1 on which a dialogue speaks.
class connection {
public:
  connection(loop& on, std::uint16_t port);
  connection(const connection&) = delete;
  ~connection();

  void send(std::string_view bytes);

  /// co_await line(): the next line without its CRLF, valid until the next co_await.
  auto line() { return wait{*this, kind::line}; }
  /// co_await reply(): the last line of a reply of SMTP (RFC 5321 §4.2.1).
  auto reply() { return wait{*this, kind::reply}; }
  /// co_await text(): a text up to the line with the dot alone (RFC 1939 §3); see text_size().
  auto text() { return wait{*this, kind::text}; }

  /// Octets of the last text().
  std::size_t text_size() const { return text_size_; }

  void on_event();

private:
  enum class kind : std::uint8_t { line, reply, text };
  struct wait {
    connection& at;
    kind what;
    bool await_ready() { return at.find(what); }
    void await_suspend(std::coroutine_handle<> h) { at.waiting_ = h, at.wanted_ = what; }
    std::string_view await_resume() const { return at.found_; }
  };

  bool find(kind what);
  bool next_line();
  bool find_end_of_text();
  void flush();
  void watch(bool for_write);

  int epoll_;
  int fd_;
  std::string in_;
  std::size_t begin_ = 0; ///< of what was not yet taken from `in_`
  std::size_t text_size_ = 0;
  std::string out_;
  std::string found_;
  std::coroutine_handle<> waiting_;
  kind wanted_ = kind::line;
  bool in_text_ = false;
  bool watches_write_ = false;
};

} // namespace hamlet::bench
