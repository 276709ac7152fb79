// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

namespace hamlet::irc {
namespace {

constexpr auto denied = "481 me :Permission Denied- You're not an IRC operator";

struct Operators : testing::Test {
  Operators() {
    w.enter();
    w.put(irc_world::person(2, "ann"));
  }
  /// What was told with this verb.
  template <class Has>
  std::vector<chat::v1::Request> told(Has has) {
    std::vector<chat::v1::Request> out;
    for (auto& x : w.told)
      if (has(x))
        out.push_back(x);
    return out;
  }
  std::string audited() {
    std::string all;
    for (auto& x : w.told)
      if (x.has_audit()) {
        auto& e = x.audit().entry();
        all += (all.empty() ? "" : "\n") + e.operator_name() + "/" + e.nick() + "/" + e.address()
               + " " + e.action() + " " + e.arguments() + ": " + e.outcome();
      }
    return all;
  }
  std::vector<control> orders() {
    std::vector<control> all;
    for (auto& x : w.log)
      if (auto* order = std::get_if<control>(&x))
        all.push_back(*order);
    return all;
  }
  irc_world w;
};

// -- OPER -----------------------------------------------------------------------------------------

TEST_F(Operators, BecomesOne) { // RFC 2812 §3.1.4
  w.script = [](const irc::ask& x) -> std::optional<chat::v1::Reply> {
    chat::v1::Reply r;
    if (x.what.has_check_operator()) {
      EXPECT_EQ(x.of, irc::ask::owner::network);
      EXPECT_EQ(x.what.check_operator().name(), "root");
      EXPECT_EQ(x.what.check_operator().password(), "secret");
      EXPECT_FALSE(x.what.check_operator().is_by_certificate());
      r.set_detail("root the one with a title");
      r.add_privileges("kill");
    } else {
      EXPECT_EQ(x.of, irc::ask::owner::session);
      EXPECT_TRUE(x.what.set_identity().change_operator());
      EXPECT_FALSE(x.what.set_identity().change_account());
      EXPECT_TRUE(x.what.set_identity().is_operator());
      EXPECT_EQ(x.what.set_identity().operator_class(), "root");
    }
    return r;
  };
  EXPECT_EQ(w.said("OPER root secret"), "381 me :You are now an IRC operator");
  EXPECT_EQ(w.asked.size(), 2u);
  EXPECT_EQ(w.said("WALLOPS :x"), "723 me notices :Insufficient oper privileges");
  EXPECT_EQ(w.said("KILL none :x"), "401 me none :No such nick"); // that it may
}

TEST_F(Operators, DoesNotBecomeOneByAWrongPassword) { // RFC 2812 §3.1.4
  w.script = [](const irc::ask&) { return refusal(chat::v1::NOT_OPERATOR); };
  EXPECT_EQ(w.said("OPER root wrong"), "464 me :Password incorrect");
  EXPECT_EQ(w.said("KILL ann :x"), denied);
  EXPECT_EQ(w.said("OPER"), "461 me OPER :Not enough parameters");
  EXPECT_EQ(w.said("OPER root"), "461 me OPER :Not enough parameters");
  w.script = [](const irc::ask&) { return refusal(chat::v1::FAILED); };
  EXPECT_EQ(w.said("OPER root secret"), "263 me OPER :Please wait a while and try again");
}

TEST_F(Operators, BecomesOneByItsCertificate) {
  irc_world::setup s;
  s.line.is_tls = true;
  s.line.certificate = "ab12";
  irc_world with{s};
  with.enter();
  EXPECT_EQ(with.said("OPER root"), "381 me :You are now an IRC operator");
  EXPECT_TRUE(with.asked[0].check_operator().is_by_certificate());
  EXPECT_EQ(with.asked[0].who().certificate(), "ab12");
}

struct Staff : Operators {
  Staff() {
    auto me = w.people.find(std::int64_t{1})->who;
    me.set_account("Helper");
    me.set_account_id(42);
    w.put(me);
    w.note_who(me);
    w.auth_script = [this](const auth::question& q) {
      EXPECT_EQ(std::get<sasl::check_password>(q).password, "secret");
      return found;
    };
    found.result = auth::verdict::right;
    found.who.account_id = 42;
    found.who.is_staff = true;
  }
  auth::answer found;
};

TEST_F(Staff, BecomesOperatorByThePasswordOfTheAccount) { // chat.staff_are_operators
  EXPECT_EQ(w.said("OPER helper secret"), "381 me :You are now an IRC operator");
  ASSERT_EQ(w.asked.size(), 1u);
  EXPECT_EQ(w.asked[0].set_identity().operator_class(), "staff");
  EXPECT_EQ(audited(), "/me/192.0.2.7 OPER helper: granted");
  EXPECT_EQ(w.said("REHASH"), "723 me reload :Insufficient oper privileges");
  EXPECT_EQ(w.said("DIE"), "723 me stop :Insufficient oper privileges");
  EXPECT_EQ(w.said("KILL none :x"), "401 me none :No such nick");
}

TEST_F(Staff, MayDoAllAsAnAdministrator) {
  found.who.is_admin = true;
  w.send("OPER helper secret");
  EXPECT_EQ(w.said("REHASH"), "382 me settings :Rehashing");
}

TEST_F(Staff, IsRefusedWhenAnythingIsWrong) {
  auto right = found;
  auto is_refused = [&] { return w.said("OPER helper secret") == "464 me :Password incorrect"; };
  found.result = auth::verdict::wrong;
  EXPECT_TRUE(is_refused());
  found = right;
  found.who.is_staff = false;
  EXPECT_TRUE(is_refused());
  found = right;
  found.who.account_id = 43; // of somebody else who is staff
  EXPECT_TRUE(is_refused());
  EXPECT_TRUE(w.asked.empty());
  EXPECT_EQ(w.said("KILL ann :x"), denied);
}

TEST_F(Staff, AsksTheNetworkWhereTheSettingsSaySo) {
  w.terms->settings.chat.staff_are_operators.value = false;
  w.send("OPER helper secret");
  EXPECT_TRUE(w.asked[0].has_check_operator());
}

// -- who may not ----------------------------------------------------------------------------------

TEST_F(Operators, MayDoWhatNobodyElseMay) { // RFC 2812 §3.7.1, §4.2 to §4.4, §4.7
  const std::pair<const char*, const char*> rows[] = {
    {"KILL ann :x", "kill"},
    {"WALLOPS :x", "notices"},
    {"REHASH", "reload"},
    {"RESTART", "stop"},
    {"DIE", "stop"},
    {"CONNECT other.example", "links"},
    {"SQUIT other.example :x", "links"},
    {"KLINE *@bad.example :x", "ban"},
    {"UNKLINE *@bad.example", "ban"},
    {"DLINE 192.0.2.0/24 :x", "ban"},
    {"UNDLINE 192.0.2.0/24", "ban"},
    {"RESV root :x", "ban"},
    {"UNRESV root", "ban"},
    {"FILTER", "ban"},
    {"FILTER ADD p block casino :x", "ban"},
    {"AUDIT", "see"},
    {"SAJOIN ann #c", "override"},
    {"SAPART ann #c", "override"},
    {"SAMODE #c +o me", "override"},
    {"SAMODE ann +i", "override"},
    {"SANICK ann bea", "override"},
    {"CHGHOST ann new.host", "override"},
  };
  for (auto [line, privilege] : rows)
    EXPECT_EQ(w.said(line), denied) << line;
  EXPECT_TRUE(w.asked.empty());
  EXPECT_TRUE(w.told.empty());
  EXPECT_TRUE(w.log.empty());
  // With all privileges but the one that it needs.
  for (auto [line, privilege] : rows) {
    std::vector<std::string> others;
    for (auto& [word, value] : config::words<config::privilege>::all)
      if (word != privilege)
        others.emplace_back(word);
    w.become_operator(others);
    EXPECT_EQ(w.said(line), std::string{"723 me "} + privilege + " :Insufficient oper privileges")
      << line;
    EXPECT_TRUE(w.asked.empty()) << line;
    EXPECT_TRUE(w.told.empty()) << line;
  }
}

// -- KILL, WALLOPS --------------------------------------------------------------------------------

TEST_F(Operators, EndsSessions) { // RFC 2812 §3.7.1
  w.become_operator({"kill"});
  EXPECT_EQ(w.said("KILL Ann :enough now"), "");
  ASSERT_EQ(w.asked.size(), 1u);
  EXPECT_EQ(w.asked[0].session_id(), 2);
  EXPECT_EQ(w.asked[0].kill().reason(), "enough now");
  EXPECT_EQ(w.asked[0].kill().by(), "me");
  EXPECT_EQ(audited(), "boss/me/192.0.2.7 KILL Ann :enough now: done");
  auto reports = told([](auto& x) { return x.has_announce(); });
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].announce().event().server_notice().text(), "me: KILL Ann :enough now");
  EXPECT_EQ(w.said("KILL none :x"), "401 me none :No such nick");
  EXPECT_EQ(w.said("KILL irc.example :x"), "483 me :You can't kill a server!");
  EXPECT_EQ(w.said("KILL ann"), "461 me KILL :Not enough parameters");
  w.script = [](auto&) { return refusal(chat::v1::NO_SUCH_SESSION); };
  EXPECT_EQ(w.said("KILL ann :x"), "401 me ann :No such nick");
}

