// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/machine.hpp"
#include "lib/irc/casemap.hpp"

namespace hamlet::irc {

namespace {

/// How a refusal is said: "NNN nick target :text". Without a target "*" stands there where the
/// numeric wants one.
struct wording {
  numeric number;
  std::string_view text;
  bool names_target = true;
};

/// RFC 2812 §5.2, modern. No default: a new refusal needs words.
wording words_for(chat::v1::Refusal x) {
  using enum numeric;
  switch (x) {
  case chat::v1::NONE: break;
  case chat::v1::FAILED: return {rpl_tryagain, "Please wait a while and try again"};
  case chat::v1::NICK_IN_USE: return {err_nicknameinuse, "Nickname is already in use"};
  case chat::v1::NICK_HELD:
    return {err_nicknameinuse, "Nickname belongs to somebody else, or looks as if it did"};
  case chat::v1::NICK_BAD: return {err_erroneusnickname, "Erroneous nickname"};
  case chat::v1::NICK_FORBIDDEN: return {err_erroneusnickname, "Nickname is reserved"};
  case chat::v1::NICK_TOO_FAST:
    return {err_nicktoofast, "Nick change too fast. Please wait a while"};
  case chat::v1::BANNED_NICK_CHANGE:
    return {err_banonchan, "Cannot change nickname while banned on a channel"};
  case chat::v1::NO_NICK_CHANGE:
    return {err_nonickchange, "Cannot change nickname: a channel of yours does not allow it"};
  case chat::v1::NO_SUCH_NICK: return {err_nosuchnick, "No such nick"};
  case chat::v1::NO_SUCH_SESSION: return {err_nosuchnick, "Your session is over"};
  case chat::v1::UNKNOWN_USER_MODE: return {err_umodeunknownflag, "Unknown MODE flag", false};
  case chat::v1::NOT_OPERATOR:
    return {err_noprivileges, "Permission Denied- You're not an IRC operator", false};
  case chat::v1::LIST_FULL: return {err_banlistfull, "The list is full"};
  case chat::v1::CANNOT_SEND: return {err_cannotsendtochan, "Cannot send to channel"};
  case chat::v1::NEEDS_ACCOUNT_TO_TELL:
    return {err_needreggednick, "You must log in to an account to message this user"};
  case chat::v1::IGNORES_STRANGERS:
    return {rpl_targumodeg, "is in +g mode and hears only those on the ACCEPT list"};
  case chat::v1::IS_SILENT: return {err_cantsendtouser, "does not want to hear you"};
  case chat::v1::NO_CTCP: return {err_cannotsendtochan, "CTCP is not allowed there"};
  case chat::v1::FILTERED: return {err_cannotsendtochan, "Message was refused by a filter"};
  case chat::v1::TOO_MANY_TARGETS:
    return {err_targettoofast, "You speak to too many people at once. Please wait a while"};
  case chat::v1::NO_COMMON_CHANNEL:
    return {err_cantsendtouser, "hears only those who share a channel"};
  case chat::v1::NO_SUCH_CHANNEL: return {err_nosuchchannel, "No such channel"};
  case chat::v1::NOT_ON_CHANNEL: return {err_notonchannel, "You're not on that channel"};
  case chat::v1::TARGET_NOT_ON_CHANNEL:
    return {err_usernotinchannel, "They aren't on that channel"};
  case chat::v1::ALREADY_ON_CHANNEL: return {err_useronchannel, "is already on channel"};
  case chat::v1::TOO_MANY_CHANNELS:
    return {err_toomanychannels, "You have joined too many channels"};
  case chat::v1::BAD_CHANNEL_NAME: return {err_badchanmask, "Bad channel name"};
  case chat::v1::CHANNEL_FORBIDDEN: return {err_badchanname, "Channel is reserved"};
  case chat::v1::BANNED: return {err_bannedfromchan, "Cannot join channel (+b)"};
  case chat::v1::INVITE_ONLY: return {err_inviteonlychan, "Cannot join channel (+i)"};
  case chat::v1::WRONG_KEY: return {err_badchannelkey, "Cannot join channel (+k)"};
  case chat::v1::CHANNEL_FULL: return {err_channelisfull, "Cannot join channel (+l)"};
  case chat::v1::NEEDS_ACCOUNT:
    return {err_needreggednick, "You need to be logged in to an account (+R, +M)"};
  case chat::v1::NEEDS_TLS: return {err_secureonlychan, "Cannot join channel (+z): TLS is needed"};
  case chat::v1::JOINED_TOO_FAST:
    return {err_throttle, "Cannot join channel (+j): too many joins. Try again in a moment"};
  case chat::v1::NEEDS_OPERATOR: return {err_chanoprivsneeded, "You're not channel operator"};
  case chat::v1::UNKNOWN_MODE: return {err_unknownmode, "is unknown mode char to me"};
  case chat::v1::BAN_LIST_FULL: return {err_banlistfull, "Channel list is full"};
  case chat::v1::KEY_IS_SET: return {err_keyset, "Channel key already set"};
  case chat::v1::BAD_MODE_PARAMETER: return {err_invalidmodeparam, "Invalid parameter of the mode"};
  case chat::v1::NO_KNOCK: return {err_throttle, "KNOCKs are disabled there"};
  case chat::v1::IS_OPEN: return {err_chanopen, "Channel is open"};
  case chat::v1::KNOCKED_TOO_OFTEN: return {err_toomanyknock, "Too many KNOCKs: try again later"};
  case chat::v1::OPERS_ONLY: return {err_operonly, "Cannot join channel (+O)"};
  case chat::v1::REDIRECTED: return {err_linkchannel, "Forwarding to another channel"};
  case chat::v1::RENAMED: return {err_linkchannel, "The channel has been renamed"};
  case chat::v1::CANNOT_RENAME: return {err_noprivileges, "Cannot be renamed"};
  case chat::v1::NAME_IN_USE: return {err_nosuchchannel, "The name is in use"};
  case chat::v1::NO_SUCH_MESSAGE: return {err_nosuchnick, "No such message"};
  case chat::v1::TOO_LATE: return {err_noprivileges, "It is too late for that"};
  case chat::v1::NOT_REGISTERED: return {err_nosuchchannel, "Channel is not registered"};
  case chat::v1::IS_REGISTERED: return {err_nosuchchannel, "Channel is already registered"};
  case chat::v1::NO_ACCESS: return {err_chanoprivsneeded, "You have no access to do that"};
  case chat::v1::NO_SUCH_ACCOUNT: return {err_nosuchnick, "No such account"};
  case chat::v1::BAD_REQUEST: return {err_unknownerror, "That cannot be done"};
  case chat::v1::NO_KICK: return {err_chanoprivsneeded, "You may not kick them (+Q or rank)"};
  case chat::v1::NO_INVITE: return {err_chanoprivsneeded, "Invitations are off (+V)"};
  case chat::v1::LIMIT_REACHED: return {rpl_tryagain, "A limit is reached"};
  case chat::v1::READ_ONLY: return {err_cannotsendtochan, "Read only"};
  case chat::v1::Refusal_INT_MIN_SENTINEL_DO_NOT_USE_:
  case chat::v1::Refusal_INT_MAX_SENTINEL_DO_NOT_USE_: break;
  }
  return {err_unknownerror, "That cannot be done"};
}

} // namespace

void machine::refuse(const chat::v1::Reply& r, std::string_view target) {
  auto words = words_for(r.refusal());
  std::vector<std::string> params;
  if (words.names_target)
    params.emplace_back(target.empty() ? "*" : target);
  bool adds_something = !r.detail().empty() && !same_name(r.detail(), target);
  params.emplace_back(adds_something ? std::string{words.text} + ": " + r.detail()
                                     : std::string{words.text});
  reply(words.number, std::move(params));
}

} // namespace hamlet::irc
