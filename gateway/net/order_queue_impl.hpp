// SPDX-License-Identifier: Apache-2.0
#pragma once

// Asio's headers cost seconds per file: only the .cpp files of gateway/net may
// include this one (tools/check_layers.py).

#include "gateway/net/broadcast.hpp"
#include "gateway/net/orders_impl.hpp"

#include <boost/asio/io_context.hpp>

#include <mutex>
#include <variant>
#include <vector>

namespace hamlet::net {

namespace asio = boost::asio;

/// The orders for all streams of one I/O thread. One queue for all, and not one for each: so the
/// orders of a stream keep their sequence whether they are for it alone or for thousands, an idle
/// stream carries no lock, and the thread is woken once for all.
class order_queue : public std::enable_shared_from_this<order_queue> {
public:
  explicit order_queue(asio::io_context& loop) : loop_{&loop} {}

  struct for_one {
    std::shared_ptr<stream_impl> who;
    order what;
  };
  struct for_audience {
    std::shared_ptr<const audience::part> who;
    shared_bytes bytes;
    std::weak_ptr<stream_impl> except;
  };
  using for_many = broadcast::batch;
  using entry = std::variant<for_one, for_audience, std::unique_ptr<for_many>>;

  void submit(entry x); ///< from any thread

  /// After the end of the thread: forgets what is queued, and takes nothing more.
  void drop();

private:
  void run();
  void take(for_one& x);
  void take(for_audience& x);
  void take(std::unique_ptr<for_many>& x);
  void hand_to(const std::weak_ptr<stream_impl>& to, std::string_view bytes);

  std::mutex mutex_;
  asio::io_context* loop_;     ///< under mutex_; nullptr: dropped
  std::vector<entry> waiting_; ///< under mutex_
  bool scheduled_ = false;     ///< under mutex_: run() is on its way

  // The I/O thread's own.
  std::vector<entry> todo_;
  std::vector<std::shared_ptr<stream_impl>> changed_; ///< to be settled after all orders
};

// Two types of broadcast.hpp, for those alone who see this queue.

struct audience::part {
  std::shared_ptr<order_queue> queue;
  std::vector<std::weak_ptr<stream_impl>> members;
};

struct broadcast::batch {
  struct delivery {
    std::weak_ptr<stream_impl> to;
    std::size_t line;
  };
  std::shared_ptr<order_queue> queue;
  std::vector<shared_bytes> lines;
  std::vector<delivery> deliveries;
};

} // namespace hamlet::net
