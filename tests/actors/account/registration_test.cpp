// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/account/account_fixture.hpp"

using namespace std::chrono_literals;

namespace hamlet {

using account::v1::Changed;
using account::v1::Register;
using account::v1::Registered;
using account::v1::SetPassword;
using config::registration;

class RegistrationTest : public AccountTest {
protected:
  RegistrationTest() { set_policy(registration::open); }

  void set_policy(registration policy) {
    auto changed = *rules.get();
    changed.registration = policy;
    changed.reserved_names = {"head"};
    rules.set(changed);
  }

  static Register wish(const std::string& wanted, const std::string& password = "long enough") {
    Register msg;
    msg.set_name(wanted);
    msg.set_email("*");
    msg.set_password(password);
    msg.set_client("10.0.0.1");
    return msg;
  }
  static Register from(Register msg, const std::string& client) {
    msg.set_client(client);
    return msg;
  }

  Registered answered(Register msg) { return ask<Registered>(actor, std::move(msg)).value(); }
  Registered::Verdict outcome(Register msg) { return answered(std::move(msg)).verdict(); }

  template <class Msg>
  Changed::Verdict changed(Msg msg) {
    auto pending = me->request(actor, patience, std::move(msg));
    run();
    answered_at_once = !me->mailbox().empty();
    pass(delay);
    return answer_to<Changed>(std::move(pending)).value().verdict();
  }

  static SetPassword change(std::int64_t id, const std::string& before, const std::string& after) {
    SetPassword msg;
    msg.set_account_id(id);
    msg.set_old_password(before);
    msg.set_new_password(after);
    msg.set_client("10.0.0.1");
    return msg;
  }
};

TEST_F(RegistrationTest, MakesAnAccountThatLogsIn) {
  auto made = answered(wish("Bob"));
  EXPECT_EQ(made.verdict(), Registered::OK);
  EXPECT_EQ(made.chat_name(), "bob");
  EXPECT_EQ(made.address(), "bob@example.org");
  auto in = check(login("bob", "long enough"));
  EXPECT_EQ(in.verdict(), LoginResult::RIGHT);
  EXPECT_EQ(in.account_id(), made.account_id());
  EXPECT_FALSE(in.is_staff());
}

TEST_F(RegistrationTest, IsClosedUnlessTheAdministratorOpensIt) {
  set_policy(account_rules{}.registration);
  EXPECT_EQ(outcome(wish("bob")), Registered::CLOSED);
  EXPECT_EQ(verdict(login("bob", "long enough")), LoginResult::WRONG);
}

TEST_F(RegistrationTest, WaitsForTheAdministratorWhereThatIsWanted) {
  set_policy(registration::approval);
  auto made = answered(wish("bob"));
  EXPECT_EQ(made.verdict(), Registered::NEEDS_APPROVAL);
  EXPECT_EQ(made.account_id(), 0);
  EXPECT_EQ(verdict(login("bob", "long enough")), LoginResult::LOCKED);
}

TEST_F(RegistrationTest, RefusesNamesAndPasswords) {
  change_store<void_t>(
    [](auto& s, auto done) { s.add_alias("team", "example.org", "ann@example.org", done); });
  auto with_email = wish("bob");
  with_email.set_email("no address");
  struct {
    Register what;
    Registered::Verdict expected;
  } const cases[] = {
    {wish("ann"), Registered::EXISTS},
    {wish("ANN"), Registered::EXISTS},
    {wish("team"), Registered::EXISTS},
    {wish("NickServ"), Registered::INVALID_NAME},
    {wish("Head"), Registered::INVALID_NAME},
    {wish("two words"), Registered::INVALID_NAME},
    {wish("bob@example.org"), Registered::INVALID_NAME},
    {wish(""), Registered::INVALID_NAME},
    {wish("bob", "1234567"), Registered::WEAK_PASSWORD},
    {wish("bobbobbob", "BobBobBob"), Registered::WEAK_PASSWORD},
    {wish("bob", std::string(2000, 'x')), Registered::WEAK_PASSWORD},
    {with_email, Registered::INVALID_EMAIL},
  };
  for (auto& x : cases)
    EXPECT_EQ(outcome(x.what), x.expected) << x.what.name() << ' ' << x.what.password();
  EXPECT_EQ(registrations.known_clients(), 0u) << "refusals count for nothing";
}

TEST_F(RegistrationTest, CountsCharactersNotOctetsOfAPassword) {
  EXPECT_EQ(outcome(wish("bob", "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F")), Registered::WEAK_PASSWORD);
}

TEST_F(RegistrationTest, LeavesTheNicksOfOthersAlone) {
  account::v1::GroupNick msg;
  msg.set_account_id(id_of_ann());
  msg.set_nick("Annie");
  EXPECT_EQ(changed(msg), Changed::OK);
  EXPECT_EQ(outcome(wish("annie")), Registered::EXISTS);
  EXPECT_EQ(registrations.known_clients(), 0u) << "no hash was made for it";
}

TEST_F(RegistrationTest, ThrottlesAnAddressAndAllOfThem) {
  EXPECT_EQ(outcome(wish("a1")), Registered::OK);
  EXPECT_EQ(outcome(wish("a2")), Registered::OK);
  EXPECT_EQ(outcome(wish("a3")), Registered::THROTTLED);
  EXPECT_EQ(outcome(from(wish("a3"), "2001:db8::1")), Registered::OK);
  EXPECT_EQ(outcome(from(wish("a4"), "2001:db8::2")), Registered::OK) << "the fourth in all";
  EXPECT_EQ(outcome(from(wish("a5"), "10.0.0.9")), Registered::THROTTLED);
  pass(1h);
  EXPECT_EQ(outcome(wish("a5")), Registered::OK);
}

TEST_F(RegistrationTest, ChangesAPasswordForWhoKnowsTheOldOne) {
  auto id = id_of_ann();
  EXPECT_EQ(changed(change(id, "wrong", "long enough")), Changed::WRONG_PASSWORD);
  EXPECT_FALSE(answered_at_once);
  EXPECT_EQ(changed(change(id, "right", "short")), Changed::WEAK_PASSWORD);
  EXPECT_EQ(changed(change(id + 1000, "right", "long enough")), Changed::NOT_FOUND);
  EXPECT_EQ(verdict(login("ann", "right")), LoginResult::RIGHT);
  EXPECT_EQ(changed(change(id, "right", "long enough")), Changed::OK);
  EXPECT_EQ(verdict(login("ann", "long enough")), LoginResult::RIGHT);
  EXPECT_EQ(verdict(login("ann", "right")), LoginResult::WRONG);
}

TEST_F(RegistrationTest, ThrottlesGuessesOfTheOldPassword) {
  auto id = id_of_ann();
  for (auto guess : {"a", "b", "c"})
    EXPECT_EQ(changed(change(id, guess, "long enough")), Changed::WRONG_PASSWORD);
  EXPECT_EQ(changed(change(id, "right", "long enough")), Changed::THROTTLED);
}

} // namespace hamlet
