// SPDX-License-Identifier: Apache-2.0
#include "node/redis.hpp"

#include "lib/crypto/private_file.hpp"
#include "lib/metrics/metrics.hpp"

#include <charconv>

namespace hamlet::node {

namespace {

constexpr std::size_t most_fetched = 500; // parcels at once; the link brings the rest

metrics::counter published{"hamlet_redis_published_total", "News given to Redis."};
metrics::counter heard{"hamlet_redis_heard_total", "News that Redis has brought, also one's own."};

} // namespace

result<std::optional<redis::bus_options>> redis_options_of(const config::settings& x) {
  auto& at = x.cluster.redis.value;
  if (at.empty())
    return std::optional<redis::bus_options>{};
  redis::bus_options with;
  auto colon = at.rfind(':');
  auto* end = at.data() + at.size();
  if (colon == std::string::npos || colon == 0
      || std::from_chars(at.data() + colon + 1, end, with.port).ptr != end || with.port == 0)
    return fail(errc::bad_setup, "cluster.redis: " + at + " is not HOST:PORT");
  with.host = at.substr(0, colon);
  if (with.host.starts_with('[') && with.host.ends_with(']'))
    with.host = with.host.substr(1, with.host.size() - 2);
  with.user = x.cluster.redis_user.value;
  with.cluster = x.chat.network.value;
  if (auto& path = x.cluster.redis_password_file.value; !path.empty()) {
    auto text = crypto::read_private_file(path, 4096);
    if (!text)
      return fail(errc::bad_setup, "cluster.redis_password_file: " + text.error().detail);
    with.password = text->substr(0, text->find_first_of("\r\n"));
  }
  return std::optional{std::move(with)};
}

void redis_carrier::start(std::function<void(std::string)> hear) {
  auto count = [hear = std::move(hear)](std::string news) {
    heard.add();
    hear(std::move(news));
  };
  bus_ = std::make_shared<redis::news_bus>(with_, std::move(count), [](bool) {});
}

void redis_carrier::stop() {
  bus_.store({});
}

bool redis_carrier::is_up() const {
  auto bus = bus_.load();
  return bus != nullptr && bus->is_up();
}

bool redis_carrier::publish(std::int64_t incarnation, std::uint64_t first, std::string news) {
  auto bus = bus_.load();
  auto is_taken = bus != nullptr && bus->publish(incarnation, first, std::move(news));
  if (is_taken)
    published.add();
  return is_taken;
}

void redis_carrier::fetch(std::int64_t incarnation, std::uint64_t first,
                          std::function<void(std::vector<std::string>)> then) {
  auto bus = bus_.load();
  if (bus == nullptr)
    return then({});
  bus->fetch(incarnation, first, most_fetched,
             [then = std::move(then)](result<std::vector<std::string>> got) {
               then(got ? std::move(*got) : std::vector<std::string>{});
             });
}

} // namespace hamlet::node
