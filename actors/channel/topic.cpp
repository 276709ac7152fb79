// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel.hpp"
#include "actors/channel/texts.hpp"
#include "lib/irc/format.hpp"

// What is written over a channel: TOPIC (RFC 2812 §3.2.4), and its metadata (draft/metadata-2).

namespace hamlet {

using namespace chat::v1;

void channel::get_topic(channel_turn& x) {
  x.reply.set_channel(name_);
  if (is_hidden_from(x))
    return x.refuse(NO_SUCH_CHANNEL);
  describe(x, false);
}

void channel::set_topic(channel_turn& x) {
  auto& ask = x.ask.set_topic();
  x.reply.set_channel(name_);
  auto* m = find(x.asker());
  if (!ask.forced()) {
    if (m == nullptr)
      return x.refuse(is_hidden_from(x) ? NO_SUCH_CHANNEL : NOT_ON_CHANNEL);
    if (flags_.has('t') && m->rights < rank::halfop)
      return x.refuse(NEEDS_OPERATOR);
    judge(x, *m);
    if (auto why = silenced(x, m))
      return x.refuse(*why);
  }
  auto& e = publish(x);
  topic_.set_text(std::string{irc::fitting(ask.text(), x.rules.topic_length)});
  topic_.set_setter(mask_of(x.ask.who()));
  topic_.set_set_ms(x.now_ms);
  e.mutable_topic()->set_text(topic_.text());
  x.saves.topic = true;
  x.card_changed = true;
  describe(x, false);
}

// -- metadata -----------------------------------------------------------------

namespace {

bool is_shown(const std::string& key) {
  return !key.starts_with('!');
}

/// draft/metadata-2, Metadata keys.
bool is_key(std::string_view key) {
  auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/'
           || c == '-';
  };
  return !key.empty() && key.size() <= 64 && std::ranges::all_of(key, is_good);
}

} // namespace

bool channel::may_set_metadata(channel_turn& x) const {
  auto& ask = x.ask.set_metadata();
  x.reply.set_channel(name_);
  if (is_hidden_from(x))
    return x.refuse(NO_SUCH_CHANNEL), false;
  if (rights_of(x.asker()) < rank::op && !x.ask.who().is_operator())
    return x.refuse(NEEDS_OPERATOR), false;
  if (ask.is_clear())
    return true;
  if (!is_key(ask.key()))
    return x.refuse(BAD_REQUEST, ask.key()), false;
  if (ask.is_removal()) {
    if (!metadata.contains(ask.key()))
      return x.refuse(NO_SUCH_MESSAGE, ask.key()), false;
    return true;
  }
  if (ask.value().size() > x.rules.metadata_value)
    return x.refuse(BAD_REQUEST, ask.key()), false;
  auto shown = std::ranges::count_if(metadata, [](auto& kv) { return is_shown(kv.first); });
  if (!metadata.contains(ask.key()) && static_cast<std::size_t>(shown) >= x.rules.metadata_keys)
    return x.refuse(LIMIT_REACHED, ask.key()), false;
  return true;
}

void channel::set_metadata(channel_turn& x) {
  auto& ask = x.ask.set_metadata();
  std::vector<std::string> keys;
  if (ask.is_clear())
    for (auto& [key, value] : metadata) {
      if (is_shown(key))
        keys.push_back(key);
    }
  else
    keys.push_back(ask.key());
  for (auto& key : keys) {
    auto is_removed = ask.is_clear() || ask.is_removal();
    auto* out = x.reply.add_options(); // what there was, or what is now
    out->set_name(key);
    out->set_value(is_removed ? metadata[key] : ask.value());
    if (is_removed)
      metadata.erase(key);
    else
      metadata[key] = ask.value();
    auto* e = publish(x).mutable_metadata();
    e->set_target(name_);
    e->set_key(key);
    e->set_visibility("*");
    e->set_value(is_removed ? "" : ask.value());
    e->set_is_removed(is_removed);
  }
}

void channel::read_metadata(channel_turn& x) const {
  x.reply.set_channel(name_);
  if (is_hidden_from(x))
    return x.refuse(NO_SUCH_CHANNEL);
  auto& keys = x.ask.read_metadata().keys();
  for (auto& [key, value] : metadata) {
    if (!is_shown(key) || (!keys.empty() && std::ranges::find(keys, key) == keys.end()))
      continue;
    auto* out = x.reply.add_options();
    out->set_name(key);
    out->set_value(value);
  }
}

} // namespace hamlet
