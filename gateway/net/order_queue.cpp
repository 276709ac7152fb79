// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/order_queue_impl.hpp"
#include "gateway/net/stream_impl.hpp"

#include <boost/asio/post.hpp>

namespace hamlet::net {

namespace {

// A queue that once was longer gives its memory back.
constexpr std::size_t most_kept = 4096;

template <class T>
void empty(std::vector<T>& x) {
  if (x.capacity() > most_kept)
    std::vector<T>{}.swap(x);
  x.clear();
}

bool is_same(const std::weak_ptr<stream_impl>& a, const std::weak_ptr<stream_impl>& b) {
  return !a.owner_before(b) && !b.owner_before(a);
}

} // namespace

void order_queue::submit(entry x) {
  std::lock_guard lock{mutex_};
  if (!loop_)
    return;
  waiting_.push_back(std::move(x));
  if (!std::exchange(scheduled_, true))
    asio::post(*loop_, [this] { run(); });
}

void order_queue::drop() {
  std::vector<entry> gone; // its streams may hold handles that submit something, too
  std::lock_guard lock{mutex_};
  loop_ = nullptr;
  gone.swap(waiting_);
}

// All that is queued, and only then the sending: what comes quickly goes out together.
void order_queue::run() {
  {
    std::lock_guard lock{mutex_};
    todo_.swap(waiting_);
    scheduled_ = false;
  }
  for (auto& x : todo_)
    std::visit([this](auto& y) { take(y); }, x);
  for (auto& x : changed_)
    x->settle();
  empty(changed_);
  empty(todo_);
}

void order_queue::take(for_one& x) {
  x.who->obey(x.what);
  if (x.who->mark())
    changed_.push_back(std::move(x.who));
}

void order_queue::take(for_audience& x) {
  for (auto& member : x.who->members)
    if (!is_same(member, x.except))
      hand_to(member, *x.bytes);
}

void order_queue::take(std::unique_ptr<for_many>& x) {
  for (auto& one : x->deliveries)
    hand_to(one.to, *x->lines[one.line]);
}

void order_queue::hand_to(const std::weak_ptr<stream_impl>& to, std::string_view bytes) {
  auto here = to.lock();
  if (!here)
    return;
  here->append(bytes);
  if (here->mark())
    changed_.push_back(std::move(here));
}

} // namespace hamlet::net
