// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/chat_handlers.hpp"
#include "actors/chat/presence.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>
#include <array>

namespace hamlet::admin {

namespace {

constexpr std::array<std::string_view, 5> options{"description", "entrymsg", "founder", "retention",
                                                  "successor"};

void write(const channel_card& x, v1::Channel& into) {
  into.set_name(x.name);
  into.set_topic(x.topic);
  into.set_modes(x.modes);
  into.set_members(static_cast<std::int32_t>(x.members));
  into.set_created_ms(x.created_ms);
  into.set_is_registered(x.is_registered);
}

void write(const sql::chat_channel& x, v1::Channel& into) {
  into.set_name(x.name);
  into.set_topic(x.topic.text);
  into.set_modes("+" + x.settings.modes);
  into.set_created_ms(x.created_ms);
  into.set_is_registered(true);
  into.set_description(x.settings.description);
  into.set_retention_days(x.settings.retention_days);
  into.set_used_ms(x.last_used_ms);
}

} // namespace

status status_of(chat::v1::Refusal x) {
  using namespace chat::v1;
  switch (x) {
  case NONE: return status::ok;
  case FAILED: return status::unavailable;
  case NO_SUCH_CHANNEL:
  case NO_SUCH_SESSION:
  case NO_SUCH_NICK:
  case NO_SUCH_ACCOUNT: return status::not_found;
  case BAD_REQUEST:
  case BAD_CHANNEL_NAME: return status::invalid_argument;
  default: return status::failed_precondition;
  }
}

chat::v1::Request admin_state::chat_request(const std::string& channel) const {
  chat::v1::Request ask;
  ask.set_now_ms(parts->now_ms());
  ask.set_channel(channel);
  auto& who = *ask.mutable_who();
  who.set_nick(asker_.name);
  who.set_user("admin");
  who.set_host("admin");
  who.set_is_operator(true);
  return ask;
}

/// By their folded names.
void admin_state::list_channels(const v1::ListChannelsRequest& x,
                                given<v1::ListChannelsResponse> done) {
  std::vector<std::pair<std::string, channel_ref>> all;
  parts->people->each_channel([&](const channel_ref& card) {
    all.emplace_back(irc::fold(card->name), card);
    return true;
  });
  std::ranges::sort(all, {}, [](auto& one) { return std::string_view{one.first}; });
  v1::ListChannelsResponse reply;
  reply.set_next_page_token(page_of(
    x, all, [](auto& one) { return std::string_view{one.first}; },
    [&](auto& one) { write(*one.second, *reply.add_channels()); }));
  done(reply);
}

void admin_state::get_channel(const v1::GetChannelRequest& x, given<v1::Channel> done) {
  show_channel(x.channel(), done);
}

/// What the store has of it, and over that what is so now.
void admin_state::show_channel(const std::string& channel, given<v1::Channel> done) {
  auto then = [=, this](const result<sql::channel_record>& row) {
    if (!row && row.error().code != errc::not_found)
      return done.fail(row.error());
    auto card = parts->people->find_channel(channel);
    if (!row && !card)
      return done.no(status::not_found, "there is no channel " + channel);
    v1::Channel reply;
    if (row)
      write(row->channel, reply);
    if (card)
      write(*card, reply);
    if (!row || row->channel.founder == 0)
      return done(reply);
    using maybe = std::optional<sql::login>;
    auto named = [=](const result<maybe>& founder) mutable {
      if (founder && *founder)
        reply.set_founder((*founder)->who.local + '@' + (*founder)->who.domain);
      done(reply);
    };
    parts->accounts.find_login(row->channel.founder, back<maybe>(std::move(named)));
  };
  parts->channels.find(irc::fold(channel), back<sql::channel_record>(std::move(then)));
}

void admin_state::set_channel_option(const v1::SetChannelOptionRequest& x,
                                     given<v1::Channel> done) {
  if (std::ranges::find(options, x.name()) == options.end())
    return done.bad("name", "is description, entrymsg, founder, retention or successor");
  auto ask = chat_request(x.channel());
  auto& option = *ask.mutable_set_channel_option();
  option.set_name(x.name());
  option.set_value(x.value());
  option.set_forced(true);
  auto is_account = (x.name() == "founder" || x.name() == "successor") && !x.value().empty();
  auto go_on = [=, this](chat::v1::Request msg) {
    if (x.validate_only())
      return show_channel(x.channel(), done);
    ask_chat(parts->owners->channel_of(irc::fold(x.channel())), std::move(msg), done,
             [=, this](const chat::v1::Reply&) { show_channel(x.channel(), done); });
  };
  auto with_channel = [=, this](const result<sql::channel_record>& row) {
    if (!row)
      return row.error().code == errc::not_found
               ? done.no(status::not_found, x.channel() + " is not registered")
               : done.fail(row.error());
    if (!is_account)
      return go_on(ask);
    account::v1::FindAccount find;
    find.set_chat_name(x.value());
    request<account::v1::AccountFound>(
      self, limits, owner_timeout, parts->owners->account_of(x.value()), find,
      [=](const account::v1::AccountFound& found) {
        if (found.account_id() == 0)
          return done.bad("value", "there is no account " + x.value());
        auto msg = ask;
        msg.mutable_set_channel_option()->set_account_id(found.account_id());
        msg.mutable_set_channel_option()->set_value(found.chat_name());
        go_on(std::move(msg));
      },
      [done](const caf::error& why) {
        done.fail({code_of(why), detail_of(why)});
      });
  };
  parts->channels.find(irc::fold(x.channel()), back<sql::channel_record>(std::move(with_channel)));
}

void admin_state::drop_channel(const v1::DropChannelRequest& x,
                               given<v1::DropChannelResponse> done) {
  auto then = [=, this](const result<sql::channel_record>& row) {
    if (!row)
      return row.error().code == errc::not_found
               ? done.no(status::not_found, x.channel() + " is not registered")
               : done.fail(row.error());
    if (x.validate_only())
      return done({});
    auto ask = chat_request(x.channel());
    ask.mutable_drop_channel()->set_forced(true);
    ask_chat(parts->owners->channel_of(irc::fold(x.channel())), std::move(ask), done,
             [done](const chat::v1::Reply&) { done({}); });
  };
  parts->channels.find(irc::fold(x.channel()), back<sql::channel_record>(std::move(then)));
}

} // namespace hamlet::admin