TEST_F(Operators, EndsItself) {
  w.become_operator({"kill"});
  EXPECT_EQ(w.said("KILL me :bye"), "");
  EXPECT_TRUE(w.asked.empty()); // no answer is waited for: the session ends
  EXPECT_EQ(told([](auto& x) { return x.has_kill(); }).size(), 1u);
}

TEST_F(Operators, SpeaksToAllWhoHearWallops) { // RFC 2812 §4.7
  w.become_operator({"notices"});
  EXPECT_EQ(w.said("WALLOPS :back at nine"), "");
  auto said = told([](auto& x) { return x.has_announce(); });
  ASSERT_EQ(said.size(), 1u);
  auto& event = said[0].announce().event();
  EXPECT_EQ(event.wallops().text(), "back at nine");
  EXPECT_EQ(event.source().nick(), "me");
  EXPECT_EQ(audited(), "boss/me/192.0.2.7 WALLOPS back at nine: done");
  EXPECT_EQ(w.said("WALLOPS"), "461 me WALLOPS :Not enough parameters");
}

// -- the program ----------------------------------------------------------------------------------

TEST_F(Operators, ReloadsRestartsAndStops) { // RFC 2812 §4.2, §4.3, §4.4
  w.become_operator({"reload", "stop"});
  EXPECT_EQ(w.said("REHASH"), "382 me settings :Rehashing");
  EXPECT_EQ(w.said("RESTART"), "");
  EXPECT_EQ(w.said("DIE"), "");
  auto all = orders();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].order, control::what::reload);
  EXPECT_EQ(all[1].order, control::what::restart);
  EXPECT_EQ(all[2].order, control::what::stop);
  EXPECT_EQ(all[2].by, "me (boss)");
  EXPECT_EQ(audited(), "boss/me/192.0.2.7 REHASH : done\n"
                       "boss/me/192.0.2.7 RESTART : done\n"
                       "boss/me/192.0.2.7 DIE : done");
}

