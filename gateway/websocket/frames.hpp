// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::websocket {

/// What the messages of a connection are: UTF-8 or any bytes.
enum class kind : std::uint8_t { text, binary };

/// Why a connection ends: RFC 6455 §7.4.1.
namespace close_code {
constexpr std::uint16_t normal = 1000;
constexpr std::uint16_t going_away = 1001; ///< the node stops
constexpr std::uint16_t protocol_error = 1002;
constexpr std::uint16_t none_given = 1005; ///< never sent: the client closed without a code
constexpr std::uint16_t not_utf8 = 1007;
constexpr std::uint16_t policy = 1008;
constexpr std::uint16_t too_big = 1009;
} // namespace close_code

/// One line as a frame of its own (RFC 6455 §5.2): what all clients of this kind get. A CR LF at
/// its end is left out. In text each octet that is no UTF-8 becomes U+FFFD, since a browser would
/// hang up on it.
std::string frame(kind how, std::string_view line);

/// RFC 6455 §5.5.1. @param reason UTF-8, cut at 123 octets.
std::string close_frame(std::uint16_t code, std::string_view reason = {});

/// The client's side of a connection after the handshake: frames in, messages out. Pure, and the
/// same for any splitting of the bytes. No extensions, so none of their bits.
class frames {
public:
  /// Tags and the rest of the longest IRC line.
  static constexpr std::size_t longest_line = 8191 + 512;

  /// @param longest Octets of a message in all of its fragments; more end the connection (1009).
  explicit frames(std::size_t longest = longest_line) : longest_{longest} {}

  struct message {
    kind how;
    std::string bytes;
    bool operator==(const message&) const = default;
  };
  struct outcome {
    std::vector<message> messages;
    std::string reply; ///< pong or close: send it
    /// Send the reply, then hang up: the client's code, or why we no longer listen to it.
    std::optional<std::uint16_t> closed;
  };

  /// Adds to `out`. After the close nothing is read.
  void feed(std::string_view bytes, outcome& out);

private:
  void read_head(std::string_view& bytes, outcome& out);
  void read_payload(std::string_view& bytes, outcome& out);
  std::size_t head_size() const;
  std::uint16_t fault_of_first_two() const;
  void begin_payload(outcome& out);
  void end_payload(outcome& out);
  void on_close(outcome& out);
  void fail(std::uint16_t code, outcome& out);
  bool is_control() const { return (opcode() & 8) != 0; }
  unsigned opcode() const { return octet(0) & 15; }
  unsigned octet(std::size_t at) const { return static_cast<unsigned char>(head_[at]); }

  std::size_t longest_;
  std::array<char, 14> head_{}; ///< of the current frame; its last four octets are the mask
  std::uint8_t have_ = 0;       ///< of head_
  bool in_payload_ = false;
  bool in_message_ = false; ///< its last fragment has not begun
  bool over_ = false;
  kind how_ = kind::text;
  std::uint64_t left_ = 0;          ///< of the payload
  std::size_t mask_at_ = 0;         ///< which octet of the mask is next
  std::string message_;             ///< its fragments so far
  std::string control_;             ///< the payload of a control frame so far
  std::optional<std::string> ping_; ///< the latest in this feed()
};

} // namespace hamlet::websocket
