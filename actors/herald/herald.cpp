// SPDX-License-Identifier: Apache-2.0
#include "actors/herald/herald.hpp"

#include "actors/chat/reach.hpp"
#include "lib/mail/readable.hpp"

#include <caf/send.hpp>

#include <algorithm>

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto patience = 20s;
constexpr std::uint64_t enough_for_a_header = 32u << 10;
constexpr mail::readable_bounds bounds{.lines = 0, .octets = 200};

bool wants_notices(const account::v1::ChatSettings& all) {
  return std::ranges::none_of(all.setting(), [](const account::v1::ChatSetting& x) {
    return x.name() == "mailnotice" && x.value() == "off";
  });
}

/// @param begin Of the latest message; empty: it cannot be read, or is gone already.
std::string notice_text(std::int64_t messages, const std::string& begin) {
  auto latest = mail::read_plain(begin, bounds);
  auto about = latest.from.empty() ? std::string{} : " from " + latest.from;
  if (!latest.subject.empty())
    about += ": " + latest.subject;
  if (messages == 1)
    return "New mail" + about;
  auto text = std::to_string(messages) + " new messages";
  return about.empty() ? text : text + ", the latest" + about;
}

} // namespace

void herald_state::arrived(const mail::v1::Arrived& x) {
  if (!parts->rules->get()->is_on || !find_reachable(*parts->people, x.account_id()))
    return;
  auto [at, is_first] = recent.try_emplace(x.account_id());
  if (is_first) {
    at->second.until = self->clock().now() + parts->rules->get()->gap;
    announce(x);
  } else {
    auto& since = at->second.since;
    since.set_account_id(x.account_id());
    since.set_messages(since.messages() + x.messages());
    since.set_last_uid(x.last_uid());
  }
  wake_later();
}

void herald_state::tick() {
  will_tick_ = false;
  auto now = self->clock().now();
  for (auto at = recent.begin(); at != recent.end();) {
    auto& [until, since] = at->second;
    if (until > now) {
      ++at;
    } else if (since.messages() == 0) {
      at = recent.erase(at);
    } else {
      announce(std::exchange(since, {}));
      until = now + parts->rules->get()->gap;
      ++at;
    }
  }
  wake_later();
}

void herald_state::wake_later() {
  if (will_tick_ || recent.empty())
    return;
  auto is_earlier = [](auto& x, auto& y) { return x.second.until < y.second.until; };
  auto first = std::ranges::min_element(recent, is_earlier)->second.until;
  will_tick_ = true;
  self->delayed_send(self, std::max(first - self->clock().now(), decltype(first)::duration{1}),
                     caf::tick_atom_v);
}

/// Only if the member wants it. Who cannot be asked is left in peace.
void herald_state::announce(const mail::v1::Arrived& x) {
  account::v1::GetChatSettings ask;
  ask.set_account_id(x.account_id());
  request<account::v1::ChatSettings>(
    self, limits, patience, parts->owners->account_of(x.account_id()), std::move(ask),
    [this, x](const account::v1::ChatSettings& wishes) {
      if (wants_notices(wishes))
        read(x);
    },
    [](const caf::error&) {});
}

void herald_state::read(const mail::v1::Arrived& x) {
  mail::v1::ReadPart ask;
  ask.set_account_id(x.account_id());
  ask.set_uid(x.last_uid());
  ask.set_at_most(enough_for_a_header);
  auto say = [this, x](const std::string& begin) {
    tell(x.account_id(), notice_text(x.messages(), begin));
  };
  request<mail::v1::Part>(
    self, limits, patience, parts->owners->mailbox_of(x.account_id()), std::move(ask),
    [say](const mail::v1::Part& part) { say(part.data()); }, [say](const caf::error&) { say({}); });
}

void herald_state::tell(std::int64_t account_id, const std::string& text) {
  if (auto to = find_reachable(*parts->people, account_id))
    caf::anon_send(parts->owners->session_of(to->session_id()),
                   notice_to(*to, parts->rules->get()->server_name, text));
}

herald_actor::behavior_type herald(herald_actor::stateful_pointer<herald_state> self,
                                   herald_parts parts) {
  self->state.self = self;
  self->state.parts.emplace(parts);
  return {
    [self](const mail::v1::Arrived& x) { self->state.arrived(x); },
    [self](caf::tick_atom) { self->state.tick(); },
  };
}

} // namespace hamlet
