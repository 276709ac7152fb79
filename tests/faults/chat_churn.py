# SPDX-License-Identifier: Apache-2.0
"""Guests who come and go, and want the same few nicks: at any moment one is somebody's alone, and
when they have left nobody is shown any more."""
import random
import re
import threading
import time
from dataclasses import dataclass

from irc_wire import Irc

NICKS = [f"prize{n}" for n in range(5)]
PATIENCE = 25  # seconds
PAUSE = 0.4  # seconds at most


@dataclass
class Held:
    nick: str
    node: int
    who: str
    came: float  # the visit began
    since: float
    until: float = 0  # 0: still


class Churner(threading.Thread):
    def __init__(self, crowd, number):
        super().__init__(daemon=True)
        self.crowd, self.name = crowd, f"churner{number}"
        self.dice = random.Random(f"{crowd.seed}.{self.name}")
        self.held, self.failures, self.came = [], [], 0
        self.is_away = threading.Event()

    def run(self):
        while not self.crowd.over.wait(self.dice.uniform(0, PAUSE)):
            if self.crowd.quiet.is_set():
                self.is_away.set()
                continue
            self.is_away.clear()
            try:
                self.visit()
            except (OSError, AssertionError) as why:
                self.failures.append(f"{time.monotonic():.1f} {type(why).__name__}: {why}"[:400])
            finally:
                self.release()

    def visit(self):
        self.came = time.monotonic()
        number, port = self.crowd.any_door(self.dice)
        client = Irc(port, patience=PATIENCE)
        try:
            client.send(f"NICK {self.dice.choice(NICKS)}", "USER u 0 * :x")
            while " 433 " in client.expect(" 433 ", " 376 ", " 422 "):
                if self.crowd.quiet.is_set():
                    return
                time.sleep(self.dice.uniform(0, 0.1))
                client.send(f"NICK {self.dice.choice(NICKS)}")
            nick = next(x for x in client.seen if " 001 " in x).split()[2]
            self.hold(nick, number)
            for _ in range(self.dice.randrange(1, 6)):
                if self.crowd.quiet.is_set():
                    break
                nick = self.act(client, nick, number)
            self.release()
            if self.dice.randrange(3):
                client.send("QUIT :bye")
                client.closed()
        finally:
            client.drop()

    def act(self, client, nick, number):
        channel = self.dice.choice(self.crowd.channels)
        what = self.dice.choice(("JOIN", "JOIN", "PART", "NICK"))
        if what != "NICK":
            client.ask(f"{what} {channel}")
            return nick
        wanted = self.dice.choice(NICKS)
        self.release()  # from here on it may be another one's
        lines = client.ask(f"NICK {wanted}")
        for x in lines:
            if found := re.match(rf":{nick}!\S+ NICK :?(\S+)$", x):
                nick = found[1]
        self.hold(nick, number)
        return nick

    def hold(self, nick, number):
        self.held.append(Held(nick, number, self.name, self.came, time.monotonic()))

    def release(self):
        if self.held and not self.held[-1].until:
            self.held[-1].until = time.monotonic()


def check_nicks(churners, of, findings):
    """Of one nick no two at once. What a lost node had given out ended with it. (A nick is held from
    when its client hears so to when it gives it up: more than that the server does not promise.)"""
    by_nick = {}
    for churner in churners:
        for x in churner.held:
            until = x.until or time.monotonic()
            if x.node in of.lost and x.came <= of.injured:
                until = min(until, of.injured)
            if x.since < until:
                by_nick.setdefault(x.nick, []).append((x.since, until, x))
    for nick, all_held in by_nick.items():
        all_held.sort(key=lambda x: x[0])
        for (_, until, one), (since, _, other) in zip(all_held, all_held[1:]):
            if since < until:
                findings.fault(f"{nick} was of {one.who} at {one.node} for {until - since:.3f} s more "
                               f"when {other.who} had it at {other.node}, "
                               f"{since - of.injured:+.3f} s")
    findings.counts["nicks held"] += sum(len(x.held) for x in churners)
    for churner in churners:
        churner.held.clear()
