// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/glob.hpp"

#include <charconv>
#include <optional>

namespace hamlet::irc {

namespace {

/// The conditions of ELIST=CMNTU: modern, LIST message.
struct wish {
  std::vector<glob> like, unlike;                            ///< M, N
  std::vector<std::string> names;                            ///< exactly these
  std::optional<std::uint32_t> more_than, fewer_than;        ///< U
  std::optional<std::int64_t> created_after, created_before; ///< C, ms
  std::optional<std::int64_t> topic_after, topic_before;     ///< T, ms

  bool fits(const channel_card& x) const;
};

bool wish::fits(const channel_card& x) const {
  auto folded = fold(x.name);
  auto matches = [&](const glob& g) { return g.matches(folded); };
  if (!names.empty() || !like.empty())
    if (std::ranges::find(names, folded) == names.end() && std::ranges::none_of(like, matches))
      return false;
  if (std::ranges::any_of(unlike, matches))
    return false;
  return (!more_than || x.members > *more_than) && (!fewer_than || x.members < *fewer_than)
         && (!created_after || x.created_ms > *created_after)
         && (!created_before || x.created_ms < *created_before)
         && (!topic_after || x.topic_ms > *topic_after)
         && (!topic_before || (x.topic_ms != 0 && x.topic_ms < *topic_before));
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty())
    return std::nullopt;
  return value;
}

void add(wish& w, std::string_view word, std::int64_t now_ms) {
  auto minutes_ago = [&](std::string_view text) -> std::optional<std::int64_t> {
    auto n = number(text);
    return n ? std::optional{now_ms - std::int64_t{*n} * 60'000} : std::nullopt;
  };
  if (word.size() > 1 && (word[0] == '>' || word[0] == '<')) {
    (word[0] == '>' ? w.more_than : w.fewer_than) = number(word.substr(1));
  } else if (word.size() > 2 && (word[0] == 'C' || word[0] == 'T')
             && (word[1] == '>' || word[1] == '<')) {
    // "C>60": created more than 60 minutes ago.
    auto then = minutes_ago(word.substr(2));
    if (word[0] == 'C')
      (word[1] == '>' ? w.created_before : w.created_after) = then;
    else
      (word[1] == '>' ? w.topic_before : w.topic_after) = then;
  } else if (word.starts_with('!')) {
    w.unlike.emplace_back(fold(word.substr(1)));
  } else if (word.find_first_of("*?") != word.npos) {
    w.like.emplace_back(fold(word));
  } else {
    w.names.push_back(fold(word));
  }
}

/// A list that is under way.
struct listing {
  wish wanted;
  std::size_t slice = 0; ///< of presence: the next one
  std::size_t shown = 0;
};

constexpr std::size_t lines_at_once = 200;
constexpr std::size_t lines_of_a_command = 250; // so many cost as much as one

void go_on(machine& m, const std::shared_ptr<listing>& all) {
  auto& people = *m.rules().people;
  std::size_t now_shown = 0;
  for (; all->slice < presence::slices; ++all->slice) {
    if (now_shown >= lines_at_once)
      return m.go_on_later([all](machine& me) { go_on(me, all); });
    people.each_channel(all->slice, [&](const channel_ref& c) {
      bool is_visible = (!c->is_secret && !c->is_private) || m.may(config::privilege::see)
                        || people.is_member(m.session_id(), c->name);
      if (!is_visible || !all->wanted.fits(*c))
        return;
      ++now_shown;
      ++all->shown;
      m.reply(numeric::rpl_list,
              {c->name, std::to_string(c->members), "[" + c->modes + "] " + c->topic});
    });
  }
  m.reply(numeric::rpl_listend, {"End of LIST"});
  m.pay(all->shown / lines_of_a_command);
}

} // namespace

/// RFC 2812 §3.2.6; SAFELIST of 005: however long it is, a client that reads slowly gets it all.
void verb_list(machine& m, const message& x) {
  auto all = std::make_shared<listing>();
  for (auto& word : list_of(x.param(0)))
    add(all->wanted, word, m.now().wall_ms);
  m.reply(numeric::rpl_liststart, {"Channel", "Users  Name"});
  go_on(m, all);
}

} // namespace hamlet::irc
