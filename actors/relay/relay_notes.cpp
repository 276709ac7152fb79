// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/relay_actor.hpp"

#include <caf/send.hpp>

// RELAY as the actors of its node see it.

namespace hamlet {

using namespace chat::v1;

namespace {

class running_relay final : public relay,
                            public chat_mirror,
                            public chat_news,
                            public presence_listener {
public:
  running_relay(local_relay_actor actor, const relay_parts& parts)
      : actor_{std::move(actor)}, people_{*parts.people}, homes_{parts.homes} {
    people_.set_listener(this);
  }

  relay_actor handle() const override { return caf::actor_cast<relay_actor>(actor_); }
  chat_mirror& mirror() override { return *this; }
  chat_news& news() override { return *this; }
  void hear(std::string bytes) override {
    tell([bytes = std::move(bytes)](relay_state& state, relay_effects&) { state.hear(bytes); });
  }
  void when_told(std::chrono::milliseconds patience, std::function<void()> then) override {
    if (!actor_)
      return then();
    tell([patience, then = std::move(then)](relay_state& state, relay_effects&) mutable {
      state.wait_until_told(patience, std::move(then));
    });
  }
  void close() override {
    people_.set_listener(nullptr);
    actor_ = nullptr;
  }

  // chat_mirror: presence at once, in the turn of the CHANNEL
  void member(const Place& x) override {
    people_.set_member(x.session_id(), {x.channel(), x.prefixes(), x.is_hidden()});
    NewsItem item;
    *item.mutable_place() = x;
    tell(std::move(item));
  }
  void member_gone(std::string_view channel, std::int64_t session_id) override {
    people_.remove_member(session_id, channel);
    NewsItem item;
    item.mutable_place_gone()->set_channel(std::string{channel});
    item.mutable_place_gone()->set_session_id(session_id);
    tell(std::move(item));
  }
  void state(const ChannelState& x) override {
    NewsItem item;
    *item.mutable_state() = x;
    item.mutable_state()->clear_members();
    tell(std::move(item));
  }
  void members(const Members& x) override {
    for (auto& m : x.members())
      people_.set_member(m.session_id(), {x.channel(), m.prefixes(), m.is_hidden()});
    NewsItem item;
    *item.mutable_members() = x;
    tell(std::move(item));
  }
  void ended(std::string_view channel) override {
    people_.forget_channel(channel);
    NewsItem item;
    item.mutable_channel_gone()->set_name(std::string{channel});
    tell(std::move(item));
  }

  // chat_news
  void adopted(std::int64_t session_id) override {
    homes_->adopt(session_id, homes_->here()); // what comes next finds it here
    NewsItem item;
    item.mutable_adopted()->set_session_id(session_id);
    tell(std::move(item));
  }
  void books_changed() override {
    NewsItem item;
    item.mutable_books_changed();
    tell(std::move(item));
  }

  // presence_listener
  void user_put(const packed_ref& user) override {
    tell([user](relay_state& state, relay_effects& out) { state.core->note(user, out); });
  }
  void user_removed(std::int64_t session_id, std::int64_t now_ms) override {
    NewsItem item;
    item.mutable_user_gone()->set_session_id(session_id);
    item.mutable_user_gone()->set_now_ms(now_ms);
    tell(std::move(item));
  }
  void channel_put(const channel_ref& channel) override {
    if (is_local_channel(channel->name))
      return;
    NewsItem item;
    *item.mutable_channel() = shown_of(*channel);
    tell(std::move(item));
  }
  void channel_removed(std::string_view name) override {
    if (is_local_channel(name))
      return;
    NewsItem item;
    item.mutable_channel_gone()->set_name(std::string{name});
    tell(std::move(item));
  }

private:
  void tell(std::function<void(relay_state&, relay_effects&)> run) {
    if (actor_)
      caf::anon_send(actor_, resumption{std::make_shared<relay_note>(relay_note{std::move(run)})});
  }
  void tell(NewsItem x) {
    tell([item = std::move(x)](relay_state& state, relay_effects& out) mutable {
      state.core->note(std::move(item), out);
    });
  }

  local_relay_actor actor_;
  presence& people_;
  std::shared_ptr<homes> homes_;
};

} // namespace

std::shared_ptr<relay> relay::spawn(caf::actor_system& sys, relay_parts parts) {
  auto where = parts.nodes->where;
  cluster::shard_id place{cluster::shard_kind{0}, parts.homes->here()};
  auto copy = parts;
  auto actor = sys.spawn(relay_behavior, std::move(parts));
  where->watch(place, caf::actor_cast<caf::actor>(actor));
  caf::anon_send(actor, caf::tick_atom_v);
  return std::make_shared<running_relay>(std::move(actor), copy);
}

} // namespace hamlet
