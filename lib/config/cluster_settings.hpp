// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/node_settings.hpp"

// A node among others.

namespace hamlet::config {

struct cluster_settings {
  static constexpr std::string_view section = "cluster";
  static constexpr std::string_view doc =
    "Several nodes that are one server, over one PostgreSQL. `hamlet cluster init` and `hamlet "
    "cluster join` make the certificates by which they know each other.";

  setting<int> node{.name = "cluster.node",
                    .value = 0,
                    .unit = "number",
                    .min = 1,
                    .max = 1023,
                    .zero = "this node is alone",
                    .when = takes_effect::on_restart,
                    .doc = "The number of this node, another one on each. It is part of the "
                           "numbers of messages, so a number must not move to another host while "
                           "its clock is behind."};
  setting<endpoints> listen{.name = "cluster.listen",
                            .value = {*endpoint::of("0.0.0.0:7650")},
                            .when = takes_effect::on_restart,
                            .doc = "Where the other nodes come in, one address: mutual TLS 1.3, "
                                   "and nobody is let in whose certificate is not of the "
                                   "cluster's own authority."};
  setting<std::string> address{.name = "cluster.address",
                               .zero = "node.hostname and the port of cluster.listen",
                               .when = takes_effect::on_restart,
                               .is_valid = is_printable_word,
                               .expects = "HOST:PORT",
                               .doc = "Where the other nodes reach cluster.listen."};

  setting<std::string> redis{
    .name = "cluster.redis",
    .zero = "the links between the nodes carry the news of chat alone",
    .when = takes_effect::on_restart,
    .is_valid = is_printable_word,
    .expects = "HOST:PORT",
    .doc = "A Redis that all nodes reach: what happens in chat is told there once, for all nodes. "
           "Nothing is kept in it that could be lost, and while it is away the links do its work. "
           "It has no TLS: keep it in a private network."};
  setting<std::string> redis_user{.name = "cluster.redis_user",
                                  .zero = "the default user of Redis",
                                  .when = takes_effect::on_restart,
                                  .is_valid = is_printable_word,
                                  .expects = "a name",
                                  .doc = "Who logs in to Redis (ACL)."};
  setting<std::string> redis_password_file{
    .name = "cluster.redis_password_file",
    .zero = "Redis wants no password",
    .when = takes_effect::on_restart,
    .is_valid = is_absolute_path,
    .expects = "an absolute path",
    .doc = "Its first line is the password; for its owner alone (mode 0600)."};

  static auto all(auto& x) {
    return std::tie(x.node, x.listen, x.address, x.redis, x.redis_user, x.redis_password_file);
  }
};

} // namespace hamlet::config
