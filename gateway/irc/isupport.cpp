// SPDX-License-Identifier: Apache-2.0
#include "lib/irc/isupport.hpp"

#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/registration.hpp"
#include "lib/irc/ban.hpp"
#include "lib/irc/mode_table.hpp"

namespace hamlet::irc {

std::vector<isupport_token> isupport_tokens(const policy& rules) {
  auto& sizes = rules.settings.chat_sizes;
  auto n = [](const auto& setting) { return std::to_string(setting.value); };
  auto entries = n(sizes.list_entries);
  auto targets = n(sizes.targets);
  std::vector<isupport_token> all{
    {"ACCEPT", n(sizes.accept)},
    {"ACCOUNTEXTBAN", account_extban_token()},
    {"AWAYLEN", n(sizes.away_length)},
    {"BOT", "B"},
    {"CALLERID", "g"},
    {"CASEMAPPING", "ascii"},
    {"CHANLIMIT", std::string{"#&:"} + n(sizes.channels_per_user)},
    {"CHANMODES", chanmodes_token()},
    {"CHANNELLEN", n(sizes.channel_length)},
    {"CHANTYPES", "#&"},
    {"CHARSET", "UTF-8"},
    {"ELIST", "CMNTU"},
    {"EXCEPTS", "e"},
    {"EXTBAN", extban_token()},
    {"HOSTLEN", "63"},
    {"INVEX", "I"},
    // mode_param() takes no longer key: RFC 2812 §2.3.1.
    {"KEYLEN", std::to_string(std::min<std::uint64_t>(sizes.key_length.value, 23))},
    {"KICKLEN", n(sizes.kick_length)},
    {"KNOCK", ""},
    {"LINELEN", "512"},
    {"MAXLIST", "b:" + entries + ",e:" + entries + ",I:" + entries}, // of each so many
    {"MODES", n(sizes.modes_per_line)},
    {"MONITOR", n(sizes.monitor)},
    {"NAMELEN", n(sizes.real_name_length)},
    {"NETWORK", rules.network_name},
    {"NICKLEN", n(sizes.nick_length)},
    {"PREFIX", prefix_token()},
    {"SAFELIST", ""},
    {"SILENCE", n(sizes.silence)},
    {"STATUSMSG", statusmsg_token()},
    {"TARGMAX", "ACCEPT:,JOIN:,KICK:" + targets + ",LIST:,MONITOR:,NAMES:1,NOTICE:" + targets
                  + ",PART:,PRIVMSG:" + targets + ",TAGMSG:" + targets + ",WHOIS:" + targets
                  + ",WHOWAS:" + targets},
    {"TOPICLEN", n(sizes.topic_length)},
    {"USERLEN", n(sizes.user_length)},
    {"WHOX", ""},
  };
  if (rules.settings.chat_history.is_on.value) {
    all.push_back({"CHATHISTORY", n(rules.settings.chat_history.per_request)});
    all.push_back({"MSGREFTYPES", "msgid,timestamp"});
  }
  if (rules.settings.chat.utf8_only.value)
    all.push_back({"UTF8ONLY", ""});
  if (rules.settings.chat.utf8_nicks.value)
    all.push_back({"UTF8MAPPING", "rfc8265"});
  if (rules.settings.chat.needs_account.value)
    all.push_back({"draft/ACCOUNTREQUIRED", ""});
  return all;
}

void send_isupport(machine& m) {
  send_isupport(m, isupport_tokens(m.rules()));
}

void send_isupport(machine& m, std::span<const isupport_token> tokens) {
  if (tokens.empty())
    return;
  constexpr std::string_view text = "are supported by this server";
  auto room = 510 - m.rules().server_name.size() - m.nick_or_star().size() - text.size() - 9;
  // draft/extended-isupport: with both capabilities no 005 stands outside of a batch.
  bool in_batch = m.has(cap::extended_isupport) && m.has(cap::batch);
  if (in_batch)
    m.begin_batch("draft/isupport", {});
  for (auto& line : isupport_lines(tokens, room)) {
    auto params = list_of(line, ' ');
    params.emplace_back(text);
    m.reply(numeric::rpl_isupport, std::move(params));
  }
  if (in_batch)
    m.end_batch();
}

} // namespace hamlet::irc
