// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel_shard.hpp"
#include "actors/resume.hpp"
#include "storage/chat/keys.hpp"

// What is true only when the store has it: registrations, access, options, metadata. Meanwhile all
// else that is asked of the channel waits.

using namespace std::chrono_literals;

namespace hamlet {

using namespace chat::v1;

namespace {

constexpr auto store_timeout = 25s;

Refusal refusal_of(const error& why) {
  switch (why.code) {
  case errc::over_quota: return LIMIT_REACHED;
  case errc::already_exists: return IS_REGISTERED;
  case errc::not_found: return NO_SUCH_ACCOUNT;
  default: return FAILED;
  }
}

} // namespace

/// `call(completion)` asks the store; `then(channel&, turn&, answer)` makes it true.
template <class T, class Call, class Then>
void channel_shard_state::store_first(const std::string& folded, asked a, Call call, Then then) {
  rooms.at(folded).is_busy = true;
  call(resume<T>(self, limits, store_timeout, [this, folded, a, then](result<T> done) mutable {
    auto& r = rooms.at(folded);
    r.is_busy = false;
    auto rules = parts->rules->get();
    auto x = turn_of(a, *rules);
    x.reply.set_channel(r.open->name());
    if (done)
      then(*r.open, x, std::move(*done));
    else
      x.refuse(refusal_of(done.error()));
    finish(r, a, x);
    settle(folded);
  }));
}

void channel_shard_state::register_channel(const std::string& folded, room& r, asked a) {
  auto rules = parts->rules->get();
  auto x = turn_of(a, *rules);
  auto& c = *r.open;
  if (!c.may_register(x))
    return answer(a, x);
  sql::chat_channel fresh;
  fresh.target = c.target();
  fresh.name = c.name();
  fresh.folded = folded;
  fresh.founder = a.what.who().account_id();
  fresh.created_ms = fresh.last_used_ms = a.what.now_ms();
  if (auto& t = c.topic(); t.set_ms() != 0)
    fresh.topic = {t.text(), t.setter(), t.set_ms()};
  fresh.settings.description = a.what.register_channel().description();
  auto call = [&](auto done) {
    parts->channels.create(fresh, rules->channels_per_account, std::move(done));
  };
  store_first<std::int64_t>(
    folded, std::move(a), call, [this, folded](channel& now, channel_turn& y, std::int64_t id) {
      unregistered.erase(folded);
      now.set_registered(y, id);
      y.saves.settings = true; // what it is already goes with it
      for (auto kind : {'b', 'e', 'I'})
        for (auto& e : now.list(kind).entries())
          y.saves.lists.push_back({true, kind, e.what.text(), e.setter, e.set_ms});
      for (auto& [key, value] : now.metadata)
        parts->metadata.set_metadata(sql::channel_key(id), key, value, SIZE_MAX / 2,
                                     [](const result<void_t>&) {});
    });
}

void channel_shard_state::drop_channel(const std::string& folded, room& r, asked a) {
  auto rules = parts->rules->get();
  auto x = turn_of(a, *rules);
  if (!r.open->may_drop(x))
    return answer(a, x);
  auto id = r.open->registered().id;
  r.kept = std::max<std::uint64_t>(r.kept, 1); // its history goes when it ends
  store_first<void_t>(
    folded, std::move(a), [&](auto done) { parts->channels.drop(id, std::move(done)); },
    [](channel& now, channel_turn& y, void_t) { now.set_dropped(y); });
}

void channel_shard_state::set_access(const std::string& folded, room& r, asked a) {
  auto rules = parts->rules->get();
  auto x = turn_of(a, *rules);
  if (!r.open->may_set_access(x))
    return answer(a, x);
  auto id = r.open->registered().id;
  auto& ask = a.what.set_access();
  sql::channel_access entry{id,          ask.account_id(),       ranks_of_flags(ask.flags()),
                            ask.flags(), a.what.who().account(), a.what.now_ms()};
  auto is_removal = ask.flags().empty();
  auto call = [&](auto done) {
    if (is_removal)
      parts->channels.remove_access(id, entry.account_id, std::move(done));
    else
      parts->channels.set_access(entry, rules->access_entries, std::move(done));
  };
  store_first<void_t>(folded, std::move(a), call,
                      [](channel& now, channel_turn& y, void_t) { now.set_access(y); });
}

void channel_shard_state::set_option(const std::string& folded, room& r, asked a) {
  auto rules = parts->rules->get();
  auto x = turn_of(a, *rules);
  if (!r.open->may_set_option(x))
    return answer(a, x);
  auto id = r.open->registered().id;
  auto& ask = a.what.set_channel_option();
  if (ask.name() == "description" || ask.name() == "retention") {
    r.open->set_option(x); // goes with the settings
    return finish(r, a, x);
  }
  auto key = sql::channel_key(id), option = "!" + ask.name(), value = ask.value();
  auto founder = ask.name() == "founder" ? ask.account_id() : 0;
  auto call = [&](auto done) {
    if (founder != 0)
      parts->channels.transfer(id, founder, std::move(done));
    else if (value.empty())
      parts->metadata.remove_metadata(key, option, [done](result<void_t> y) {
        done(y || y.error().code == errc::not_found ? result<void_t>{void_t{}} : std::move(y));
      });
    else
      parts->metadata.set_metadata(key, option, value, SIZE_MAX / 2, std::move(done));
  };
  store_first<void_t>(folded, std::move(a), call,
                      [](channel& now, channel_turn& y, void_t) { now.set_option(y); });
}

void channel_shard_state::set_metadata(const std::string& folded, room& r, asked a) {
  auto rules = parts->rules->get();
  auto x = turn_of(a, *rules);
  if (!r.open->may_set_metadata(x))
    return answer(a, x);
  if (!r.open->is_registered()) { // as long as it lasts
    r.open->set_metadata(x);
    return finish(r, a, x);
  }
  auto key = sql::channel_key(r.open->registered().id);
  auto ask = a.what.set_metadata();
  std::vector<std::string> shown;
  for (auto& [word, value] : r.open->metadata)
    if (!word.starts_with('!'))
      shown.push_back(word);
  sql::completion<void_t> or_nothing = [](const result<void_t>&) {};
  auto call = [&](sql::completion<void_t> done) {
    if (ask.is_clear()) { // not clear_metadata(): the options lie there, too
      if (shown.empty())
        return done(void_t{});
      for (auto& word : shown)
        parts->metadata.remove_metadata(key, word, &word == &shown.back() ? done : or_nothing);
    } else if (ask.is_removal()) {
      parts->metadata.remove_metadata(key, ask.key(), std::move(done));
    } else {
      parts->metadata.set_metadata(key, ask.key(), ask.value(), SIZE_MAX / 2, std::move(done));
    }
  };
  store_first<void_t>(folded, std::move(a), call,
                      [](channel& now, channel_turn& y, void_t) { now.set_metadata(y); });
}

} // namespace hamlet
