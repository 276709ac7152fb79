// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/pages.hpp"

#include "lib/log/escape.hpp"

namespace hamlet::admin {

namespace {

page health_page(const health& x) {
  if (x.reasons.empty())
    return {200, "application/json", "{\"status\":\"ok\"}\n"};
  std::string body = "{\"status\":\"failing\",\"reasons\":[";
  for (auto& reason : x.reasons) {
    if (&reason != &x.reasons.front())
      body += ',';
    log::append_json(body, reason);
  }
  return {503, "application/json", body + "]}\n"};
}

} // namespace

page page_at(std::string_view path, const handlers& from) {
  if (path == "/metrics")
    return {200, "text/plain; version=0.0.4; charset=utf-8", from.metrics()};
  if (path == "/healthz")
    return health_page(from.check());
  return {404, "text/plain; charset=utf-8", "Here are /metrics and /healthz.\n"};
}

} // namespace hamlet::admin
