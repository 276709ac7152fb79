// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/news_carrier.hpp"
#include "actors/relay/relay_actor.hpp"
#include "actors/resume.hpp"

// News by way of the bus: each once, for all. A digest over the link every 200 ms asks each peer
// how far it has come; what one has not got by the bus in that time it gets over the link, and
// everything else, too, for a while.

namespace hamlet {

using namespace chat::v1;

namespace {

constexpr std::chrono::milliseconds link_alone{10'000}; // for a peer that the bus does not reach
constexpr std::chrono::seconds fetch_patience{2};

} // namespace

/// All that is new. @return Whether the bus has taken all.
bool relay_state::publish_by_bus() {
  auto& log = core->news();
  if (std::exchange(bus_me, core->me()) != core->me())
    on_bus = settled = settling = 0; // numbered anew
  auto is_up = parts->bus != nullptr && core->me() != 0 && parts->bus->is_up();
  while (is_up && on_bus < log.last()) {
    is_up = log.has(on_bus + 1);
    if (!is_up)
      break;
    auto batch = log.read(core->me(), on_bus + 1, news_to::batch_octets);
    is_up = parts->bus->publish(core->me(), on_bus + 1, std::move(batch.bytes));
    on_bus = batch.next - 1;
  }
  if (!is_up)
    on_bus = log.last(); // the links carry it
  return is_up;
}

/// Is what it lacks so new that the bus may still bring it?
bool relay_state::comes_by_bus(cluster::incarnation peer) {
  auto only_link = link_until.find(peer);
  if (only_link != link_until.end()) {
    if (now() < only_link->second)
      return false;
    link_until.erase(only_link);
  }
  if (core->keeps_up(peer, settled))
    return true;
  link_until[peer] = now() + link_alone;
  return false;
}

/// From time to time: who has not got what?
void relay_state::send_digests() {
  settled = std::exchange(settling, core->last());
  if (parts->bus == nullptr || !parts->bus->is_up())
    return;
  for (auto peer : core->peers())
    if (comes_by_bus(peer)) // what others get over the link is answered in the same way
      if (auto digest = core->digest_for(peer))
        send(peer, std::move(*digest));
}

void relay_state::hear(const std::string& bytes) {
  News x;
  if (!x.ParseFromString(bytes) || x.is_snapshot())
    return;
  auto from = x.incarnation();
  auto line = waiting.find(from);
  if (line != waiting.end() && line->second.is_full())
    return; // it is fetched later
  auto next = next_of(from);
  if (next == 0)
    return; // our own, or of nobody who lives as far as we know
  if (x.first() > next) {
    if (next > 1) // else what was before us is not ours to hear: the link says what is true now
      fetch(from, next);
    return;
  }
  (void)take(x);
}

/// What the subscription has missed.
void relay_state::fetch(cluster::incarnation from, std::uint64_t first) {
  if (!fetching.insert(from).second)
    return;
  using parcels = std::vector<std::string>;
  auto then = [this, from](const result<parcels>& got) {
    fetching.erase(from);
    if (!got)
      return;
    for (auto& x : *got)
      if (News news; news.ParseFromString(x) && news.incarnation() == from)
        (void)take(news);
  };
  parts->bus->fetch(
    from, first,
    [done = resume<parcels>(static_cast<caf::scheduled_actor*>(self), limits, fetch_patience,
                            std::move(then))](parcels x) { done(std::move(x)); });
}

} // namespace hamlet
