// SPDX-License-Identifier: Apache-2.0
#include "actors/queue/queue.hpp"
#include "actors/resume.hpp"
#include "lib/base/clock.hpp"
#include "lib/base/ids.hpp"
#include "lib/mail/dsn.hpp"
#include "lib/mail/names.hpp"

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto store_timeout = 25s;

mail::report_info report_of(const mail::v1::Notice& notice, const std::string& host,
                            std::int64_t id) {
  mail::report_info info;
  info.host = host;
  info.to = notice.reverse_path();
  info.id = id_text(id);
  info.at = unix_seconds();
  info.arrived_at = info.at;
  info.envelope_id = notice.envid();
  info.recipients.push_back(
    {notice.recipient(), notice.original(), mail::dsn_action::delivered, "2.0.0", {}});
  return info;
}

} // namespace

// RFC 3461 §5.2.1: the report that a sender asked for is mail like any other, from the null path.
// Nobody reports on reports (RFC 3461 §6.1).
void queue_state::report(const mail::v1::Notice& notice) {
  auto to = mail::parse_address(notice.reverse_path());
  if (!to)
    return;
  auto id = parts->next_id();
  auto text = mail::success_report(report_of(notice, parts->rules->get()->hostname, id));
  auto then = [this, id, text, address = notice.reverse_path()](result<sql::destination> found) {
    if (!found)
      return; // the sender is gone meanwhile: nobody to tell
    sql::new_mail fresh;
    fresh.queue_id = id;
    fresh.what = {text, {}, static_cast<std::int64_t>(text.size())};
    fresh.accepted_at = unix_seconds();
    for (auto account_id : found->account_ids)
      fresh.to.push_back({account_id, address, {}, 0});
    for (auto& elsewhere : found->remote)
      fresh.to.push_back({0, elsewhere, {}, 0});
    if (!found->is_local_domain)
      fresh.to.push_back({0, address, {}, 0});
    write_down(std::move(fresh), self->make_response_promise<mail::v1::Enqueued>());
  };
  parts->accounts.resolve(mail::canonical_local(to->local).value_or(""), to->domain,
                          resume<sql::destination>(self, limits, store_timeout, std::move(then)),
                          parts->rules->get()->subaddress_separator);
}

} // namespace hamlet
