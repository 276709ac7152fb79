// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/deadlines.hpp"
#include "actors/router.hpp"
#include "gateway/irc/fanout.hpp"
#include "lib/base/ids.hpp"
#include "tests/conformance/irc/world.hpp"

namespace hamlet::irc {

/// What all clients of a world share.
struct client_parts {
  std::shared_ptr<const policy> rules;
  const router* owners;
  local_fanout_actor fanout;
  presence* people;
  id_source* ids;
  std::shared_ptr<notebook> book;
};

struct client_state {
  connection_actor::pointer self = nullptr;
  std::optional<client_parts> parts;
  std::int64_t id = 0;
  deadlines limits;
  std::optional<session> proto;
  bool is_registered = false;

  template <class F>
  void with_session(F call) {
    effects out;
    call(*proto, out);
    perform(std::move(out));
  }
  void perform(effects todo);
  void ask_owner(ask& x);
  moment now();
};

/// A connection without a socket: what its session writes stands in the book.
connection_actor::behavior_type client(connection_actor::stateful_pointer<client_state> self,
                                       client_parts parts, origin from, channel facts);

} // namespace hamlet::irc
