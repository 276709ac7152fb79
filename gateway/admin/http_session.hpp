// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/admin/pages.hpp"

#include <cstddef>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hamlet::admin {

/// HTTP/1.1 (RFC 9112) as far as a reader of small pages needs it: GET and HEAD without a body,
/// persistent and pipelined. Pure: bytes in, answers out.
class http_session {
public:
  /// The request line and the fields may each be so long.
  static constexpr std::size_t max_header = 8u << 10;

  using find_page = std::function<page(std::string_view path)>;
  explicit http_session(find_page find);
  http_session(http_session&&) noexcept;
  ~http_session();

  /// Feed only after next() has found nothing more, so that what is kept stays small.
  void feed(std::string_view bytes);

  struct answer {
    std::string bytes;
    bool is_last = false; ///< close the connection after it
  };
  /// The answer to the next whole request, one at a time: pages may be large, and the requests
  /// for them small. nullopt: feed more. `now` is for the Date field.
  std::optional<answer> next(std::time_t now);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace hamlet::admin
