// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/chat/presence.hpp"
#include "actors/relay/news_log.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace hamlet {

/// All that is true of a node at one number of its news, for a peer that has missed too much: given
/// out in parts, and small until then. Users are shared with presence.
class news_snapshot {
public:
  /// In this order; texts are packed() items.
  struct contents {
    std::vector<std::string> before;
    std::vector<packed_ref> users;
    std::vector<std::string> after;
  };
  /// @param first The number of the news that comes behind it.
  news_snapshot(std::uint64_t first, contents all) : first_{first}, all_{std::move(all)} {}

  std::uint64_t first() const { return first_; }
  std::uint32_t part() const { return part_; }
  /// The part that is to be sent, as a chat.v1.News; the same until next_part().
  const std::string& bytes(std::int64_t incarnation, std::size_t octets);
  void next_part();

private:
  bool is_done() const { return at_ == all_.before.size() + all_.users.size() + all_.after.size(); }
  std::string take_next(); ///< packed; is kept no longer

  std::uint64_t first_;
  contents all_;
  std::size_t at_ = 0;
  std::uint32_t part_ = 0;
  std::string made_;
};

/// What one peer has of our news, and what it is sent next. News do not wait for the answer to
/// those before them: else what a client asks of that peer, having seen them, comes there first.
/// But of unanswered ones there are few, so a slow peer holds up nobody, and costs no more than a
/// batch.
class news_to {
public:
  using cut = std::function<news_snapshot()>;

  /// It has begun after us: it is told what is true, not all that has happened before.
  void begin_whole() { is_late_ = true; }
  /// The bytes of a News, or nothing: it has been sent all, or enough is under way.
  std::optional<std::string> next(std::int64_t incarnation, const news_log& log, const cut& all);
  /// @return False: it has taken nothing; to be tried again a little later.
  bool taken(const chat::v1::NewsTaken& x);
  /// @return False: something is under way already, and its answer will say the same.
  bool begin_digest();
  /// Nothing is known of a batch that was under way.
  void failed() { one_less(); }
  std::uint64_t next() const { return next_; }         ///< it has all before this
  bool is_whole() const { return whole_ || is_late_; } ///< a snapshot goes out

  static constexpr std::size_t batch_octets = 256u << 10;
  static constexpr std::size_t most_under_way = 16; ///< batches

private:
  void one_less();

  std::uint64_t next_ = 1;
  std::uint64_t sent_ = 1; ///< all before this is under way, or there; next_ at least
  std::unique_ptr<news_snapshot> whole_;
  std::size_t under_way_ = 0; ///< of a snapshot one
  std::size_t octets_ = 0;    ///< of all since nothing was under way
  bool is_late_ = false;
};

/// What this node has of the news of one peer.
class news_from {
public:
  std::uint64_t next() const { return next_; } ///< all before it is known

  enum class kind : std::uint8_t {
    nothing,  ///< it is here already, or it is too early
    items,    ///< from `skip` on they are new
    begins,   ///< first part of a snapshot; its items replace what was known
    continues ///< one more part
  };
  struct verdict {
    kind what = kind::nothing;
    int skip = 0;
    bool ends = false; ///< the last part: what it did not name is gone
  };
  /// What to do with it; it counts as done.
  verdict take(const chat::v1::News& x);
  chat::v1::NewsTaken answer() const;

private:
  struct partial {
    std::uint64_t first;
    std::uint32_t part;
  };
  std::uint64_t next_ = 1;
  std::optional<partial> whole_;
};

chat::v1::Card card_of(const packed_user& x);
packed_ref user_of(const chat::v1::Card& x);

} // namespace hamlet
