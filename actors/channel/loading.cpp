// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel_shard.hpp"
#include "actors/resume.hpp"
#include "lib/log/log.hpp"
#include "storage/chat/keys.hpp"

#include <sstream>

// A channel is looked up in the store when somebody first asks for it.

using namespace std::chrono_literals;

namespace hamlet {

using namespace chat::v1;

namespace {

constexpr auto store_timeout = 25s;

} // namespace

void channel_shard_state::load(const std::string& folded) {
  auto then = [this, folded](result<sql::channel_record> found) {
    if (found)
      return opened(folded, std::move(*found));
    auto& r = rooms.at(folded);
    r.is_busy = false;
    if (found.error().code == errc::not_found) {
      note_unregistered(folded);
    } else {
      log::error("channel", "not_loaded", {{"channel", folded}, {"why", found.error().detail}});
      for (auto& a : std::exchange(r.waiting, {}))
        refuse(a, FAILED);
    }
    settle(folded);
  };
  parts->channels.find(folded,
                       resume<sql::channel_record>(self, limits, store_timeout, std::move(then)));
}

void channel_shard_state::opened(const std::string& folded, sql::channel_record found) {
  auto id = found.channel.id;
  auto then = [this, folded, found = std::move(found)](result<std::vector<sql::named_value>> data) {
    auto& r = rooms.at(folded);
    auto& from = found.channel;
    r.open.emplace(from.name, parts->next_id(), from.created_ms);
    auto& c = *r.open;
    auto& s = from.settings;
    irc::mode_letters flags;
    for (auto letter : s.modes)
      flags.set(letter);
    c.set_flags(flags);
    c.set_param('k', s.key);
    c.set_param('L', s.forward);
    if (s.user_limit != 0)
      c.set_param('l', std::to_string(s.user_limit));
    std::istringstream more{s.flood};
    for (std::string word; more >> word;)
      c.set_param(word[0], word.substr(1));
    for (auto& e : found.lists)
      c.restore_entry(e.kind, e.mask, e.setter, e.set_ms);
    if (from.topic.time_ms != 0) {
      Topic t;
      t.set_text(from.topic.text);
      t.set_setter(from.topic.setter);
      t.set_set_ms(from.topic.time_ms);
      c.restore_topic(std::move(t));
    }
    channel::registration reg;
    reg.id = from.id;
    reg.founder = from.founder;
    reg.description = s.description;
    reg.retention_days = s.retention_days;
    reg.registered_ms = from.created_ms;
    reg.used_ms = from.last_used_ms;
    for (auto& a : found.access)
      reg.list[a.account_id] = {{}, a.flags, a.setter, a.set_ms};
    c.restore(std::move(reg), from.target, from.created_ms);
    if (data)
      for (auto& [key, value] : *data)
        c.metadata[key] = value;
    r.is_busy = false;
    settle(folded);
  };
  parts->metadata.metadata(sql::channel_key(id), resume<std::vector<sql::named_value>>(
                                                   self, limits, store_timeout, std::move(then)));
}

} // namespace hamlet
