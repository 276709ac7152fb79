// SPDX-License-Identifier: Apache-2.0
#include "actors/resume.hpp"
#include "actors/session/session.hpp"
#include "actors/session/user_modes.hpp"
#include "lib/base/clock.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/log/log.hpp"
#include "storage/chat/keys.hpp"

#include <algorithm>

using namespace std::chrono_literals;

// What outlives a connection: choices of members, metadata, sessions that stay.

namespace hamlet {

namespace {

constexpr auto patience = 20s;

user::choice choice_of(std::string_view value) {
  return value == "on" ? user::choice::on : value == "off" ? user::choice::off : user::choice::none;
}

std::string to_text(user::choice x) {
  return x == user::choice::on ? "on" : x == user::choice::off ? "off" : "default";
}

void add_option(chat::v1::Reply& to, const std::string& name, const std::string& value) {
  auto& x = *to.add_options();
  x.set_name(name);
  x.set_value(value);
}

} // namespace

// -- choices --------------------------------------------------------------------------------------

bool session_state::stays(user& u) const {
  if (u.card->account_id() == 0)
    return false;
  auto chosen = u.rare ? u.rare->persistence : user::choice::none;
  switch (rules()->persistence) {
  case config::persistence::off: return false;
  case config::persistence::opt_in: return chosen == user::choice::on;
  case config::persistence::opt_out: return chosen != user::choice::off;
  }
  return false;
}

void session_state::load_choices(std::int64_t account_id,
                                 std::function<void(const user::extras&)> then) {
  auto read = [then](const result<std::vector<sql::named_value>>& got) {
    user::extras x;
    if (!got) {
      log::warning("chat", "the choices of a member cannot be read",
                   {{"detail", got.error().detail}});
      return then(x);
    }
    for (auto& [key, value] : *got) {
      if (key == "persistence")
        x.persistence = choice_of(value);
      if (key == "history")
        x.history = choice_of(value);
    }
    then(x);
  };
  parts->accounts.settings(
    account_id, resume<std::vector<sql::named_value>>(self, limits, patience, std::move(read)));
}

chat::v1::Reply session_state::show_choice(user& u, const std::string& key) const {
  Reply reply;
  auto persistence = u.rare ? u.rare->persistence : user::choice::none;
  auto history = u.rare ? u.rare->history : user::choice::none;
  add_option(reply, key, to_text(key == "history" ? history : persistence));
  if (key == "persistence")
    add_option(reply, "effective", stays(u) ? "on" : "off");
  return reply;
}

/// draft/persistence and the like; an empty value asks.
session_state::answered session_state::set_option(Request& x, user& u) {
  auto key = x.set_option().name();
  auto value = x.set_option().value();
  if (key != "persistence" && key != "history")
    return refusal(chat::v1::BAD_REQUEST, key);
  if (u.card->account_id() == 0)
    return refusal(chat::v1::NEEDS_ACCOUNT);
  if (value.empty())
    return publish({}, show_choice(u, key));
  if (value != "on" && value != "off" && value != "default")
    return refusal(chat::v1::BAD_REQUEST, value);
  auto promise = self->make_response_promise<Reply>();
  auto account = u.card->account_id();
  auto then = [this, promise, key, value, account](const result<void_t>& done) {
    if (!done)
      return publish(promise, {}, refusal(chat::v1::FAILED));
    Reply reply;
    // Other sessions of the account are in other shards; they read it when they begin.
    for (auto& session : parts->people->of_account(account))
      if (auto* who = find(session->session_id())) {
        (key == "history" ? who->more().history : who->more().persistence) = choice_of(value);
        reply = show_choice(*who, key);
        if (stays(*who))
          save_soon(*who);
        else
          forget_saved(*who);
      }
    publish(promise, {}, std::move(reply));
  };
  auto done = resume<void_t>(self, limits, patience, std::move(then));
  if (value == "default")
    parts->accounts.remove_setting(account, key, std::move(done));
  else
    parts->accounts.set_setting(account, key, value, std::move(done));
  return promise;
}

// -- read markers (draft/read-marker) -------------------------------------------------------------

/// A conversation with a member is that, whatever nick the other one has today.
void session_state::find_marker_target(const std::string& written, std::int64_t account,
                                       std::function<void(std::string)> then) {
  auto folded = irc::fold(written);
  if (folded.starts_with('#') || folded.starts_with('&'))
    return then(std::move(folded));
  find_account(written, account, [then, folded](std::int64_t other) {
    then(other != 0 ? sql::account_key(other).insert(0, 1, ' ') : folded); // no nick has a space
  });
}

session_state::answered session_state::set_marker(Request& x, user& u) {
  auto account = u.card->account_id();
  if (account == 0)
    return refusal(chat::v1::NEEDS_ACCOUNT);
  auto promise = self->make_response_promise<Reply>();
  auto job = std::make_shared<Request>(std::move(x));
  auto then = [this, promise, job, account](const result<std::int64_t>& holds) {
    auto* who = find(job->session_id());
    if (!holds || !who)
      return publish(promise, {},
                     refusal(!holds && holds.error().code == errc::over_quota
                               ? chat::v1::LIMIT_REACHED
                               : chat::v1::FAILED));
    auto event = event_of(*job, who->card->who());
    for (auto& session : parts->people->of_account(account))
      event.add_sessions(session->session_id());
    event.mutable_marker()->set_target(job->set_marker().target());
    event.mutable_marker()->set_time_ms(*holds);
    Reply reply;
    reply.set_marker_ms(*holds);
    events all;
    if (*holds == job->set_marker().time_ms() && !event.sessions().empty())
      all.push_back(std::move(event)); // an earlier one moves nothing
    publish(promise, std::move(all), std::move(reply));
  };
  auto set = [this, job, account, then](std::string target) {
    parts->accounts.set_marker(account, std::move(target), job->set_marker().time_ms(),
                               rules()->markers,
                               resume<std::int64_t>(self, limits, patience, then));
  };
  find_marker_target(job->set_marker().target(), account, std::move(set));
  return promise;
}

session_state::answered session_state::get_marker(Request& x, user& u) {
  auto account = u.card->account_id();
  if (account == 0)
    return refusal(chat::v1::NEEDS_ACCOUNT);
  auto promise = self->make_response_promise<Reply>();
  auto then = [this, promise](const result<std::optional<std::int64_t>>& at) {
    Reply reply;
    if (!at)
      reply.set_refusal(chat::v1::FAILED);
    else
      reply.set_marker_ms(at->value_or(0));
    publish(promise, {}, std::move(reply));
  };
  auto read = [this, account, then](std::string target) {
    parts->accounts.marker(account, std::move(target),
                           resume<std::optional<std::int64_t>>(self, limits, patience, then));
  };
  find_marker_target(x.get_marker().target(), account, std::move(read));
  return promise;
}

// -- sessions that stay ---------------------------------------------------------------------------

void session_state::save_soon(user& u) {
  if (stays(u)) {
    unsaved_.insert(u.card->session_id());
    ask_later();
  }
}

void session_state::save(user& u) {
  unsaved_.erase(u.card->session_id());
  if (!stays(u))
    return;
  auto who = u.card->who();
  sql::chat_session row;
  row.account_id = who.account_id();
  row.nick = who.nick();
  row.username = who.user();
  row.realname = who.real_name();
  row.user_modes = who.user_modes();
  row.away = u.card->away();
  row.last_seen_ms = unix_milliseconds();
  chat::v1::SavedSession kept;
  who.clear_session_id();
  who.clear_address(); // nobody's business when it has gone
  who.clear_former_hosts();
  who.clear_certificate();
  who.clear_is_operator();
  who.clear_operator_class();
  who.clear_is_secure();
  who.clear_user_modes();
  *kept.mutable_who() = std::move(who);
  for (auto& channel : u.channels)
    kept.add_channels(channel);
  if (u.rare) {
    for (auto& mask : u.rare->silence)
      kept.add_silence(mask.text());
    for (auto& nick : u.rare->accept)
      kept.add_accept(nick);
  }
  row.channels = kept.SerializeAsString();
  u.more().is_saved = true;
  auto then = [this, id = u.card->session_id()](const result<void_t>& done) {
    if (done)
      return;
    log::warning("chat", "a session is not saved", {{"detail", done.error().detail}});
    if (auto* again = find(id))
      save_soon(*again);
  };
  parts->accounts.save_session(std::move(row),
                               resume<void_t>(self, limits, patience, std::move(then)));
}

void session_state::forget_saved(user& u) {
  unsaved_.erase(u.card->session_id());
  if (!u.rare || !std::exchange(u.rare->is_saved, false))
    return;
  // Another session of the account may be the one that is saved.
  if (parts->people->of_account(u.card->account_id()).size() > 1)
    return;
  parts->accounts.remove_session(u.card->account_id(), [](const result<void_t>& done) {
    if (!done)
      log::warning("chat", "a session that has ended stays saved",
                   {{"detail", done.error().detail}});
  });
}

} // namespace hamlet
