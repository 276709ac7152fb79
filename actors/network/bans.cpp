// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"
#include "actors/chat/presence.hpp"
#include "actors/network/network.hpp"
#include "actors/network/rows.hpp"
#include "actors/resume.hpp"
#include "lib/log/log.hpp"

#include <algorithm>
#include <limits>

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto store_timeout = 25s;
constexpr auto asked_again_within = 60s;
constexpr std::int64_t longest_s = 3650LL * 86'400;

/// "K-line", for people.
std::string title_of(const std::string& kind) {
  if (kind == "kline")
    return "K-line";
  return kind == "dline" ? "D-line" : "RESV";
}

} // namespace

/// Operators with the privilege to ban are not held by bans. One whose class is none of the
/// settings is of the staff, and has it.
bool network_state::is_above_bans(const chat::v1::Who& who) const {
  if (!who.is_operator())
    return false;
  auto settings = parts->settings->get();
  auto found =
    std::ranges::find(settings->operators, who.operator_class(), &config::chat_operator::name);
  return found == settings->operators.end() || found->may(config::privilege::ban);
}

std::vector<chat::v1::Who> network_state::those_hit(const ban_mask& mask,
                                                    std::size_t& of_all) const {
  std::vector<chat::v1::Who> hit;
  of_all = 0;
  parts->people->each_user([&](const user_ref& user) {
    ++of_all;
    auto& who = user->who;
    irc::identity x;
    x.nick = who.nick();
    x.user = who.user();
    x.host = who.host();
    x.ip = who.address();
    x.cloaks = {who.former_hosts().begin(), who.former_hosts().end()};
    x.account = who.account();
    if (mask.matches(irc::ban_target{x}) && !is_above_bans(who))
      hit.push_back(who);
    return true;
  });
  return hit;
}

/// Remembers what was asked, when this is the first time.
bool network_state::is_asked_again(const question& msg, const ban_mask& mask) {
  ban_key key{mask.kind(), mask.text()};
  std::erase_if(doubted_, [&](auto& x) { return x.until <= now(); });
  auto is_it = [&](auto& x) { return x.session_id == msg.session_id() && x.ban == key; };
  if (std::erase_if(doubted_, is_it) != 0)
    return true;
  doubted_.push_back({msg.session_id(), std::move(key), now() + asked_again_within});
  return false;
}

caf::result<network_state::reply> network_state::add_ban(const question& msg) {
  auto settings = parts->settings->get();
  auto& asked = msg.add_ban().ban();
  auto lasts_s = msg.add_ban().duration_s();
  auto mask = ban_mask::of(asked.kind(), asked.mask());
  if (!mask)
    return refused(chat::v1::BAD_REQUEST, "That is no mask for it");
  if (!is_one_line(asked.reason()) || !is_one_line(asked.operator_reason()) || lasts_s < 0
      || lasts_s > longest_s)
    return refused(chat::v1::BAD_REQUEST, "The reason or the time is too long");
  if (mask->is_for_everybody())
    return refused(chat::v1::LIMIT_REACHED, "That is everybody");
  auto is_new = !bans_.contains({asked.kind(), mask->text()});
  if (is_new && bans_.size() >= settings->max_bans)
    return refused(chat::v1::LIST_FULL);
  std::size_t of_all = 0;
  auto hit = those_hit(*mask, of_all).size();
  if (hit > settings->ban_hits && hit * 100 > of_all * settings->ban_share
      && !is_asked_again(msg, *mask))
    return refused(chat::v1::LIMIT_REACHED, "That hits " + std::to_string(hit) + " of "
                                              + std::to_string(of_all)
                                              + " users; say it again if it is meant");
  auto fresh = asked;
  fresh.set_mask(mask->text());
  fresh.set_set_ms(parts->now_ms());
  fresh.set_expires_ms(lasts_s == 0 ? 0 : fresh.set_ms() + lasts_s * 1000);
  fresh.set_setter(mask_of(msg.who()));
  if (fresh.reason().empty())
    fresh.set_reason("No reason given");
  auto asker = self->make_response_promise<reply>();
  auto then = [this, asker, fresh, mask = *mask](result<void_t> stored) mutable {
    ++changes_;
    if (!stored) {
      is_stale_ = true;
      changed(); // perhaps
      return give(asker, refused(chat::v1::FAILED));
    }
    bans_.insert_or_assign({fresh.kind(), fresh.mask()}, fresh);
    publish_bans();
    std::size_t all = 0;
    auto now_hit = those_hit(mask, all); // others may have come meanwhile
    apply(fresh, now_hit);
    reply done;
    done.set_detail(std::to_string(now_hit.size()));
    *done.add_bans() = std::move(fresh);
    give_when_told(asker, std::move(done));
  };
  parts->store.add(row_of(fresh, kind_of(*mask)),
                   resume<void_t>(self, limits, store_timeout, std::move(then)));
  return asker;
}

