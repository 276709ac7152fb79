// SPDX-License-Identifier: Apache-2.0
#include "lib/log/capture.hpp"
#include "tests/gateway/link/support.hpp"

#include <gtest/gtest.h>

namespace hamlet::link {

namespace {

using cluster::link_refused;
using cluster::link_up;
using reason = link_refused::reason;

/// "good" listens and is in its right; "bad" dials with what the test gives it. Both tables are as
/// they should be, but where a test says otherwise.
class Refusals : public ::testing::Test {
protected:
  pki::authority ca = *pki::authority::make("tea", unix_seconds());
  log::capture lines;

  /// Does `who` refuse for this reason, and does the log say so?
  static bool refuses(test_node& who, reason why) {
    return who.waits_for<link_refused>([&](auto& x) { return x.why == why && !x.by_peer; });
  }
  void expect_no_link(test_node& good, test_node& bad) {
    EXPECT_EQ(good.count<link_up>(), 0u);
    EXPECT_EQ(bad.count<link_up>(), 0u);
  }
};

TEST_F(Refusals, OfAnotherAuthority) {
  auto other = *pki::authority::make("tea", unix_seconds());
  test_node good{1, 10, identity_of(ca, "good")};
  auto forged = identity_of(other, "bad");
  forged.believes = *pki::trust::load(ca.certificate_pem(), {}); // so that it does not mind itself
  test_node bad{2, 20, forged};
  introduce({&good, &bad});
  EXPECT_TRUE(refuses(good, reason::certificate));
  EXPECT_TRUE(lines.has("reason=\"signed by another authority\" node=bad"));
  expect_no_link(good, bad);
}

TEST_F(Refusals, AServerOfAnotherAuthority) {
  auto other = *pki::authority::make("tea", unix_seconds());
  test_node impostor{1, 10, identity_of(other, "good")};
  test_node honest{2, 20, identity_of(ca, "honest")};
  introduce({&impostor, &honest});
  EXPECT_TRUE(refuses(honest, reason::certificate));
  expect_no_link(impostor, honest);
}

TEST_F(Refusals, AGoodCertificateOfWhoIsNotInTheTable) {
  test_node good{1, 10, identity_of(ca, "good")};
  test_node bad{2, 20, identity_of(ca, "bad")};
  bad.on->set_peers({good.row()});
  EXPECT_TRUE(refuses(good, reason::name));
  EXPECT_TRUE(lines.has("reason=\"of a node that is not expected\" node=bad"));
  expect_no_link(good, bad);
}

TEST_F(Refusals, AServerWithTheCertificateOfAnotherNode) {
  test_node other{1, 10, identity_of(ca, "other")};
  test_node good{2, 20, identity_of(ca, "good")};
  auto row = other.row();
  row.name = "expected";
  other.on->set_peers({good.row()});
  good.on->set_peers({row});
  EXPECT_TRUE(refuses(good, reason::name));
  EXPECT_TRUE(lines.has("expected=expected"));
  expect_no_link(good, other);
}

TEST_F(Refusals, AnExpiredCertificate) {
  test_node good{1, 10, identity_of(ca, "good")};
  test_node bad{2, 20, identity_of(ca, "bad", unix_seconds() - 100, 50)};
  introduce({&good, &bad});
  EXPECT_TRUE(refuses(good, reason::certificate));
  EXPECT_TRUE(lines.has("reason=expired node=bad"));
  expect_no_link(good, bad);
}

TEST_F(Refusals, ARevokedCertificate) {
  auto revoked = identity_of(ca, "bad");
  auto serial = revoked.believes.check(revoked.certificate, unix_seconds()).serial;
  test_node good{1, 10, identity_of(ca, "good")};
  test_node bad{2, 20, revoked};
  ASSERT_TRUE(good.on->set_revocations(*ca.list({{serial, unix_seconds()}}, 2, unix_seconds())));
  introduce({&good, &bad});
  EXPECT_TRUE(refuses(good, reason::revoked));
  EXPECT_TRUE(lines.has("reason=revoked node=bad"));
  expect_no_link(good, bad);
}

TEST_F(Refusals, ACertificateThatIsRevokedWhileItIsLinked) {
  auto revoked = identity_of(ca, "bad");
  auto serial = revoked.believes.check(revoked.certificate, unix_seconds()).serial;
  test_node good{1, 10, identity_of(ca, "good")};
  test_node third{3, 30, identity_of(ca, "third")};
  test_node bad{2, 20, revoked};
  introduce({&good, &bad, &third});
  ASSERT_TRUE(good.waits_for_link(bad));
  ASSERT_TRUE(good.waits_for_link(third));
  ASSERT_TRUE(third.waits_for_link(bad));
  auto list = *ca.list({{serial, unix_seconds()}}, 2, unix_seconds());
  ASSERT_TRUE(good.on->set_revocations(list));
  EXPECT_TRUE(good.waits_for<cluster::link_down>([](auto& x) { return x.node_id == 2; }));
  EXPECT_TRUE(third.waits_for_list()); // the news travels
  EXPECT_EQ(third.list(), list);
  EXPECT_TRUE(third.waits_for<cluster::link_down>([](auto& x) { return x.node_id == 2; }));
  EXPECT_TRUE(refuses(third, reason::revoked)); // it dials again, or is dialled
  EXPECT_TRUE(good.on->is_up(30));
}

TEST_F(Refusals, AnotherVersionOfTheWire) {
  auto later = quick_rules();
  later.versions_from = later.versions_to = wire_max + 1;
  test_node good{1, 10, identity_of(ca, "good")};
  test_node bad{2, 20, identity_of(ca, "bad"), later};
  introduce({&good, &bad});
  EXPECT_TRUE(refuses(good, reason::wire_version));
  EXPECT_TRUE(bad.waits_for<link_refused>(
    [](auto& x) { return x.by_peer && x.why == reason::wire_version; }));
  EXPECT_TRUE(lines.has("reason=WIRE_VERSION"));
  expect_no_link(good, bad);
}

TEST_F(Refusals, ANumberThatIsNotItsOwn) {
  test_node good{1, 10, identity_of(ca, "good")};
  test_node bad{2, 20, identity_of(ca, "bad")};
  auto row = bad.row();
  row.node_id = 3; // as good's table has it
  good.on->set_peers({row});
  bad.on->set_peers({good.row()});
  EXPECT_TRUE(refuses(good, reason::name));
  expect_no_link(good, bad);
}

} // namespace

} // namespace hamlet::link
