// SPDX-License-Identifier: Apache-2.0
#include "actors/resume.hpp"
#include "actors/session/session.hpp"
#include "storage/chat/keys.hpp"

#include <algorithm>

using namespace std::chrono_literals;

// What users say of themselves (draft/metadata-2).

namespace hamlet {

namespace {

constexpr auto patience = 20s;

void add_option(chat::v1::Reply& to, const std::string& name, const std::string& value) {
  auto& x = *to.add_options();
  x.set_name(name);
  x.set_value(value);
}

} // namespace

session_state::answered session_state::set_metadata(Request& x, user& u) {
  auto& what = x.set_metadata();
  auto bounds = rules();
  if (!what.is_clear() && (what.key().empty() || what.value().size() > bounds->metadata_value))
    return refusal(chat::v1::BAD_REQUEST, what.key());
  auto account = u.card->account_id();
  if (account == 0) {
    auto& all = u.more().metadata;
    std::vector<sql::named_value> changes;
    if (what.is_clear()) {
      changes.assign(all.begin(), all.end());
      all.clear();
    } else if (what.is_removal()) {
      if (all.erase(what.key()) == 0)
        return refusal(chat::v1::NOT_REGISTERED, what.key());
      changes.emplace_back(what.key(), "");
    } else {
      if (!all.contains(what.key()) && all.size() >= bounds->metadata_keys)
        return refusal(chat::v1::LIMIT_REACHED, what.key());
      all[what.key()] = what.value();
      changes.emplace_back(what.key(), what.value());
    }
    return metadata_changed(u, x, changes, what.is_clear() || what.is_removal());
  }
  auto promise = self->make_response_promise<Reply>();
  auto job = std::make_shared<Request>(std::move(x));
  auto finish = [this, promise, job](const result<std::vector<sql::named_value>>& changes) {
    auto* who = find(job->session_id());
    if (!who)
      return give(promise, refusal(chat::v1::NO_SUCH_SESSION));
    auto& key = job->set_metadata().key();
    if (!changes)
      return publish(promise, {},
                     refusal(changes.error().code == errc::not_found    ? chat::v1::NOT_REGISTERED
                             : changes.error().code == errc::over_quota ? chat::v1::LIMIT_REACHED
                                                                        : chat::v1::FAILED,
                             key));
    auto removed = job->set_metadata().is_clear() || job->set_metadata().is_removal();
    auto [all, reply] = metadata_events(*who, *job, *changes, removed);
    publish(promise, std::move(all), std::move(reply));
  };
  auto one = [finish, job](const result<void_t>& done) {
    finish(done.map([&](void_t) {
      return std::vector<sql::named_value>{
        {job->set_metadata().key(), job->set_metadata().value()}};
    }));
  };
  auto owner = sql::account_key(account);
  auto& set = job->set_metadata();
  if (set.is_clear())
    parts->accounts.clear_metadata(
      owner, resume<std::vector<sql::named_value>>(self, limits, patience, std::move(finish)));
  else if (set.is_removal())
    parts->accounts.remove_metadata(owner, set.key(),
                                    resume<void_t>(self, limits, patience, std::move(one)));
  else
    parts->accounts.set_metadata(owner, set.key(), set.value(), bounds->metadata_keys,
                                 resume<void_t>(self, limits, patience, std::move(one)));
  return promise;
}

session_state::answered
session_state::metadata_changed(user& u, const Request& x,
                                const std::vector<sql::named_value>& changes, bool removed) {
  auto [all, reply] = metadata_events(u, x, changes, removed);
  return publish(std::move(all), std::move(reply));
}

std::pair<session_state::events, chat::v1::Reply>
session_state::metadata_events(user& u, const Request& x,
                               const std::vector<sql::named_value>& changes, bool removed) {
  std::pair<events, Reply> out;
  for (auto& [key, value] : changes) {
    auto event = event_of(x, u.card->who());
    auto& changed = *event.mutable_metadata();
    changed.set_target(std::string{u.card->nick()});
    changed.set_key(key);
    changed.set_visibility("*");
    changed.set_value(removed ? std::string{} : value);
    changed.set_is_removed(removed);
    out.first.push_back(std::move(event));
    add_option(out.second, key, removed ? std::string{} : value);
  }
  return out;
}

session_state::answered session_state::read_metadata(Request& x, user& u) {
  auto wanted = x.read_metadata().keys();
  auto select = [wanted](const auto& all) {
    Reply reply;
    for (auto& [key, value] : all)
      if (wanted.empty() || std::ranges::find(wanted, key) != wanted.end())
        add_option(reply, key, value);
    return reply;
  };
  if (u.card->account_id() == 0)
    return publish({}, u.rare ? select(u.rare->metadata) : Reply{});
  auto promise = self->make_response_promise<Reply>();
  auto then = [this, promise, select](const result<std::vector<sql::named_value>>& all) {
    publish(promise, {}, all ? select(*all) : refusal(chat::v1::FAILED));
  };
  parts->accounts.metadata(
    sql::account_key(u.card->account_id()),
    resume<std::vector<sql::named_value>>(self, limits, patience, std::move(then)));
  return promise;
}

} // namespace hamlet
