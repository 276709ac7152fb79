// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/render.hpp"

#include "gateway/irc/render_parts.hpp"
#include "gateway/irc/stamps.hpp"
#include "lib/base/ids.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/modes.hpp"

#include <algorithm>

namespace hamlet::irc {

using chat::v1::Event;

namespace {

constexpr std::string_view left_for_new_host = "Changing host";

std::string name_or(std::string_view name, std::string_view otherwise) {
  return std::string{name.empty() ? otherwise : name};
}

void set_text(message& to, const std::string& text) {
  to.params.push_back(text);
  to.colon = true;
}

void set_reason(message& to, const std::string& text) {
  if (!text.empty())
    set_text(to, text);
}

/// "+ov nick nick"; in one piece, for there are five at most.
std::vector<std::string> words_of_prefixes(std::string_view prefixes, const std::string& nick) {
  std::string letters = "+";
  for (auto x : prefixes)
    if (auto* mode = find_prefix(x))
      letters += mode->letter;
  std::vector<std::string> out{letters};
  out.resize(letters.size(), nick); // one for each letter, and the letters
  return out;
}

// -- membership ---------------------------------------------------------------

void add_quit(event_lines& to, const Event& e, const viewer& who) {
  auto& line = to.by_source("QUIT");
  set_reason(line, e.quit().reason());
  if (e.quit().split_id() != 0 && to.has(cap::batch) && !who.is_history)
    line.set_tag("batch", id_text(e.quit().split_id()));
}

message& set_join(message& to, const chat::v1::Who& who, const viewer& for_whom) {
  if (for_whom.caps.has(cap::extended_join)) {
    to.params.push_back(name_or(who.account(), "*")); // IRCv3 extended-join
    set_text(to, who.real_name());
  }
  return to;
}

void add_modes_of_member(event_lines& to, std::string_view channel, std::string_view prefixes,
                         const std::string& nick) {
  auto words = words_of_prefixes(prefixes, nick);
  if (words.size() < 2)
    return;
  words.insert(words.begin(), std::string{channel});
  to.follows({}, "MODE", std::move(words));
}

void add_joined(event_lines& to, const Event& e, const viewer& who, const policy& rules) {
  auto& from = e.source();
  set_join(to.by_source("JOIN", {e.channel()}), from, who);
  if (who.is_history)
    return;
  // Who joins sees its own prefix among the names; with no-implicit-names there are none.
  if (!who.is_source || to.has(cap::no_implicit_names))
    add_modes_of_member(to, e.channel(), e.joined().prefixes(), from.nick());
  if (who.is_source || !from.is_away() || !to.has(cap::away_notify) || rules.people == nullptr)
    return;
  auto card = rules.people->find(from.session_id()); // IRCv3 away-notify: "when a user joins"
  if (card && !card->away.empty())
    set_text(to.by_source("AWAY"), card->away);
}

void add_kicked(event_lines& to, const Event& e) {
  auto& kick = e.kicked();
  // RFC 1459 §4.2.8: the nick of who kicks stands for a reason.
  set_text(to.by_source("KICK", {e.channel(), kick.target().nick()}),
           kick.reason().empty() ? e.source().nick() : kick.reason());
}

/// IRCv3 draft/channel-rename, Fallback: the receiver itself leaves and comes; topic and names are
/// asked for by its connection.
void add_renamed(event_lines& to, const Event& e, const viewer& who, const policy& rules) {
  auto& x = e.renamed();
  if (to.has(cap::channel_rename))
    return set_text(to.by_source("RENAME", {e.channel(), x.new_name()}), x.reason());
  if (who.is_history || same_name(e.channel(), x.new_name()))
    return;
  auto me = rules.people ? rules.people->find(std::string_view{who.nick}) : nullptr;
  auto mask = me ? source_of(me->who) : who.nick;
  set_reason(to.follows(mask, "PART", {e.channel()}), x.reason());
  auto& join = to.follows(mask, "JOIN", {x.new_name()});
  set_join(join, me ? me->who : chat::v1::Who{}, who);
}

// -- modes --------------------------------------------------------------------

template <class Changes>
void add_modes(event_lines& to, const Event& e, const std::string& target, const Changes& changes) {
  std::vector<mode_change> all;
  for (auto& x : changes)
    if (!x.letter().empty())
      all.push_back({x.add(), x.letter()[0], x.param()});
  if (all.empty())
    return;
  auto before = source_of(e.source()).size() + target.size() + std::string_view{": MODE  "}.size();
  for (auto& piece : format_modes(all, line_room - std::min(line_room, before))) {
    std::vector<std::string> words{target};
    for (std::string_view rest = piece; !rest.empty();) {
      auto end = std::min(rest.find(' '), rest.size());
      words.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    to.by_source("MODE", std::move(words));
  }
}

// -- users --------------------------------------------------------------------

void add_away(event_lines& to, const Event& e, const viewer& who) {
  if (to.has(cap::away_notify) && !who.is_source) // IRCv3 away-notify: not of oneself
    set_reason(to.by_source("AWAY"), e.away().text());
}

void add_account(event_lines& to, const Event& e) {
  if (!to.has(cap::account_notify))
    return;
  auto& line = to.by_source("ACCOUNT", {name_or(e.source().account(), "*")});
  // IRCv3 account-tag, the example: whoever logs in says so as the one it was before.
  std::erase_if(line.tags, [](auto& x) { return x.key == "account"; });
  if (to.has(cap::account_tag) && !e.account().before().empty())
    line.set_tag("account", e.account().before());
}

void add_host(event_lines& to, const Event& e, const viewer& who) {
  if (to.has(cap::chghost))
    to.by_source("CHGHOST", {e.host().user(), e.host().host()});
  else if (!who.is_source && !who.is_history)
    set_text(to.by_source("QUIT"), std::string{left_for_new_host});
}

void add_invited(event_lines& to, const Event& e, const viewer& who) {
  if (who.is_target || (to.has(cap::invite_notify) && !who.is_source))
    to.by_source("INVITE", {e.invited().target().nick(), e.channel()});
}

// -- numerics and words of the server -----------------------------------------

/// The channel stands where others have the receiver's nick: as Solanum and InspIRCd do it.
void add_knocked(event_lines& to, const Event& e, const viewer& who) {
  if (who.is_source)
    return;
  std::string text = "has asked for an invite.";
  if (!e.knocked().text().empty())
    text = "has asked for an invite: " + e.knocked().text();
  set_text(to.by_server("710", {e.channel(), e.channel(), source_of(e.source())}), text);
}

void add_caller(event_lines& to, const Event& e, const viewer& who) {
  auto& from = e.source();
  auto params = {name_or(who.nick, "*"), from.nick(), from.user() + '@' + from.host()};
  set_text(to.by_server("718", params), "is messaging you, and you have user mode +g set.");
}

void add_notice(event_lines& to, const Event& e, const viewer& who) {
  auto& text = e.server_notice().text();
  set_text(to.by_source("NOTICE", {name_or(who.nick, "*")}),
           e.to_operators().empty() ? text : "*** " + text);
}

void add_metadata(event_lines& to, const Event& e) {
  if (!to.has(cap::metadata_2) && !to.has(cap::metadata_3))
    return;
  auto& x = e.metadata();
  auto& line = to.by_source("METADATA", {x.target(), x.key(), name_or(x.visibility(), "*")});
  if (!x.is_removed())
    set_text(line, x.value());
}

void add_marker(event_lines& to, const Event& e) {
  if (!to.has(cap::read_marker))
    return;
  auto& x = e.marker();
  to.follows({}, "MARKREAD",
             {x.target(), x.time_ms() == 0 ? "*" : "timestamp=" + time_text(x.time_ms())});
}

void add_redacted(event_lines& to, const Event& e) {
  if (!to.has(cap::message_redaction))
    return;
  auto& target = e.channel().empty() ? e.target() : e.channel();
  set_reason(to.by_source("REDACT", {target, id_text(e.redacted().event_id())}),
             e.redacted().reason());
}

void add_ended(event_lines& to, const Event& e) {
  if (!e.ended().is_kill())
    return;
  set_text(to.follows(e.ended().by(), "KILL", {e.source().nick()}), e.ended().reason());
}

/// IRCv3 draft/chathistory: without draft/event-playback nothing but PRIVMSG and NOTICE, and REDACT
/// for those who know it.
bool belongs_in_history(const Event& e, const viewer& who) {
  switch (e.kind_case()) {
  case Event::kMessage:
    return !e.is_redacted()
           && (e.message().kind() != chat::v1::TAGMSG || who.caps.has(cap::event_playback));
  case Event::kRedacted: return true;
  case Event::kJoined:
  case Event::kParted:
  case Event::kKicked:
  case Event::kQuit:
  case Event::kNick:
  case Event::kTopic:
  case Event::kModes:
  case Event::kInvited:
  case Event::kRenamed: return who.caps.has(cap::event_playback);
  default: return false;
  }
}

} // namespace

cap_set render_caps(cap_set all) {
  constexpr cap_set matter{cap::account_notify,    cap::account_tag,
                           cap::away_notify,       cap::batch,
                           cap::channel_rename,    cap::chghost,
                           cap::event_playback,    cap::extended_join,
                           cap::invite_notify,     cap::message_redaction,
                           cap::message_tags,      cap::metadata_2,
                           cap::metadata_3,        cap::multiline,
                           cap::no_implicit_names, cap::read_marker,
                           cap::server_time,       cap::setname};
  auto out = all & matter;
  if (!out.has(cap::batch)) // IRCv3 draft/multiline: batch MUST be negotiated
    out.remove(cap::multiline);
  return out;
}

cap_set message_caps(cap_set all) {
  auto out = render_caps(
    all
    & cap_set{cap::account_tag, cap::batch, cap::message_tags, cap::multiline, cap::server_time});
  if (!out.has(cap::multiline))
    out.remove(cap::batch);
  return out;
}

bool needs_nick(const Event& e) {
  return e.kind_case() == Event::kRenamed || e.kind_case() == Event::kCallerIgnored
         || (e.kind_case() == Event::kServerNotice && e.to_operators().empty());
}

std::vector<message> split_lines(std::int64_t split_id, bool is_begin, const policy& rules) {
  auto ref = id_text(split_id);
  message x{{}, rules.server_name, "BATCH", {(is_begin ? '+' : '-') + ref}};
  if (is_begin) // its parameters are two servers, and to clients all nodes are one
    x.params.insert(x.params.end(), {"netsplit", "*.net", "*.split"});
  return {std::move(x)};
}

std::vector<message> lines_of(const Event& e, const viewer& who, const policy& rules) {
  if (who.is_history && !belongs_in_history(e, who))
    return {};
  event_lines to{e, who, rules};
  switch (e.kind_case()) {
  case Event::kMessage: add_message(to, e, who); break;
  case Event::kJoined: add_joined(to, e, who, rules); break;
  case Event::kParted:
    if (!e.parted().silent())
      set_reason(to.by_source("PART", {e.channel()}), e.parted().reason());
    break;
  case Event::kKicked: add_kicked(to, e); break;
  case Event::kQuit:
    if (!who.is_source) // it hears ERROR
      add_quit(to, e, who);
    break;
  case Event::kNick: to.by_source("NICK", {e.nick().nick()}); break;
  case Event::kTopic: set_text(to.by_source("TOPIC", {e.channel()}), e.topic().text()); break;
  case Event::kModes: add_modes(to, e, e.channel(), e.modes().changes()); break;
  case Event::kUserModes:
    add_modes(to, e, name_or(e.target(), e.source().nick()), e.user_modes().changes());
    break;
  case Event::kAway: add_away(to, e, who); break;
  case Event::kAccount: add_account(to, e); break;
  case Event::kHost: add_host(to, e, who); break;
  case Event::kRealName:
    if (to.has(cap::setname))
      set_text(to.by_source("SETNAME"), e.real_name().text());
    break;
  case Event::kInvited: add_invited(to, e, who); break;
  case Event::kKnocked: add_knocked(to, e, who); break;
  case Event::kRenamed: add_renamed(to, e, who, rules); break;
  case Event::kRedacted: add_redacted(to, e); break;
  case Event::kMetadata: add_metadata(to, e); break;
  case Event::kMarker: add_marker(to, e); break;
  case Event::kWallops: set_text(to.by_source("WALLOPS"), e.wallops().text()); break;
  case Event::kEnded: add_ended(to, e); break;
  case Event::kOnline: // IRCv3 monitor: "*" lets all who watch have the same line
    set_text(to.follows({}, "730", {"*"}), source_of(e.source()));
    break;
  case Event::kOffline: set_text(to.follows({}, "731", {"*"}), e.offline().nick()); break;
  case Event::kCallerIgnored: add_caller(to, e, who); break;
  case Event::kServerNotice: add_notice(to, e, who); break;
  case Event::kWhoChanged:
  case Event::KIND_NOT_SET: break;
  }
  return to.take();
}

std::vector<message> rejoin_lines(const Event& e, std::string_view channel,
                                  std::string_view prefixes, const viewer& who,
                                  const policy& rules) {
  event_lines to{e, who, rules};
  auto now = e.source();
  now.set_user(e.host().user());
  now.set_host(e.host().host());
  auto& join = to.follows(source_of(now), "JOIN", {std::string{channel}});
  if (to.has(cap::account_tag) && !now.account().empty())
    join.set_tag("account", now.account());
  set_join(join, now, who);
  add_modes_of_member(to, channel, prefixes, now.nick());
  return to.take();
}

} // namespace hamlet::irc
