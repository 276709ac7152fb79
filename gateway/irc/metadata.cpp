// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/metadata.hpp"

#include "gateway/irc/channel_verbs.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/format.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>

namespace hamlet::irc {

namespace {

constexpr std::string_view verb_name = "METADATA";
constexpr std::size_t longest_key = 64;

/// draft/metadata-2, Keys: a-z 0-9 _ . / -.
bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= longest_key && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || ascii::is_digit(c) || c == '_' || c == '.' || c == '/'
           || c == '-';
  });
}

bool knows_metadata(const machine& m) {
  return m.has(cap::metadata_2) || m.has(cap::metadata_3);
}

void say_bad_key(machine& m, const std::string& key) {
  m.fail(verb_name, "KEY_INVALID", {std::string{fitting(key, longest_key)}}, "Not a key");
}

void say_bad_target(machine& m, const std::string& target) {
  m.fail(verb_name, "INVALID_TARGET", {target}, "There is no such target");
}

void fail_with(machine& m, const chat::v1::Reply& r, const std::string& target,
               const std::string& key) {
  switch (r.refusal()) {
  case chat::v1::NEEDS_OPERATOR:
  case chat::v1::NO_ACCESS:
  case chat::v1::NOT_OPERATOR:
  case chat::v1::NEEDS_ACCOUNT:
    return m.fail(verb_name, "KEY_NO_PERMISSION", {target, key}, "You may not change that");
  case chat::v1::NOT_REGISTERED: // a SESSION's and a CHANNEL's words for "there is none"
  case chat::v1::NO_SUCH_MESSAGE:
    return m.fail(verb_name, "KEY_NOT_SET", {target, key}, "The key is not set");
  case chat::v1::LIMIT_REACHED:
    return m.fail(verb_name, "LIMIT_REACHED", {target}, "There are as many keys as there may be");
  case chat::v1::BAD_REQUEST:
    return m.fail(verb_name, "VALUE_INVALID", {}, "The value is too long, or not UTF-8");
  case chat::v1::FAILED:
    return m.fail(verb_name, "RATE_LIMITED", {target, key, "10"}, "Try again later");
  default: return say_bad_target(m, target);
  }
}

/// A request about a target: "*" and the own nick are the session, others are asked of theirs.
std::optional<chat::v1::Request> to(machine& m, const std::string& target) {
  if (is_channel_name(target))
    return m.request(target);
  auto wish = m.request();
  if (target == "*" || same_name(target, m.me().nick()))
    return wish;
  auto other = m.rules().people->find(target);
  if (!other)
    return std::nullopt;
  wish.set_session_id(other->who.session_id());
  return wish;
}

std::string shown(machine& m, const std::string& target) {
  return target == "*" ? m.nick_or_star() : target;
}

void say_value(machine& m, const std::string& target, const std::string& key,
               const std::string& value) {
  m.reply(numeric::rpl_keyvalue, {target, key, "*", value});
}

const std::string* value_of(const chat::v1::Reply& r, const std::string& key) {
  for (auto& x : r.options())
    if (x.name() == key)
      return &x.value();
  return nullptr;
}

/// Each key that was asked for has its line, in order; without keys all that are set are shown.
void show(machine& m, const std::string& target, const chat::v1::Reply& r,
          const std::vector<std::string>& asked) {
  m.begin_batch("metadata", {target});
  if (asked.empty())
    for (auto& x : r.options())
      say_value(m, target, x.name(), x.value());
  for (auto& key : asked)
    if (!is_key(key))
      say_bad_key(m, key);
    else if (auto* value = value_of(r, key))
      say_value(m, target, key, *value);
    else
      m.reply(numeric::rpl_keynotset, {target, key, "key not set"});
  m.end_batch();
}

void get(machine& m, const std::string& target, std::vector<std::string> keys) {
  auto wish = to(m, target);
  if (!wish)
    return say_bad_target(m, target);
  for (auto& key : keys)
    if (is_key(key))
      wish->mutable_read_metadata()->add_keys(key);
  if (!keys.empty() && wish->read_metadata().keys_size() == 0) // none: else it would mean all
    return show(m, shown(m, target), {}, keys);
  wish->mutable_read_metadata();
  m.ask(std::move(*wish), [target = shown(m, target), keys](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return fail_with(me, r, target, "*");
    show(me, target, r, keys);
  });
}

