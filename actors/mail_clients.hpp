// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hamlet {

/// Who is connected to this node with a mail program, for those who administer it: connections
/// write, the ADMIN reads. Any thread; outlives all connections.
class mail_clients {
public:
  struct client {
    std::uint64_t number = 0; ///< of the connection, as in the log
    std::string protocol;     ///< "smtp", "pop3"
    std::string address;      ///< where it comes from
    std::string account;      ///< empty: nobody has logged in
    bool is_secure = false;   ///< TLS
    std::int64_t since_ms = 0;
  };

  /// One connection; gone when this is.
  class place {
  public:
    place() = default;
    place(mail_clients& of, std::uint64_t number) : of_{&of}, number_{number} {}
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    place(place&& x) noexcept : of_{std::exchange(x.of_, nullptr)}, number_{x.number_} {}
    place& operator=(place&& x) noexcept {
      std::swap(of_, x.of_);
      std::swap(number_, x.number_);
      return *this;
    }
    ~place();
    void logged_in(const std::string& account) const;
    void secured() const;

  private:
    template <class Change>
    void change(Change f) const;
    mail_clients* of_ = nullptr;
    std::uint64_t number_ = 0;
  };

  /// @param hang_up Says goodbye to it; must not block.
  place add(client x, std::function<void()> hang_up);

  /// By number: at most `count` behind `after`.
  /// @param account Of this one alone; empty: all.
  std::vector<client> list(std::uint64_t after, std::size_t count, std::string_view account) const;
  std::optional<client> find(std::uint64_t number) const;
  void disconnect(std::uint64_t number) const; ///< it has a moment to finish

private:
  struct entry {
    client what;
    std::function<void()> hang_up;
  };
  mutable std::mutex mutex_;
  std::map<std::uint64_t, entry> all_;
};

} // namespace hamlet
