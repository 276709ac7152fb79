// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::irc {

/// The capabilities of IRCv3 that the server knows, each under its own name.
enum class cap : std::uint8_t {
  account_notify,
  account_registration,
  account_tag,
  away_notify,
  batch,
  cap_notify,
  channel_rename,
  chathistory,
  chghost,
  echo_message,
  event_playback,
  extended_isupport,
  extended_join,
  extended_monitor,
  invite_notify,
  labeled_response,
  message_redaction,
  message_tags,
  metadata_2,
  metadata_3,
  multi_prefix,
  multiline,
  no_implicit_names,
  persistence,
  pre_away,
  read_marker,
  sasl,
  server_time,
  setname,
  standard_replies,
  sts,
  userhost_in_names,
};
constexpr std::size_t cap_count = static_cast<std::size_t>(cap::userhost_in_names) + 1;

/// A set of capabilities in 64 bits: cheap to copy, and the key under which lines are rendered once
/// for all who have the same.
class cap_set {
public:
  constexpr cap_set() = default;
  constexpr cap_set(std::initializer_list<cap> all) {
    for (auto x : all)
      add(x);
  }
  constexpr explicit cap_set(std::uint64_t bits) : bits_{bits & all().bits_} {}
  static constexpr cap_set all() {
    cap_set out;
    out.bits_ = (std::uint64_t{1} << cap_count) - 1;
    return out;
  }

  constexpr bool has(cap x) const { return (bits_ & bit(x)) != 0; }
  constexpr bool has_all(cap_set x) const { return (bits_ & x.bits_) == x.bits_; }
  constexpr bool has_any(cap_set x) const { return (bits_ & x.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr void add(cap x) { bits_ |= bit(x); }
  constexpr void remove(cap x) { bits_ &= ~bit(x); }
  constexpr std::uint64_t bits() const { return bits_; }

  constexpr friend cap_set operator|(cap_set a, cap_set b) { return cap_set{a.bits_ | b.bits_}; }
  constexpr friend cap_set operator&(cap_set a, cap_set b) { return cap_set{a.bits_ & b.bits_}; }
  constexpr friend cap_set operator-(cap_set a, cap_set b) { return cap_set{a.bits_ & ~b.bits_}; }
  constexpr bool operator==(const cap_set&) const = default;

private:
  static constexpr std::uint64_t bit(cap x) { return std::uint64_t{1} << static_cast<unsigned>(x); }

  std::uint64_t bits_ = 0;
};
static_assert(cap_count < 64);

/// One capability; its names may all be requested, and the first two that are there are offered.
struct cap_row {
  cap what;
  std::string_view name;  ///< as it is offered
  std::string_view alias; ///< also offered and requested, for older clients; or empty
  bool has_value;         ///< CAP LS 302 shows "name=value"
  bool may_be_requested;
  /// Without one of them what it does is not to be seen in full: the texts want them negotiated
  /// as well, in any order, so a server looks at both before it uses either.
  cap_set needs;
};

/// In the order of `cap`. Sources: the IRCv3 text of the same name.
constexpr auto cap_table = std::to_array<cap_row>({
  {cap::account_notify, "account-notify", "", false, true, {}},
  {cap::account_registration, "draft/account-registration", "", true, true, {}},
  {cap::account_tag, "account-tag", "", false, true, {}},
  {cap::away_notify, "away-notify", "", false, true, {}},
  {cap::batch, "batch", "", false, true, {}},
  {cap::cap_notify, "cap-notify", "", false, true, {}},
  {cap::channel_rename, "draft/channel-rename", "", false, true, {}},
  {cap::chathistory, "draft/chathistory", "", false, true, {}}, // works without batch, too
  {cap::chghost, "chghost", "", false, true, {}},
  {cap::echo_message, "echo-message", "", false, true, {}},
  {cap::event_playback, "draft/event-playback", "", false, true, {cap::chathistory}},
  {cap::extended_isupport, "draft/extended-isupport", "", false, true, {}},
  {cap::extended_join, "extended-join", "", false, true, {}},
  {cap::extended_monitor, "extended-monitor", "draft/extended-monitor", false, true, {}},
  {cap::invite_notify, "invite-notify", "", false, true, {}},
  {cap::labeled_response, "labeled-response", "", false, true, {cap::batch}},
  {cap::message_redaction, "draft/message-redaction", "", false, true, {cap::message_tags}},
  {cap::message_tags, "message-tags", "", false, true, {}},
  {cap::metadata_2, "draft/metadata-2", "", true, true, {cap::batch}},
  {cap::metadata_3, "draft/metadata-3", "", true, true, {cap::batch}},
  {cap::multi_prefix, "multi-prefix", "", false, true, {}},
  {cap::multiline, "draft/multiline", "", true, true, {cap::batch}},
  {cap::no_implicit_names, "no-implicit-names", "draft/no-implicit-names", false, true, {}},
  {cap::persistence, "draft/persistence", "", false, true, {}},
  {cap::pre_away, "draft/pre-away", "", false, true, {}},
  {cap::read_marker, "draft/read-marker", "", false, true, {}},
  {cap::sasl, "sasl", "", true, true, {}},
  {cap::server_time, "server-time", "", false, true, {}},
  {cap::setname, "setname", "", false, true, {}},
  {cap::standard_replies, "standard-replies", "", false, true, {}},
  {cap::sts, "sts", "", true, false, {}}, // IRCv3 sts: MUST NOT be requested
  {cap::userhost_in_names, "userhost-in-names", "", false, true, {}},
});

constexpr const cap_row& row_of(cap x) {
  return cap_table[static_cast<std::size_t>(x)];
}
constexpr std::string_view to_string(cap x) {
  return row_of(x).name;
}
/// By name or alias, case-sensitive (IRCv3 capability-negotiation). nullopt: we have no such.
std::optional<cap> cap_named(std::string_view name);

/// What may be used by a client that negotiated `enabled`: without those that need what is missing.
cap_set usable(cap_set enabled);

/// Tags may be sent to it (IRCv3 message-tags, Capabilities): any of message-tags, account-tag,
/// server-time, batch, labeled-response.
bool takes_tags(cap_set enabled);

/// What CAP REQ would do; refused as a whole or taken as a whole.
struct cap_change {
  cap_set add;
  cap_set remove;
  bool operator==(const cap_change&) const = default;
};
/// The last parameter of CAP REQ: names with spaces between, with '-' to give one up. A name that
/// comes twice counts as it comes last.
/// @param offered what this server has on at all.
/// @returns nullopt for a NAK: a name that is not offered, one that may not be requested, and
/// "-cap-notify" of a client of version 302 (IRCv3 capability-negotiation, cap-notify).
std::optional<cap_change> parse_cap_req(std::string_view text, cap_set offered, bool is_302);

/// A value for what CAP LS shows.
struct cap_value {
  cap what;
  std::string value;
};
/// The last parameters of CAP LS, LIST, NEW and DEL: names, each piece of at most `room` octets.
/// At least one piece, empty where there is no capability (for LIST). Values are shown only if
/// `with_values`, that is in LS and NEW for clients of version 302; aliases only if `with_aliases`.
std::vector<std::string> format_caps(cap_set caps, std::size_t room,
                                     std::span<const cap_value> values = {},
                                     bool with_values = false, bool with_aliases = false);

} // namespace hamlet::irc
