// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

constexpr std::size_t sasl_chunk_size = 400; ///< IRCv3 sasl-3.1, AUTHENTICATE

/// The parameters of the AUTHENTICATE lines that carry these octets: base64 in chunks of 400, and
/// a "+" behind a last one that is full, or alone for no octets (IRCv3 sasl-3.1).
std::vector<std::string> split_sasl(std::string_view bytes);

/// Puts the chunks of one response of a client together again.
class sasl_chunks {
public:
  enum class step : std::uint8_t {
    more,     ///< send me the next AUTHENTICATE
    done,     ///< take() has it
    aborted,  ///< "*": 906
    too_long, ///< one of over 400 octets, or all together over the limit: 905
    bad,      ///< it is no base64: 904
  };

  /// @param max_size of the base64 text of one response.
  explicit sasl_chunks(std::size_t max_size = 8 * 1024) : max_size_{max_size} {}

  /// The parameter of one AUTHENTICATE. After all steps but `more` the next one begins afresh.
  step add(std::string_view chunk);
  /// The octets of the response that was `done`, once.
  std::string take();

private:
  std::size_t max_size_;
  std::string text_;
  std::string bytes_;
};

} // namespace hamlet::irc