void set(machine& m, const std::string& target, const std::string& key, const message& x) {
  if (!is_key(key))
    return say_bad_key(m, key);
  auto wish = to(m, target);
  if (!wish)
    return say_bad_target(m, target);
  if (wish->session_id() != m.session_id())
    return m.fail(verb_name, "KEY_NO_PERMISSION", {target, key}, "That is somebody else");
  if (!m.allow(limit::metadata_changes))
    return m.fail(verb_name, "RATE_LIMITED", {target, key, "10"}, "Too many changes");
  auto& change = *wish->mutable_set_metadata();
  change.set_key(key);
  change.set_is_removal(x.params.size() < 4);
  change.set_value(x.params.size() < 4 ? std::string{} : x.params[3]);
  if (change.value().size() > m.sizes().metadata_value.value || !utf8::is_valid(change.value()))
    return m.fail(verb_name, "VALUE_INVALID", {}, "The value is too long, or not UTF-8");
  m.ask(std::move(*wish), [target = shown(m, target), key, value = change.value(),
                           removal = change.is_removal()](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return fail_with(me, r, target, key);
    if (removal)
      return me.reply(numeric::rpl_keynotset, {target, key, "key not set"});
    say_value(me, target, key, value);
  });
}

void clear(machine& m, const std::string& target) {
  auto wish = to(m, target);
  if (!wish)
    return say_bad_target(m, target);
  if (wish->session_id() != m.session_id())
    return m.fail(verb_name, "KEY_NO_PERMISSION", {target, "*"}, "That is somebody else");
  wish->mutable_set_metadata()->set_is_clear(true);
  m.ask(std::move(*wish), [target = shown(m, target)](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return fail_with(me, r, target, "*");
    me.begin_batch("metadata", {target});
    for (auto& x : r.options())
      say_value(me, target, x.name(), {});
    me.end_batch();
  });
}

// -- subscriptions: of this connection ------------------------------------------------------------

/// 770, 771, 772: each key is a parameter.
void list_keys(machine& m, numeric what, const std::vector<std::string>& keys) {
  constexpr std::size_t at_most = 6; // of 64 octets fit
  for (std::size_t i = 0; i < keys.size(); i += at_most) {
    auto end = std::min(i + at_most, keys.size());
    auto from = keys.begin();
    m.reply(what, {from + static_cast<std::ptrdiff_t>(i), from + static_cast<std::ptrdiff_t>(end)});
  }
}

void say_values(machine& m, const std::string& target, const chat::v1::Reply& r) {
  for (auto& x : r.options())
    m.say({.tags = {},
           .source = m.rules().server_name,
           .command = std::string{verb_name},
           .params = {target, x.name(), "*", x.value()},
           .colon = true});
}

/// What is known of these, of these keys; then `after`.
void say_all(machine& m, std::vector<std::string> targets, const std::vector<std::string>& keys,
             std::function<void(machine&)> after) {
  one_by_one(
    m, std::move(targets),
    [keys](machine& me, const std::string& target, std::size_t, auto next) {
      auto wish = to(me, target);
      if (!wish || keys.empty())
        return next(me);
      for (auto& key : keys)
        wish->mutable_read_metadata()->add_keys(key);
      me.ask(std::move(*wish), [target, next](machine& then, const chat::v1::Reply& r) {
        if (r.refusal() == chat::v1::NONE)
          say_values(then, shown(then, target), r);
        next(then);
      });
    },
    std::move(after));
}

/// draft/metadata-2, Notifications: what these keys are now, of the user itself and of whom it
/// watches. Channels and who is in them are many: the client may ask for them.
void say_current(machine& m, const std::vector<std::string>& keys) {
  if (keys.empty() || !knows_metadata(m))
    return;
  for (auto& x : m.rules().people->channels_of(m.session_id()))
    m.reply(numeric::rpl_metadatasynclater, {x.channel, "0"});
  std::vector<std::string> targets{"*"};
  for (auto& nick : m.watched)
    if (!same_name(nick, m.me().nick()))
      targets.push_back(nick);
  say_all(m, std::move(targets), keys, [](machine&) {});
}

