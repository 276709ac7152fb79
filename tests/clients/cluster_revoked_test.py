# SPDX-License-Identifier: Apache-2.0
"""A node of three whose certificate is taken back while it runs: it gives up what it has and ends."""
from mail_cluster import DOMAIN, MailCluster, count, give, main
from cluster import until
from fault_proxy import CUT

REVOKED = 77  # exit_revoked of node/revocations.hpp


class Revoked(MailCluster):
    has_proxies = True

    def revoke(self):
        self.nodes[0].run("cluster", "ca", "revoke", "three")

    def refused(self):
        done = self.nodes[2].run("serve", check=False)
        self.assertEqual(done.returncode, REVOKED)
        self.assertIn("the certificate of this node was revoked", done.stderr)

    def others_have_all(self):
        until("two nodes own all",
              lambda: len(self.cluster.owners(1)) == 2 and sum(self.cluster.owners(1)) == 256)
        give(self.nodes[0], [f"{x}@{DOMAIN}" for x in self.names], "x")
        for n, name in enumerate(self.names):
            until(f"mail of {name}", lambda: count(self.nodes[n % 2], name) == 1)

    def test_it_ends_and_starts_no_more(self):
        self.revoke()
        self.assertEqual(self.nodes[2].ended(60), REVOKED)
        self.assertTrue(any("error" in x.lower() and "certificate of this node was revoked" in x
                            for x in self.nodes[2].log))
        self.others_have_all()
        self.refused()

    def test_it_hears_of_it_also_where_no_other_node_lets_it_in(self):
        for other in range(2):
            self.cluster.injure_link(2, other, CUT)
        self.revoke()
        self.assertEqual(self.nodes[2].ended(60), REVOKED)
        self.others_have_all()

    def test_it_hears_of_it_at_its_start(self):
        self.assertEqual(self.nodes[2].stop(), 0)
        self.revoke()
        until("it is in the store", lambda: self.cluster.sql(
            self.cluster.database, "SELECT 1 FROM cluster_meta WHERE name = 'revoked'"))
        self.refused()

    def test_one_that_has_another_certificate_by_then_is_to_be_started_again(self):
        first, last = self.nodes[0], self.nodes[2]
        request = last.run("cluster", "join", "three", stdin=first.run("cluster", "token"))
        self.cluster.freeze(0)  # it would tell the others before the answer has come
        last.run("cluster", "join", "--answer",
                 stdin=first.run("cluster", "ca", "sign", stdin=request))
        self.cluster.thaw(0)
        self.assertEqual(last.ended(60), 1)
        last.start()
        until("it is back", lambda: len(self.cluster.owners(1)) == 3)


if __name__ == "__main__":
    main()
