// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Dialogues written as text, played against anything that answers like a server: a pure
// session, or a server over TCP. README.md describes the format.

namespace hamlet::conformance {

struct step {
  enum class kind : std::uint8_t {
    send,         ///< bytes, CRLF included where the file says so
    expect,       ///< exactly this line
    expect_like,  ///< a line that this pattern covers
    skip,         ///< any lines, up to the one that the next expectation covers
    closed,       ///< the server has hung up, and has no more to say
    silent,       ///< the server has no more to say, and holds the line
    client_tls,   ///< the client starts the handshake
    client_close, ///< the client hangs up
    directive,    ///< for the peer: "@word argument"
  };
  kind what;
  std::string text; ///< as it stands in the file: escapes and ${...} are still in it
  int line;
};

struct transcript {
  std::string name;
  std::vector<step> steps;
};

/// @returns errc::bad_request with "name:line: why" for what has no legal form.
result<transcript> parse(std::string_view text, std::string name);

/// Reads and parses a file.
result<transcript> read(const std::filesystem::path& file);

/// All `*.chat` of a folder, sorted by name.
std::vector<std::filesystem::path> chats_in(const std::filesystem::path& folder);

/// The other end of a dialogue: one for each protocol and way to reach it.
class peer {
public:
  virtual ~peer() = default;
  /// @returns What is wrong with it. "@tls" comes as ("tls", "").
  virtual std::optional<std::string> directive(std::string_view word,
                                               std::string_view argument) = 0;
  /// Consecutive `C:` and `C<` come in one call: one packet.
  virtual void send(std::string_view bytes) = 0;
  /// The next line of the server without its CRLF; nullopt when it has no more to say now.
  virtual std::optional<std::string> next_line() = 0;
  /// True when the server hung up.
  virtual bool is_closed() = 0;
  /// The client's part of a TLS handshake. @returns False: the server did not want one.
  virtual bool start_tls() = 0;
  virtual void hang_up() = 0;
  /// The value of `${what}`; nullopt: unknown.
  virtual std::optional<std::string> value_of(std::string_view what) = 0;
};

/// Plays the dialogue to its end. The server may say nothing that is not expected.
/// @returns The first fault as "name:line: expected ..., heard ...".
std::optional<std::string> play(const transcript& chat, peer& other);

/// Escapes and values replaced: `\r \n \t \\ \$ \xHH`, `\{N text}` for N times the text.
/// @returns errc::bad_request for what has no legal form or an unknown value.
result<std::string> expand(std::string_view text, peer& values);

/// `*` covers any bytes, `?` one; a backslash takes the meaning from the next character.
bool covers(std::string_view pattern, std::string_view text);

} // namespace hamlet::conformance
