// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/metadata.hpp"

#include "gateway/irc/channel_verbs.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/text/ascii.hpp"

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

void fail_with(machine& m, const chat::v1::Reply& r, const std::string& target,
               const std::string& key) {
  switch (r.refusal()) {
  case chat::v1::NEEDS_OPERATOR:
  case chat::v1::NO_ACCESS:
  case chat::v1::NOT_OPERATOR:
  case chat::v1::NEEDS_ACCOUNT:
    return m.fail(verb_name, "KEY_NO_PERMISSION", {target, key}, "You may not change that");
  case chat::v1::LIMIT_REACHED:
    return m.fail(verb_name, "LIMIT_REACHED", {target}, "There are as many keys as there may be");
  case chat::v1::BAD_REQUEST:
    return m.fail(verb_name, "VALUE_INVALID", {}, "The value is too long, or not UTF-8");
  case chat::v1::FAILED:
    return m.fail(verb_name, "RATE_LIMITED", {target, key, "10"}, "Try again later");
  default: return m.fail(verb_name, "INVALID_TARGET", {target}, "There is no such target");
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

void show(machine& m, const std::string& target, const chat::v1::Reply& r,
          const std::vector<std::string>& asked) {
  m.begin_batch("metadata", {target});
  for (auto& x : r.options())
    say_value(m, target, x.name(), x.value());
  for (auto& key : asked) {
    bool is_there = std::ranges::any_of(r.options(), [&](auto& x) { return x.name() == key; });
    if (!is_there)
      m.reply(numeric::rpl_keynotset, {target, key, "key not set"});
  }
  m.end_batch();
}

void get(machine& m, const std::string& target, std::vector<std::string> keys) {
  for (auto& key : keys)
    if (!is_key(key))
      return m.fail(verb_name, "KEY_INVALID", {key.substr(0, longest_key)}, "Not a key");
  auto wish = to(m, target);
  if (!wish)
    return m.fail(verb_name, "INVALID_TARGET", {target}, "There is no such target");
  for (auto& key : keys)
    wish->mutable_read_metadata()->add_keys(key);
  wish->mutable_read_metadata();
  m.ask(std::move(*wish), [target = shown(m, target), keys](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return fail_with(me, r, target, "*");
    show(me, target, r, keys);
  });
}

void set(machine& m, const std::string& target, const std::string& key, const message& x) {
  if (!is_key(key))
    return m.fail(verb_name, "KEY_INVALID", {key.substr(0, longest_key)}, "Not a key");
  auto wish = to(m, target);
  if (!wish)
    return m.fail(verb_name, "INVALID_TARGET", {target}, "There is no such target");
  if (wish->session_id() != m.session_id())
    return m.fail(verb_name, "KEY_NO_PERMISSION", {target, key}, "That is somebody else");
  if (!m.allow(limit::metadata_changes))
    return m.fail(verb_name, "RATE_LIMITED", {target, key, "10"}, "Too many changes");
  auto& change = *wish->mutable_set_metadata();
  change.set_key(key);
  change.set_is_removal(x.params.size() < 4);
  change.set_value(x.params.size() < 4 ? std::string{} : x.params[3]);
  if (change.value().size() > m.sizes().metadata_value.value)
    return m.fail(verb_name, "VALUE_INVALID", {}, "The value is too long");
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
  if (!wish || wish->session_id() != m.session_id())
    return m.fail(verb_name, "INVALID_TARGET", {target}, "That is not yours");
  wish->mutable_set_metadata()->set_is_clear(true);
  m.ask(std::move(*wish), [target = shown(m, target)](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return fail_with(me, r, target, "*");
    me.begin_batch("metadata", {target});
    for (auto& x : r.options())
      me.reply(numeric::rpl_keynotset, {target, x.name(), "key not set"});
    me.end_batch();
  });
}

// -- subscriptions: of this connection ------------------------------------------------------------

void subscribe_keys(machine& m, const std::vector<std::string>& keys) {
  std::vector<std::string> fresh;
  for (auto& key : keys) {
    if (!is_key(key)) {
      m.fail(verb_name, "KEY_INVALID", {key.substr(0, longest_key)}, "Not a key");
      continue;
    }
    if (std::ranges::find(m.followed_keys, key) == m.followed_keys.end()) {
      if (m.followed_keys.size() >= m.sizes().metadata_subscriptions.value) {
        m.fail(verb_name, "TOO_MANY_SUBS", {key}, "You follow as many keys as you may");
        break;
      }
      m.followed_keys.push_back(key);
    }
    fresh.push_back(key);
  }
  watch wish;
  wish.follow = fresh;
  m.give(std::move(wish));
  m.reply_list(numeric::rpl_metadatasubok, {}, fresh);
}

void unsubscribe_keys(machine& m, const std::vector<std::string>& keys) {
  for (auto& key : keys)
    std::erase(m.followed_keys, key);
  watch wish;
  wish.unfollow = keys;
  m.give(std::move(wish));
  m.reply_list(numeric::rpl_metadataunsubok, {}, keys);
}

/// What is known of a channel and its members, of the keys that this client follows.
void sync(machine& m, const std::string& target) {
  get(m, target, m.followed_keys);
}

} // namespace

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
  if (what == "SUBS")
    return m.reply_list(numeric::rpl_metadatasubs, {}, m.followed_keys);
  if (what == "SYNC")
    return sync(m, target);
  if (what != "GET" && what != "SET" && what != "SUB" && what != "UNSUB")
    return m.fail(verb_name, "SUBCOMMAND_INVALID", {what.substr(0, 32)}, "Unknown subcommand");
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
