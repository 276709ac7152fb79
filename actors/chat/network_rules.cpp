// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"

#include "actors/chat/ban_mask.hpp"
#include "lib/base/live.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <vector>

namespace hamlet {

namespace {

struct ban_row {
  ban_mask mask;
  std::string reason;
  std::int64_t expires_ms;

  bool holds(std::int64_t now_ms) const { return expires_ms == 0 || now_ms < expires_ms; }
};

/// Names that nobody may have: most have no wildcards.
struct reserved {
  std::set<std::string, std::less<>> exact;
  std::vector<ban_mask> masks;

  bool has(std::string_view folded) const {
    return exact.contains(folded)
           || std::ranges::any_of(masks, [&](auto& x) { return x.matches_name(folded); });
  }
  void add(ban_mask x) {
    if (irc::has_wildcard(x.text()))
      masks.push_back(std::move(x));
    else
      exact.insert(x.text());
  }
  bool is_empty() const { return exact.empty() && masks.empty(); }
};

struct ban_books {
  std::vector<ban_row> klines;
  std::vector<ban_row> dlines;
  reserved nicks;
  reserved channels;

  void add(const chat::v1::NetworkBan& x) {
    auto mask = ban_mask::of(x.kind(), x.mask());
    if (!mask)
      return;
    switch (mask->what()) {
    case ban_mask::about::kline:
      klines.push_back({std::move(*mask), x.reason(), x.expires_ms()});
      break;
    case ban_mask::about::dline:
      dlines.push_back({std::move(*mask), x.reason(), x.expires_ms()});
      break;
    case ban_mask::about::nick: nicks.add(std::move(*mask)); break;
    case ban_mask::about::channel: channels.add(std::move(*mask)); break;
    }
  }
};

template <class Who>
std::optional<std::string> reason_in(const std::vector<ban_row>& bans, const Who& who,
                                     std::int64_t now_ms) {
  for (auto& x : bans)
    if (x.holds(now_ms) && x.mask.matches(who))
      return x.reason;
  return std::nullopt;
}

} // namespace

struct network_rules::state {
  live<ban_books> bans{{}}; // the lock is held for the copy of a pointer
  live<std::shared_ptr<const filter_set>> filters{nullptr};
  // Nothing of a kind: the books are not even opened.
  std::atomic<bool> has_klines{false}, has_dlines{false}, has_nicks{false}, has_channels{false},
    has_filters{false};
};

network_rules::network_rules() : state_{std::make_unique<state>()} {
}
network_rules::~network_rules() = default;

std::optional<std::string> network_rules::ban_for(const person& who, std::int64_t now_ms) const {
  if (auto why = dline_for(who.address, now_ms))
    return why;
  if (!state_->has_klines.load(std::memory_order_acquire))
    return std::nullopt;
  irc::identity x;
  x.user = who.user;
  x.host = who.host;
  x.ip = who.address;
  x.cloaks = who.former_hosts;
  x.account = who.account;
  return reason_in(state_->bans.get()->klines, irc::ban_target{x}, now_ms);
}

std::optional<std::string> network_rules::dline_for(std::string_view address,
                                                    std::int64_t now_ms) const {
  if (!state_->has_dlines.load(std::memory_order_acquire))
    return std::nullopt;
  auto from = ip_address::of(address);
  return from ? reason_in(state_->bans.get()->dlines, *from, now_ms) : std::nullopt;
}

bool network_rules::is_reserved_nick(std::string_view folded) const {
  return state_->has_nicks.load(std::memory_order_acquire) && state_->bans.get()->nicks.has(folded);
}

bool network_rules::is_reserved_channel(std::string_view folded) const {
  return state_->has_channels.load(std::memory_order_acquire)
         && state_->bans.get()->channels.has(folded);
}

std::optional<filter_hit> network_rules::filter(std::string_view text, char place) const {
  if (!state_->has_filters.load(std::memory_order_acquire))
    return std::nullopt;
  auto set = *state_->filters.get();
  return set ? set->find(text, place) : std::nullopt;
}

void network_rules::set_bans(std::span<const chat::v1::NetworkBan> all) {
  ban_books fresh;
  for (auto& x : all)
    fresh.add(x);
  auto klines = !fresh.klines.empty(), dlines = !fresh.dlines.empty();
  auto nicks = !fresh.nicks.is_empty(), channels = !fresh.channels.is_empty();
  state_->bans.set(std::move(fresh));
  state_->has_klines.store(klines, std::memory_order_release);
  state_->has_dlines.store(dlines, std::memory_order_release);
  state_->has_nicks.store(nicks, std::memory_order_release);
  state_->has_channels.store(channels, std::memory_order_release);
}

void network_rules::set_filters(std::span<const chat::v1::Filter> all) {
  auto fresh = std::make_shared<const filter_set>(all);
  auto is_empty = fresh->is_empty();
  state_->filters.set(std::move(fresh));
  state_->has_filters.store(!is_empty, std::memory_order_release);
}

} // namespace hamlet
