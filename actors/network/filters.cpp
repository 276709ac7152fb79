// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"
#include "actors/network/network.hpp"
#include "actors/resume.hpp"
#include "lib/log/log.hpp"

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto store_timeout = 25s;

} // namespace

caf::result<network_state::reply> network_state::add_filter(const question& msg) {
  auto fresh = msg.add_filter().filter();
  if (fresh.targets().empty())
    fresh.set_targets(std::string{filter_places});
  auto places = filter_bits(fresh.targets());
  auto action = filter_action_of(fresh.action());
  if (places == 0)
    return refused(chat::v1::BAD_REQUEST, "Places are letters of " + std::string{filter_places});
  if (!action)
    return refused(chat::v1::BAD_REQUEST, "Actions are report, warn, block, shun and kill");
  if (!is_one_line(fresh.reason()) || !is_one_line(fresh.pattern()))
    return refused(chat::v1::BAD_REQUEST, "The pattern or the reason is too long");
  if (auto why = filter_set::check(fresh.pattern()))
    return refused(chat::v1::BAD_REQUEST, "The pattern is wrong: " + *why);
  if (filters_.size() >= parts->settings->get()->max_filters)
    return refused(chat::v1::LIST_FULL);
  fresh.set_targets(filter_letters(places));
  fresh.set_setter(mask_of(msg.who()));
  fresh.set_set_ms(parts->now_ms());
  auto asker = self->make_response_promise<reply>();
  sql::chat_filter row;
  row.pattern = fresh.pattern();
  row.targets = places;
  row.action = static_cast<std::int64_t>(*action);
  row.reason = fresh.reason();
  row.setter = fresh.setter();
  row.set_ms = fresh.set_ms();
  auto then = [this, asker, fresh](result<std::int64_t> id) mutable {
    ++changes_;
    if (!id) {
      is_stale_ = true;
      changed(); // perhaps
      return give(asker, refused(chat::v1::FAILED));
    }
    fresh.set_id(*id);
    filters_.insert_or_assign(*id, fresh);
    publish_filters();
    log::info("chat", "filter",
              {{"id", *id},
               {"pattern", fresh.pattern()},
               {"places", fresh.targets()},
               {"action", fresh.action()},
               {"by", fresh.setter()}});
    tell_operators(fresh.setter().substr(0, fresh.setter().find('!')) + " added filter "
                   + std::to_string(*id) + " (" + fresh.action() + "): " + fresh.pattern());
    reply done;
    *done.add_filters() = std::move(fresh);
    give_when_told(asker, std::move(done));
  };
  parts->store.add_filter(std::move(row),
                          resume<std::int64_t>(self, limits, store_timeout, std::move(then)));
  return asker;
}

caf::result<network_state::reply> network_state::remove_filter(const question& msg) {
  auto found = filters_.find(msg.remove_filter().id());
  if (found == filters_.end())
    return refused(chat::v1::BAD_REQUEST, "There is no such filter");
  auto asker = self->make_response_promise<reply>();
  auto then = [this, asker, filter = found->second, by = msg.who()](result<void_t> gone) mutable {
    ++changes_;
    if (!gone && gone.error().code != errc::not_found) {
      is_stale_ = true;
      changed(); // perhaps
      return give(asker, refused(chat::v1::FAILED));
    }
    filters_.erase(filter.id());
    publish_filters();
    log::info("chat", "filter removed", {{"id", filter.id()}, {"by", mask_of(by)}});
    tell_operators(by.nick() + " removed filter " + std::to_string(filter.id()) + ": "
                   + filter.pattern());
    reply done;
    *done.add_filters() = std::move(filter);
    give_when_told(asker, std::move(done));
  };
  parts->store.remove_filter(found->first,
                             resume<void_t>(self, limits, store_timeout, std::move(then)));
  return asker;
}

network_state::reply network_state::list_filters() const {
  reply all;
  for (auto& [id, x] : filters_)
    *all.add_filters() = x;
  return all;
}

void network_state::publish_filters() {
  std::vector<chat::v1::Filter> all;
  for (auto& [id, x] : filters_)
    all.push_back(x);
  parts->rules->set_filters(all);
}

} // namespace hamlet
