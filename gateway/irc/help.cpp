// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/lookups.hpp"
#include "gateway/irc/server_verbs.hpp"
#include "gateway/irc/verbs.hpp"
#include "lib/text/ascii.hpp"

// HELP: modern (HELP message). The words are those of the tables of verbs.

namespace hamlet::irc {

void verb_help(machine& m, const message& x) {
  auto subject = ascii::raised(x.param(0)).substr(0, 32);
  if (subject.empty() || subject == "*") {
    m.reply(numeric::rpl_helpstart, {"*", "The commands. HELP <command> tells more"});
    std::vector<std::string> names;
    for (auto& verb : all_verbs())
      if (!verb.help.empty())
        names.emplace_back(verb.name);
    m.reply_list(numeric::rpl_helptxt, {"*"}, names);
    return m.reply(numeric::rpl_endofhelp, {"*", "End of /HELP"});
  }
  auto found = find_verb(subject);
  if (found == nullptr || found->help.empty())
    return m.reply(numeric::err_helpnotfound, {subject, "No help available on this topic"});
  m.reply(numeric::rpl_helpstart, {subject, subject});
  m.reply(numeric::rpl_helptxt, {subject, std::string{found->help}});
  m.reply(numeric::rpl_endofhelp, {subject, "End of /HELP"});
}

} // namespace hamlet::irc
