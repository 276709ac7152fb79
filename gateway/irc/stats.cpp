// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/lookups.hpp"
#include "gateway/irc/privileges.hpp"
#include "gateway/irc/server_verbs.hpp"
#include "lib/text/ascii.hpp"

#include <array>
#include <cstdio>

// STATS: RFC 2812 §3.4.4, RFC 1459 §4.3.2, and letters that other servers have. Who comes from
// where, and who is banned, is told to operators alone.

namespace hamlet::irc {

namespace {

std::string text(auto n) {
  return std::to_string(n);
}

void end_stats(machine& m, char letter) {
  m.reply(numeric::rpl_endofstats, {std::string(1, letter), "End of STATS report"});
}

/// 211 "<linkname> <sendq> <sent messages> <sent KiB> <received messages> <received KiB> <open>".
void show_links(machine& m) {
  auto row = [&](std::string name, std::uint64_t lines_out, std::uint64_t bytes_out,
                 std::uint64_t lines_in, std::uint64_t bytes_in, std::int64_t since_ms) {
    m.reply(numeric::rpl_statslinkinfo,
            {std::move(name), "0", text(lines_out), text(bytes_out / 1024), text(lines_in),
             text(bytes_in / 1024), text((m.now().wall_ms - since_ms) / 1000)});
  };
  auto& own = m.moved();
  auto user = m.rules().people->find_packed(m.session_id());
  row(m.me().nick() + "[" + m.me().user() + "@" + m.from().address + "]", own.lines_out,
      own.bytes_out, own.lines_in, own.bytes_in, user ? user->signon_ms() : m.now().wall_ms);
  if (auto* all = m.numbers(); all != nullptr && sees_all(m)) {
    std::uint64_t lines = 0;
    for (auto& [name, use] : all->commands)
      lines += use.count;
    row(m.rules().server_name, 0, all->bytes_out, lines, all->bytes_in, all->started_ms);
  }
}

/// 212 "<command> <count> <byte count> <remote count>".
void show_commands(machine& m) {
  if (auto* all = m.numbers())
    for (auto& [name, use] : all->commands)
      if (use.count != 0)
        m.reply(numeric::rpl_statscommands,
                {name, text(use.count.load()), text(use.bytes.load()), "0"});
}

void show_uptime(machine& m) {
  auto seconds = (m.now().wall_ms - m.rules().created_ms) / 1000;
  std::array<char, 64> line{};
  std::snprintf(line.data(), line.size(), "Server Up %lld days %lld:%02lld:%02lld",
                static_cast<long long>(seconds / 86400),
                static_cast<long long>(seconds / 3600 % 24),
                static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60));
  m.reply(numeric::rpl_statsuptime, {line.data()});
  auto n = m.rules().people->count();
  auto received = m.numbers() != nullptr ? m.numbers()->accepted.load() : 0;
  m.reply(numeric::rpl_statsconn,
          {"Highest connection count: " + text(n.most_clients) + " (" + text(n.most_users)
           + " clients) (" + text(received) + " connections received)"});
}

/// 243 "O <hostmask> * <name>".
void show_operator_lines(machine& m) {
  for (auto& x : m.chat().operators.value) {
    std::string from;
    for (auto& mask : x.from)
      from += (from.empty() ? "" : ",") + mask;
    m.reply(numeric::rpl_statsoline,
            {"O", from.empty() || !sees_all(m) ? "*" : from, "*", x.name, "0", "operator"});
  }
}

void show_operators(machine& m) {
  std::size_t n = 0;
  for (std::size_t slice = 0; slice < presence::slices; ++slice)
    m.rules().people->each_packed(slice, [&](const packed_ref& x) {
      if (!x->is_operator())
        return;
      ++n;
      auto user = x->card();
      auto& who = user.who;
      m.reply(numeric::rpl_statsdebug, {"p", who.nick() + " (" + who.user() + "@" + who.host()
                                               + ") Idle: " + text(idle_seconds(m, user))});
    });
  m.reply(numeric::rpl_statsdebug, {"p", text(n) + " operators"});
}

void show_ports(machine& m) {
  auto& s = m.rules().settings.listen;
  auto all = [&](const config::endpoints& from, const char* kind) {
    for (auto& x : from)
      m.reply(numeric::rpl_statspline, {"P", text(x.port), kind});
  };
  all(s.irc.value, "plain");
  all(s.ircs.value, "TLS");
  all(s.irc_websocket.value, "WebSocket, plain");
  all(s.irc_websockets.value, "WebSocket, TLS");
}

void show_class(machine& m) {
  auto ping =
    std::chrono::duration_cast<std::chrono::seconds>(m.limits().ping_interval.value).count();
  m.reply(numeric::rpl_statsyline,
          {"Y", "users", text(ping), "0", text(m.limits().send_queue.value)});
}

void show_traffic(machine& m) {
  auto* n = m.numbers();
  if (n == nullptr)
    return;
  auto line = [&](const std::string& words) { m.reply(numeric::rpl_statsdebug, {"t", words}); };
  line("accepted " + text(n->accepted.load()) + " refused " + text(n->refused.load()));
  line("bytes sent " + text(n->bytes_out.load()) + " received " + text(n->bytes_in.load()));
}

// -- bans -----------------------------------------------------------------------------------------

std::string reason_of(const chat::v1::NetworkBan& x) {
  auto all = x.reason();
  if (!x.operator_reason().empty())
    all += "|" + x.operator_reason();
  if (x.expires_ms() != 0)
    all += " (until " + long_date(x.expires_ms()) + ")";
  return all + " (by " + x.setter() + ")";
}

/// 216 "K <host> * <user> :<reason>"; 250 and 217 with the mask alone. A capital: for good.
void show_ban(machine& m, char letter, const chat::v1::NetworkBan& x) {
  auto shown = std::string(1, x.expires_ms() == 0 ? ascii::upper(letter) : letter);
  if (letter != 'k')
    return m.reply(letter == 'd' ? numeric::rpl_statsdline : numeric::rpl_statsqline,
                   {shown, x.mask(), reason_of(x)});
  auto at = x.mask().rfind('@');
  auto user = at == std::string::npos ? "*" : x.mask().substr(0, at);
  m.reply(numeric::rpl_statskline,
          {shown, x.mask().substr(at + 1), "*", user, reason_of(x)}); // npos + 1 is 0
}

void show_bans(machine& m, char letter) {
  if (!sees_all(m) && !needs(m, config::privilege::ban))
    return end_stats(m, letter);
  auto wish = m.request();
  wish.mutable_list_bans()->set_kind(letter == 'k' ? "kline" : letter == 'd' ? "dline" : "resv");
  m.ask(
    std::move(wish),
    [letter](machine& me, const chat::v1::Reply& r) {
      if (r.refusal() != chat::v1::NONE)
        me.refuse(r, "STATS");
      for (auto& x : r.bans())
        show_ban(me, letter, x);
      end_stats(me, letter);
    },
    ask::owner::network);
}

} // namespace

void verb_stats(machine& m, const message& x) {
  if (!is_for_us(m, x.param(1)))
    return;
  auto given = x.param(0).empty() ? '*' : x.param(0)[0];
  auto letter = given == 'P' ? given : ascii::lower(given);
  switch (letter) {
  case 'k':
  case 'd':
  case 'q': return show_bans(m, letter);
  case 'l': show_links(m); break;
  case 'm': show_commands(m); break;
  case 'u': show_uptime(m); break;
  case 'o': show_operator_lines(m); break;
  case 'p': show_operators(m); break;
  case 'P': show_ports(m); break;
  case 'y': show_class(m); break;
  case 'i': m.reply(numeric::rpl_statsiline, {"I", "*", "*", "*", "0", "users"}); break;
  case 't':
    if (sees_all(m) || needs(m, config::privilege::see))
      show_traffic(m);
    break;
  default: break; // c, h, n: there are no links to other servers. Unknown ones: just the end
  }
  end_stats(m, given);
}

} // namespace hamlet::irc
