// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/enrolment.hpp"
#include "lib/pki/token.hpp"

#include <gtest/gtest.h>

namespace hamlet::pki {

namespace {

constexpr const char* pem = "-----BEGIN X-----\nAAAA\n-----END X-----\n";

TEST(Token, IsReadAsItWasMade) {
  auto made = make_token(100, 50);
  auto read = read_token(made.text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, made.record.id);
  EXPECT_EQ(read->key, made.record.key);
  EXPECT_EQ(made.record.expires, 150);
  EXPECT_EQ(made.text.find(made.record.key), made.text.npos);
  for (auto bad : {std::string{}, made.text + "x", "x" + made.text, made.text.substr(1)})
    EXPECT_FALSE(read_token(bad)) << bad;
}

TEST(Enrolment, RequestsAreReadAsTheyWereWritten) {
  auto key = make_token(0, 1).record.key;
  auto text = write(join_request{"alpha", "id", pem}, key);
  auto read = read_join_request(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->node, "alpha");
  EXPECT_EQ(read->token_id, "id");
  EXPECT_EQ(read->request, pem);
  EXPECT_TRUE(is_proven(text, key));
}

TEST(Enrolment, AChangedRequestIsNotProven) {
  auto key = make_token(0, 1).record.key;
  auto text = write(join_request{"alpha", "id", pem}, key);
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto changed = text;
    changed[at] ^= 1;
    EXPECT_FALSE(is_proven(changed, key)) << at;
  }
  EXPECT_FALSE(is_proven(text, make_token(0, 1).record.key));
  EXPECT_FALSE(is_proven(text, ""));
  EXPECT_FALSE(is_proven(text + "more\n", key));
  EXPECT_FALSE(is_proven("", key));
}

TEST(Enrolment, AnAnswerIsOfOneRequestAlone) {
  auto key = make_token(0, 1).record.key;
  auto text = write(join_response{pem, pem, pem}, key);
  EXPECT_TRUE(read_join_response(text, key));
  EXPECT_FALSE(read_join_response(text, make_token(0, 1).record.key));
  EXPECT_FALSE(read_join_response(write(join_request{"a", "b", pem}, key), key));
  EXPECT_FALSE(read_join_request(text));
  for (std::size_t n = 0; n < text.size(); ++n)
    EXPECT_FALSE(read_join_response(text.substr(0, n), key)) << n;
}

} // namespace

} // namespace hamlet::pki
