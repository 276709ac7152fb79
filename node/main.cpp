// SPDX-License-Identifier: Apache-2.0
#include "lib/config/load.hpp"
#include "lib/log/log.hpp"
#include "node/command.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace hamlet::node {

namespace {

constexpr const char* default_file = "/etc/hamlet/hamlet.toml";

std::vector<command> all_commands() {
  std::vector<command> all;
  for (auto some :
       {serve_commands(), domain_commands(), account_commands(), chat_commands(), store_commands(),
        schema_commands(), cluster_commands(), admin_commands(), config_commands()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

/// Each command with its line, those of one group only if `group` names one.
void list_commands(std::ostream& to, std::string_view group) {
  constexpr std::size_t column = 34;
  for (auto& x : all_commands()) {
    if (!group.empty() && !x.name.starts_with(std::string{group} + ' '))
      continue;
    auto text = std::string{x.name} + (x.arguments.empty() ? "" : " ") + std::string{x.arguments};
    to << "  " << text;
    if (text.size() > column)
      to << '\n' << std::string(column + 4, ' ');
    else
      to << std::string(column + 2 - text.size(), ' ');
    to << x.doc << '\n';
  }
}

int help(std::ostream& to, int status) {
  to << "Hamlet: mail, chat and a web site for a community, under one account.\n\n"
        "usage: hamlet COMMAND [--config FILE]\n\n";
  list_commands(to, {});
  to << "\nWithout --config the settings are read from " << default_file << " if it is there.\n";
  return status;
}

int unknown_command(const std::vector<command>& all, const std::string& word) {
  auto is_group =
    std::ranges::any_of(all, [&](const command& x) { return x.name.starts_with(word + ' '); });
  if (is_group) {
    std::cerr << "hamlet " << word << " what?\n";
    list_commands(std::cerr, word);
  } else {
    std::cerr << "hamlet: unknown command \"" << word << "\"; `hamlet help` lists them\n";
  }
  return 2;
}

/// "account certificate add" before "account add".
const command* find(const std::vector<command>& all, const std::vector<std::string>& words,
                    std::size_t& used) {
  for (used = 3; used > 0; --used) {
    if (words.size() < used)
      continue;
    auto name = words[0];
    for (std::size_t i = 1; i < used; ++i)
      name += ' ' + words[i];
    auto found = std::ranges::find(all, name, &command::name);
    if (found != all.end())
      return &*found;
  }
  return nullptr;
}

int wrong_usage(const command& x, const std::string& why) {
  std::cerr << "hamlet: " << why << "\nusage: hamlet " << x.name << ' ' << x.arguments << '\n';
  return 2;
}

/// Parts options from words. @return what is wrong with them, or nothing.
std::optional<std::string> split(const std::vector<std::string>& arguments, const command& x,
                                 call& into) {
  if (x.options == "*") { // it reads its own
    into.words = arguments;
    return std::nullopt;
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    auto& word = arguments[i];
    if (!word.starts_with("--")) {
      into.words.push_back(word);
      continue;
    }
    auto name = word.substr(2);
    if (x.options.find(name + '=') != x.options.npos) {
      if (i + 1 == arguments.size())
        return word + " needs a value";
      into.options.emplace_back(name, arguments[++i]);
    } else if (x.options.find(name + ',') != x.options.npos) {
      into.options.emplace_back(name, "");
    } else {
      return "unknown option " + word;
    }
  }
  if (into.words.size() < x.min_words || into.words.size() > x.max_words)
    return "wrong number of arguments";
  return std::nullopt;
}

int run(std::vector<std::string> words) {
  std::string file;
  auto is_default = false;
  if (auto at = std::ranges::find(words, "--config"); at != words.end()) {
    if (at + 1 == words.end()) {
      std::cerr << "hamlet: --config needs a file\n";
      return 2;
    }
    file = *(at + 1);
    words.erase(at, at + 2);
  } else {
    file = default_settings_file();
    is_default = true;
  }
  if (words.empty())
    return help(std::cerr, 2);
  if (words[0] == "help" || words[0] == "--help" || words[0] == "-h")
    return help(std::cout, 0);
  auto all = all_commands();
  std::size_t used = 0;
  auto* found = find(all, words, used);
  if (!found)
    return unknown_command(all, words[0]);
  config::settings settings;
  auto is_far = found->name == "ctl" && std::ranges::find(words, "--address") != words.end();
  auto wants_settings = found->name != "version" && !(is_default && is_far);
  if (!file.empty() && wants_settings) {
    auto loaded = config::load_file(file);
    if (!loaded) {
      for (auto& line : loaded.error())
        std::cerr << line << '\n';
      if (::access(file.c_str(), R_OK) != 0 && errno == EACCES)
        std::cerr << "Settings and mail belong to the user hamlet: sudo -u hamlet hamlet …\n";
      return 1;
    }
    settings = *loaded;
  }
  call c{settings, file, {}, {}};
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(used));
  if (auto wrong = split(words, *found, c))
    return wrong_usage(*found, *wrong);
  if (found->name != "serve") // which opens the log as the settings have it
    log::set_level(log::level::warning);
  return found->run(c);
}

} // namespace

std::optional<std::string> call::option(std::string_view name) const {
  auto found = std::ranges::find(options, name, &std::pair<std::string, std::string>::first);
  return found == options.end() ? std::nullopt : std::optional{found->second};
}

std::string default_settings_file() {
  std::error_code unknown; // in a folder that is closed to this user: reading it will say so
  return std::filesystem::exists(default_file, unknown) || unknown ? default_file : "";
}

int complain(const error& why) {
  std::cerr << "hamlet: " << (why.detail.empty() ? to_string(why.code) : why.detail) << '\n';
  return 1;
}

} // namespace hamlet::node

int main(int argc, char** argv) {
  return hamlet::node::run({argv + 1, argv + argc});
}
