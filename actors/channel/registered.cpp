// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel.hpp"
#include "actors/channel/texts.hpp"

#include <algorithm>
#include <charconv>

// Channels that belong to somebody: who may do what for ever. What is true here is in the store.

namespace hamlet {

using namespace chat::v1;

constexpr std::int64_t longest_retention = 3650; // days
constexpr std::size_t longest_flags = 32, longest_text = 400;

ranks channel::rights_by_access(const Who& who) const {
  if (!registered_ || who.account_id() == 0)
    return rank::none;
  if (who.account_id() == registered_->founder)
    return rank::founder | rank::op;
  auto found = registered_->list.find(who.account_id());
  return found == registered_->list.end() ? rank::none : ranks_of_flags(found->second.flags);
}

// -- registering --------------------------------------------------------------

bool channel::may_register(channel_turn& x) const {
  x.reply.set_channel(name_);
  if (registered_)
    return x.refuse(IS_REGISTERED), false;
  if (is_local())
    return x.refuse(BAD_CHANNEL_NAME), false;
  if (x.ask.who().account_id() == 0)
    return x.refuse(NEEDS_ACCOUNT), false;
  if (rights_of(x.asker()) < rank::op)
    return x.refuse(NEEDS_OPERATOR), false;
  return true;
}

void channel::set_registered(channel_turn& x, std::int64_t id) {
  auto& r = registered_.emplace();
  r.id = id;
  r.founder = x.ask.who().account_id();
  r.founder_name = x.ask.who().account();
  r.description = x.ask.register_channel().description();
  r.registered_ms = r.used_ms = x.now_ms;
  flags_.set('r');
  auto* on = publish_of_server(x).mutable_modes()->add_changes();
  on->set_add(true);
  on->set_letter("r");
  if (auto* m = find(x.asker()))
    give(x, *m, rank::founder | rank::op);
  x.card_changed = true;
}

bool channel::may_drop(channel_turn& x) const {
  x.reply.set_channel(name_);
  if (!registered_)
    return x.refuse(NOT_REGISTERED), false;
  auto is_founder = registered_->founder != 0 && x.ask.who().account_id() == registered_->founder;
  if (!x.ask.drop_channel().forced() && !is_founder)
    return x.refuse(NO_ACCESS), false;
  return true;
}

void channel::set_dropped(channel_turn& x) {
  registered_.reset();
  flags_.set('r', false);
  std::erase_if(metadata, [](auto& kv) { return kv.first.starts_with('!'); });
  publish_of_server(x).mutable_modes()->add_changes()->set_letter("r");
  for (auto& [session, m] : members_)
    take(x, m, rank::founder);
  x.card_changed = true;
}

// -- access -------------------------------------------------------------------

namespace {

/// Letters only; which of them mean something beside q a o h v is for who reads them.
bool are_flags(std::string_view text) {
  return text.size() <= longest_flags && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

} // namespace

/// One gives what is below oneself, and takes it from who is below oneself; founders of one
/// channel may be several, and only a founder makes them. Oneself one may take off the list.
bool channel::may_set_access(channel_turn& x) const {
  auto& ask = x.ask.set_access();
  x.reply.set_channel(name_);
  if (!registered_)
    return x.refuse(NOT_REGISTERED), false;
  if (ask.account_id() == 0)
    return x.refuse(NO_SUCH_ACCOUNT, ask.account()), false;
  if (!are_flags(ask.flags()))
    return x.refuse(BAD_REQUEST, ask.flags()), false;
  auto known = registered_->list.find(ask.account_id());
  auto has_entry = known != registered_->list.end();
  if (ask.flags().empty() && !has_entry)
    return x.refuse(NO_SUCH_ACCOUNT, ask.account()), false;
  if (!ask.forced()) {
    auto mine = rights_by_access(x.ask.who());
    auto theirs = has_entry ? ranks_of_flags(known->second.flags) : rank::none;
    auto is_founder = mine >= rank::founder;
    auto leaves = ask.flags().empty() && ask.account_id() == x.ask.who().account_id();
    auto may = is_founder
               || (mine >= rank::op && is_higher(mine, theirs)
                   && is_higher(mine, ranks_of_flags(ask.flags())));
    if (!may && !leaves)
      return x.refuse(NO_ACCESS), false;
  }
  if (!has_entry && registered_->list.size() >= x.rules.access_entries)
    return x.refuse(LIMIT_REACHED), false;
  return true;
}

/// Who is here has the new rank at once.
void channel::set_access(channel_turn& x) {
  auto& ask = x.ask.set_access();
  auto before = registered_->list.find(ask.account_id());
  auto had = before == registered_->list.end() ? rank::none : ranks_of_flags(before->second.flags);
  if (ask.flags().empty())
    registered_->list.erase(ask.account_id());
  else
    registered_->list[ask.account_id()] = {ask.account(), ask.flags(), x.ask.who().account(),
                                           x.now_ms};
  auto has = ranks_of_flags(ask.flags());
  for (auto& [session, m] : members_) {
    if (m.account() != ask.account_id() || ask.account_id() == registered_->founder)
      continue;
    take(x, m, static_cast<ranks>(had & ~has));
    give(x, m, has);
  }
}

void channel::get_access(channel_turn& x) const {
  x.reply.set_channel(name_);
  if (!registered_)
    return x.refuse(NOT_REGISTERED);
  auto may = x.ask.get_access().forced() || x.ask.who().is_operator()
             || rights_by_access(x.ask.who()) != 0 || rights_of(x.asker()) >= rank::halfop;
  if (!may)
    return x.refuse(NO_ACCESS);
  auto tell = [&](std::int64_t id, const std::string& name, const std::string& flags) {
    auto* out = x.reply.add_access();
    out->set_account_id(id);
    out->set_account(name);
    out->set_flags(flags);
  };
  if (registered_->founder != 0)
    tell(registered_->founder, registered_->founder_name, "q");
  for (auto& [id, a] : registered_->list)
    if (id != registered_->founder)
      tell(id, a.account, a.flags);
}

std::vector<std::int64_t> channel::unnamed() const {
  std::vector<std::int64_t> all;
  if (!registered_)
    return all;
  if (registered_->founder != 0 && registered_->founder_name.empty())
    all.push_back(registered_->founder);
  for (auto& [id, a] : registered_->list)
    if (a.account.empty() && id != registered_->founder)
      all.push_back(id);
  return all;
}

void channel::set_account_name(std::int64_t account, const std::string& name) {
  if (!registered_)
    return;
  if (account == registered_->founder)
    registered_->founder_name = name;
  if (auto found = registered_->list.find(account); found != registered_->list.end())
    found->second.account = name;
}

// -- options ------------------------------------------------------------------

bool channel::may_set_option(channel_turn& x) const {
  auto& ask = x.ask.set_channel_option();
  x.reply.set_channel(name_);
  if (!registered_)
    return x.refuse(NOT_REGISTERED), false;
  auto& name = ask.name();
  auto needed = name == "founder" || name == "successor" ? rank::founder : rank::admin;
  auto rights = rights_by_access(x.ask.who());
  if (!ask.forced() && rights < needed)
    return x.refuse(NO_ACCESS), false;
  if (name == "founder" || name == "successor") {
    if (ask.account_id() == 0 && !(name == "successor" && ask.value().empty()))
      return x.refuse(NO_SUCH_ACCOUNT, ask.value()), false;
    return true;
  }
  if (name == "retention") {
    std::int64_t days = -1;
    auto* end = ask.value().data() + ask.value().size();
    auto [at, error] = std::from_chars(ask.value().data(), end, days);
    if (error != std::errc{} || at != end || days < 0 || days > longest_retention)
      return x.refuse(BAD_REQUEST, ask.value()), false;
    return true;
  }
  if ((name != "description" && name != "entrymsg") || ask.value().size() > longest_text)
    return x.refuse(BAD_REQUEST, name), false;
  return true;
}

void channel::set_option(channel_turn& x) {
  auto& ask = x.ask.set_channel_option();
  auto& name = ask.name();
  if (name == "founder") {
    for (auto& [session, m] : members_)
      if (m.account() == registered_->founder)
        take(x, m, rank::founder);
    registered_->founder = ask.account_id();
    registered_->founder_name = ask.value();
    for (auto& [session, m] : members_)
      if (m.account() == ask.account_id())
        give(x, m, rank::founder | rank::op);
  } else if (name == "retention") {
    registered_->retention_days = std::stoll(ask.value());
    x.saves.settings = true;
  } else if (name == "description") {
    registered_->description = ask.value();
    x.saves.settings = true;
  } else if (ask.value().empty()) {
    metadata.erase("!" + name);
  } else {
    metadata["!" + name] = ask.value();
  }
}

void channel::get_info(channel_turn& x) const {
  x.reply.set_channel(name_);
  if (is_hidden_from(x) && rights_by_access(x.ask.who()) == 0)
    return x.refuse(NO_SUCH_CHANNEL);
  if (!registered_)
    return x.refuse(NOT_REGISTERED);
  describe(x, false);
  auto tell = [&](std::string name, std::string value) {
    if (value.empty())
      return;
    auto* out = x.reply.add_options();
    out->set_name(std::move(name));
    out->set_value(std::move(value));
  };
  auto option = [&](const std::string& name) {
    auto found = metadata.find("!" + name);
    return found == metadata.end() ? std::string{} : found->second;
  };
  tell("founder", registered_->founder_name);
  tell("founder_id", std::to_string(registered_->founder));
  tell("registered_ms", std::to_string(registered_->registered_ms));
  tell("description", registered_->description);
  tell("retention", std::to_string(registered_->retention_days));
  tell("entrymsg", option("entrymsg"));
  tell("successor", option("successor"));
}

} // namespace hamlet