void subscribe_keys(machine& m, const std::vector<std::string>& keys) {
  watch wish;
  std::vector<std::string> fresh;
  for (auto& key : keys) {
    if (!is_key(key)) {
      say_bad_key(m, key);
      continue;
    }
    bool is_new = std::ranges::find(m.followed_keys, key) == m.followed_keys.end();
    if (m.followed_keys.size() >= m.sizes().metadata_subscriptions.value && is_new) {
      m.fail(verb_name, "TOO_MANY_SUBS", {key}, "You follow as many keys as you may");
      break;
    }
    if (is_new) {
      m.followed_keys.push_back(key);
      fresh.push_back(key);
    }
    if (std::ranges::find(wish.follow, key) == wish.follow.end())
      wish.follow.push_back(key);
  }
  list_keys(m, numeric::rpl_metadatasubok, wish.follow);
  m.give(std::move(wish));
  say_current(m, fresh);
}

void unsubscribe_keys(machine& m, const std::vector<std::string>& keys) {
  watch wish;
  for (auto& key : keys) {
    if (!is_key(key)) {
      say_bad_key(m, key);
      continue;
    }
    std::erase(m.followed_keys, key);
    if (std::ranges::find(wish.unfollow, key) == wish.unfollow.end())
      wish.unfollow.push_back(key);
  }
  list_keys(m, numeric::rpl_metadataunsubok, wish.unfollow);
  m.give(std::move(wish));
}

void show_subscriptions(machine& m) {
  m.begin_batch("metadata-subs", {});
  list_keys(m, numeric::rpl_metadatasubs, m.followed_keys);
  m.end_batch();
}

/// A channel and who is in it, or one user. Each is asked after the other: nobody waits for this
/// client but itself.
void sync(machine& m, const std::string& target) {
  constexpr std::size_t most_members = 200;
  if (!to(m, target))
    return say_bad_target(m, target);
  if (!is_channel_name(target)) {
    m.begin_batch("metadata", {shown(m, target)});
    return say_all(m, {target}, m.followed_keys, [](machine& me) { me.end_batch(); });
  }
  auto wish = m.request(target);
  wish.mutable_get_members();
  m.ask(std::move(wish), [target](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return fail_with(me, r, target, "*");
    std::vector<std::string> all{r.channel()};
    for (auto& x : r.members())
      if (all.size() <= most_members)
        all.push_back(x.who().nick());
    me.begin_batch("metadata", {r.channel()});
    say_all(me, std::move(all), me.followed_keys, [](machine& then) { then.end_batch(); });
  });
}

/// What one follows is one's own: SUB, UNSUB and SUBS have no other target.
bool is_oneself(machine& m, const std::string& target) {
  if (target == "*" || same_name(target, m.me().nick()))
    return true;
  say_bad_target(m, target);
  return false;
}

} // namespace

void show_metadata_of(machine& m, std::vector<std::string> nicks) {
  if (!m.followed_keys.empty() && knows_metadata(m))
    say_all(m, std::move(nicks), m.followed_keys, [](machine&) {});
}

void show_own_metadata(machine& m, std::function<void(machine&)> next) {
  if (!knows_metadata(m))
    return next(m);
  auto wish = m.request();
  wish.mutable_read_metadata();
  m.ask(std::move(wish), [next](machine& me, const chat::v1::Reply& r) {
    me.begin_batch("metadata", {me.me().nick()});
    say_values(me, me.me().nick(), r);
    me.end_batch();
    next(me);
  });
}

void verb_metadata(machine& m, const message& x) {
  auto target = x.params[0];
  auto what = ascii::raised(x.params[1]);
  std::vector<std::string> keys{x.params.begin() + 2, x.params.end()};
  if (!m.is_registered())
    return m.reply(numeric::err_notregistered, {"You have not registered"});
  if (what == "LIST")
    return get(m, target, {});
  if (what == "CLEAR")
    return clear(m, target);
  if ((what == "SUB" || what == "UNSUB" || what == "SUBS") && !is_oneself(m, target))
    return;
  if (what == "SUBS")
    return show_subscriptions(m);
  if (what == "SYNC")
    return sync(m, target);
  if (what != "GET" && what != "SET" && what != "SUB" && what != "UNSUB")
    return m.fail(verb_name, "SUBCOMMAND_INVALID", {std::string{fitting(what, 32)}},
                  "Unknown subcommand");
  if (keys.empty())
    return m.reply(numeric::err_needmoreparams, {std::string{verb_name}, "Not enough parameters"});
  if (what == "GET")
    return get(m, target, std::move(keys));
  if (what == "SET")
    return set(m, target, x.params[2], x);
  if (what == "SUB")
    return subscribe_keys(m, keys);
  unsubscribe_keys(m, keys);
}

} // namespace hamlet::irc
