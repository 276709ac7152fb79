// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/chat/v1/network.pb.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hamlet {

/// What is done about a text that a filter fits; the harder ones are later. The numbers are in
/// stores.
enum class filter_action : std::uint8_t {
  report = 1, ///< operators are told
  warn = 2,   ///< the sender, too
  block = 3,  ///< it is not sent
  shun = 4,   ///< nothing of the sender is sent any more
  kill = 5,   ///< the sender is thrown out
};
/// "report", "warn" …
std::string_view to_string(filter_action x);
std::optional<filter_action> filter_action_of(std::string_view word);

/// Where a filter looks, as letters: p PRIVMSG, n NOTICE, t TOPIC, P PART, q QUIT, a AWAY, c names
/// of channels. As bits they are in stores: the first is 1.
constexpr std::string_view filter_places = "pntPqac";
/// 0: a letter that is none, or no letter.
std::uint32_t filter_bits(std::string_view letters);
std::string filter_letters(std::uint32_t bits);

struct filter_hit {
  filter_action action = filter_action::report;
  std::string reason;
  std::int64_t id = 0;
};

/// Patterns against spam. RE2: the time grows with the length of the text and of the pattern, and
/// never faster, whatever somebody writes (docs/decisions/0008-re2.md). Does not change, any
/// thread.
class filter_set {
public:
  /// Those with a pattern that check() refuses are left out.
  explicit filter_set(std::span<const chat::v1::Filter> filters);
  ~filter_set();

  /// The hardest action of all that fit, of these the first filter. Texts are looked at as they
  /// are and without colours and the like; the case of letters does not count.
  std::optional<filter_hit> find(std::string_view text, char place) const;
  bool is_empty() const;

  /// Why RE2 does not take the pattern; nullopt: it does. Also too large, or fitting any text.
  static std::optional<std::string> check(const std::string& pattern);

private:
  struct patterns;
  std::unique_ptr<const patterns> patterns_;
};

/// The text without bold, colours and the like, as clients of IRC know them since mIRC.
std::string without_formatting(std::string_view text);

} // namespace hamlet
