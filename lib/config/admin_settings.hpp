// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/node_settings.hpp"

// Administration from outside: gRPC, and `hamlet ctl`.

namespace hamlet::config {

struct admin_settings {
  static constexpr std::string_view section = "admin";
  static constexpr std::string_view doc =
    "Administration over gRPC, which `hamlet ctl` speaks. Root and the user of the server need "
    "nothing on this machine; others show a certificate of `hamlet admin certificate` or a token "
    "of `hamlet admin token add`.";

  setting<std::string> socket{.name = "admin.socket",
                              .zero = "admin.sock in the data folder",
                              .when = takes_effect::on_restart,
                              .is_valid = is_absolute_path,
                              .expects = "an absolute path",
                              .doc = "The socket for this machine. Only root and the user of the "
                                     "server may open it, and they may do everything."};
  setting<endpoints> listen{
    .name = "admin.listen",
    .zero = "off",
    .when = takes_effect::on_restart,
    .doc = "Where administrators come in from elsewhere, with TLS: the certificate of this node in "
           "its cluster if it has one, else tls.certificate."};
  setting<int> calls{.name = "admin.calls",
                     .value = 64,
                     .unit = "calls",
                     .min = 1,
                     .max = 10'000,
                     .when = takes_effect::on_restart,
                     .doc = "At the same time; more are refused (RESOURCE_EXHAUSTED)."};
  setting<duration> audit_age{.name = "admin.audit_age",
                              .value = 400 * 24h,
                              .min = 24h,
                              .max = 10 * 366 * 24h,
                              .when = takes_effect::on_restart,
                              .doc = "How long it is remembered who has changed what."};

  static auto all(auto& x) { return std::tie(x.socket, x.listen, x.calls, x.audit_age); }
};

} // namespace hamlet::config
