// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/news_peer.hpp"

#include <algorithm>

namespace hamlet {

using namespace chat::v1;

Card card_of(const packed_user& x) {
  Card card;
  x.read(*card.mutable_who());
  card.set_away(std::string{x.away()});
  card.set_signon_ms(x.signon_ms());
  card.set_active_ms(x.active_ms()->load());
  card.set_clients(x.clients());
  return card;
}

packed_ref user_of(const Card& x) {
  user_card card;
  card.who = x.who();
  card.away = x.away();
  card.signon_ms = x.signon_ms();
  card.active_ms = std::make_shared<std::atomic<std::int64_t>>(x.active_ms());
  card.clients = x.clients();
  return std::make_shared<const packed_user>(card);
}

// -- out ------------------------------------------------------------------------------------------

std::string news_snapshot::take_next() {
  auto i = at_++;
  if (i < all_.before.size())
    return std::move(all_.before[i]);
  i -= all_.before.size();
  if (i >= all_.users.size())
    return std::move(all_.after[i - all_.users.size()]);
  NewsItem x;
  *x.mutable_user() = card_of(*all_.users[i]);
  all_.users[i].reset();
  return packed(x);
}

const std::string& news_snapshot::bytes(std::int64_t incarnation, std::size_t octets) {
  if (!made_.empty())
    return made_;
  std::string items;
  while (!is_done() && items.size() < octets)
    items += take_next();
  News head;
  head.set_incarnation(incarnation);
  head.set_first(first_);
  head.set_is_snapshot(true);
  head.set_part(part_);
  head.set_has_more(!is_done());
  made_ = head.SerializeAsString() + items;
  return made_;
}

void news_snapshot::next_part() {
  made_.clear();
  ++part_;
}

std::optional<std::string> news_to::next(std::int64_t incarnation, const news_log& log,
                                         const cut& all) {
  if (under_way_ == most_under_way || octets_ >= batch_octets || (whole_ && under_way_ != 0))
    return {};
  if (!whole_ && (is_late_ || !log.has(sent_))) {
    if (under_way_ != 0)
      return {};
    whole_ = std::make_unique<news_snapshot>(all());
  }
  if (!whole_ && sent_ > log.last())
    return {};
  ++under_way_;
  if (whole_)
    return whole_->bytes(incarnation, batch_octets);
  auto made = log.read(incarnation, sent_, batch_octets - octets_);
  octets_ += made.bytes.size();
  sent_ = made.next;
  return std::move(made.bytes);
}

bool news_to::begin_digest() {
  if (is_whole() || under_way_ != 0)
    return false;
  ++under_way_;
  return true;
}

/// What has not come by the last answer goes again.
void news_to::one_less() {
  if (--under_way_ == 0) {
    octets_ = 0;
    sent_ = next_;
  }
}

bool news_to::taken(const NewsTaken& x) {
  if (whole_ && x.next() < whole_->first()) {
    one_less();
    auto is_next = x.part() == whole_->part() + 1;
    if (is_next)
      whole_->next_part();
    else if (x.part() != whole_->part())
      whole_.reset(); // it has forgotten those before: all from the beginning
    return is_next;
  }
  if (std::exchange(whole_, nullptr))
    is_late_ = false;
  auto before = next_, sent = sent_;
  next_ = std::max(next_, x.next()); // a later answer may have come before
  one_less();
  sent_ = std::max(sent_, next_);
  return before < next_ || under_way_ != 0 || next_ >= sent;
}

// -- in -------------------------------------------------------------------------------------------

news_from::verdict news_from::take(const News& x) {
  if (x.is_snapshot()) {
    auto is_same = whole_ && whole_->first == x.first();
    if (x.first() <= next_ || (x.part() != 0 && !(is_same && x.part() == whole_->part)))
      return {};
    whole_ = partial{x.first(), x.part() + 1};
    verdict does{x.part() == 0 ? kind::begins : kind::continues, 0, !x.has_more()};
    if (does.ends) {
      next_ = x.first();
      whole_.reset();
    }
    return does;
  }
  auto behind = x.first() + static_cast<std::uint64_t>(x.items_size());
  if (x.first() > next_ || behind <= next_)
    return {};
  whole_.reset();
  verdict does{kind::items, static_cast<int>(next_ - x.first()), false};
  next_ = behind;
  return does;
}

NewsTaken news_from::answer() const {
  NewsTaken x;
  x.set_next(next_);
  if (whole_)
    x.set_part(whole_->part);
  return x;
}

} // namespace hamlet
