// SPDX-License-Identifier: Apache-2.0
#include "node/ctl/options.hpp"

#include <charconv>

namespace hamlet::ctl {

std::string_view options_help() {
  return "Options:\n"
         "  -o, --output FORMAT     table, json or yaml\n"
         "  --address HOST:PORT     another machine; without it the node on this one\n"
         "  --certificate FILE      of `hamlet admin certificate`, to be shown there\n"
         "  --token-file FILE       or a token of `hamlet admin token add`\n"
         "  --authority FILE        PEM: who has signed the server's certificate\n"
         "  --server-name NAME      as that certificate says it: NODE.node.hamlet\n"
         "  --timeout SECONDS       60\n"
         "  --validate-only         checks everything and changes nothing\n"
         "  --request-id TEXT       the same one twice changes something once\n"
         "  --yes                   asks no question\n";
}

result<command_line> read_words(const std::vector<std::string>& words, const std::string& socket) {
  command_line x;
  x.to.socket = socket;
  std::map<std::string, std::string*> texts{
    {"address", &x.to.address},         {"certificate", &x.to.certificate_file},
    {"token-file", &x.to.token_file},   {"authority", &x.to.authority_file},
    {"server-name", &x.to.server_name}, {"request-id", &x.request_id}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto name = words[i];
    if (name == "-h" || name == "--help") {
      x.is_help = true;
    } else if (name == "--validate-only") {
      x.only_validates = true;
    } else if (name == "--yes") {
      x.is_sure = true;
    } else if (name == "-o" || (name.size() > 2 && name.starts_with("--"))) {
      auto equals = name.find('=');
      std::string value;
      if (equals != name.npos) {
        value = name.substr(equals + 1);
        name.resize(equals);
      } else if (i + 1 == words.size()) {
        return fail(errc::bad_request, name + " needs a value");
      } else {
        value = words[++i];
      }
      name.erase(0, name == "-o" ? 1 : 2);
      if (name == "o" || name == "output") {
        auto as = format_of(value);
        if (!as)
          return fail(errc::bad_request, "--output is table, json or yaml");
        x.as = *as;
      } else if (name == "timeout") {
        int seconds = 0;
        auto* end = value.data() + value.size();
        auto [at, wrong] = std::from_chars(value.data(), end, seconds);
        if (wrong != std::errc{} || at != end || seconds < 1 || seconds > 3600)
          return fail(errc::bad_request, "--timeout is a number of seconds");
        x.to.patience = std::chrono::seconds{seconds};
      } else if (auto known = texts.find(name); known != texts.end()) {
        *known->second = value;
      } else {
        x.options[name] = value;
      }
    } else {
      x.words.push_back(name);
    }
  }
  return x;
}

} // namespace hamlet::ctl
