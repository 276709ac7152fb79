// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/account/account_fixture.hpp"

namespace hamlet {

using namespace account::v1;

class ChatAccountTest : public AccountTest {
protected:
  const std::string fingerprint = std::string(62, '0') + "af";

  /// As ask(), in the name of one who is kept.
  template <class Answer, class Msg>
  Answer said(Msg msg) {
    return ask<Answer>(actor, std::move(msg)).value();
  }
  template <class Msg>
  Changed::Verdict changed(Msg msg) {
    return said<Changed>(std::move(msg)).verdict();
  }

  template <class Msg>
  static Msg of(std::int64_t id, const std::string& text) {
    Msg msg;
    msg.set_account_id(id);
    if constexpr (requires { msg.set_nick(text); })
      msg.set_nick(text);
    else
      msg.set_fingerprint(text);
    return msg;
  }

  static CheckCertificate by(const std::string& x, const std::string& authzid = {}) {
    CheckCertificate msg;
    msg.set_fingerprint(x);
    msg.set_authzid(authzid);
    msg.set_protocol(IRC);
    msg.set_client("10.0.0.1");
    return msg;
  }

  NickOwner owner(const std::string& nick, std::int64_t asker = 0) {
    return said<NickOwner>(of<OwnerOfNick>(asker, nick));
  }
  AccountFound found(const std::string& chat_name) {
    FindAccount msg;
    msg.set_chat_name(chat_name);
    return said<AccountFound>(msg);
  }
};

// -- SASL EXTERNAL ------------------------------------------------------------

// RFC 4422 appendix A
TEST_F(ChatAccountTest, LetsInByACertificate) {
  auto id = id_of_ann();
  EXPECT_EQ(verdict(by(fingerprint)), LoginResult::WRONG);
  EXPECT_FALSE(answered_at_once);
  EXPECT_EQ(changed(of<AddCertificate>(id, fingerprint)), Changed::OK);
  auto in = check(by(fingerprint));
  EXPECT_EQ(in.verdict(), LoginResult::RIGHT);
  EXPECT_EQ(in.account_id(), id);
  EXPECT_EQ(verdict(by(fingerprint, "Ann@example.org")), LoginResult::RIGHT);
  EXPECT_EQ(changed(of<RemoveCertificate>(id, fingerprint)), Changed::OK);
  EXPECT_EQ(verdict(by(fingerprint)), LoginResult::WRONG);
}

TEST_F(ChatAccountTest, LetsNobodyActAsAnotherByACertificate) { // RFC 4422 §3.4.1
  auto bob = add("bob", "secret");
  EXPECT_EQ(changed(of<AddCertificate>(bob, fingerprint)), Changed::OK);
  EXPECT_EQ(verdict(by(fingerprint, "bob")), LoginResult::RIGHT);
  EXPECT_EQ(verdict(by(fingerprint, "ann")), LoginResult::WRONG);
  EXPECT_EQ(changed(of<AddCertificate>(id_of_ann(), fingerprint)), Changed::EXISTS);
}

TEST_F(ChatAccountTest, LocksOutADisabledAccountWithACertificate) {
  auto id = id_of_ann();
  EXPECT_EQ(changed(of<AddCertificate>(id, fingerprint)), Changed::OK);
  change_store<void_t>(
    [&](auto& s, auto done) { s.set_status(id, sql::account_status::disabled, done); });
  EXPECT_EQ(verdict(by(fingerprint)), LoginResult::LOCKED);
}

TEST_F(ChatAccountTest, KeepsCertificatesWithinBounds) {
  auto id = id_of_ann();
  auto other = [](int i) { return std::string(62, '1') + (i < 10 ? "0" : "") + std::to_string(i); };
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(changed(of<AddCertificate>(id, other(i))), Changed::OK);
  EXPECT_EQ(changed(of<AddCertificate>(id, other(10))), Changed::TOO_MANY);
  EXPECT_EQ(changed(of<AddCertificate>(id, "abc")), Changed::INVALID);
  EXPECT_EQ(changed(of<RemoveCertificate>(id, other(11))), Changed::NOT_FOUND);
  ListCertificates all;
  all.set_account_id(id);
  EXPECT_EQ(said<Certificates>(all).certificate_size(), 10);
}

TEST_F(ChatAccountTest, WritesDownWhenAnAccountWasLastInChat) {
  auto id = id_of_ann();
  auto msg = login("ann", "right");
  msg.set_protocol(IRC);
  auto last = [&] {
    return wait<sql::account>([&](auto done) { program->accounts.find_id(id, done); })
      ->last_used[static_cast<std::size_t>(sql::protocol::irc)];
  };
  EXPECT_EQ(last(), 0);
  check(msg);
  EXPECT_NE(last(), 0);
}

// -- names --------------------------------------------------------------------

TEST_F(ChatAccountTest, HasANameThatIsNoAddress) {
  ASSERT_TRUE(add_domain("example.net").has_value());
  auto id = create("ann", "example.net").value();
  auto here = check(login("ann", "right"));
  EXPECT_EQ(here.chat_name(), "ann");
  EXPECT_EQ(found("ANN").account_id(), here.account_id());
  auto elsewhere = found("ann/" + std::to_string(id));
  EXPECT_EQ(elsewhere.account_id(), id);
  EXPECT_EQ(elsewhere.chat_name(), "ann/" + std::to_string(id));
  for (auto name : {"ann/" + std::to_string(here.account_id()), "bob/" + std::to_string(id),
                    std::string{"ann/x"}, std::string{"unknown"}, std::string{}})
    EXPECT_EQ(found(name).account_id(), 0) << name;
}

TEST_F(ChatAccountTest, TellsWhoIsOfTheStaff) {
  auto id = id_of_ann();
  change_store<void_t>([&](auto& s, auto done) { s.set_role(id, sql::role::moderator, done); });
  auto moderator = check(login("ann", "right"));
  EXPECT_TRUE(moderator.is_staff());
  EXPECT_FALSE(moderator.is_admin());
  change_store<void_t>([&](auto& s, auto done) { s.set_role(id, sql::role::admin, done); });
  EXPECT_TRUE(check(login("ann", "right")).is_admin());
}

TEST_F(ChatAccountTest, OwnsTheNickOfItsNameAndThoseItHasGrouped) {
  auto id = id_of_ann();
  EXPECT_EQ(owner("Ann").account_id(), id);
  EXPECT_EQ(owner("Ann").chat_name(), "ann");
  EXPECT_EQ(owner("annie").account_id(), 0);
  EXPECT_EQ(changed(of<GroupNick>(id, "Annie")), Changed::OK);
  EXPECT_EQ(owner("ANNIE", id).account_id(), id);
  ListNicks all;
  all.set_account_id(id);
  auto nicks = said<Nicks>(all);
  ASSERT_EQ(nicks.nick_size(), 1);
  EXPECT_EQ(nicks.nick(0).nick(), "Annie");
  EXPECT_GE(nicks.nick(0).used_ms(), nicks.nick(0).added_ms());
  EXPECT_EQ(changed(of<UngroupNick>(id, "aNNie")), Changed::OK);
  EXPECT_EQ(owner("annie").account_id(), 0);
  EXPECT_EQ(changed(of<UngroupNick>(id, "annie")), Changed::NOT_FOUND);
}

TEST_F(ChatAccountTest, DoesNotOwnTheNickOfItsNameFromAnotherDomain) {
  ASSERT_TRUE(add_domain("example.net").has_value());
  create("carl", "example.net").value();
  EXPECT_EQ(owner("carl").account_id(), 0);
}

TEST_F(ChatAccountTest, TakesNoNickOfAnother) {
  auto ann = id_of_ann(), bob = add("bob", "secret");
  EXPECT_EQ(changed(of<GroupNick>(bob, "Ann")), Changed::EXISTS);
  EXPECT_EQ(changed(of<GroupNick>(ann, "annie")), Changed::OK);
  EXPECT_EQ(changed(of<GroupNick>(bob, "Annie")), Changed::EXISTS);
  EXPECT_EQ(changed(of<GroupNick>(bob, "NickServ")), Changed::INVALID);
  EXPECT_EQ(changed(of<GroupNick>(bob, "2bob")), Changed::INVALID);
}

TEST_F(ChatAccountTest, OwnsWhatLooksLikeItsNicks) {
  auto changed_rules = *rules.get();
  changed_rules.utf8_names = true;
  rules.set(changed_rules);
  auto id = id_of_ann();
  EXPECT_EQ(changed(of<GroupNick>(id, "paypa")), Changed::OK);
  EXPECT_EQ(owner("\xD1\x80\xD0\xB0\xD1\x83\xD1\x80\xD0\xB0").account_id(), id) << "in Cyrillic";
  EXPECT_EQ(owner("\xD0\xB0nn").account_id(), id) << "the name of the account itself";
  EXPECT_EQ(owner("paypal").account_id(), 0);
  EXPECT_EQ(changed(of<GroupNick>(id, "\xD1\x81\xD0\xB0t")), Changed::OK);
  EXPECT_EQ(owner("cat").account_id(), id) << "of ASCII, but the nick is not";
}

// -- settings -----------------------------------------------------------------

TEST_F(ChatAccountTest, KeepsSettings) {
  auto id = id_of_ann();
  auto set = [&](const std::string& what, const std::string& value) {
    SetChatSetting msg;
    msg.set_account_id(id);
    msg.set_name(what);
    msg.set_value(value);
    return changed(msg);
  };
  EXPECT_EQ(set("persistence", "on"), Changed::OK);
  EXPECT_EQ(set("mail_notice", "off"), Changed::OK);
  EXPECT_EQ(set("mail_notice", ""), Changed::OK) << "back to the default";
  EXPECT_EQ(set("Mail", "x"), Changed::INVALID);
  EXPECT_EQ(set("", "x"), Changed::INVALID);
  EXPECT_EQ(set("a", "x\r\ny"), Changed::INVALID);
  EXPECT_EQ(set("a", std::string(501, 'x')), Changed::INVALID);
  GetChatSettings msg;
  msg.set_account_id(id);
  auto all = said<ChatSettings>(msg);
  ASSERT_EQ(all.setting_size(), 1);
  EXPECT_EQ(all.setting(0).name(), "persistence");
  EXPECT_EQ(all.setting(0).value(), "on");
}

} // namespace hamlet
