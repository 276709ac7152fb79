// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/history_replay.hpp"
#include "gateway/irc/metadata.hpp"
#include "gateway/irc/registering.hpp"
#include "gateway/irc/registration.hpp"
#include "lib/irc/mode_table.hpp"

#include <ctime>

namespace hamlet::irc {

namespace {

std::string date_of(std::int64_t ms) {
  auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  auto size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text.data(), size};
}

/// A client that comes to a session that is there hears what the session is in.
void resume_channels(machine& m, std::vector<std::string> channels) {
  if (channels.empty())
    return;
  auto next = std::move(channels.back());
  channels.pop_back();
  m.ask(
    [&] {
      auto question = m.request(next);
      question.mutable_get_members();
      return question;
    }(),
    [rest = std::move(channels)](machine& me, const chat::v1::Reply& r) {
      if (r.refusal() != chat::v1::NONE)
        return resume_channels(me, rest);
      show_join(me, r, [rest, channel = r.channel()](machine& then) {
        auto others = [rest](machine& last) { resume_channels(last, rest); };
        if (replays_history(then))
          return replay_history(then, channel, others);
        others(then);
      });
    });
}

void end_welcome(machine& m, const std::string& modes, const std::optional<std::string>& away,
                 const std::vector<std::string>& channels) {
  send_motd(m);
  auto& me = m.me();
  if (modes.size() > 1)
    m.say({.tags = {},
           .source = me.nick(),
           .command = "MODE",
           .params = {me.nick(), modes},
           .colon = true});
  if (me.account_id() == 0
      && m.rules().settings.accounts.registration.value != config::registration::closed)
    m.notice("You can make this nickname yours: /msg NickServ HELP REGISTER", "NickServ");
  if (away) {
    auto wish = m.request();
    wish.mutable_set_away()->set_text(*away);
    wish.mutable_set_away()->set_is_pre_away(*away == "*");
    m.tell(std::move(wish));
  }
  resume_channels(m, channels);
}

} // namespace

void welcome(machine& m, const chat::v1::Reply& started) {
  auto away = m.entry->wants_away ? std::optional{m.entry->away} : std::nullopt;
  m.set_me(started.who());
  m.set_session(started.session_id());
  auto& rules = m.rules();
  auto& me = m.me();
  m.reply(numeric::rpl_welcome, {"Welcome to the " + rules.network_name + " network, " + me.nick()
                                 + "!" + me.user() + "@" + me.host()});
  m.reply(numeric::rpl_yourhost,
          {"Your host is " + rules.server_name + ", running version " + rules.version});
  m.reply(numeric::rpl_created, {"This server was started " + date_of(rules.created_ms)});
  m.reply(numeric::rpl_myinfo, {rules.server_name, rules.version, user_mode_letters(),
                                channel_mode_letters(), channel_modes_with_param()});
  send_isupport(m);
  send_lusers(m, true);
  std::vector<std::string> channels{started.channels().rbegin(), started.channels().rend()};
  auto end = [modes = started.user_modes(), away, channels](machine& last) {
    end_welcome(last, modes, away, channels);
  };
  show_own_metadata(m, [end](machine& then) { show_persistence(then, end); });
}

void send_motd(machine& m) {
  if (m.rules().motd.empty())
    return m.reply(numeric::err_nomotd, {"There is no message of the day"});
  m.reply(numeric::rpl_motdstart, {"- " + m.rules().server_name + " Message of the day -"});
  for (auto& line : m.rules().motd)
    m.reply(numeric::rpl_motd, {"- " + line});
  m.reply(numeric::rpl_endofmotd, {"End of MOTD command"});
}

void send_lusers(machine& m, bool is_welcome) {
  auto n = m.rules().people->count();
  if (is_welcome && n.unregistered > 0) // the client that is welcomed counts as such until then
    --n.unregistered;
  auto text = [](auto x) { return std::to_string(x); };
  m.reply(numeric::rpl_luserclient, {"There are " + text(n.users) + " users and "
                                     + text(n.invisible) + " invisible on 1 server"});
  m.reply(numeric::rpl_luserop, {text(n.operators), "IRC operators online"});
  m.reply(numeric::rpl_luserunknown, {text(n.unregistered), "unregistered connections"});
  m.reply(numeric::rpl_luserchannels, {text(n.channels), "channels formed"});
  auto all = n.users + n.invisible;
  m.reply(numeric::rpl_luserme, {"I have " + text(all) + " users and 1 server"});
  m.reply(numeric::rpl_localusers,
          {text(all), text(n.most_users),
           "Current local users " + text(all) + ", max " + text(n.most_users)});
  m.reply(numeric::rpl_globalusers,
          {text(all), text(n.most_users),
           "Current global users " + text(all) + ", max " + text(n.most_users)});
}

} // namespace hamlet::irc
