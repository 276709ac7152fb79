# SPDX-License-Identifier: Apache-2.0
"""Mail over three nodes: what one takes in, every other one shows; and a node that dies, or is
stopped, takes nothing with it."""
import itertools

from mail_cluster import DOMAIN, WORDS, MailCluster, count, give, main
from cluster import until
from fault_proxy import DELAY
from wire import Pop3


class Mail(MailCluster):
    def test_every_node_is_a_door_to_every_mailbox(self):
        for n, name in enumerate(self.names):
            give(self.nodes[n % 3], [f"{name}@{DOMAIN}"], name)
        give(self.nodes[1], [f"{x}@{DOMAIN}" for x in self.names], "to all")
        for node in self.nodes:
            for name in self.names:
                until(f"mail of {name}", lambda: count(node, name) == 2)

    def test_one_lock_for_a_mailbox_whichever_door(self):
        give(self.nodes[0], [f"user0@{DOMAIN}"], "x")
        until("it came", lambda: count(self.nodes[0], "user0") == 1)
        with Pop3(self.nodes[1].port["pop3s"]) as holder:
            self.assertTrue(holder.log_in("user0", WORDS).startswith("+OK"))
            for node in self.nodes:
                with Pop3(node.port["pop3s"]) as other:
                    self.assertIn("[IN-USE]", other.log_in("user0", WORDS))
            holder.ask("DELE 1")
            self.assertTrue(holder.ask("QUIT").startswith("+OK"))
        for node in self.nodes:
            until("deleted for all", lambda: count(node, "user0") == 0)

    def test_a_node_that_dies_loses_nothing(self):
        for n in range(30):
            give(self.nodes[n % 3], [f"{x}@{DOMAIN}" for x in self.names], f"m{n}")
        self.nodes[2].kill()
        living = self.nodes[:2]
        for n in range(6):  # taken at once, whoever owns the mailbox
            give(living[n % 2], [f"{x}@{DOMAIN}" for x in self.names], f"after {n}")
        for node in living:
            for name in self.names:
                until(f"all mail of {name}", lambda: count(node, name) == 36)
        self.nodes[2].start()
        until("it is back", lambda: len(self.cluster.owners(1)) == 3)
        self.assertEqual(until("its door", lambda: count(self.nodes[2], "user3")), 36)

    def test_a_node_that_is_stopped_gives_up_its_shards_first(self):
        give(self.nodes[2], [f"{x}@{DOMAIN}" for x in self.names], "x")
        self.assertEqual(self.nodes[2].stop(), 0)
        # At once: nobody waits until it is missed.
        self.assertEqual(len(self.cluster.owners(1)), 2)
        for name in self.names:
            until(f"mail of {name}", lambda: count(self.nodes[0], name) == 1)


class SlowLinks(MailCluster):
    """What two nodes say to each other takes up to a tenth of a second, on each link another time."""

    has_proxies = True
    people = 3

    def test_who_has_quit_may_come_back_by_any_door(self):
        for one, other in itertools.combinations(range(3), 2):
            self.cluster.injure_link(one, other, DELAY)
        for name in self.names:
            for first, then in itertools.permutations(self.nodes, 2):
                with Pop3(first.port["pop3s"]) as client, Pop3(then.port["pop3s"]) as again:
                    self.assertTrue(client.log_in(name, WORDS).startswith("+OK"))
                    again.ask(f"USER {name}")
                    self.assertEqual(client.ask("QUIT"), "+OK good bye")
                    self.assertRegex(again.ask(f"PASS {WORDS}"), r"^\+OK")
                    self.assertEqual(again.ask("QUIT"), "+OK good bye")


if __name__ == "__main__":
    main()
