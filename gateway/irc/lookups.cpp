// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/lookups.hpp"

#include "lib/irc/glob.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace hamlet::irc {

bool is_for_us(machine& m, std::string_view target) {
  auto& rules = m.rules();
  glob mask{target};
  if (target.empty() || mask.matches(rules.server_name) || rules.people->find_packed(target))
    return true;
  if (rules.nodes
      && std::ranges::any_of(rules.nodes(), [&](const std::string& x) { return mask.matches(x); }))
    return true;
  m.reply(numeric::err_nosuchserver, {std::string{target.substr(0, 64)}, "No such server"});
  return false;
}

std::string server_of(const machine& m, const chat::v1::Who& who) {
  return m.rules().home ? m.rules().home(who.session_id()) : m.rules().server_name;
}

bool sees_all(const machine& m) {
  return m.may(config::privilege::see);
}

bool sees_address(const machine& m, const chat::v1::Who& who) {
  return who.session_id() == m.session_id() || sees_all(m);
}

bool sees_user(const machine& m, const chat::v1::Who& who) {
  return who.user_modes().find('i') == std::string::npos || who.session_id() == m.session_id()
         || sees_all(m) || m.rules().people->share_channel(m.session_id(), who.session_id());
}

bool sees_user(const machine& m, const packed_user& who) {
  return !who.is_invisible() || who.session_id() == m.session_id() || sees_all(m)
         || m.rules().people->share_channel(m.session_id(), who.session_id());
}

bool sees_channel(const machine& m, const membership& where, std::int64_t of) {
  return !where.is_hidden || of == m.session_id() || sees_all(m)
         || m.rules().people->is_member(m.session_id(), where.channel);
}

std::string who_flags(const machine& m, const chat::v1::Who& who, std::string_view prefixes) {
  std::string all{who.is_away() ? 'G' : 'H'};
  if (who.is_operator())
    all += '*';
  all += m.has(cap::multi_prefix) ? prefixes : prefixes.substr(0, 1);
  if (who.is_bot()) // IRCv3 bot mode: the letter of BOT in 005
    all += 'B';
  return all;
}

std::int64_t idle_seconds(const machine& m, const user_card& user) {
  auto last = user.active_ms ? user.active_ms->load() : std::int64_t{0};
  last = std::max(last, user.signon_ms);
  return std::max<std::int64_t>(0, m.now().wall_ms - last) / 1000;
}

std::vector<std::string> words_of(const message& x, std::size_t first) {
  std::vector<std::string> all;
  for (auto i = first; i < x.params.size(); ++i)
    for (std::string_view rest = x.params[i]; !rest.empty();) {
      auto end = std::min(rest.find(' '), rest.size());
      if (end != 0)
        all.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  return all;
}

std::string text_from(const message& x, std::size_t first) {
  std::string all;
  for (auto i = first; i < x.params.size(); ++i)
    all += (all.empty() ? "" : " ") + x.params[i];
  return all;
}

void reply_commas(machine& m, numeric what, const std::vector<std::string>& items) {
  constexpr std::size_t line = 510;
  auto fixed = m.rules().server_name.size() + m.nick_or_star().size() + 8;
  std::string text;
  for (auto& item : items) {
    if (!text.empty() && fixed + text.size() + 1 + item.size() > line)
      m.reply(what, {std::exchange(text, {})});
    text += (text.empty() ? "" : ",") + item;
  }
  if (!text.empty())
    m.reply(what, {text});
}

std::string long_date(std::int64_t ms) {
  auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 80> text{};
  auto size = std::strftime(text.data(), text.size(), "%A, %d %B %Y, %H:%M:%S UTC", &parts);
  return {text.data(), size};
}

} // namespace hamlet::irc
