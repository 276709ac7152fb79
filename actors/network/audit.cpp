// SPDX-License-Identifier: Apache-2.0
#include "actors/network/network.hpp"
#include "actors/resume.hpp"
#include "lib/log/log.hpp"

#include <algorithm>
#include <utility>

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto store_timeout = 25s;
constexpr std::size_t page = 500;
constexpr std::size_t max_pages = 40; // to find a time: the store finds by number
constexpr std::uint32_t max_entries = 500;
constexpr std::size_t max_text = 1000;
constexpr auto prune_interval = 1h;

chat::v1::AuditEntry entry_of(const sql::oper_action& x) {
  chat::v1::AuditEntry out;
  out.set_time_ms(x.time_ms);
  out.set_operator_name(x.oper);
  out.set_address(x.address);
  out.set_action(x.action);
  out.set_arguments(x.arguments);
  out.set_outcome(x.outcome);
  return out;
}

} // namespace

/// In the log and in the store. It never holds a password: who sends it sees to that.
void network_state::record(chat::v1::AuditEntry entry, const chat::v1::Who& who) {
  sql::oper_action x;
  x.time_ms = entry.time_ms() != 0 ? entry.time_ms() : parts->now_ms();
  x.oper = entry.operator_name();
  if (!entry.nick().empty())
    x.oper += (x.oper.empty() ? "" : " ") + ("(" + entry.nick() + ")");
  x.account_id = who.account_id();
  x.address = entry.address().empty() ? who.address() : entry.address();
  x.action = entry.action();
  x.arguments = entry.arguments();
  x.outcome = entry.outcome();
  for (auto text : {&x.oper, &x.address, &x.action, &x.arguments, &x.outcome})
    text->resize(std::min(text->size(), max_text));
  log::info("chat", "operator",
            {{"oper", x.oper},
             {"address", x.address},
             {"action", x.action},
             {"arguments", x.arguments},
             {"outcome", x.outcome}});
  auto then = [this](const result<std::int64_t>& done) {
    if (!done)
      log::error("chat", "an action of an operator is not in the store",
                 {{"why", done.error().detail}});
    if (--recording_ > 0)
      return;
    for (auto& search : std::exchange(searches_, {}))
      read_audit(search);
  };
  ++recording_;
  parts->store.record(std::move(x),
                      resume<std::int64_t>(self, limits, store_timeout, std::move(then)));
}

struct network_state::audit_search {
  std::size_t limit;
  std::int64_t before_ms; ///< 0: from the newest on
  std::optional<std::int64_t> before_id;
  std::size_t pages = 0;
  promise answer;
  reply found;
};

caf::result<network_state::reply> network_state::list_audit(const question& msg) {
  auto search = std::make_shared<audit_search>();
  search->limit = std::clamp(msg.list_audit().limit(), 1u, max_entries);
  search->before_ms = msg.list_audit().before_ms();
  search->answer = self->make_response_promise<reply>();
  if (recording_ > 0) // what was done before is seen
    searches_.push_back(search);
  else
    read_audit(search);
  return search->answer;
}

void network_state::read_audit(std::shared_ptr<audit_search> search) {
  auto then = [this, search](result<std::vector<sql::oper_action>> rows) {
    if (!rows)
      return give(search->answer, refused(chat::v1::FAILED));
    for (auto& x : *rows)
      if ((search->before_ms == 0 || x.time_ms < search->before_ms)
          && static_cast<std::size_t>(search->found.audit_size()) < search->limit)
        *search->found.add_audit() = entry_of(x);
    if (static_cast<std::size_t>(search->found.audit_size()) == search->limit || rows->size() < page
        || ++search->pages == max_pages)
      return give(search->answer, std::move(search->found));
    search->before_id = rows->back().id;
    read_audit(search);
  };
  parts->store.actions(
    search->before_id, page,
    resume<std::vector<sql::oper_action>>(self, limits, store_timeout, std::move(then)));
}

void network_state::prune_audit() {
  if (now() < prune_at_)
    return;
  prune_at_ = now() + prune_interval;
  auto age = std::chrono::milliseconds{parts->settings->get()->audit_age};
  parts->store.prune_actions(parts->now_ms() - age.count(), [](const result<std::int64_t>&) {});
}

} // namespace hamlet
