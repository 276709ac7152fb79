// SPDX-License-Identifier: Apache-2.0
#include "node/janitor.hpp"

#include "lib/base/clock.hpp"
#include "lib/log/log.hpp"
#include "node/store.hpp"
#include "storage/maintenance/history_pruner.hpp"
#include "storage/maintenance/sweeper.hpp"

#include <algorithm>

namespace hamlet::node {

using std::chrono::duration_cast;
using std::chrono::seconds;

// -- chat -------------------------------------------------------------------------------

chat_ages chat_ages_of(const config::settings& x) {
  return {x.chat_history.retention.value.count(),
          static_cast<std::int64_t>(x.chat_history.per_channel.value),
          x.chat.nick_expiry.value.count()};
}

result<chat_tidied> tidy_chat(store& of, const chat_ages& ages, std::int64_t now_ms) {
  chat_tidied done;
  auto keep = [](std::int64_t& slot) {
    return [&slot](std::int64_t n) {
      slot = n;
      return void_t{};
    };
  };
  auto prune = [&] {
    return of.connect().and_then([&](sql::database db) {
      return sql::prune_history(db, {now_ms, ages.history, ages.messages_per_channel});
    });
  };
  auto drop_bans = [&] {
    return wait<std::int64_t>([&](auto then) { of.bans().prune(now_ms, then); });
  };
  auto drop_nicks = [&] {
    if (ages.nicks == 0)
      return result<std::int64_t>{0};
    return wait<std::int64_t>(
      [&](auto then) { of.chat_accounts().expire_nicks(now_ms - ages.nicks, then); });
  };
  auto ready = prune().map(keep(done.events));
  if (ready)
    ready = drop_bans().map(keep(done.bans));
  if (ready)
    ready = drop_nicks().map(keep(done.nicks));
  return ready.map([&](void_t) { return done; });
}

// -- the thread ---------------------------------------------------------------------------

janitor::rules janitor::rules_of(const config::settings& x) {
  return {x.store.sweep_interval.value, x.chat_history.sweep_interval.value,
          duration_cast<seconds>(x.queue.unconfirmed_expiry.value),
          duration_cast<seconds>(x.store.orphan_age.value), chat_ages_of(x)};
}

janitor::janitor(store& of, const config::settings& x)
    : store_{of}, rules_{rules_of(x)}, thread_{[this] { work(); }} {
}

janitor::~janitor() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void janitor::change(const config::settings& x) {
  {
    std::lock_guard lock{mutex_};
    rules_ = rules_of(x);
  }
  wake_.notify_all();
}

void janitor::work() {
  auto swept = clock::now();
  auto pruned = swept;
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    auto due = std::min(swept + rules_.interval, pruned + rules_.chat_interval);
    if (wake_.wait_until(lock, due) == std::cv_status::no_timeout)
      continue; // the rules have changed, or it is over
    auto now = rules_;
    lock.unlock();
    if (clock::now() >= swept + now.interval) {
      tidy(now);
      swept = clock::now();
    }
    if (clock::now() >= pruned + now.chat_interval) {
      tidy_talk(now);
      pruned = clock::now();
    }
    lock.lock();
  }
}

void janitor::tidy(const rules& now) {
  auto db = store_.connect(); // its steps are short
  if (!db)
    return log::error("store", "not tidied", {{"why", db.error().detail}});
  auto done = sql::sweep(*db, store_.blobs(),
                         {unix_seconds(), now.unconfirmed.count(), now.orphan_age.count()});
  if (!done)
    return log::error("store", "not tidied", {{"why", done.error().detail}});
  log::info("store", "tidied",
            {{"queued", done->queued}, {"texts", done->bodies}, {"files", done->files}});
}

void janitor::tidy_talk(const rules& now) {
  auto done = tidy_chat(store_, now.chat, unix_milliseconds());
  if (!done)
    return log::error("chat", "not tidied", {{"why", done.error().detail}});
  log::info("chat", "tidied",
            {{"events", done->events}, {"bans", done->bans}, {"nicks", done->nicks}});
}

} // namespace hamlet::node
