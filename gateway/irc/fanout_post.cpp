// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/fanout_post.hpp"

#include "gateway/net/broadcast.hpp"

#include <utility>
#include <vector>

namespace hamlet::irc {

namespace {

struct audience_crowd : postman::crowd {
  explicit audience_crowd(std::span<const net::outlet> all) : clients{all} {}
  std::size_t size() const override { return clients.size(); }

  net::audience clients;
};

class net_postman : public postman {
public:
  void add(const address& to, const net::shared_bytes& bytes) override {
    has_lines_ = true;
    lines_.add(to.client, bytes);
  }

  std::unique_ptr<crowd> gather(std::span<const address* const> all) override {
    std::vector<net::outlet> outlets;
    outlets.reserve(all.size());
    for (auto* x : all)
      outlets.push_back(x->client);
    return std::make_unique<audience_crowd>(outlets);
  }

  void add(const crowd& to, const net::shared_bytes& bytes, const address* except) override {
    send(); // what was added before goes before
    auto& clients = static_cast<const audience_crowd&>(to).clients;
    clients.write(bytes, except ? except->client : net::outlet{});
  }

  void send() override {
    if (std::exchange(has_lines_, false))
      lines_.send();
  }

private:
  net::broadcast lines_;
  bool has_lines_ = false;
};

} // namespace

std::shared_ptr<postman> make_postman() {
  return std::make_shared<net_postman>();
}

} // namespace hamlet::irc
