// SPDX-License-Identifier: Apache-2.0
#include "node/ctl/help.hpp"

#include "lib/mail/field.hpp"
#include "node/ctl/options.hpp"

#include <algorithm>
#include <ostream>

namespace hamlet::ctl {

namespace {

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  });
  return text;
}

constexpr std::size_t column = 46;

void line(std::ostream& to, const std::string& what, std::string_view doc) {
  to << "  " << what << std::string(what.size() < column ? column - what.size() : 1, ' ') << doc
     << '\n';
}

} // namespace

std::string option_of(std::string_view field) {
  std::string text{field};
  std::ranges::replace(text, '_', '-');
  return text;
}

std::string usage_of(const verb& x) {
  std::string text{x.name};
  for (auto& field : mail::words_of(x.fields))
    text += ' ' + upper(option_of(field));
  for (auto& field : mail::words_of(x.options))
    text += " [--" + option_of(field) + " …]";
  return text;
}

bool list_verbs(std::ostream& to, const std::string& group) {
  bool any = false;
  for (auto& x : verbs()) {
    if (!group.empty() && x.name != group && !x.name.starts_with(group + ' '))
      continue;
    line(to, usage_of(x), x.doc);
    any = true;
  }
  return any;
}

void help(std::ostream& to, const std::string& group) {
  to << "usage: hamlet ctl COMMAND [OPTIONS]\n\n";
  list_verbs(to, group);
  if (group.empty()) {
    to << '\n';
    line(to, "list [SERVICE]", "The services, or the methods of one, and who may call them.");
    line(to, "describe NAME", "A service, a method or a message, as its definition has it.");
    line(to, "call METHOD [JSON]", "Any method; the request may come on standard input.");
  }
  to << '\n' << options_help();
}

} // namespace hamlet::ctl
