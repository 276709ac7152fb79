// SPDX-License-Identifier: Apache-2.0
#include "lib/config/describe.hpp"
#include "node/command.hpp"

#include <cerrno>
#include <cstring>
#include <iostream>
#include <unistd.h>

namespace hamlet::node {

namespace {

/// Files that the settings name and this user cannot read. Settings may be looked at on another
/// machine than theirs, so that is no fault of them.
void name_closed_files(const config::settings& x) {
  std::vector<std::string> all{x.store.postgres_password_file.value,
                               x.cluster.redis_password_file.value, x.chat.password_file.value,
                               x.chat.cloak_key_file.value, x.chat.motd_file.value};
  for (auto& one : x.tls.certificates.value)
    all.insert(all.end(), {one.chain_file, one.key_file});
  for (auto& file : all)
    if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
      std::cerr << "This user cannot read " << file << ": " << std::strerror(errno) << '\n';
}

/// The file was read before the command began: who comes here has a good one.
int check(const call& c) {
  name_closed_files(c.settings);
  if (c.settings_file.empty())
    std::cout << "There is no settings file; every setting has its default.\n";
  else
    std::cout << c.settings_file << " is right. It changes:\n"
              << config::file_text(c.settings, true);
  return 0;
}

int describe(const call& c) {
  auto name = c.words.empty() ? std::string{} : c.words[0];
  if (auto text = config::describe(c.settings, name)) {
    std::cout << *text;
    return 0;
  }
  auto near = config::nearest_name(name);
  return complain(
    {errc::not_found,
     "there is no setting " + name + (near ? "; did you mean " + std::string{*near} + '?' : "")});
}

constexpr command commands[] = {
  {"config check", "", 0, 0, "", "Says all that is wrong with the settings.", check},
  {"config describe", "[NAME]", 0, 1, "", "Explains a setting, a section, or all.", describe},
};

} // namespace

std::span<const command> config_commands() {
  return commands;
}

} // namespace hamlet::node
