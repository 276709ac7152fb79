// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/stand_in.hpp"

#include "actors/interfaces.hpp"

#include <caf/local_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

namespace hamlet::cluster {

namespace {

struct stand_in_state {
  static inline const char* name = "stand-in";
  deadlines limits;
};

caf::behavior stand_in(caf::stateful_actor<stand_in_state>* self, int) {
  return {[self](resumption& x) {
    (*static_cast<stand_in_job*>(x.answer.get()))(self, self->state.limits);
  }};
}

} // namespace

caf::actor spawn_stand_in(caf::local_actor* parent) {
  return parent->spawn(stand_in, 0);
}

void give(const caf::actor& to, stand_in_job job) {
  caf::anon_send(to, resumption{std::make_shared<stand_in_job>(std::move(job))});
}

} // namespace hamlet::cluster
