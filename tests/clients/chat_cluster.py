# SPDX-License-Identifier: Apache-2.0
"""Clients of chat at three nodes of one cluster."""
import itertools
import re
import time
import unittest

from chat_community import FREE, QUICK_COMMANDS, RULER
from cluster import Cluster
from community import PASSWORD, merged
from irc_wire import Irc, client_certificate  # noqa: F401
from redis_server import RedisServer

PATIENCE = 60  # seconds, for what does not come
CHAT = {"listen": ['irc = ["127.0.0.1:0"]', 'ircs = ["127.0.0.1:0"]'],
        "chat": ['persistence = "opt-in"', 'resume_grace = "20s"']}
NICKS, CHANNELS = 4, 5  # kinds of shards


def shard_of(name):
    """As actors/router.cpp: which of the 256 a name belongs to."""
    found = 0xcbf29ce484222325
    for octet in name.encode():
        found = (found ^ octet) * 0x100000001b3 & (1 << 64) - 1
    return (found ^ found >> 32) % 256


class Spreading:
    """Waits, without sleeping, until each node has all that the others had to tell: what a channel
    says is told behind all that its owner's node has told before.

    @param channels A channel of each node: one that it owns. They last as long as the nodes do."""

    def __init__(self, nodes, channels):
        self.channels = channels
        self.listeners = [Irc(x.port["irc"], f"listener{n}", patience=PATIENCE)
                          for n, x in enumerate(nodes)]
        for x in self.listeners:
            for channel in channels:
                x.ask(f"JOIN {channel}", f"MODE {channel} +s")
            x.ask(f"MODE {x.nick} +i")
        self.count = 0
        self()

    def __call__(self):
        """All speak at once, each where its own node hears it first."""
        self.count += 1
        news = f"news{self.count}"
        for x, own in zip(self.listeners, self.channels):
            x.send(f"PRIVMSG {own} :{news}", f"PING {news}")
        for x, own in zip(self.listeners, self.channels):
            left = {"PONG", *self.channels} - {own}
            while left:
                words = x.expect(rf" (PRIVMSG|PONG) \S+ :?{news}$").split(" ")
                left.discard(words[2] if words[1] == "PRIVMSG" else "PONG")
            x.seen.clear()


class ChatCluster(unittest.TestCase):
    """Three nodes for the tests of a class."""

    settings = RULER
    has_redis = False  # for the news; else links carry them alone
    has_proxies = False  # between the nodes: cluster.injure_link
    redis = None
    _numbers = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        if cls.has_redis:
            cls.redis = RedisServer()
            cls.addClassCleanup(cls.redis.kill)
        cls.cluster = Cluster(settings=merged(FREE, QUICK_COMMANDS, CHAT, cls.settings),
                              has_proxies=cls.has_proxies, redis=cls.redis and cls.redis.port)
        cls.addClassCleanup(cls.cluster.__exit__)
        cls.nodes = cls.cluster.nodes
        cls.prepare()
        cls.cluster.start()
        cls.settle()

    @classmethod
    def prepare(cls):
        """Before they start."""

    @classmethod
    def settle(cls, living=3, least=1):
        """Until all nicks and channels have owners, and every node at least so many of each."""
        for kind in (NICKS, CHANNELS):
            cls.until("every node owns shards",
                      lambda k=kind: len(cls.cluster.owners(k)) == living
                      and sum(cls.cluster.owners(k)) == 256
                      and min(cls.cluster.owners(k)) >= least)
        if cls.has_redis:
            cls.until("all nodes have reached Redis", lambda: all(
                any(" redis connected " in x for x in node.log)
                for node in cls.nodes if node.process))

    @staticmethod
    def until(what, condition, patience=PATIENCE):
        end = time.monotonic() + patience
        while not (found := condition()):
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come about")
            time.sleep(0.05)
        return found

    @classmethod
    def owner(cls, kind, name):
        """Which node (0, 1, 2) has the shard of a name; None: nobody."""
        found = cls.cluster.numbers(
            "SELECT node_id FROM node JOIN shard ON owner_incarnation = incarnation WHERE "
            f"state = 'up' AND kind = {kind} AND number = {shard_of(name)}")
        return found[0] - 1 if found else None

    @classmethod
    def channel_of(cls, node):
        """A fresh name whose owner is this node."""
        while True:
            name = f"#c{next(cls._numbers)}"
            if cls.owner(CHANNELS, name) == node:
                return name

    @classmethod
    def spreading(cls):
        return Spreading(cls.nodes, [cls.channel_of(n) for n in range(len(cls.nodes))])

    @classmethod
    def member(cls):
        name = f"member{next(cls._numbers)}"
        cls.nodes[0].add_account(name, PASSWORD)
        return name

    def at(self, node, nick=None, word="n", **more):
        """A client of this node, registered."""
        service = "ircs" if more.get("tls") else "irc"
        client = Irc(self.nodes[node].port[service], nick or f"{word}{next(self._numbers)}",
                     patience=PATIENCE, **more)
        self.addCleanup(client.drop)
        return client

    def logged_in(self, node, account, **more):
        return self.at(node, more.pop("nick", account), account=account, password=PASSWORD, **more)

    def boss(self, node):
        client = self.at(node, word="boss")
        self.assertSaid(" 381 ", client.ask("OPER boss :let me rule"))
        return client

    def meet(self, *clients, channel=None):
        channel = channel or f"#c{next(self._numbers)}"
        for x in clients:
            lines = x.ask(f"JOIN {channel}")
            self.assertSaid(" 366 ", lines)
        for x in clients[:-1]:  # what one node knows the others hear a moment later
            x.expect(rf":{re.escape(clients[-1].nick)}!\S+ JOIN :?{re.escape(channel)}")
        return channel

    def hears(self, client, pattern):
        """It comes, or came already."""
        for line in client.seen:
            if re.search(pattern, line):
                return line
        return client.expect(pattern)

    def assertSaid(self, pattern, lines):
        self.assertTrue(any(re.search(pattern, x) for x in lines), f"{pattern} not in {lines}")

    def assertNotSaid(self, pattern, lines):
        self.assertFalse([x for x in lines if re.search(pattern, x)])


class OwnCluster(ChatCluster):
    """Each test has three nodes of its own."""

    @classmethod
    def setUpClass(cls):
        pass

    def setUp(self):
        ChatCluster.setUpClass.__func__(type(self))
        self.addCleanup(type(self).doClassCleanups)
