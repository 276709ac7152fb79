// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hamlet::admin {

/// Whether this node can do its work, and what is wrong if not.
struct health {
  std::vector<std::string> reasons = {}; ///< empty: all is well
};

/// Where the answers come from. Called on an I/O thread, one at a time: must not block nor throw.
struct handlers {
  std::function<std::string()> metrics; ///< Prometheus text, version 0.0.4
  std::function<health()> check;
};

struct page {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

/// What is found at `path`; 404 for everything that is not there.
page page_at(std::string_view path, const handlers& from);

} // namespace hamlet::admin
