// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"

#include "gateway/irc/verbs.hpp"
#include "lib/irc/format.hpp"

#include <array>
#include <memory>

namespace hamlet::irc {

namespace {

constexpr std::array table{
  verb{"JOIN", verb_join, 1, phase::after, "JOIN <channel>{,<channel>} [<key>{,<key>}]"},
  verb{"PART", verb_part, 1, phase::after, "PART <channel>{,<channel>} [:<reason>]"},
  verb{"NAMES", verb_names, 0, phase::after, "NAMES <channel>: who is there"},
  verb{"LIST", verb_list, 0, phase::after, "LIST [<mask>|>n|<n|C>n|T<n …]: the channels"},
  verb{"MODE", verb_mode, 1, phase::after, "MODE <channel|nick> [<modes> [<parameters>]]"},
  verb{"TOPIC", verb_topic, 1, phase::after, "TOPIC <channel> [:<topic>]"},
  verb{"KICK", verb_kick, 2, phase::after, "KICK <channel> <nick>{,<nick>} [:<reason>]"},
  verb{"INVITE", verb_invite, 0, phase::after, "INVITE [<nick> <channel>]"},
  verb{"KNOCK", verb_knock, 1, phase::after, "KNOCK <channel> [:<text>]: asks to be let in"},
  verb{"RENAME", verb_rename, 2, phase::after, "RENAME <channel> <new name> [:<reason>]"},
};

struct sequence {
  std::vector<std::string> items;
  each_step step;
  std::function<void(machine&)> after;
};

void go_on(machine& m, const std::shared_ptr<sequence>& all, std::size_t place) {
  if (m.is_closed()) // by one of the steps
    return;
  if (place == all->items.size()) {
    if (all->after)
      all->after(m);
    return;
  }
  all->step(m, all->items[place], place,
            [all, place](machine& then) { go_on(then, all, place + 1); });
}

} // namespace

std::span<const verb> channel_verbs() {
  return table;
}

std::vector<std::string> list_of(std::string_view text, char between) {
  std::vector<std::string> all;
  while (!text.empty()) {
    auto end = text.find(between);
    if (end != 0)
      all.emplace_back(text.substr(0, end));
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
  }
  return all;
}

void one_by_one(machine& m, std::vector<std::string> items, each_step step,
                std::function<void(machine&)> after) {
  go_on(m,
        std::make_shared<sequence>(sequence{std::move(items), std::move(step), std::move(after)}),
        0);
}

bool is_channel_name(std::string_view name) {
  return name.starts_with('#') || name.starts_with('&');
}

bool names_channel(machine& m, const std::string& name) {
  if (is_channel_name(name))
    return true;
  m.reply(numeric::err_nosuchchannel, {std::string{fitting(name, 64)}, "No such channel"});
  return false;
}

} // namespace hamlet::irc
