// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/lookups.hpp"
#include "gateway/irc/query_verbs.hpp"
#include "gateway/irc/whox.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/glob.hpp"
#include "lib/irc/mask.hpp"

#include <optional>

// WHO: RFC 2812 §3.6.1, IRCv3 WHOX.

namespace hamlet::irc {

namespace {

/// Some channel of the user that the asker may see, one of their own if there is any.
membership shown_channel(const machine& m, const chat::v1::Who& who) {
  membership found{};
  for (auto& x : m.rules().people->channels_of(who.session_id())) {
    if (!sees_channel(m, x, who.session_id()))
      continue;
    if (m.rules().people->is_member(m.session_id(), x.channel))
      return x;
    if (found.channel.empty())
      found = x;
  }
  return found;
}

void show_user(machine& m, const who_options& options, const user_card& user) {
  if (options.operators_only && !user.who.is_operator())
    return;
  auto where = shown_channel(m, user.who);
  show_who(m, options,
           {user.who, where.channel, where.prefixes, [&] { return idle_seconds(m, user); }});
}

/// What a mask is compared with: all that the asker is shown, and no more.
class who_mask {
public:
  who_mask(const machine& m, const std::string& text, const who_options& options)
      : m_{m}, options_{options}, glob_{text}, is_all_{text.empty() || text == "0"} {
    if (text.find_first_of("!@") != std::string::npos)
      host_ = hostmask::of(text);
  }

  bool fits(const chat::v1::Who& who) const {
    if (is_all_ || glob_.matches_all())
      return true;
    if (host_)
      return fits_host(who);
    auto is = [&](char what, std::string_view text) {
      return options_.matches(what) && glob_.matches(text);
    };
    return is('n', who.nick()) || is('u', who.user()) || is('h', who.host())
           || is('s', server_of(m_, who)) || is('r', who.real_name())
           || (!who.account().empty() && is('a', who.account()))
           || (sees_address(m_, who) && is('i', who.address()));
  }

private:
  bool fits_host(const chat::v1::Who& who) const {
    identity x;
    x.nick = who.nick();
    x.user = who.user();
    x.host = who.host();
    if (sees_address(m_, who))
      x.ip = who.address();
    return host_->matches(ban_target{x});
  }

  const machine& m_;
  const who_options& options_;
  glob glob_;
  std::optional<hostmask> host_;
  bool is_all_;
};

void end_who(machine& m, const std::string& mask) {
  m.reply(numeric::rpl_endofwho, {mask.empty() ? "*" : mask, "End of WHO list"});
}

/// A search that is under way.
struct who_search {
  std::string text;
  who_options options;
  std::size_t slice = 0; ///< of presence: the next one
  std::size_t shown = 0;
  std::size_t seen = 0; ///< users that were looked at
};

constexpr std::size_t users_at_once = 2000;
constexpr std::size_t lines_at_once = 200;
// What costs as much as one command more.
constexpr std::size_t users_of_a_command = 5000;
constexpr std::size_t lines_of_a_command = 250;

/// False: there are more than may be shown.
bool look_at(machine& m, const packed_ref& x, const who_mask& mask, who_search& search) {
  ++search.seen;
  if ((search.options.operators_only && !x->is_operator()) || !sees_user(m, *x))
    return true;
  auto user = x->card();
  if (!mask.fits(user.who))
    return true;
  if (++search.shown > m.sizes().who_users.value)
    return false;
  show_user(m, search.options, user);
  return true;
}

void go_on(machine& m, const std::shared_ptr<who_search>& search) {
  who_mask mask{m, search->text, search->options};
  auto had = *search;
  bool is_enough = false;
  for (; search->slice < presence::slices && !is_enough; ++search->slice) {
    if (search->seen - had.seen >= users_at_once || search->shown - had.shown >= lines_at_once)
      return m.go_on_later([search](machine& me) { go_on(me, search); });
    m.rules().people->each_packed(search->slice, [&](const packed_ref& x) {
      is_enough = is_enough || !look_at(m, x, mask, *search);
    });
  }
  if (is_enough)
    m.reply(numeric::err_toomanymatches, {"WHO", "Output too large, truncated"});
  end_who(m, search->text);
  m.pay(search->seen / users_of_a_command + search->shown / lines_of_a_command);
}

void who_by_mask(machine& m, const std::string& text, const who_options& options) {
  // Who knows the whole nick could ask by WHOIS as well: so even if it is invisible.
  if (auto user = m.rules().people->find(text); user && options.matches('n')) {
    show_user(m, options, *user);
    return end_who(m, text);
  }
  auto search = std::make_shared<who_search>();
  search->text = text;
  search->options = options;
  go_on(m, search);
}

void show_members(machine& m, const who_options& options, const chat::v1::Reply& r) {
  auto is_inside = m.rules().people->is_member(m.session_id(), r.channel());
  for (auto& x : r.members()) {
    // The CHANNEL says who is there; what they are is in presence.
    auto user = m.rules().people->find(x.who().session_id());
    if (!user || (options.operators_only && !user->who.is_operator())
        || (!is_inside && !sees_user(m, user->who)))
      continue;
    show_who(m, options,
             {user->who, r.channel(), x.prefixes(), [&] { return idle_seconds(m, *user); }});
  }
}

/// Is it there at all, for this client? RFC 2811 §4.2.6.
bool is_open_to(const machine& m, const std::string& name) {
  auto card = m.rules().people->find_channel(name);
  return card
         && ((!card->is_secret && !card->is_private) || sees_all(m)
             || m.rules().people->is_member(m.session_id(), name));
}

} // namespace

void verb_who(machine& m, const message& x) {
  auto mask = std::string{x.param(0)};
  auto options = who_options::of(x.param(1));
  if (!is_channel_name(mask))
    return who_by_mask(m, mask, options);
  if (!is_open_to(m, mask))
    return end_who(m, mask);
  auto wish = m.request(mask);
  wish.mutable_get_members();
  m.ask(std::move(wish), [mask, options](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::FAILED)
      me.refuse(r, "WHO");
    else if (r.refusal() == chat::v1::NONE)
      show_members(me, options, r);
    end_who(me, mask);
    me.pay(static_cast<std::size_t>(r.members_size()) / lines_of_a_command);
  });
}

} // namespace hamlet::irc
