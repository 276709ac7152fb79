// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/crypto/digest.hpp"
#include "lib/pki/folder.hpp"
#include "node/command.hpp"
#include "node/store.hpp"
#include "node/terminal.hpp"

#include <charconv>
#include <iostream>

namespace hamlet::node {

namespace {

constexpr std::int64_t hour = 3600;
constexpr std::int64_t default_token_hours = 24;
constexpr std::int64_t max_token_hours = 24 * 30;

pki::folder cluster_of(const call& c) {
  return pki::folder{data_layout{c.settings}.cluster()};
}

/// All of standard input: secrets and texts of other nodes never come as arguments.
result<std::string> read_input() {
  constexpr std::size_t max_input = 1u << 20;
  std::string text(max_input + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  if (text.empty() || text.size() > max_input)
    return fail(errc::bad_request, "nothing, or too much, came on standard input");
  return text;
}

int init_cluster(const call& c) {
  auto done = cluster_of(c).init(c.words[0], c.words[1], unix_seconds());
  if (!done)
    return complain(done.error());
  std::cout << "This node is " << c.words[1] << ", the first of the cluster " << c.words[0]
            << ".\nThe key of its authority is in " << data_layout{c.settings}.cluster().string()
            << ", here and nowhere else: keep a copy of that folder in a safe place.\n"
            << "Each further node needs a token of `hamlet cluster token`.\n";
  return 0;
}

int make_token(const call& c) {
  auto hours = default_token_hours;
  if (auto text = c.option("hours")) {
    auto [end, wrong] = std::from_chars(text->data(), text->data() + text->size(), hours);
    if (wrong != std::errc{} || end != text->data() + text->size() || hours < 1
        || hours > max_token_hours)
      return complain({errc::bad_request, "--hours is a number from 1 to 720"});
  }
  auto made = cluster_of(c).new_token(unix_seconds(), hours * hour);
  if (!made)
    return complain(made.error());
  std::cerr << "For one node, once, within " << hours << " hours:\n";
  std::cout << made->text << '\n';
  crypto::wipe(made->text);
  return 0;
}

int finish_join(const call& c) {
  auto text = read_input();
  if (!text)
    return complain(text.error());
  auto in = cluster_of(c);
  auto done = in.finish_join(*text, unix_seconds());
  if (!done)
    return complain(done.error());
  auto found = in.look();
  if (!found)
    return complain(found.error());
  std::cout << "This node is " << found->node << " of the cluster " << found->cluster << ".\n";
  return 0;
}

/// Without --answer: the token comes in, the request goes out.
int join_cluster(const call& c) {
  if (c.has("answer"))
    return c.words.empty() ? finish_join(c)
                           : complain({errc::bad_request, "the answer names the node"});
  if (c.words.empty())
    return complain({errc::bad_request, "which name shall this node have?"});
  auto token = ask_secret("Token of the cluster");
  if (!token)
    return complain(token.error());
  auto request = cluster_of(c).begin_join(c.words[0], *token);
  crypto::wipe(*token);
  if (!request)
    return complain(request.error());
  std::cout << *request;
  return 0;
}

int sign_request(const call& c) {
  auto text = read_input();
  if (!text)
    return complain(text.error());
  auto answer = cluster_of(c).answer_join(*text, unix_seconds());
  if (!answer)
    return complain(answer.error());
  std::cout << *answer;
  return 0;
}

std::string state_of(const pki::overview& x, const pki::ledger::entry& one, std::int64_t now) {
  if (x.books.is_revoked(one.serial))
    return "revoked";
  if (one.not_after <= now)
    return "expired";
  return one.not_after - pki::renewal_due <= now ? "ends soon" : "";
}

int show_authority(const call& c) {
  auto found = cluster_of(c).look();
  if (!found)
    return complain(found.error());
  auto now = unix_seconds();
  std::cout << "cluster " << found->cluster << "\nauthority " << found->fingerprint << "\n  until "
            << time_text(found->not_after) << (found->has_authority ? ", its key is here" : "")
            << "\nthis node " << found->node << ", until " << time_text(found->node_not_after)
            << "\nlist of revoked certificates: number " << found->list_number << '\n';
  if (!found->has_authority)
    return 0;
  table rows{{"NODE", "SERIAL", "UNTIL", ""}};
  for (auto& x : found->books.issued)
    rows.push_back({x.node, x.serial, time_text(x.not_after), state_of(*found, x, now)});
  print_table(rows);
  for (auto& x : found->books.tokens)
    std::cout << "token " << x.id << " waits until " << time_text(x.expires) << '\n';
  return 0;
}

int renew_authority(const call& c) {
  auto done = cluster_of(c).renew(unix_seconds());
  if (!done)
    return complain(done.error());
  std::cout << "The authority and this node have new certificates; what was signed stays good. "
               "Restart this node to use its own.\n";
  return 0;
}

int revoke(const call& c) {
  auto taken = cluster_of(c).revoke(c.words[0], unix_seconds());
  if (!taken)
    return complain(taken.error());
  std::cout << *taken << (*taken == 1 ? " certificate is" : " certificates are")
            << " good no more. Running nodes hear of it from this one within a minute.\n";
  return 0;
}

constexpr command commands[] = {
  {"cluster init", "CLUSTER NODE", 2, 2, "", "Makes a cluster, with this node as the first.",
   init_cluster},
  {"cluster token", "[--hours N]", 0, 0, "hours=", "Prints a token for one new node.", make_token},
  {"cluster join", "NODE | --answer", 0, 1, "answer,",
   "Token in, request out; then the answer in: see docs/operating.md.", join_cluster},
  {"cluster ca sign", "", 0, 0, "", "Request in, answer out, where the authority is.",
   sign_request},
  {"cluster ca show", "", 0, 0, "", "The authority, certificates, tokens.", show_authority},
  {"cluster ca renew", "", 0, 0, "", "A later end for the authority and this node.",
   renew_authority},
  {"cluster ca revoke", "NODE|SERIAL", 1, 1, "", "Takes certificates back.", revoke},
};

} // namespace

std::span<const command> cluster_commands() {
  return commands;
}

} // namespace hamlet::node
