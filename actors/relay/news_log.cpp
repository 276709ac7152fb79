// SPDX-License-Identifier: Apache-2.0
#include "actors/relay/news_log.hpp"

#include "lib/base/mutation.hpp"

namespace hamlet {

using namespace chat::v1;

namespace {

// Of a News with one item: tag and length of the item come before it.
void put_length(std::string& out, std::size_t length) {
  for (; length >= 0x80; length >>= 7)
    out.push_back(static_cast<char>(length | 0x80));
  out.push_back(static_cast<char>(length));
}

// An item with the field 999 and no other.
constexpr std::string_view unknown_item{"\x1a\x03\xb8\x3e\x01", 5};

} // namespace

std::string packed(const NewsItem& x) {
  constexpr char item_tag = News::kItemsFieldNumber << 3 | 2; // the second: a length follows
  std::string out;
  auto length = x.ByteSizeLong();
  out.reserve(length + 6);
  out.push_back(item_tag);
  put_length(out, length);
  x.AppendToString(&out);
  return out;
}

void news_log::add(const NewsItem& x, bool is_kept) {
  if constexpr (mutation::next_release) // MUTATION: an item of later, before each that is known
    if (is_kept)
      items_.emplace_back(unknown_item), octets_ += unknown_item.size(), ++last_;
  ++last_;
  if (!is_kept) {
    items_.clear();
    octets_ = 0;
    return;
  }
  octets_ += items_.emplace_back(packed(x)).size();
  while (items_.size() > most_.items || octets_ > most_.octets) {
    octets_ -= items_.front().size();
    items_.pop_front();
  }
}

void news_log::restart() {
  items_.clear();
  octets_ = last_ = 0;
}

news_log::batch news_log::read(std::int64_t incarnation, std::uint64_t from,
                               std::size_t octets) const {
  News head;
  head.set_incarnation(incarnation);
  head.set_first(from);
  batch made{head.SerializeAsString(), from};
  for (auto at = items_.size() - (last_ + 1 - from); at < items_.size(); ++at) {
    if (made.next > from && made.bytes.size() + items_[at].size() > octets)
      break;
    made.bytes += items_[at];
    ++made.next;
  }
  return made;
}

} // namespace hamlet
