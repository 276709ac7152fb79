// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/repeats.hpp"

#include <utility>

namespace hamlet::cluster {

namespace {

bool was_done(const reply& x) {
  return x.what == delivery::ok
         || (x.what == delivery::failed && x.code != errc::wrong_owner
             && x.code != errc::shutting_down && x.code != errc::busy);
}

} // namespace

bool repeats::begin(const command_id& id, on_reply& answer) {
  auto [at, is_new] = known_.try_emplace(id);
  if (at->second.is_done) {
    answer(at->second.with);
    return false;
  }
  at->second.waiting.push_back(std::move(answer));
  return is_new;
}

void repeats::finish(const command_id& id, reply x) {
  auto found = known_.find(id);
  if (found == known_.end() || found->second.is_done)
    return;
  auto waiting = std::exchange(found->second.waiting, {});
  for (auto& answer : waiting)
    answer(x);
  if (!was_done(x)) {
    known_.erase(found);
    return;
  }
  octets_ += x.payload.size();
  found->second.is_done = true;
  found->second.with = std::move(x);
  done_.push_back(id);
  while (done_.size() > limits_.answers || octets_ > limits_.octets) {
    auto oldest = known_.find(done_.front());
    octets_ -= oldest->second.with.payload.size();
    known_.erase(oldest);
    done_.pop_front();
  }
}

} // namespace hamlet::cluster