TEST_F(Operators, HasNoOtherServers) { // RFC 2812 §3.4.7, §3.1.8
  w.become_operator({"links"});
  EXPECT_EQ(w.said("CONNECT other.example 6667"), "402 me other.example :No such server");
  EXPECT_EQ(w.said("CONNECT irc.example"), "NOTICE me :This network has one server");
  EXPECT_EQ(w.said("SQUIT other.example :x"), "402 me other.example :No such server");
  EXPECT_EQ(w.said("SQUIT irc.*"), "NOTICE me :This network has one server");
  EXPECT_EQ(w.said("SERVER x.example 1 :x"), "462 me :You may not reregister");
  irc_world fresh;
  EXPECT_EQ(fresh.said("SERVER x.example 1 :x"), "462 * :You may not reregister");
}

// -- for others -----------------------------------------------------------------------------------

TEST_F(Operators, ActsForOthers) {
  w.become_operator({"override"});
  EXPECT_EQ(w.said("SAJOIN ann #a,#b"), "");
  ASSERT_EQ(w.asked.size(), 2u);
  EXPECT_EQ(w.asked[1].session_id(), 2);
  EXPECT_EQ(w.asked[1].channel(), "#b");
  EXPECT_TRUE(w.asked[1].join().forced());
  EXPECT_EQ(w.asked[1].who().nick(), "ann");
  EXPECT_EQ(w.asked[1].origin().connection_id(), 0); // it is not this client's own JOIN
  w.asked.clear();
  EXPECT_EQ(w.said("SAPART ann #a :out with you"), "");
  EXPECT_EQ(w.asked[0].session_id(), 2);
  EXPECT_EQ(w.asked[0].part().reason(), "out with you");
  w.asked.clear();
  EXPECT_EQ(w.said("SANICK ann bea"), "");
  EXPECT_EQ(w.asked[0].session_id(), 2);
  EXPECT_EQ(w.asked[0].set_nick().nick(), "bea");
  EXPECT_TRUE(w.asked[0].set_nick().forced());
  w.asked.clear();
  EXPECT_EQ(w.said("CHGHOST ann new.host"), "");
  EXPECT_EQ(w.asked[0].session_id(), 2);
  EXPECT_EQ(w.asked[0].set_host().host(), "new.host");
  EXPECT_EQ(w.asked[0].set_host().user(), "~ann");
  w.asked.clear();
  EXPECT_EQ(w.said("CHGHOST ann b@new.host"), "");
  EXPECT_EQ(w.asked[0].set_host().host(), "new.host");
  EXPECT_EQ(w.asked[0].set_host().user(), "b");
  w.asked.clear();
  EXPECT_EQ(w.said("SAMODE #a +o-v ann ann"), "");
  EXPECT_EQ(w.asked[0].session_id(), 1);
  EXPECT_TRUE(w.asked[0].set_modes().forced());
  EXPECT_EQ(w.asked[0].set_modes().changes_size(), 2);
  EXPECT_EQ(audited(), "boss/me/192.0.2.7 SAJOIN ann #a: done\n"
                       "boss/me/192.0.2.7 SAJOIN ann #b: done\n"
                       "boss/me/192.0.2.7 SAPART ann #a: done\n"
                       "boss/me/192.0.2.7 SANICK ann bea: done\n"
                       "boss/me/192.0.2.7 CHGHOST ann new.host: done\n"
                       "boss/me/192.0.2.7 CHGHOST ann b@new.host: done\n"
                       "boss/me/192.0.2.7 SAMODE #a +o-v ann ann: done");
}

