// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "tests/conformance/transcript.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Dialogues of several clients with one server. LANGUAGE.md describes the form.

namespace hamlet::irc {

/// One line of a file.
struct dialogue_step {
  enum class kind : std::uint8_t {
    send,      ///< with CR LF
    send_raw,  ///< as it is
    hear,      ///< exactly this
    hear_like, ///< what the pattern covers
    hear_any,  ///< the same, in any order with those next to it
    skip,      ///< any lines, up to the next that fits
    closed,
    closes,
    directive, ///< `client` is its word
  };
  kind what;
  std::string client;
  std::string text; ///< escapes and values are still in it
  int line;
};

struct dialogue {
  std::string name;
  std::vector<dialogue_step> steps;

  /// All that stands behind these directives.
  std::vector<std::string> all_of(std::string_view directive) const;
};

/// @returns errc::bad_request with "name:line: why" for what has no legal form.
result<dialogue> parse_dialogue(std::string_view text, std::string name);
result<dialogue> read_dialogue(const std::filesystem::path& file);

/// The server and the clients' ends of the connections.
class dialogue_world {
public:
  virtual ~dialogue_world() = default;
  /// @param words "tls", "websocket", "certificate".
  virtual void open(const std::string& client, const std::vector<std::string>& words) = 0;
  /// All that it causes is done when it returns.
  virtual void send(const std::string& client, std::string_view bytes) = 0;
  /// Without CR LF; nullopt: there is no more.
  virtual std::optional<std::string> next_line(const std::string& client) = 0;
  virtual bool is_closed(const std::string& client) = 0;
  virtual void hang_up(const std::string& client) = 0;
  /// @param kind Its role, or "disabled".
  virtual void add_member(const std::string& name, const std::string& kind) = 0;
  /// @param setting "chat.x = y": what the administrator changes while the server runs.
  virtual void reload(const std::string& setting) = 0;
  virtual void certify(const std::string& name) = 0;
  virtual std::string certificate() const = 0;
};

/// Plays it to its end. @returns The first fault.
std::optional<std::string> play(const dialogue& what, dialogue_world& with);

/// What is expected of one line. Words that are captured are put into `known`.
bool fits(std::string_view pattern, std::string_view line, bool is_pattern,
          std::map<std::string, std::string>& known);

} // namespace hamlet::irc
