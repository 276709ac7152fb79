// SPDX-License-Identifier: Apache-2.0
#include "gateway/irc/operator_verbs.hpp"
#include "gateway/irc/privileges.hpp"
#include "lib/irc/casemap.hpp"

#include <algorithm>

// OPER: RFC 2812 §3.1.4. Operators are those of the settings, and the staff of the community.

namespace hamlet::irc {

namespace {

constexpr std::string_view staff_class = "staff";

std::vector<config::privilege> privileges_of(const chat::v1::Reply& r) {
  std::vector<config::privilege> all;
  for (auto& [word, value] : config::words<config::privilege>::all)
    if (std::ranges::find(r.privileges(), word) != r.privileges().end())
      all.push_back(value);
  return all;
}

/// A moderator without what concerns the program: chat.staff_are_operators.
std::vector<config::privilege> privileges_of_staff(bool is_admin) {
  std::vector<config::privilege> all;
  for (auto& [word, value] : config::words<config::privilege>::all)
    if (is_admin
        || (value != config::privilege::reload && value != config::privilege::stop
            && value != config::privilege::links))
      all.push_back(value);
  return all;
}

/// The SESSION is told; the MODE +o is its event, which FANOUT writes. RFC 2812 §5.1, 381.
void promote(machine& m, const std::string& name, const std::string& kind,
             std::vector<config::privilege> what) {
  auto wish = m.request();
  wish.mutable_origin()->set_tag(m.open_reply());
  auto& change = *wish.mutable_set_identity();
  change.set_change_operator(true);
  change.set_is_operator(true);
  change.set_operator_class(kind);
  change.set_operator_name(name);
  m.ask(std::move(wish),
        [kind, what = std::move(what)](machine& me, const chat::v1::Reply& r) mutable {
          if (r.refusal() != chat::v1::NONE)
            return me.refuse(r, "OPER");
          auto who = r.has_who() ? r.who() : me.me();
          who.set_is_operator(true);
          who.set_operator_class(kind);
          me.set_me(std::move(who));
          me.set_privileges(std::move(what));
          me.reply(numeric::rpl_youreoper, {"You are now an IRC operator"});
        });
}

/// One text for all that may be wrong: nobody is to learn which names there are.
void refuse_oper(machine& m) {
  m.reply(numeric::err_passwdmismatch, {"Password incorrect"});
}

void ask_network(machine& m, const std::string& name, const std::string& password,
                 bool by_certificate) {
  auto wish = m.request();
  wish.mutable_who()->set_certificate(m.security().certificate); // of this very connection
  auto& check = *wish.mutable_check_operator();
  check.set_name(name);
  check.set_password(password);
  check.set_is_by_certificate(by_certificate);
  m.ask(
    std::move(wish),
    [name](machine& me, const chat::v1::Reply& r) {
      if (r.refusal() == chat::v1::FAILED)
        return me.refuse(r, "OPER");
      if (r.refusal() != chat::v1::NONE)
        return refuse_oper(me);
      auto kind = r.detail().substr(0, r.detail().find(' '));
      promote(me, name, kind.empty() ? name : kind, privileges_of(r));
    },
    ask::owner::network);
}

/// With the name and the password of the account that is logged in.
bool may_be_staff(const machine& m, const std::string& name) {
  auto& all = m.chat().operators.value;
  return m.chat().staff_are_operators.value && m.me().account_id() != 0
         && (same_name(name, m.me().account()) || name.find('@') != std::string::npos)
         && std::ranges::find(all, name, &config::chat_operator::name) == all.end();
}

void check_account(machine& m, const std::string& name, const std::string& password) {
  m.ask(auth::question{sasl::check_password{.authzid = {}, .authcid = name, .password = password}},
        [name](machine& me, const auth::answer& a) {
          auto& who = a.who;
          if (a.result == auth::verdict::temporary)
            return me.reply(numeric::rpl_tryagain, {"OPER", "Please wait a while and try again"});
          auto is_right = a.result == auth::verdict::right && who.is_staff
                          && who.account_id == me.me().account_id();
          if (!is_right) {
            audit(me, "OPER", name, "refused");
            me.report("Failed OPER as " + name + " by " + me.me().nick());
            return refuse_oper(me);
          }
          audit(me, "OPER", name, "granted");
          me.report(me.me().nick() + " is now an operator (" + name + ")");
          promote(me, name, std::string{staff_class}, privileges_of_staff(who.is_admin));
        });
}

} // namespace

void verb_oper(machine& m, const message& x) {
  auto& name = x.params[0];
  auto password = std::string{x.param(1)};
  bool by_certificate = password.empty() && !m.security().certificate.empty();
  if (password.empty() && !by_certificate)
    return m.reply(numeric::err_needmoreparams, {"OPER", "Not enough parameters"});
  if (!by_certificate && may_be_staff(m, name))
    return check_account(m, name, password);
  ask_network(m, name, password, by_certificate);
}

} // namespace hamlet::irc
