// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel_shard.hpp"

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto account_timeout = 15s;
constexpr auto unknown = "?"; // the account is gone, or nobody answers

} // namespace

/// The store has accounts by number; their names are asked for when somebody wants to see them.
void channel_shard_state::learn_names(const std::string& folded, room& r,
                                      std::vector<std::int64_t> ids, asked a) {
  r.is_busy = true;
  auto left = std::make_shared<std::size_t>(ids.size());
  auto learned = [this, folded, a, left](std::int64_t id, const std::string& is) {
    auto& now = rooms.at(folded);
    now.open->set_account_name(id, is.empty() ? unknown : is);
    if (--*left != 0)
      return;
    now.is_busy = false;
    run(folded, a);
    settle(folded);
  };
  for (auto id : ids) {
    account::v1::FindAccount who;
    who.set_account_id(id);
    request<account::v1::AccountFound>(
      self, limits, account_timeout, parts->owners().account_of(id), std::move(who),
      [learned, id](const account::v1::AccountFound& x) { learned(id, x.chat_name()); },
      [learned, id](const caf::error&) { learned(id, {}); });
  }
}

} // namespace hamlet
