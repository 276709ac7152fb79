// SPDX-License-Identifier: Apache-2.0
#include "lib/text/search_form.hpp"
#include "storage/chat/history_rows.hpp"
#include "storage/sql/rows.hpp"

#include <algorithm>

namespace hamlet::sql {

namespace {

using std::int64_t;

// The columns behind `text` are not read.
constexpr query texts_before = //
  "SELECT time_ms, event_id, text FROM chat_event WHERE target = $1 AND is_message = 1 "
  "AND (time_ms, event_id) < ($2, $3) ORDER BY time_ms DESC, event_id DESC LIMIT $4";

constexpr std::size_t most_at_once = 256;
constexpr std::size_t most_words = 16;

/// How far a search has come in one target.
struct cursor {
  const std::string* target;
  history_place place; ///< what is not older has been looked at
  bool is_at_end = false;
};

struct match {
  history_place place;
  const std::string* target;
};

/// Looks at all targets from the newest text on, in steps: always at the one that has come least
/// far. So what is found when the budget ends is the newest of all.
class search_run {
public:
  search_run(database& db, const history_search& what) : db_{db}, what_{what} {
    for (auto& word : what.words)
      if (auto form = text::search_form(word); !form.empty() && words_.size() < most_words)
        words_.push_back(std::move(form));
    for (auto& target : what.targets)
      cursors_.push_back({&target, what.before.value_or(history_place{highest, highest})});
    auto share = what.at_most_rows / (2 * std::max<std::size_t>(cursors_.size(), 1));
    step_ = std::clamp<std::size_t>(share, 1, most_at_once);
  }

  result<history_found> operator()() {
    if (words_.empty() || what_.limit == 0)
      return history_found{};
    auto start = what_.before.value_or(history_place{highest, highest});
    for (auto* next = least_far(); next; next = least_far()) {
      auto is_new = next->place == start; // each is looked at once, so that the next search goes on
      if (!is_new && (rows_ >= what_.at_most_rows || newer_than(next->place) >= what_.limit))
        break;
      if (auto done = advance(*next); !done)
        return tl::unexpected{done.error()};
    }
    return answer();
  }

private:
  cursor* least_far() {
    cursor* best = nullptr;
    for (auto& x : cursors_)
      if (!x.is_at_end && (!best || x.place > best->place))
        best = &x;
    return best;
  }

  std::size_t newer_than(history_place x) const {
    return static_cast<std::size_t>(
      std::ranges::count_if(matches_, [&](const match& m) { return m.place >= x; }));
  }

  bool has_all_words(std::string_view said) const {
    auto form = text::search_form(said);
    return std::ranges::all_of(words_,
                               [&](const std::string& x) { return form.find(x) != form.npos; });
  }

  result<void> advance(cursor& x) {
    std::size_t seen = 0;
    auto look = [&](int64_t time_ms, int64_t event_id, std::string_view said) {
      ++seen;
      last_ = {time_ms, event_id};
      if (has_all_words(said))
        matches_.push_back({last_, x.target});
    };
    auto done = db_.each<int64_t, int64_t, std::string_view>(
      texts_before, look, *x.target, x.place.time_ms, x.place.event_id, step_);
    rows_ += seen;
    if (seen != 0)
      x.place = last_;
    x.is_at_end = seen < step_;
    return done;
  }

  result<history_found> answer() {
    history_found found;
    if (auto* next = least_far())
      found.more = next->place;
    std::ranges::sort(matches_, std::greater{}, &match::place);
    if (found.more) // older ones may lie between others that were not looked at
      std::erase_if(matches_, [&](const match& m) { return m.place < *found.more; });
    if (matches_.size() > what_.limit) {
      matches_.resize(what_.limit);
      found.more = matches_.back().place;
    }
    for (auto& m : matches_) {
      auto event = find_event(db_, m.place.event_id, *m.target);
      if (!event)
        return tl::unexpected{event.error()};
      if (*event)
        found.events.push_back(std::move(**event));
    }
    std::ranges::reverse(found.events);
    return found;
  }

  database& db_;
  const history_search& what_;
  std::vector<std::string> words_; ///< folded
  std::vector<cursor> cursors_;
  std::vector<match> matches_;
  std::size_t step_ = 0;
  std::size_t rows_ = 0;
  history_place last_;
};

} // namespace

void history_repository::search(history_search what, completion<history_found> done) {
  views_->submit<history_found>(
    [x = std::move(what)](database& db) {
      auto sorted = x; // a target that is named twice is one
      std::ranges::sort(sorted.targets);
      auto twice = std::ranges::unique(sorted.targets);
      sorted.targets.erase(twice.begin(), twice.end());
      return search_run{db, sorted}();
    },
    std::move(done));
}

} // namespace hamlet::sql
