// SPDX-License-Identifier: Apache-2.0
#include "gateway/auth/account_question.hpp"
#include "gateway/auth/ask.hpp"
#include "gateway/irc/account_request.hpp"

#include <gtest/gtest.h>

namespace hamlet::auth {
namespace {

const asker somebody{account::v1::IRC, "192.0.2.7"};

// RFC 4422 appendix A
TEST(AuthQuestion, CarriesACertificateAndWhoShowsIt) {
  question what = check_certificate{"ann", "00ff"};
  auto msg = std::get<account::v1::CheckCertificate>(to_message(what, somebody));
  EXPECT_EQ(msg.authzid(), "ann");
  EXPECT_EQ(msg.fingerprint(), "00ff");
  EXPECT_EQ(msg.protocol(), account::v1::IRC);
  EXPECT_EQ(msg.client(), "192.0.2.7");
}

TEST(AuthQuestion, GoesToTheAccountThatItNames) {
  EXPECT_EQ(name_in(check_certificate{"ann", "00ff"}), "ann");
  EXPECT_EQ(name_in(check_certificate{"", "00ff"}), "00ff");
  EXPECT_EQ(name_in(sasl::check_password{"ann", "bob", "x"}), "bob");
}

TEST(AuthAnswer, TellsTheNamesAndTheRole) {
  account::v1::LoginResult told;
  told.set_verdict(account::v1::LoginResult::RIGHT);
  told.set_account_id(7);
  told.set_chat_name("ann/7");
  told.set_display_name("Ann");
  told.set_is_staff(true);
  told.set_is_admin(true);
  auto heard = to_answer(told);
  EXPECT_EQ(heard.result, verdict::right);
  EXPECT_EQ(heard.who.chat_name, "ann/7");
  EXPECT_EQ(heard.who.display_name, "Ann");
  EXPECT_TRUE(heard.who.is_admin);
}

// Without an answer in time, or with a verdict that this program does not know.
TEST(AuthAnswer, IsTemporaryUnlessItIsClear) {
  EXPECT_EQ(to_answer({}).result, verdict::temporary);
  account::v1::LoginResult newer;
  newer.set_verdict(static_cast<account::v1::LoginResult::Verdict>(77));
  EXPECT_EQ(to_answer(newer).result, verdict::temporary);
}

// Each question of a session has its answer among those that the session knows.
template <class... Questions>
constexpr bool all_are_answered(std::variant<Questions...>*) {
  return (
    std::is_constructible_v<irc::account_reply, typename answered_by<Questions>::type> && ...);
}
static_assert(all_are_answered(static_cast<irc::account_request*>(nullptr)));

} // namespace
} // namespace hamlet::auth
