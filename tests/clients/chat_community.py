# SPDX-License-Identifier: Apache-2.0
"""A node for tests of chat: 127.0.0.1 is held by no limit, all other addresses are."""
import itertools
import re
import time

from community import PASSWORD, QUICK, Community, main, merged  # noqa: F401
from irc_wire import Closed, Irc, client_certificate  # noqa: F401
from live_node import DOMAIN, Node

RULE = "let me rule"
RULER = {"[chat.operator]": [
    'name = "boss"',
    'password = "$argon2id$v=19$m=8192,t=1,p=1$jO96q4GCUfgaPYrnrTXy4Q$'
    'PWjOdFBs2MX/ac794cdeUnWgfpf+apAbZjgV1a+5hQU"']}  # of RULE
FREE = {"limits": ["connections_per_minute = 0"],
        "chat_limits": ['exempt = ["127.0.0.1/32"]']}
QUICK_COMMANDS = {"chat_limits": FREE["chat_limits"] + ["burst = 0", 'commands = "off"']}


class Chat(Community):
    """Nicks and addresses are fresh for each test."""

    _hosts = itertools.count(20)

    @classmethod
    def setUpClass(cls):
        cls.node = Node(merged(QUICK, FREE, RULER, cls.settings))
        cls.addClassCleanup(cls.node.__exit__)
        cls.node.start()

    @classmethod
    def fresh_host(cls):
        number = next(cls._hosts)
        return f"127.{1 + number // 250}.7.{number % 250}"

    @classmethod
    def fresh_nick(cls, word="n"):
        return f"{word}{next(cls._numbers)}"

    @classmethod
    def fresh_channel(cls):
        return f"#c{next(cls._numbers)}"

    def connect(self, nick=None, service="irc", **more):
        more.setdefault("tls", service.endswith("s"))
        if "websocket" in service:
            more.setdefault("websocket", True)
        client = Irc(self.port(service), nick, **more)
        self.addCleanup(client.drop)
        return client

    def user(self, word="n", **more):
        """Registered, under a nick of its own."""
        return self.connect(self.fresh_nick(word), **more)

    def boss(self):
        client = self.user("boss")
        client.ask(f"OPER boss :{RULE}")
        self.assertTrue(any(" 381 " in x for x in client.seen), client.seen[-5:])
        return client

    def meet(self, *clients, channel=None):
        """All of them on a channel."""
        channel = channel or self.fresh_channel()
        for x in clients:
            lines = x.ask(f"JOIN {channel}")
            self.assertTrue(any(" 366 " in y for y in lines), lines)
        return channel

    def assertSaid(self, pattern, lines):
        self.assertTrue(any(re.search(pattern, x) for x in lines), f"{pattern} not in {lines}")

    def assertNotSaid(self, pattern, lines):
        self.assertFalse([x for x in lines if re.search(pattern, x)])

    def logged(self, word):
        """The lines of the log with it, of which there will be one."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if found := [x for x in self.node.log if word in x]:
                return found
            self.user().drop()
        raise AssertionError(f"{word} is not in the log")

    def memory(self):
        """Octets that the node has in memory."""
        with open(f"/proc/{self.node.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) << 10
