// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/broadcast.hpp"

#include "gateway/net/stream_impl.hpp"

#include <algorithm>

namespace hamlet::net {

// -- outlet -------------------------------------------------------------------

outlet::outlet(std::weak_ptr<stream_impl> impl) : impl_{std::move(impl)} {
}

void outlet::write(shared_bytes bytes) const {
  if (auto here = impl_.lock(); here && bytes)
    here->submit(send_shared{std::move(bytes)});
}

// -- audience -----------------------------------------------------------------

audience::audience(std::span<const outlet> members) {
  std::vector<std::shared_ptr<part>> parts;
  for (auto& x : members) {
    auto here = x.impl_.lock();
    if (!here)
      continue;
    auto at = std::ranges::find(parts, here->queue(), [](auto& p) { return p->queue.get(); });
    if (at == parts.end())
      at = parts.insert(at, std::make_shared<part>(part{here->queue()->shared_from_this(), {}}));
    (*at)->members.push_back(x.impl_);
    ++size_;
  }
  parts_.assign(parts.begin(), parts.end());
}

void audience::write(const shared_bytes& bytes, const outlet& except) const {
  if (bytes)
    for (auto& x : parts_)
      x->queue->submit(order_queue::for_audience{x, bytes, except.impl_});
}

// -- broadcast ----------------------------------------------------------------

broadcast::broadcast() = default;
broadcast::broadcast(broadcast&&) noexcept = default;
broadcast& broadcast::operator=(broadcast&&) noexcept = default;
broadcast::~broadcast() = default;

void broadcast::add(const outlet& to, const shared_bytes& bytes) {
  auto here = to.impl_.lock();
  if (!here || !bytes)
    return;
  auto at = std::ranges::find(batches_, here->queue(), [](auto& x) { return x.queue.get(); });
  if (at == batches_.end())
    at = batches_.insert(at, batch{here->queue()->shared_from_this(), {}, {}});
  if (at->lines.empty() || at->lines.back() != bytes)
    at->lines.push_back(bytes);
  at->deliveries.push_back({to.impl_, at->lines.size() - 1});
}

void broadcast::add(std::span<const outlet> to, const shared_bytes& bytes) {
  for (auto& x : to)
    add(x, bytes);
}

void broadcast::send() {
  for (auto& x : batches_) {
    auto queue = x.queue;
    queue->submit(std::make_unique<batch>(std::move(x)));
  }
  batches_.clear();
}

} // namespace hamlet::net
