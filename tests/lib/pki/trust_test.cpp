// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/authority.hpp"
#include "lib/pki/names.hpp"
#include "lib/pki/request.hpp"
#include "lib/pki/trust.hpp"
#include "lib/tls/certificate.hpp"

#include <gtest/gtest.h>

namespace hamlet::pki {

namespace {

constexpr std::int64_t now = 1'800'000'000;

issued signed_by(const authority& ca, const std::string& node, std::int64_t at = now) {
  return *ca.sign(make_request(node)->request, node, at);
}

trust believer_of(const authority& ca, const std::string& list = {}) {
  return *trust::load(ca.certificate_pem(), list);
}

TEST(Names, OfNodesAndClustersAreLabels) {
  for (auto* good : {"a", "alpha", "alpha-2", "0"})
    EXPECT_TRUE(is_name(good)) << good;
  for (auto* bad : {"", "-a", "a-", "A", "a.b", "a b", "ä", "012345678901234567890123456789012"})
    EXPECT_FALSE(is_name(bad)) << bad;
  EXPECT_EQ(node_of("alpha.node.hamlet"), "alpha");
  EXPECT_EQ(node_of("alpha.cluster.hamlet"), "");
  EXPECT_EQ(node_of("x.alpha.node.hamlet"), "");
  EXPECT_EQ(cluster_of("tea.cluster.hamlet"), "tea");
}

TEST(Names, OfAdministratorsHaveARole) {
  auto named = std::pair<std::string_view, std::string_view>{"ann", "viewer"};
  EXPECT_EQ(admin_of(admin_host("ann", "viewer")), named);
  for (auto* bad : {"ann.admin.hamlet", ".viewer.admin.hamlet", "a.b.c.admin.hamlet",
                    "ann.viewer.node.hamlet", "ann..admin.hamlet", "alpha.node.hamlet"})
    EXPECT_EQ(admin_of(bad).first, "") << bad;
  EXPECT_EQ(node_of(admin_host("ann", "node")), "");
}

TEST(Trust, TellsAdministratorsFromNodes) {
  auto ca = *authority::make("tea", now);
  auto ann = *ca.sign_admin(make_request("ann")->request, "ann", "viewer", now, day);
  auto believer = believer_of(ca);
  auto judged = believer.check_admin(ann.pem, now);
  EXPECT_EQ(judged.what, verdict::good);
  EXPECT_EQ(judged.name, "ann");
  EXPECT_EQ(judged.role, "viewer");
  EXPECT_EQ(believer.check(ann.pem, now).what, verdict::no_name); // the node link is closed to her
  EXPECT_EQ(believer.check_admin(signed_by(ca, "alpha").pem, now).what, verdict::no_name);
}

TEST(Trust, RefusesAnAdministratorOfAnotherAuthorityOrTimeOrWhoWasRevoked) {
  auto ca = *authority::make("tea", now);
  auto other = *authority::make("tea", now);
  auto ann = *ca.sign_admin(make_request("ann")->request, "ann", "viewer", now, day);
  EXPECT_EQ(believer_of(other).check_admin(ann.pem, now).what, verdict::wrong_authority);
  EXPECT_EQ(believer_of(ca).check_admin(ann.pem, now + day + 1).what, verdict::expired);
  auto list = *ca.list({{ann.serial, now}}, 1, now);
  EXPECT_EQ(believer_of(ca, list).check_admin(ann.pem, now).what, verdict::revoked);
  EXPECT_EQ(believer_of(ca).check_admin("nonsense", now).what, verdict::unreadable);
}

TEST(Authority, SignsNoAdministratorOfABadName) {
  auto ca = *authority::make("tea", now);
  auto request = make_request("ann")->request;
  EXPECT_FALSE(ca.sign_admin(request, "ann.node", "viewer", now, day));
  EXPECT_FALSE(ca.sign_admin(request, "ann", "viewer,DNS:x", now, day));
}

TEST(Trust, TakesANodeOfItsAuthority) {
  auto ca = *authority::make("tea", now);
  auto judged = believer_of(ca).check(signed_by(ca, "alpha").pem, now);
  EXPECT_EQ(judged.what, verdict::good);
  EXPECT_EQ(judged.node, "alpha");
}

TEST(Trust, RefusesWhatAnotherAuthorityOfTheSameNameHasSigned) {
  auto ca = *authority::make("tea", now);
  auto other = *authority::make("tea", now);
  EXPECT_EQ(believer_of(ca).check(signed_by(other, "alpha").pem, now).what,
            verdict::wrong_authority);
}

TEST(Trust, RefusesASelfSignedCertificateWithTheRightNames) {
  auto ca = *authority::make("tea", now);
  auto pair = *tls::make_self_signed("alpha.node.hamlet");
  EXPECT_EQ(believer_of(ca).check(tls::to_pem(*pair.certificate), now).what,
            verdict::wrong_authority);
}

TEST(Trust, RefusesTheCertificateOfTheAuthorityItself) {
  auto ca = *authority::make("tea", now);
  EXPECT_FALSE(believer_of(ca).check(ca.certificate_pem(), now).good());
}

TEST(Trust, RefusesANodeThatSignsForAnother) { // its certificate is not an authority's
  auto ca = *authority::make("tea", now);
  auto wanted = *make_request("mallory");
  auto mallory = *ca.sign(wanted.request, "mallory", now);
  auto forger = authority::load(mallory.pem, wanted.key);
  ASSERT_TRUE(forger);
  auto forged = signed_by(*forger, "alpha");
  EXPECT_FALSE(believer_of(ca).check(forged.pem + mallory.pem, now).good());
}

TEST(Trust, RefusesBeforeAndAfterTheTimeOfACertificate) {
  auto ca = *authority::make("tea", now);
  auto cert = signed_by(ca, "alpha");
  auto believer = believer_of(ca);
  EXPECT_EQ(believer.check(cert.pem, now - 2 * 3600).what, verdict::not_yet_valid);
  EXPECT_EQ(believer.check(cert.pem, now - 1800).what, verdict::good); // clocks differ
  EXPECT_EQ(believer.check(cert.pem, cert.not_after - 1).what, verdict::good);
  EXPECT_EQ(believer.check(cert.pem, cert.not_after + 1).what, verdict::expired);
}

TEST(Trust, RefusesANameThatIsNotExpected) {
  auto ca = *authority::make("tea", now);
  auto judged = believer_of(ca).check(signed_by(ca, "beta").pem, now,
                                      [](std::string_view node) { return node == "alpha"; });
  EXPECT_EQ(judged.what, verdict::wrong_name);
  EXPECT_EQ(judged.node, "beta");
}

TEST(Trust, RefusesWhatWasRevoked) {
  auto ca = *authority::make("tea", now);
  auto alpha = signed_by(ca, "alpha");
  auto beta = signed_by(ca, "beta");
  auto believer = believer_of(ca, *ca.list({{alpha.serial, now}}, 1, now));
  EXPECT_EQ(believer.check(alpha.pem, now).what, verdict::revoked);
  EXPECT_EQ(believer.check(beta.pem, now).what, verdict::good);
}

TEST(Trust, TakesALaterListAndNoOlderOne) {
  auto ca = *authority::make("tea", now);
  auto alpha = signed_by(ca, "alpha");
  auto first = *ca.list({}, 1, now);
  auto second = *ca.list({{alpha.serial, now}}, 2, now);
  auto later = believer_of(ca, first).with(second);
  ASSERT_TRUE(later);
  EXPECT_EQ(later->check(alpha.pem, now).what, verdict::revoked);
  EXPECT_FALSE(later->with(first));
  auto other = *authority::make("tea", now);
  EXPECT_FALSE(believer_of(ca, first).with(*other.list({}, 9, now)));
}

TEST(Trust, RefusesWhatIsNoCertificate) {
  auto ca = *authority::make("tea", now);
  auto believer = believer_of(ca);
  EXPECT_EQ(believer.check("", now).what, verdict::unreadable);
  EXPECT_EQ(
    believer.check("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", now).what,
    verdict::unreadable);
  EXPECT_EQ(believer.check(std::string(1u << 20, 'A'), now).what, verdict::unreadable);
}

TEST(Trust, GoesOnWithAnAuthorityThatWasRenewed) {
  auto ca = *authority::make("tea", now);
  auto alpha = signed_by(ca, "alpha");
  auto later = now + 9 * 365 * day;
  auto renewed = *ca.renewed(later);
  EXPECT_GT(renewed.not_after(), ca.not_after());
  EXPECT_EQ(believer_of(renewed).check(signed_by(ca, "beta", later).pem, later).what,
            verdict::good);
  EXPECT_EQ(believer_of(ca).check(signed_by(renewed, "beta", later).pem, later).what,
            verdict::good);
}

TEST(Authority, SignsNoRequestThatItsKeyHasNotSigned) {
  auto ca = *authority::make("tea", now);
  auto wanted = make_request("alpha")->request;
  EXPECT_FALSE(ca.sign("", "alpha", now));
  EXPECT_FALSE(ca.sign(wanted, "Alpha!", now));
  auto at = wanted.size() / 2;
  wanted[at] = wanted[at] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(ca.sign(wanted, "alpha", now));
}

} // namespace

} // namespace hamlet::pki
