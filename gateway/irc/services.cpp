// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/services.hpp"

#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/service_commands.hpp"
#include "gateway/irc/verbs.hpp"
#include "lib/irc/format.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>
#include <array>

namespace hamlet::irc {

namespace {

std::string joined(const message& x, std::size_t from) {
  std::string all;
  for (auto i = from; i < x.params.size(); ++i)
    all.append(all.empty() ? "" : " ").append(x.params[i]);
  return all;
}

void verb_nickserv(machine& m, const message& x) {
  serve(m, service::nick, joined(x, 0));
}
void verb_chanserv(machine& m, const message& x) {
  serve(m, service::channel, joined(x, 0));
}

constexpr std::array table{
  verb{"NICKSERV", verb_nickserv, 1, phase::after, "NICKSERV <command>: your account; or NS"},
  verb{"NS", verb_nickserv, 1, phase::after, ""},
  verb{"CHANSERV", verb_chanserv, 1, phase::after, "CHANSERV <command>: your channels; or CS"},
  verb{"CS", verb_chanserv, 1, phase::after, ""},
};

void help(machine& m, service which, std::span<const service_command> all, std::string_view about) {
  auto from = name_of(which);
  auto one = std::ranges::find(all, about, &service_command::name);
  if (one != all.end()) {
    m.notice("Usage: " + std::string{one->usage}, from);
    return m.notice(one->help, from);
  }
  m.notice("Commands of " + std::string{from} + " (HELP <command> tells more):", from);
  for (auto& x : all)
    m.notice("  " + std::string{x.usage}, from);
}

} // namespace

std::span<const verb> service_verbs() {
  return table;
}

std::optional<service> service_named(std::string_view target) {
  target = target.substr(0, target.find('@'));
  if (ascii::same_word(target, "NickServ"))
    return service::nick;
  if (ascii::same_word(target, "ChanServ"))
    return service::channel;
  return std::nullopt;
}

std::string_view name_of(service x) {
  return x == service::nick ? "NickServ" : "ChanServ";
}

void serve(machine& m, service which, std::string_view text) {
  if (text.starts_with('\x01')) // CTCP: a service is no client
    return;
  auto words = list_of(text, ' ');
  auto all = which == service::nick ? nick_service_commands() : channel_service_commands();
  auto name = words.empty() ? std::string{"HELP"} : ascii::raised(words[0]);
  if (name == "HELP")
    return help(m, which, all, words.size() > 1 ? ascii::raised(words[1]) : "");
  auto found = std::ranges::find(all, name, &service_command::name);
  if (found == all.end())
    return m.notice("Unknown command " + std::string{fitting(words[0], 32)} + ". /msg "
                      + std::string{name_of(which)} + " HELP lists them",
                    name_of(which));
  words.erase(words.begin());
  if (words.size() < found->min_words)
    return m.notice("Usage: " + std::string{found->usage}, name_of(which));
  if (found->needs_account && m.me().account_id() == 0)
    return m.notice("You are not logged in: /msg NickServ IDENTIFY <account> <password>",
                    name_of(which));
  if (which == service::channel && !words.empty() && !is_channel_name(words[0]))
    return m.notice(std::string{fitting(words[0], 64)} + " is no channel", name_of(which));
  found->run(m, words);
}

} // namespace hamlet::irc
