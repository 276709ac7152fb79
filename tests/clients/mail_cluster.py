# SPDX-License-Identifier: Apache-2.0
"""Three nodes of one cluster, and people with mail."""
import smtplib
import unittest

from community import main  # noqa: F401
from cluster import PATIENCE, Cluster, until  # which community makes findable
from live_node import DOMAIN  # noqa: F401
from wire import Pop3

WORDS = "secret-of-the-test"


def give(node, to, text):
    with smtplib.SMTP("127.0.0.1", node.port["smtp"], timeout=PATIENCE) as client:
        refused = client.sendmail("writer@elsewhere.test", to,
                                  f"Subject: {text}\r\n\r\n{text}\r\n")
        assert not refused, refused


def count(node, name):
    """Of messages in a maildrop, as a client of this node sees it."""
    with Pop3(node.port["pop3s"]) as client:
        said = client.log_in(name, WORDS)
        if not said.startswith("+OK"):
            return None
        number = int(client.ask("STAT").split()[1])
        client.ask("QUIT")
        return number


class MailCluster(unittest.TestCase):
    """Each test has nodes of its own, which own their shares of the mailboxes."""

    has_proxies = False  # between the nodes: cluster.injure_link
    people = 12

    def setUp(self):
        self.cluster = Cluster(has_proxies=self.has_proxies)
        self.addCleanup(self.cluster.__exit__)
        self.nodes = self.cluster.nodes
        self.names = [f"user{n}" for n in range(self.people)]
        for name in self.names:
            self.nodes[0].add_account(name, WORDS)
        self.cluster.start()
        until("every node owns shards",
              lambda: len(self.cluster.owners(1)) == 3 and sum(self.cluster.owners(1)) == 256)
