// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/lookups.hpp"
#include "gateway/irc/operator_verbs.hpp"
#include "gateway/irc/privileges.hpp"

#include <charconv>
#include <optional>

// KLINE, DLINE, RESV and what undoes them. The NETWORK decides and remembers; the lists are STATS
// k, d and q. The forms are those of Hybrid and Solanum: "KLINE [minutes] mask :reason|for
// operators".

namespace hamlet::irc {

namespace {

struct ban_kind {
  std::string_view kind;  ///< as the NETWORK calls it
  std::string_view verb;  ///< what sets it
  std::string_view title; ///< for people
};
constexpr ban_kind kline{"kline", "KLINE", "K-line"};
constexpr ban_kind dline{"dline", "DLINE", "D-line"};
constexpr ban_kind resv{"resv", "RESV", "RESV"};

constexpr std::int64_t most_minutes = 5'000'000; // ten years

/// Of digits alone.
std::optional<std::int64_t> minutes_of(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return std::min(value, most_minutes);
}

/// A nick stands for where its user is. nullopt: it is one, and nobody has it.
std::optional<std::string> mask_of(const machine& m, const ban_kind& what,
                                   const std::string& text) {
  if (&what == &resv || text.find_first_of("@.:/*?~") != std::string::npos)
    return text;
  auto user = m.rules().people->find(text);
  if (!user)
    return std::nullopt;
  return (what.kind == kline.kind ? "*@" : "") + user->who.address();
}

void set_ban(machine& m, const message& x, const ban_kind& what) {
  if (!needs(m, config::privilege::ban))
    return;
  auto minutes = x.params.size() > 1 ? minutes_of(x.params[0]) : std::nullopt;
  auto place = minutes ? std::size_t{1} : std::size_t{0};
  auto mask = mask_of(m, what, x.params[place]);
  if (!mask)
    return m.reply(numeric::err_nosuchnick, {x.params[place], "No such nick"});
  auto reason = text_from(x, place + 1);
  auto bar = std::min(reason.find('|'), reason.size());
  auto wish = m.request();
  auto& add = *wish.mutable_add_ban();
  add.set_duration_s(minutes.value_or(0) * 60);
  add.mutable_ban()->set_kind(std::string{what.kind});
  add.mutable_ban()->set_mask(*mask);
  add.mutable_ban()->set_reason(reason.substr(0, bar));
  add.mutable_ban()->set_operator_reason(reason.substr(std::min(bar + 1, reason.size())));
  m.ask(
    std::move(wish),
    [what, mask = *mask, args = text_from(x, 0)](machine& me, const chat::v1::Reply& r) {
      if (!audit_reply(me, r, what.verb, args, mask))
        return;
      auto shown = r.bans_size() != 0 ? r.bans(0).mask() : mask;
      auto hit = r.detail().empty() ? "" : ", it hits " + r.detail() + " here";
      me.notice(std::string{what.title} + " for " + shown + " is set" + hit);
    },
    ask::owner::network);
}

void lift_ban(machine& m, const message& x, const ban_kind& what) {
  if (!needs(m, config::privilege::ban))
    return;
  auto mask = x.params[0];
  auto wish = m.request();
  wish.mutable_remove_ban()->set_kind(std::string{what.kind});
  wish.mutable_remove_ban()->set_mask(mask);
  m.ask(
    std::move(wish),
    [what, mask](machine& me, const chat::v1::Reply& r) {
      if (audit_reply(me, r, "UN" + std::string{what.verb}, mask, mask))
        me.notice(std::string{what.title} + " for " + mask + " is lifted");
    },
    ask::owner::network);
}

} // namespace

void verb_kline(machine& m, const message& x) {
  set_ban(m, x, kline);
}
void verb_dline(machine& m, const message& x) {
  set_ban(m, x, dline);
}
void verb_resv(machine& m, const message& x) {
  set_ban(m, x, resv);
}
void verb_unkline(machine& m, const message& x) {
  lift_ban(m, x, kline);
}
void verb_undline(machine& m, const message& x) {
  lift_ban(m, x, dline);
}
void verb_unresv(machine& m, const message& x) {
  lift_ban(m, x, resv);
}

} // namespace hamlet::irc