TEST_F(Operators, ActsForOthersOnlyInWhatIsRight) {
  w.become_operator({"override"});
  const std::pair<const char*, const char*> rows[] = {
    {"SAJOIN none #a", "401 me none :No such nick"},
    {"SAJOIN ann a", "403 me a :No such channel"},
    {"SAPART none #a", "401 me none :No such nick"},
    {"SANICK ann 1x", "432 me 1x :Erroneous nickname"},
    {"SANICK ann ME", "433 me ME :Nickname is already in use"},
    {"SANICK none x", "401 me none :No such nick"},
    {"CHGHOST none x", "401 me none :No such nick"},
    {"CHGHOST ann a!b", "NOTICE me :*** FAIL CHGHOST INVALID_HOST a!b That cannot be a host"},
    {"CHGHOST ann @x", "NOTICE me :*** FAIL CHGHOST INVALID_HOST @x That cannot be a host"},
    {"CHGHOST ann a!b@x", "NOTICE me :*** FAIL CHGHOST INVALID_HOST a!b@x That cannot be a host"},
    {"CHGHOST ann a@b@x", "NOTICE me :*** FAIL CHGHOST INVALID_HOST a@b@x That cannot be a host"},
    {"SAMODE none +i", "401 me none :No such nick"},
    {"SAMODE ann +o", "501 me :Unknown MODE flag"}, // OPER alone does that
    {"SAMODE ann +r", "501 me :Unknown MODE flag"},
  };
  for (auto [line, expected] : rows)
    EXPECT_EQ(w.said(line), expected) << line;
  EXPECT_TRUE(w.asked.empty());
  w.script = [](auto&) { return refusal(chat::v1::NO_SUCH_CHANNEL); };
  EXPECT_EQ(w.said("SAPART ann #c"), "403 me #c :No such channel");
  EXPECT_EQ(audited(), "boss/me/192.0.2.7 SAPART ann #c: refused: NO_SUCH_CHANNEL");
}

} // namespace
} // namespace hamlet::irc
