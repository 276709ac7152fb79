#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nodes of a cluster are administered: any of them, for all that they share."""
import json
import unittest

from community import main
from cluster import PATIENCE, Cluster, until  # which community makes findable
from live_node import DOMAIN
from wire import Pop3


def ctl(node, *words, **more):
    return json.loads(node.run("ctl", *words, "-o", "json", **more))


class AdminCluster(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster(2)
        self.addCleanup(self.cluster.__exit__)
        self.one, self.two = self.cluster.nodes
        self.cluster.start()
        until("both nodes own shards",
              lambda: len(self.cluster.owners(1)) == 2 and sum(self.cluster.owners(1)) == 256)

    def owner(self, kind, number):
        shards = ctl(self.one, "shards", "list", "--kind", kind)["shards"]
        return next(x["owner"] for x in shards if x["number"] == number)

    def test_an_account_is_changed_by_any_node(self):
        for n in range(6):  # their shards are on both nodes
            ctl(self.one, "accounts", "create", f"user{n}", stdin="tea with milk\n")
            ctl(self.two, "accounts", "set-password", f"user{n}", stdin="milk with tea\n")
            for node in (self.one, self.two):
                with Pop3(node.port["pop3s"]) as client:
                    self.assertTrue(client.log_in(f"user{n}", "milk with tea").startswith("+OK"))
                    client.ask("QUIT")
        listed = [x["address"] for x in ctl(self.two, "accounts", "list")["accounts"]]
        self.assertIn(f"user5@{DOMAIN}", listed)
        who = {(x["method"], x["outcome"]) for x in ctl(self.one, "audit", "list")["entries"]}
        self.assertEqual(who, {("Accounts/Create", "OK"), ("Accounts/SetPassword", "OK")})

    def test_a_shard_moves_where_it_is_sent(self):
        before = self.owner("mailbox", 7)
        other = {"one": "two", "two": "one"}[before]
        ctl(self.one, "shards", "move", "mailbox", "7", other, "--validate-only")
        self.assertEqual(self.owner("mailbox", 7), before)
        ctl(self.two, "shards", "move", "mailbox", "7", other)
        until("the shard has moved", lambda: self.owner("mailbox", 7) == other)
        refused = self.one.run("ctl", "shards", "move", "mailbox", "7", "three", check=False)
        self.assertEqual(refused.returncode, 5, refused.stderr)

    def test_a_node_is_drained(self):
        nodes = {x["name"]: x for x in ctl(self.one, "nodes", "list")["nodes"]}
        self.assertEqual(set(nodes), {"one", "two"})
        self.assertTrue(nodes["one"]["is_asked"])
        self.assertEqual(sum(x["shards"] for x in nodes.values()), 512)
        refused = self.one.run("ctl", "nodes", "drain", "two", "--yes", check=False)
        self.assertEqual(refused.returncode, 6, refused.stderr)
        ctl(self.two, "nodes", "drain", "two", "--yes")
        self.assertEqual(self.two.process.wait(PATIENCE), 0)
        until("one owns everything", lambda: self.cluster.owners(1) == [256])
        left = [x for x in ctl(self.one, "nodes", "list")["nodes"] if x["state"] == "up"]
        self.assertEqual([x["name"] for x in left], ["one"])


if __name__ == "__main__":
    main()
