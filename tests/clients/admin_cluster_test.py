#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nodes of a cluster are administered: any of them, for all that they share."""
import json
import re
import unittest

from community import PASSWORD, main
from cluster import PATIENCE, Cluster, until  # which community makes findable
from irc_wire import Irc
from live_node import DOMAIN
from wire import Pop3, Smtp


def ctl(node, *words, **more):
    return json.loads(node.run("ctl", *words, "-o", "json", **more))


class AdminCluster(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster(2, {"listen": ['irc = ["127.0.0.1:0"]']})
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
        self.assertEqual(sum(x["shards"] for x in nodes.values()), 1024)
        ctl(self.two, "nodes", "drain", "two", "--yes")
        self.drained(self.two, "one")

    def drained(self, node, left):
        self.assertEqual(node.process.wait(PATIENCE), 0)
        until("the other owns everything", lambda: self.cluster.owners(1) == [256])
        asked = next(x for x in self.cluster.nodes if x is not node)
        up = [x["name"] for x in ctl(asked, "nodes", "list")["nodes"] if x["state"] == "up"]
        self.assertEqual(up, [left])

    def test_a_node_is_drained_by_another(self):
        refused = self.two.run("ctl", "nodes", "drain", "three", "--yes", check=False)
        self.assertEqual(refused.returncode, 5, refused.stderr)
        self.assertEqual(ctl(self.two, "nodes", "drain", "one", "--validate-only")["state"], "draining")
        self.assertEqual({x["state"] for x in ctl(self.two, "nodes", "list")["nodes"]}, {"up"})
        said = ctl(self.two, "nodes", "drain", "one", "--yes", "--request-id", "once")
        self.assertEqual((said["name"], said["state"]), ("one", "draining"))
        self.drained(self.one, "two")
        self.assertTrue(any(" drained" in x for x in self.one.log))
        again = ctl(self.two, "nodes", "drain", "one", "--yes", "--request-id", "once")
        self.assertEqual(again, said)  # the answer of then: a node that starts again is left alone
        self.cluster.start_one(0)
        until("both are up", lambda: [x["state"] for x in ctl(self.two, "nodes", "list")["nodes"]
                                      if x["state"] != "dead"] == ["up", "up"])
        entry, *_ = ctl(self.one, "audit", "list")["entries"]
        self.assertEqual((entry["method"], entry["target"], entry["outcome"]),
                         ("Nodes/Drain", "one", "OK"))

    def shards_of(self, name, *more):
        return len(ctl(self.one, "shards", "list", "--node", name, *more)["shards"])

    def test_a_node_gives_its_shards_away_and_goes_on(self):
        mine = self.shards_of("two", "--kind", "account")
        number = str(ctl(self.one, "shards", "list", "--node", "two", "--kind", "nick")
                     ["shards"][0]["number"])
        ctl(self.one, "shards", "drain", "two", "--validate-only")
        given = ctl(self.one, "shards", "drain", "two", "--kind", "nick", "--numbers", number)["given"]
        self.assertEqual(given, [{"kind": "nick", "target": "one", "shards": 1}])
        until("one shard has moved", lambda: self.owner("nick", int(number)) == "one")
        self.assertEqual(self.shards_of("two", "--kind", "account"), mine)
        refused = self.one.run("ctl", "shards", "drain", "two", "--kind", "nick", "--numbers", number,
                               check=False)
        self.assertEqual(refused.returncode, 6, refused.stderr)
        self.assertIn(f"two does not own nick {number}", refused.stderr)
        said = self.one.run("ctl", "shards", "drain", "two")
        self.assertRegex(said, rf"KIND +TARGET +SHARDS\n(.*\n)*account +one +{mine}\n")
        until("all have moved", lambda: self.shards_of("two") == 0)
        states = {x["name"]: x["state"] for x in ctl(self.two, "nodes", "list")["nodes"]}
        self.assertEqual(states, {"one": "up", "two": "up"})

    def test_what_is_held_stays_so_when_its_owner_dies(self):
        self.one.add_account("ann", PASSWORD)
        with Smtp(self.two.port["submissions"], tls=True) as client:
            client.log_in("ann")
            client.envelope(f"ann@{DOMAIN}", "far@elsewhere.test")
            reply = client.data(f"From: ann@{DOMAIN}\r\n\r\n.\r\n".encode())
            number = re.search(r"queued as (\w{13})", reply)[1]
            client.ask("QUIT")
        ctl(self.two, "queue", "hold", number)
        account = self.cluster.numbers("SELECT account_id FROM account WHERE local = 'ann'")[0]
        self.cluster.sql(self.cluster.database, f"UPDATE recipient SET account_id = {account}")
        self.cluster.kill(1)
        until("one owns everything", lambda: self.cluster.owners(1) == [256])
        ctl(self.one, "queue", "retry")
        self.assertEqual(self.mail_of_ann(), 0)
        self.assertEqual([x["queue_id"] for x in ctl(self.one, "queue", "list")["messages"]], [number])
        ctl(self.one, "queue", "release", number)
        until("it has gone on", lambda: not ctl(self.one, "queue", "list")["messages"])
        self.assertEqual(self.mail_of_ann(), 1)

    def test_who_is_in_the_chat_is_seen_and_sent_away_from_any_node(self):
        clients = {x: Irc(node.port["irc"], x) for x, node in (("ann", self.one), ("bob", self.two))}
        for name, client in clients.items():
            client.ask("JOIN #tea", f"JOIN #{name}")
        for node in (self.one, self.two):
            def seen():
                found = {x["nick"]: x for x in ctl(node, "sessions", "list")["sessions"]}
                return found if all(f"#{x}" in found.get(x, {}).get("channels", []) for x in clients) \
                    else None
            found = until("both are seen", seen)
            channels = {x["name"]: x["members"] for x in ctl(node, "channels", "list")["channels"]}
            self.assertEqual(channels, {"#tea": 2, "#ann": 1, "#bob": 1})
            self.assertEqual(ctl(node, "channels", "show", "#bob")["members"], 1)
        ctl(self.one, "sessions", "disconnect", found["bob"]["session_id"], "--reason", "so long")
        clients["bob"].expect(r"^ERROR .*so long")
        until("he is gone", lambda: len(ctl(self.two, "sessions", "list")["sessions"]) == 1)

    def mail_of_ann(self):
        with Pop3(self.one.port["pop3s"]) as client:
            until("ann is let in", lambda: client.log_in("ann").startswith("+OK"))
            count = int(client.ask("STAT").split()[1])
            client.ask("QUIT")
            return count


if __name__ == "__main__":
    main()
