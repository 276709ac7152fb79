// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/exchange.hpp"
#include "tests/lib/sasl/steps.hpp"

#include <gtest/gtest.h>

namespace hamlet::sasl {

using namespace std::string_view_literals;

namespace {

exchange external() {
  return {mechanism::external, {}, "nonce"};
}

} // namespace

TEST(External, AsksForTheCertificateOfTheAccountThatTheClientNames) { // RFC 4422 appendix A
  auto x = external();
  auto asked = x.start("fred@example.com");
  EXPECT_EQ(std::get<check_certificate>(asked).authzid, "fred@example.com");
  EXPECT_TRUE(is<success>(x.on_password(true)));
}

TEST(External, TakesAnEmptyMessageForTheOwnerOfTheCertificate) { // RFC 4422 appendix A
  auto x = external();
  EXPECT_EQ(std::get<challenge>(x.start(std::nullopt)).data, "");
  auto asked = x.respond("");
  EXPECT_EQ(std::get<check_certificate>(asked).authzid, "");
  EXPECT_EQ(failure_of(x.on_password(false)), failure::bad_credentials);

  auto at_once = external();
  EXPECT_TRUE(is<check_certificate>(at_once.start("")));
}

TEST(External, RefusesWhatIsNoIdentity) { // RFC 4422 appendix A
  for (auto message : {"\0"sv, "a\0b"sv, "\xff"sv}) {
    auto x = external();
    EXPECT_EQ(failure_of(x.start(message)), failure::bad_syntax);
  }
  auto x = external();
  EXPECT_EQ(failure_of(x.start(std::string(256, 'a'))), failure::bad_syntax);
}

TEST(External, LetsNobodyInBeforeTheQuestion) {
  auto x = external();
  EXPECT_EQ(failure_of(x.on_password(true)), failure::bad_syntax);
  auto unstarted = external();
  EXPECT_EQ(failure_of(unstarted.respond("ann")), failure::bad_syntax);
  EXPECT_EQ(failure_of(unstarted.start("ann")), failure::bad_syntax);
  auto twice = external();
  twice.start("ann");
  EXPECT_EQ(failure_of(twice.respond("bob")), failure::bad_syntax);
  EXPECT_EQ(failure_of(twice.on_password(true)), failure::bad_syntax);
}

} // namespace hamlet::sasl
