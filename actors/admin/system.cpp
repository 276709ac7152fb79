// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/handlers.hpp"
#include "actors/admin/paging.hpp"
#include "lib/metrics/registry.hpp"

#include <cstdlib>

namespace hamlet::admin {

void admin_state::list_audit(const v1::ListAuditRequest& x, given<v1::ListAuditResponse> done) {
  auto before = number_of_page(x.page_token());
  if (!before)
    return done.bad("page_token", "is none of ours");
  auto size = page_size_of(x);
  using rows = std::vector<sql::admin_action>;
  auto then = [done, size](const result<rows>& found) {
    if (!found)
      return done.fail(found.error());
    v1::ListAuditResponse reply;
    for (auto& one : *found) {
      if (static_cast<std::size_t>(reply.entries_size()) == size) {
        reply.set_next_page_token(std::to_string(reply.entries().rbegin()->id()));
        break;
      }
      auto& out = *reply.add_entries();
      out.set_id(one.id);
      out.set_time_ms(one.time_ms);
      out.set_who(one.who);
      out.set_address(one.address);
      out.set_method(one.method);
      out.set_target(one.target);
      out.set_request_id(one.request_id);
      out.set_outcome(one.outcome);
      out.set_detail(one.detail);
    }
    done(reply);
  };
  parts->rows.actions(*before, x.who(), size + 1, back<rows>(std::move(then)));
}

/// The text that monitoring reads, line by line: "name{label="value"} 12".
void admin_state::get_metrics(const v1::GetMetricsRequest& x, given<v1::GetMetricsResponse> done) {
  v1::GetMetricsResponse reply;
  auto text = metrics::prometheus_text();
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    at = end + 1;
    auto space = line.rfind(' ');
    if (line.starts_with('#') || space == line.npos || !line.starts_with(x.prefix()))
      continue;
    auto& out = *reply.add_samples();
    out.set_name(line.substr(0, space));
    out.set_value(std::strtod(line.c_str() + space, nullptr));
  }
  done(reply);
}

} // namespace hamlet::admin