/// The ban holds: those who are here go.
void network_state::apply(const chat::v1::NetworkBan& ban, const std::vector<chat::v1::Who>& hit) {
  auto by = ban.setter().substr(0, ban.setter().find('!'));
  for (auto& who : hit) {
    question msg;
    msg.set_session_id(who.session_id());
    msg.set_now_ms(parts->now_ms());
    msg.mutable_kill()->set_reason(title_of(ban.kind()) + "d: " + ban.reason());
    msg.mutable_kill()->set_by(by);
    caf::anon_send(parts->session_of(who.session_id()), std::move(msg));
  }
  log::info("chat", "ban",
            {{"kind", ban.kind()},
             {"mask", ban.mask()},
             {"by", ban.setter()},
             {"reason", ban.reason()},
             {"expires_ms", ban.expires_ms()},
             {"hit", hit.size()}});
  tell_operators(by + " added " + title_of(ban.kind()) + " for " + ban.mask() + " ("
                 + std::to_string(hit.size()) + " here): " + ban.reason());
}

caf::result<network_state::reply> network_state::remove_ban(const question& msg) {
  auto mask = ban_mask::of(msg.remove_ban().kind(), msg.remove_ban().mask());
  auto found = mask ? bans_.find({std::string{mask->kind()}, mask->text()}) : bans_.end();
  if (found == bans_.end())
    return refused(chat::v1::BAD_REQUEST, "There is no such ban");
  auto asker = self->make_response_promise<reply>();
  auto then = [this, asker, ban = found->second, by = msg.who()](result<void_t> gone) mutable {
    ++changes_;
    if (!gone && gone.error().code != errc::not_found) {
      is_stale_ = true;
      changed(); // perhaps
      return give(asker, refused(chat::v1::FAILED));
    }
    bans_.erase({ban.kind(), ban.mask()});
    publish_bans();
    log::info("chat", "ban removed",
              {{"kind", ban.kind()}, {"mask", ban.mask()}, {"by", mask_of(by)}});
    tell_operators(by.nick() + " removed " + title_of(ban.kind()) + " for " + ban.mask());
    reply done;
    *done.add_bans() = std::move(ban);
    give_when_told(asker, std::move(done));
  };
  parts->store.remove(kind_of(*mask), mask->text(),
                      resume<void_t>(self, limits, store_timeout, std::move(then)));
  return asker;
}

/// Who sends much before it has said who it is: a gateway has seen that, and no operator is asked.
/// Such bans hurt nobody who is here, change none of an operator, and leave operators room.
void network_state::ban_flooder(const question& msg) {
  auto settings = parts->settings->get();
  auto& asked = msg.ban_flooder();
  auto mask = ban_mask::of("dline", asked.mask());
  if (!mask || mask->is_for_everybody() || !is_one_line(asked.reason()) || asked.duration_s() <= 0
      || asked.duration_s() > longest_s || bans_.contains({"dline", mask->text()}))
    return;
  auto others = std::ranges::count_if(
    bans_, [&](auto& x) { return x.second.setter() == settings->server_name; });
  if (static_cast<std::size_t>(others) >= settings->max_bans / 2)
    return log::warning("chat", "no room for another ban of a flooder", {{"mask", mask->text()}});
  chat::v1::NetworkBan fresh;
  fresh.set_kind("dline");
  fresh.set_mask(mask->text());
  fresh.set_reason(asked.reason());
  fresh.set_setter(settings->server_name);
  fresh.set_set_ms(parts->now_ms());
  fresh.set_expires_ms(fresh.set_ms() + asked.duration_s() * 1000);
  auto then = [this, fresh](const result<void_t>& stored) {
    ++changes_;
    if (stored) {
      bans_.try_emplace({fresh.kind(), fresh.mask()}, fresh);
      publish_bans();
      apply(fresh, {});
    } else {
      is_stale_ = true;
    }
    changed();
  };
  parts->store.add(row_of(fresh, kind_of(*mask)),
                   resume<void_t>(self, limits, store_timeout, std::move(then)));
}

network_state::reply network_state::list_bans(const question& msg) const {
  reply all;
  for (auto& [key, x] : bans_)
    if (msg.list_bans().kind().empty() || key.first == msg.list_bans().kind())
      *all.add_bans() = x;
  return all;
}

void network_state::publish_bans() {
  std::vector<chat::v1::NetworkBan> all;
  auto next = std::numeric_limits<std::int64_t>::max();
  for (auto& [key, x] : bans_) {
    all.push_back(x);
    if (x.expires_ms() != 0)
      next = std::min(next, x.expires_ms());
  }
  next_expiry_ms_ = next;
  parts->rules->set_bans(all);
}

void network_state::drop_expired() {
  auto at = parts->now_ms();
  if (at < next_expiry_ms_)
    return;
  std::erase_if(bans_, [&](auto& entry) {
    auto& x = entry.second;
    if (x.expires_ms() == 0 || x.expires_ms() > at)
      return false;
    log::info("chat", "ban expired", {{"kind", x.kind()}, {"mask", x.mask()}});
    if (!parts->speaks_for_all || parts->speaks_for_all())
      tell_operators(title_of(x.kind()) + " for " + x.mask() + " has expired");
    return true;
  });
  ++changes_;
  publish_bans();
  parts->store.prune(at, [](const result<std::int64_t>&) {});
}

} // namespace hamlet
