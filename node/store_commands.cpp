// SPDX-License-Identifier: Apache-2.0
#include "lib/base/ids.hpp"
#include "node/command.hpp"
#include "node/open_store.hpp"
#include "node/terminal.hpp"

#include <iostream>

namespace hamlet::node {

namespace {

int list_queue(const call& c) {
  constexpr std::size_t page = 500;
  return with_store(c, [&](store& s) {
    table rows{{"ID", "ACCEPTED", "SIZE", "FROM", "TO"}};
    for (std::int64_t after = 0;;) {
      auto some = wait<std::vector<sql::queue_entry>>(
        [&](auto f) { s.queue().list(!c.has("all"), after, page, f); });
      if (!some)
        return complain(some.error());
      for (auto& x : *some) {
        auto first = true;
        for (auto& to : x.to) {
          rows.push_back({first ? id_text(x.queue_id) : "", first ? time_text(x.accepted_at) : "",
                          first ? size_text(x.size) : "",
                          first ? (x.from.empty() ? "<>" : x.from) : "", to.address});
          first = false;
        }
      }
      if (some->size() < page)
        break;
      after = some->back().queue_id;
    }
    if (rows.size() == 1)
      std::cout << "The queue is empty.\n";
    else
      print_table(rows);
    return 0;
  });
}

constexpr command commands[] = {
  {"queue list", "[--all]", 0, 0, "all,", "Mail that waits for other hosts; --all: any mail.",
   list_queue},
};

} // namespace

std::span<const command> store_commands() {
  return commands;
}

} // namespace hamlet::node
