// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin/http_server.hpp"

#include "gateway/admin/http_session.hpp"

#include <ctime>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace hamlet::admin {

/// All that are connected. One lock over them and their requests: they are few, and so the
/// handlers need not be ready for two callers.
class http_server::visitors : public std::enable_shared_from_this<visitors> {
public:
  explicit visitors(handlers from) : from_{std::move(from)} {}

  void enter(net::stream client);
  void leave(std::uint64_t id);
  void leave_all();

  void received(std::uint64_t id, std::string_view bytes);
  void go_on(std::uint64_t id);
  void hang_up(std::uint64_t id);

private:
  struct visitor {
    net::stream client;
    http_session session;
  };
  visitor* find(std::uint64_t id);
  void go_on(visitor& x);

  handlers from_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, visitor> all_; // under mutex_, as all below
  std::uint64_t last_id_ = 0;
  bool closed_ = false;
};

class http_server::visit : public net::stream_events {
public:
  visit(std::shared_ptr<visitors> who, std::uint64_t id) : who_{std::move(who)}, id_{id} {}
  void received(std::string bytes) override { who_->received(id_, bytes); }
  void secured(const net::tls_facts&) override {}
  void drained() override { who_->go_on(id_); }
  void idle() override { who_->hang_up(id_); }
  void closed(net::close_reason) override { who_->leave(id_); }

private:
  std::shared_ptr<visitors> who_;
  std::uint64_t id_;
};

void http_server::visitors::enter(net::stream client) {
  std::lock_guard lock{mutex_};
  if (closed_)
    return;
  auto id = ++last_id_;
  auto find = [this](std::string_view path) { return page_at(path, from_); };
  auto& x = all_.try_emplace(id, visitor{std::move(client), http_session{find}}).first->second;
  x.client.start(std::make_unique<visit>(shared_from_this(), id));
  x.client.read_more();
}

void http_server::visitors::leave(std::uint64_t id) {
  std::lock_guard lock{mutex_};
  all_.erase(id);
}

void http_server::visitors::leave_all() {
  std::lock_guard lock{mutex_};
  closed_ = true;
  all_.clear();
}

void http_server::visitors::received(std::uint64_t id, std::string_view bytes) {
  std::lock_guard lock{mutex_};
  if (auto* x = find(id)) {
    x->session.feed(bytes);
    go_on(*x);
  }
}

void http_server::visitors::go_on(std::uint64_t id) {
  std::lock_guard lock{mutex_};
  if (auto* x = find(id))
    go_on(*x);
}

void http_server::visitors::hang_up(std::uint64_t id) {
  std::lock_guard lock{mutex_};
  if (auto* x = find(id))
    x->client.close();
}

http_server::visitors::visitor* http_server::visitors::find(std::uint64_t id) {
  auto it = all_.find(id);
  return it == all_.end() ? nullptr : &it->second;
}

/// One answer at a time; the next when this one has left.
void http_server::visitors::go_on(visitor& x) {
  auto answer = x.session.next(std::time(nullptr));
  if (!answer)
    return x.client.read_more();
  x.client.write(std::move(answer->bytes));
  if (answer->is_last)
    x.client.close();
  else
    x.client.ask_drained();
}

result<http_server> http_server::open(net::io_pool& pool, http_options options, handlers from) {
  net::listen_options listen;
  listen.address = std::move(options.address);
  listen.port = options.port;
  listen.bounds = options.bounds;
  listen.places =
    net::connection_limits::make({.total = options.connections, .per_address = 0, .per_minute = 0});
  return net::listener::open(pool, std::move(listen)).map([&](net::listener door) {
    auto who = std::make_shared<visitors>(std::move(from));
    door.start([who](net::stream client) { who->enter(std::move(client)); });
    return http_server{std::move(door), std::move(who)};
  });
}

http_server::http_server(net::listener door, std::shared_ptr<visitors> who)
    : door_{std::move(door)}, who_{std::move(who)} {
}
http_server::http_server(http_server&&) noexcept = default;

http_server& http_server::operator=(http_server&& other) noexcept {
  std::swap(door_, other.door_); // the old one ends with `other`
  std::swap(who_, other.who_);
  return *this;
}

http_server::~http_server() {
  if (who_) // not moved from
    who_->leave_all();
}

std::uint16_t http_server::port() const {
  return door_.port();
}

} // namespace hamlet::admin
