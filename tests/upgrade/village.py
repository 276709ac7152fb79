# SPDX-License-Identifier: Apache-2.0
"""A channel with a guest at each node: what one says all others hear, once."""
import collections
import contextlib
import itertools
import re
import threading
import time

from irc_wire import Closed, Irc

CHANNEL = "#village"
PAUSE = 0.05  # seconds between the rounds of those who chat


class Village:
    """@param patience Seconds that a line may take."""

    def __init__(self, patience):
        self.patience, self.longest = patience, 0.0
        self.guests = {}  # by node
        self.faults = []
        self._numbers = itertools.count(1)
        self.rounds = self.refused = 0

    def come(self, number, node):
        guest = Irc(node.port["irc"], f"guest{next(self._numbers)}", patience=self.patience)
        guest.due = collections.Counter()  # what it must have heard
        self._timed(lambda: (guest.send(f"JOIN {CHANNEL}"), guest.expect(" 366 ")))
        for other in self.guests.values():
            self._hears(other, rf"^:{guest.nick}!\S+ JOIN ")
        self.guests[number] = guest

    @contextlib.contextmanager
    def chatting(self, without):
        """Those of the other nodes go on chatting, while the one of this node is sent away."""
        leaver, stop, failed = self.guests.pop(without), threading.Event(), []

        def chat():
            try:
                while not stop.wait(PAUSE):
                    self._speak()
                    self.rounds += 1
            except (AssertionError, OSError) as why:
                failed.append(why)

        thread = threading.Thread(target=chat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        if failed:
            raise AssertionError(f"in chat: {failed[0]}") from failed[0]
        leaver.closed()
        self._check(leaver, is_whole=False)
        leaver.drop()
        for other in self.guests.values():
            self._hears(other, rf"^:{leaver.nick}!\S+ QUIT ")

    def talk(self):
        """Each says something; and all agree on who is there."""
        self._speak()
        names = {x.nick for x in self.guests.values()}
        for guest in self.guests.values():
            begin = len(guest.seen)
            self._timed(lambda x=guest: (x.send(f"NAMES {CHANNEL}"), x.expect(" 366 ")))
            found = {nick.lstrip("@+") for x in guest.seen[begin:] if " 353 " in x
                     for nick in x.rpartition(":")[2].split()}
            if found != names:
                self.faults.append(f"{guest.nick} sees {sorted(found)} in {CHANNEL}, where {sorted(names)} are")

    def end(self):
        for guest in self.guests.values():
            guest.barrier()
            self._check(guest)
            guest.drop()

    def _speak(self):
        """Who is told to try again (RPL_TRYAGAIN) was heard by nobody: docs/decisions/0017."""
        begin = {n: len(x.seen) for n, x in self.guests.items()}
        tokens = {n: f"words{next(self._numbers)}" for n in self.guests}
        for n, guest in self.guests.items():
            guest.send(f"PRIVMSG {CHANNEL} :{tokens[n]}", f"PING {tokens[n]}")
        for n, guest in self.guests.items():
            self._timed(lambda x=guest, token=tokens[n]: x.expect(rf" PONG .*{token}$"))
            if any(" 263 " in x for x in guest.seen[begin[n]:]):
                self.refused += 1
                tokens.pop(n)
        for n, guest in self.guests.items():
            for other, token in tokens.items():
                if other != n:
                    guest.due[token] += 1
                    self._hears(guest, rf"^:{self.guests[other].nick}!\S+ PRIVMSG {CHANNEL} :{token}$", begin[n])

    def _hears(self, guest, pattern, begin=0):
        if not any(re.search(pattern, x) for x in guest.seen[begin:]):
            self._timed(lambda: guest.expect(pattern))

    def _timed(self, wait):
        began = time.monotonic()
        try:
            wait()
        except Closed as why:
            raise AssertionError(f"a guest of a node that stayed was sent away: {why}") from why
        self.longest = max(self.longest, time.monotonic() - began)

    def _check(self, guest, is_whole=True):
        heard = collections.Counter(x.rpartition(":")[2] for x in guest.seen if f" PRIVMSG {CHANNEL} :" in x)
        twice = [x for x, n in heard.items() if n > 1]
        if twice or is_whole and heard != guest.due:
            self.faults.append(f"{guest.nick} heard {twice} twice, and {list(guest.due - heard)} not at all, "
                               f"and {list(heard - guest.due)}, which were not for it")
