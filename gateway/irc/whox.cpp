// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/whox.hpp"

#include "gateway/irc/lookups.hpp"
#include "lib/text/ascii.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

/// In the order of the reply, whatever the order of the question: IRCv3 WHOX, RPL_WHOSPCRPL. `d`
/// and `o` stand where the servers that have them put them.
constexpr std::string_view order = "tcuihsnfdlaor";
constexpr std::string_view no_address = "255.255.255.255";
constexpr std::size_t token_size = 3;

std::string field(machine& m, char what, const who_options& options, const who_row& row) {
  auto& who = row.who;
  switch (what) {
  case 't': return options.token.empty() ? "0" : options.token;
  case 'c': return std::string{row.channel.empty() ? "*" : row.channel};
  case 'u': return who.user();
  case 'i': return sees_address(m, who) ? who.address() : std::string{no_address};
  case 'h': return who.host();
  case 's': return server_of(m, who);
  case 'n': return who.nick();
  case 'f': return who_flags(m, who, row.prefixes);
  case 'd': return "0";
  case 'l': return std::to_string(row.idle());
  case 'a': return who.account().empty() ? "0" : who.account();
  case 'o': return "n/a";
  default: return who.real_name();
  }
}

} // namespace

who_options who_options::of(std::string_view text) {
  who_options out;
  auto percent = text.find('%');
  for (auto c : text.substr(0, percent)) {
    if (c == 'o')
      out.operators_only = true;
    else if (std::string_view{"nuhisra"}.find(c) != std::string_view::npos)
      out.match += c;
  }
  if (percent == text.npos)
    return out;
  out.is_extended = true;
  auto rest = text.substr(percent + 1);
  auto comma = std::min(rest.find(','), rest.size());
  out.fields = rest.substr(0, comma);
  auto token = rest.substr(std::min(comma + 1, rest.size()));
  if (token.size() <= token_size && std::ranges::all_of(token, ascii::is_digit))
    out.token = token;
  return out;
}

void show_who(machine& m, const who_options& options, const who_row& row) {
  auto& who = row.who;
  if (!options.is_extended)
    return m.reply(numeric::rpl_whoreply,
                   {std::string{row.channel.empty() ? "*" : row.channel}, who.user(), who.host(),
                    server_of(m, who), who.nick(), who_flags(m, who, row.prefixes),
                    "0 " + who.real_name()});
  std::vector<std::string> params;
  for (auto what : order)
    if (options.fields.find(what) != std::string::npos)
      params.push_back(field(m, what, options, row));
  m.reply(numeric::rpl_whospcrpl, std::move(params));
}

} // namespace hamlet::irc
