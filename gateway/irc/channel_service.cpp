// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/service_commands.hpp"
#include "gateway/irc/stamps.hpp"
#include "lib/irc/mask.hpp"
#include "lib/text/ascii.hpp"

#include <array>

namespace hamlet::irc {

namespace {

constexpr std::string_view self = "ChanServ";

void tell(machine& m, std::string_view text) {
  m.notice(text, self);
}

std::string_view words_for(chat::v1::Refusal x) {
  switch (x) {
  case chat::v1::NOT_REGISTERED: return "The channel is not registered";
  case chat::v1::IS_REGISTERED: return "The channel is registered already";
  case chat::v1::NO_ACCESS: return "You have no access to do that";
  case chat::v1::NEEDS_OPERATOR: return "You must be its operator";
  case chat::v1::NEEDS_ACCOUNT: return "You must be logged in";
  case chat::v1::NOT_ON_CHANNEL: return "You are not on that channel";
  case chat::v1::TARGET_NOT_ON_CHANNEL: return "They are not on that channel";
  case chat::v1::NO_SUCH_CHANNEL: return "There is no such channel";
  case chat::v1::NO_SUCH_ACCOUNT: return "There is no such account";
  case chat::v1::LIMIT_REACHED: return "There are as many as there may be";
  case chat::v1::BAD_REQUEST: return "That is not of the right form";
  default: return "That cannot be done";
  }
}

using then_done = std::function<void(machine&, const chat::v1::Reply&)>;

/// Asks the CHANNEL; says why not, or goes on.
void ask(machine& m, chat::v1::Request wish, then_done then) {
  m.ask(std::move(wish), [then = std::move(then)](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return tell(me, words_for(r.refusal()));
    then(me, r);
  });
}

void ask(machine& m, chat::v1::Request wish, std::string done) {
  ask(m, std::move(wish),
      [done = std::move(done)](machine& me, const chat::v1::Reply&) { tell(me, done); });
}

chat::v1::Request to(machine& m, const std::string& channel) {
  auto wish = m.request(channel);
  wish.mutable_origin()->set_tag(m.open_reply());
  return wish;
}

template <class Then>
void with_account(machine& m, const std::string& name, Then then) {
  account::v1::FindAccount question;
  question.set_chat_name(name);
  m.ask(account_request{std::move(question)}, [name, then](machine& me, const account_reply& r) {
    auto* x = std::get_if<account::v1::AccountFound>(&r);
    if (!x || x->account_id() == 0)
      return tell(me, "There is no account " + name);
    then(me, *x);
  });
}

// -- registration ---------------------------------------------------------------------------------

void run_register(machine& m, const service_words& w) {
  auto wish = to(m, w[0]);
  std::string about;
  for (std::size_t i = 1; i < w.size(); ++i)
    about.append(about.empty() ? "" : " ").append(w[i]);
  wish.mutable_register_channel()->set_description(about);
  ask(m, std::move(wish), w[0] + " is yours");
}

void run_drop(machine& m, const service_words& w) {
  if (w.size() < 2 || w[1] != w[0])
    return tell(m, "To drop a channel say its name twice: DROP " + w[0] + " " + w[0]);
  auto wish = to(m, w[0]);
  wish.mutable_drop_channel();
  ask(m, std::move(wish), w[0] + " belongs to nobody now");
}

void run_info(machine& m, const service_words& w) {
  auto wish = m.request(w[0]);
  wish.mutable_get_channel_info();
  ask(m, std::move(wish), [](machine& me, const chat::v1::Reply& r) {
    tell(me, "Channel " + r.channel() + ", since " + time_text(r.created_ms()).substr(0, 10));
    if (!r.modes().empty())
      tell(me, "  modes: " + r.modes());
    for (auto& x : r.options())
      tell(me, "  " + x.name() + ": " + x.value());
  });
}

void run_set(machine& m, const service_words& w) {
  std::string value;
  for (std::size_t i = 2; i < w.size(); ++i)
    value.append(value.empty() ? "" : " ").append(w[i]);
  auto wish = to(m, w[0]);
  auto& option = *wish.mutable_set_channel_option();
  option.set_name(ascii::lowered(w[1]));
  option.set_value(value);
  if (option.name() != "founder" && option.name() != "successor")
    return ask(m, std::move(wish), "Set");
  with_account(m, value, [wish](machine& me, const account::v1::AccountFound& x) {
    auto full = wish;
    full.mutable_set_channel_option()->set_account_id(x.account_id());
    full.mutable_set_channel_option()->set_value(x.chat_name());
    ask(me, std::move(full), "Set");
  });
}

void run_transfer(machine& m, const service_words& w) {
  run_set(m, {w[0], "founder", w[1]});
}

// -- access ---------------------------------------------------------------------------------------

void list_access(machine& m, const std::string& channel) {
  auto wish = m.request(channel);
  wish.mutable_get_access();
  ask(m, std::move(wish), [](machine& me, const chat::v1::Reply& r) {
    tell(me, "Access of " + r.channel() + ":");
    for (auto& x : r.access())
      tell(me, "  " + x.account() + " +" + x.flags());
  });
}

void set_access(machine& m, const std::string& channel, const std::string& name,
                std::string flags) {
  with_account(m, name, [channel, flags](machine& me, const account::v1::AccountFound& x) {
    auto wish = to(me, channel);
    auto& access = *wish.mutable_set_access();
    access.set_account(x.chat_name());
    access.set_account_id(x.account_id());
    access.set_flags(flags);
    ask(me, std::move(wish),
        flags.empty() ? x.chat_name() + " has no access to " + channel + " now"
                      : x.chat_name() + " has +" + flags + " in " + channel);
  });
}

void run_flags(machine& m, const service_words& w) {
  if (w.size() == 1)
    return list_access(m, w[0]);
  if (w.size() < 3)
    return tell(m, "Usage: FLAGS <channel> [<account> <+flags|->]");
  auto flags = w[2];
  if (flags == "-" || flags == "-*")
    flags.clear();
  std::erase(flags, '+');
  set_access(m, w[0], w[1], flags);
}

/// AMODE of Ergo, ACCESS of others.
void run_access(machine& m, const service_words& w) {
  auto what = w.size() > 1 ? ascii::raised(w[1]) : "LIST";
  if (what == "LIST")
    return list_access(m, w[0]);
  if (what == "ADD" && w.size() > 3)
    return set_access(m, w[0], w[2], w[3]);
  if (what == "DEL" && w.size() > 2)
    return set_access(m, w[0], w[2], {});
  tell(m, "Usage: ACCESS <channel> <LIST|ADD <account> <q|a|o|h|v>|DEL <account>>");
}

void run_updown(machine& m, const service_words& w, const char* action) {
  auto wish = to(m, w[0]);
  wish.mutable_get_status()->set_action(action);
  ask(m, std::move(wish), "Done");
}
void run_up(machine& m, const service_words& w) {
  run_updown(m, w, "up");
}
void run_down(machine& m, const service_words& w) {
  run_updown(m, w, "down");
}

// -- what operators do, said to a service ---------------------------------------------------------

void change(machine& m, const service_words& w, bool add, char letter) {
  auto wish = to(m, w[0]);
  auto one = [&](const std::string& param) {
    auto& x = *wish.mutable_set_modes()->add_changes();
    x.set_add(add);
    x.set_letter(std::string(1, letter));
    x.set_param(param);
  };
  if (w.size() == 1)
    one(m.me().nick());
  for (std::size_t i = 1; i < w.size() && i <= m.sizes().modes_per_line.value; ++i)
    one(w[i]);
  ask(m, std::move(wish), [](machine& me, const chat::v1::Reply& r) {
    tell(me, r.refused_modes().empty() ? "Done" : words_for(r.refused_modes(0).refusal()));
  });
}
template <bool Add, char Letter>
void run_mode(machine& m, const service_words& w) {
  change(m, w, Add, Letter);
}

void run_ban(machine& m, const service_words& w) {
  auto mask = w[1];
  if (auto who = m.rules().people->find(mask))
    mask = "*!*@" + who->who.host();
  change(m, {w[0], mask}, true, 'b');
}
void run_unban(machine& m, const service_words& w) {
  change(m, {w[0], w[1]}, false, 'b');
}

void run_kick(machine& m, const service_words& w) {
  auto wish = to(m, w[0]);
  wish.mutable_kick()->set_nick(w[1]);
  std::string why;
  for (std::size_t i = 2; i < w.size(); ++i)
    why.append(why.empty() ? "" : " ").append(w[i]);
  wish.mutable_kick()->set_reason(why.empty() ? m.me().nick() : why);
  ask(m, std::move(wish), "Done");
}

void run_topic(machine& m, const service_words& w) {
  auto wish = to(m, w[0]);
  std::string text;
  for (std::size_t i = 1; i < w.size(); ++i)
    text.append(text.empty() ? "" : " ").append(w[i]);
  wish.mutable_set_topic()->set_text(text);
  ask(m, std::move(wish), "Done");
}

void run_clear(machine& m, const service_words& w) {
  auto wish = to(m, w[0]);
  wish.mutable_clear_channel()->set_what(ascii::lowered(w[1]));
  ask(m, std::move(wish), "Done");
}

constexpr std::array table{
  service_command{"REGISTER", "REGISTER <channel> [<description>]",
                  "The channel is yours: it keeps its modes, topic, access and history.", 1, true,
                  run_register},
  service_command{"DROP", "DROP <channel> <channel>", "Gives it up.", 1, true, run_drop},
  service_command{"INFO", "INFO <channel>", "What is known of a channel.", 1, false, run_info},
  service_command{"SET", "SET <channel> <option> <value>",
                  "Options: DESCRIPTION, RETENTION (days), ENTRYMSG, FOUNDER, SUCCESSOR.", 2, true,
                  run_set},
  service_command{"TRANSFER", "TRANSFER <channel> <account>", "Another founder.", 2, true,
                  run_transfer},
  service_command{"FLAGS", "FLAGS <channel> [<account> <+flags|->]",
                  "Who gets which of q a o h v when they join.", 1, true, run_flags},
  service_command{"ACCESS", "ACCESS <channel> <LIST|ADD <account> <flags>|DEL <account>>",
                  "The same in other words.", 1, true, run_access},
  service_command{"AMODE", "AMODE <channel> [<account> <+flags|->]", "The same as FLAGS.", 1, true,
                  run_flags},
  service_command{"UP", "UP <channel>", "Gives you what your access says.", 1, true, run_up},
  service_command{"DOWN", "DOWN <channel>", "Takes all of it from you.", 1, true, run_down},
  service_command{"OP", "OP <channel> [<nick> …]", "+o", 1, false, run_mode<true, 'o'>},
  service_command{"DEOP", "DEOP <channel> [<nick> …]", "-o", 1, false, run_mode<false, 'o'>},
  service_command{"HALFOP", "HALFOP <channel> [<nick> …]", "+h", 1, false, run_mode<true, 'h'>},
  service_command{"DEHALFOP", "DEHALFOP <channel> [<nick> …]", "-h", 1, false,
                  run_mode<false, 'h'>},
  service_command{"VOICE", "VOICE <channel> [<nick> …]", "+v", 1, false, run_mode<true, 'v'>},
  service_command{"DEVOICE", "DEVOICE <channel> [<nick> …]", "-v", 1, false, run_mode<false, 'v'>},
  service_command{"BAN", "BAN <channel> <nick|mask>", "+b", 2, false, run_ban},
  service_command{"UNBAN", "UNBAN <channel> <mask>", "-b", 2, false, run_unban},
  service_command{"KICK", "KICK <channel> <nick> [<reason>]", "Throws somebody out.", 2, false,
                  run_kick},
  service_command{"TOPIC", "TOPIC <channel> <text>", "Sets the topic.", 2, false, run_topic},
  service_command{"CLEAR", "CLEAR <channel> <USERS|BANS|MODES|OPS|VOICES>",
                  "Takes all of them away.", 2, true, run_clear},
};

} // namespace

std::span<const service_command> channel_service_commands() {
  return table;
}

} // namespace hamlet::irc
