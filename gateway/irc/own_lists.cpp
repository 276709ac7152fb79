// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/channel_verbs.hpp"
#include "gateway/irc/render.hpp"
#include "gateway/irc/user_verbs.hpp"
#include "lib/irc/casemap.hpp"
#include "lib/irc/mask.hpp"

#include <algorithm>

// SILENCE and ACCEPT: whom a user does not hear, and whom it hears with user modes g and G. The
// SESSION keeps both lists; the numerics are those of InspIRCd, Hybrid and Solanum.

namespace hamlet::irc {

namespace {

chat::v1::Request change_of(const machine& m, std::string_view list) {
  auto wish = m.request();
  wish.mutable_change_list()->set_list(std::string{list});
  return wish;
}

// -- SILENCE --------------------------------------------------------------------------------------

void show_silence(machine& m) {
  m.ask(change_of(m, "silence"), [](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, "SILENCE");
    for (auto& mask : r.names())
      me.reply(numeric::rpl_silelist, {me.me().nick(), mask});
    me.reply(numeric::rpl_endofsilelist, {"End of Silence List"});
  });
}

void change_silence(machine& m, bool is_added, const std::string& text) {
  auto mask = hostmask::of(text);
  if (!mask)
    return m.reply(numeric::err_badmask, {text.substr(0, 64), "That is not a mask"});
  auto wish = change_of(m, "silence");
  (is_added ? wish.mutable_change_list()->mutable_add()
            : wish.mutable_change_list()->mutable_remove())
    ->Add()
    ->assign(mask->text());
  m.ask(std::move(wish), [is_added, shown = mask->text()](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::LIST_FULL)
      return me.reply(numeric::err_silelistfull, {shown, "Your silence list is full"});
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, shown);
    me.say({.tags = {},
            .source = source_of(me.me()),
            .command = "SILENCE",
            .params = {(is_added ? "+" : "-") + shown}});
  });
}

// -- ACCEPT ---------------------------------------------------------------------------------------

/// What the list is, and what is wanted of it.
struct accept_wish {
  std::vector<std::string> add, remove;
  bool shows = false; ///< "*"
};

accept_wish accept_wish_of(const std::string& text) {
  accept_wish out;
  for (auto& word : list_of(text))
    if (word == "*")
      out.shows = true;
    else if (word.starts_with('-'))
      out.remove.push_back(word.substr(1));
    else
      out.add.push_back(word.starts_with('+') ? word.substr(1) : word);
  return out;
}

void show_accept(machine& m, const std::vector<std::string>& names) {
  m.reply_list(numeric::rpl_acceptlist, {}, names);
  m.reply(numeric::rpl_endofaccept, {"End of /ACCEPT list"});
}

bool has_name(const std::vector<std::string>& all, std::string_view name) {
  return std::ranges::any_of(all, [&](auto& x) { return same_name(x, name); });
}

/// Says what cannot be done of it, and takes that out.
void check(machine& m, accept_wish& wish, const std::vector<std::string>& now) {
  std::erase_if(wish.add, [&](auto& nick) {
    auto user = m.rules().people->find_packed(nick);
    if (!user)
      m.reply(numeric::err_nosuchnick, {nick, "No such nick"});
    else if (has_name(now, nick))
      m.reply(numeric::err_acceptexist, {nick, "is already on your accept list"});
    else {
      nick = std::string{user->nick()};
      return false;
    }
    return true;
  });
  std::erase_if(wish.remove, [&](auto& nick) {
    if (has_name(now, nick))
      return false;
    m.reply(numeric::err_acceptnot, {nick, "is not on your accept list"});
    return true;
  });
}

void change_accept(machine& m, const accept_wish& wanted) {
  auto wish = change_of(m, "accept");
  auto& change = *wish.mutable_change_list();
  change.mutable_add()->Assign(wanted.add.begin(), wanted.add.end());
  change.mutable_remove()->Assign(wanted.remove.begin(), wanted.remove.end());
  m.ask(std::move(wish), [shows = wanted.shows](machine& me, const chat::v1::Reply& r) {
    if (r.refusal() == chat::v1::LIST_FULL)
      me.reply(numeric::err_acceptfull, {"Accept list is full"});
    else if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, "ACCEPT");
    if (shows)
      show_accept(me, {r.names().begin(), r.names().end()});
  });
}

} // namespace

void verb_silence(machine& m, const message& x) {
  auto text = std::string{x.param(0)};
  if (text.empty() || same_name(text, m.me().nick()))
    return show_silence(m);
  auto is_added = !text.starts_with('-');
  if (text.starts_with('+') || text.starts_with('-'))
    text.erase(0, 1);
  change_silence(m, is_added, text);
}

void verb_accept(machine& m, const message& x) {
  auto wanted = accept_wish_of(x.param(0).empty() ? "*" : x.params[0]);
  m.ask(change_of(m, "accept"), [wanted](machine& me, const chat::v1::Reply& r) mutable {
    if (r.refusal() != chat::v1::NONE)
      return me.refuse(r, "ACCEPT");
    std::vector<std::string> now{r.names().begin(), r.names().end()};
    check(me, wanted, now);
    if (!wanted.add.empty() || !wanted.remove.empty())
      return change_accept(me, wanted);
    if (wanted.shows)
      show_accept(me, now);
  });
}

} // namespace hamlet::irc
